"""Choosing: which range of the timeline is to be scored."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from sonique_resolve.calls import Desk
from sonique_resolve.errors import NothingMarked
from sonique_resolve.items import clip_at
from sonique_resolve.timeline import ReadTimeline, TimelineRange

SHORTEST, LONGEST = Fraction(2), Fraction(1800)
"""Seconds that a cue may last."""

_DASH = re.compile(r"\s*(?:[-–—]|\.\.)\s*")
_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6}(?:\.\d{1,9})?)\s*s?", re.ASCII)
_FORMS = "write it as 01:00:10:00-01:00:42:12, 1:10-1:42 or 10-42.5"


class Which(Enum):
    """Where the range comes from."""

    AUTO = "auto"
    """The marks; without any, the whole timeline."""
    MARKS = "marks"
    """The in and out marks, or one of them and the timeline's own end or beginning."""
    CLIP = "clip"
    """The clip under the playhead, the topmost one."""
    WHOLE = "whole"
    """The whole timeline."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A range that may be scored.

    Attributes:
        range: where it is.
        sentence: where it comes from and how long it is, for people.
        source: what it was taken from.
    """

    range: TimelineRange
    sentence: str
    source: Which | str


def choose(desk: Desk, read: ReadTimeline, which: Which | str = Which.AUTO) -> Chosen:
    """The range that is meant, 2 seconds to 30 minutes long.

    Args:
        desk: asked for the clip under the playhead alone.
        read: the timeline.
        which: where the range comes from, or what an editor types: record timecode 01:00:10:00-01:00:42:12, or seconds
            or minutes from the timeline's beginning (10-42.5, 1:10-1:42); its end is exclusive.

    Raises:
        NothingMarked: there is no such range, or it is too short or too long; the sentence says what to do.
    """
    if read.end_frame <= read.start_frame:
        raise NothingMarked(f"The timeline “{read.name}” is empty; put a clip on it.")
    if isinstance(which, str):
        return _checked(read, _typed(read, which), "typed", which)
    ways: dict[Which, Callable[[], Chosen]] = {
        Which.AUTO: lambda: _marked(read) if _has_marks(read) else _whole(read),
        Which.MARKS: lambda: _marked(read),
        Which.CLIP: lambda: _clip(desk, read),
        Which.WHOLE: lambda: _whole(read),
    }
    return ways[which]()


def _has_marks(read: ReadTimeline) -> bool:
    return read.marks.mark_in is not None or read.marks.mark_out is not None


def _whole(read: ReadTimeline) -> Chosen:
    return _checked(read, read.whole, "the whole timeline", Which.WHOLE)


def _marked(read: ReadTimeline) -> Chosen:
    if not read.can_mark:
        raise NothingMarked(
            f"{read.host.title} does not tell scripts its marks (19.1 and later do); type the range, or score the clip "
            "under the playhead or the whole timeline."
        )
    if not _has_marks(read):
        raise NothingMarked(
            f"The timeline “{read.name}” has no in or out mark; set them with I and O, or score the clip under the "
            "playhead or the whole timeline."
        )
    mark_in, mark_out = read.marks.mark_in, read.marks.mark_out
    start = read.start_frame if mark_in is None else mark_in
    end = read.end_frame if mark_out is None else mark_out + 1
    how = {(False, False): "from the in to the out mark", (True, False): "from the beginning to the out mark"}
    words = how.get((mark_in is None, mark_out is None), "from the in mark to the end of the timeline")
    if end <= start:
        raise NothingMarked(
            f"The out mark of “{read.name}” ({read.timecode(end - 1)}) lies before the in mark "
            f"({read.timecode(start)}); set it again with O."
            if mark_out is not None
            else f"The in mark of “{read.name}” ({read.timecode(start)}) lies after the last clip; set it again with I."
        )
    return _checked(read, TimelineRange(start, end - start), words, Which.MARKS)


def _clip(desk: Desk, read: ReadTimeline) -> Chosen:
    found = None if read.playhead is None else clip_at(desk, read, read.playhead)
    if found is None:
        where = "" if read.playhead is None else f" ({read.timecode(read.playhead)})"
        raise NothingMarked(f"No clip of “{read.name}” stands under the playhead{where}; move it onto one.")
    return _checked(read, found, "the clip under the playhead", Which.CLIP)


def _checked(read: ReadTimeline, span: TimelineRange, words: str, source: Which | str) -> Chosen:
    length = read.rate.seconds(span.frames)
    told = f"The range {read.span(span)} ({words}) lasts {_spoken(length)}"
    if length < SHORTEST:
        raise NothingMarked(f"{told}; music needs at least 2 seconds: set the marks further apart.")
    if length > LONGEST:
        raise NothingMarked(f"{told}; a cue lasts at most 30 minutes: mark a shorter range.")
    sentence = f"{read.span(span)}: {words}, {span.frames} frames at {read.rate.name}, {_spoken(length)}"
    return Chosen(span, sentence, source)


def _spoken(length: Fraction) -> str:
    minutes, seconds = divmod(float(length), 60)
    return f"{int(minutes)} min {seconds:.1f} s" if minutes else f"{seconds:.2f} s"


def _typed(read: ReadTimeline, text: str) -> TimelineRange:
    ends = _DASH.split(text.strip())
    if len(ends) != 2 or not any(ends):
        raise NothingMarked(f"“{text}” is not a range; {_FORMS}.")
    start = _point(read, ends[0]) if ends[0] else read.start_frame
    end = _point(read, ends[1]) if ends[1] else read.end_frame
    if end <= start:
        raise NothingMarked(f"The range “{text}” is empty or reversed; its end must lie after its start.")
    if start < read.start_frame:
        raise NothingMarked(f"The range “{text}” begins before the timeline, {_bounds(read)}.")
    if start >= read.end_frame:
        raise NothingMarked(f"The range “{text}” lies past the timeline, {_bounds(read)}.")
    return TimelineRange(start, end - start)


def _bounds(read: ReadTimeline) -> str:
    return f"which runs from {read.timecode(read.start_frame)} to {read.timecode(read.end_frame)}"


def _point(read: ReadTimeline, text: str) -> int:
    frame = read.rate.frame(text)
    if frame is not None:
        tomorrow = read.rate.frame_from(read.start_frame, text)
        return tomorrow if tomorrow is not None and tomorrow <= read.end_frame else frame
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise NothingMarked(f"“{text}” is not a time; {_FORMS}.")
    hours, minutes = (int(match[group] or 0) for group in (1, 2))
    seconds = hours * 3600 + minutes * 60 + Fraction(match[3])
    return read.start_frame + round(seconds * read.rate.fps)
