"""The range: what an editor types, read on the timeline's record clock."""

import re
from fractions import Fraction

from sonique_daemon.domain.time import TimeRange, format_timecode, parse_timecode
from sonique_daemon.errors import InvalidRange

_DASH = re.compile(r"\s*(?:[-–—]|\.\.)\s*")
_TIMECODE = re.compile(r"(\d{1,2})[:;](\d{1,2})[:;](\d{1,2})([:;])(\d{1,3})", re.ASCII)
_CLOCK = re.compile(r"(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6}(?:\.\d{1,9})?)\s*s?", re.ASCII)
_FORMS = "write it as 01:00:10:00-01:00:42:12, 1:10-1:42 or 10-42.5"


def parse_range(
    text: str, rate: Fraction, start: Fraction, duration: Fraction, *, drop_frame: bool = False
) -> TimeRange:
    """The range that ``text`` names, on the record clock; its end is exclusive.

    ``01:00:10:00-01:00:42:12`` is record timecode, ``;`` before the frames drop-frame, which Premiere Pro writes as
    ``01;00;10;00``. ``10-42.5`` (seconds) and ``1:10-1:42`` (minutes, or hours and minutes) count from the timeline's
    beginning. Either end may be left out.

    Args:
        text: what the editor typed.
        rate: the timeline's frames per second.
        start: the timeline's beginning on the record clock, in seconds.
        duration: the timeline's length in seconds.
        drop_frame: whether the timeline counts in drop-frame, so that ``:`` before the frames means ``;``.

    Raises:
        InvalidRange: not a range, empty, reversed, or not inside the timeline.
    """
    ends = _DASH.split(text.strip())
    if len(ends) != 2 or not any(ends):
        raise InvalidRange(f"“{text}” is not a range; {_FORMS}.")
    bounds = TimeRange(start, duration)
    first = _point(ends[0], rate, bounds, drop_frame) if ends[0] else bounds.start
    last = _point(ends[1], rate, bounds, drop_frame) if ends[1] else bounds.end
    return checked_range(TimeRange(first, last - first), rate, bounds, drop_frame=drop_frame, typed=text.strip())


def checked_range(
    wanted: TimeRange, rate: Fraction, bounds: TimeRange, *, drop_frame: bool = False, typed: str = ""
) -> TimeRange:
    """``wanted``, where it is a range inside ``bounds``; an end that is less than a frame outside is drawn in.

    Args:
        wanted: the range on the record clock.
        rate: the timeline's frames per second.
        bounds: the whole timeline.
        drop_frame: whether the timeline counts in drop-frame.
        typed: how the editor wrote the range, which errors then name; else they name its timecodes.

    Raises:
        InvalidRange: it is empty, reversed or not inside.
    """
    ends = (format_timecode(time, rate, drop_frame=drop_frame) for time in (wanted.start, wanted.end))
    named = f"“{typed}”" if typed else "-".join(ends)
    if wanted.duration == 0:
        raise InvalidRange(f"The range {named} is empty; its end must lie after its start.")
    if wanted.duration < 0 and bounds.start <= wanted.end and wanted.start < bounds.end:
        raise InvalidRange(f"The range {named} is reversed; its end must lie after its start.")
    frame = 1 / rate
    inside = wanted.intersect(bounds) if wanted.duration > 0 else None
    if inside is None or wanted.start <= bounds.start - frame or wanted.end >= bounds.end + frame:
        raise InvalidRange(
            f"The range {named} does not lie inside the timeline, {_bounds(rate, bounds, drop_frame, typed)}."
            + _hint(wanted, rate, bounds, drop_frame)
        )
    return inside


def _point(text: str, rate: Fraction, bounds: TimeRange, drop_frame: bool) -> Fraction:
    timecode = _TIMECODE.fullmatch(text)
    if timecode is not None:
        return _record_time(timecode, rate, drop_frame)
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise InvalidRange(f"“{text}” is not a time; {_FORMS}.")
    hours, minutes = (int(match[group] or 0) for group in (1, 2))
    whole = Fraction(match[3])
    if match[2] is not None and (whole >= 60 or (match[1] is not None and minutes >= 60)):
        raise InvalidRange(f"“{text}” is not a time: there are 60 minutes in an hour and 60 seconds in a minute.")
    return bounds.start + hours * 3600 + minutes * 60 + whole


def _record_time(match: re.Match[str], rate: Fraction, drop_frame: bool) -> Fraction:
    hours, minutes, seconds, divider, frames = match.groups()
    text = f"{hours}:{minutes}:{seconds}{';' if drop_frame else divider}{frames}"
    try:
        return parse_timecode(text, rate)
    except ValueError as error:
        raise InvalidRange(f"{error}.") from None


def _bounds(rate: Fraction, bounds: TimeRange, drop_frame: bool, typed: str) -> str:
    """What the timeline is, in the terms in which the range was named."""
    if typed and not _TIMECODE.search(typed):
        minutes, seconds = divmod(round(bounds.duration, 3), 60)
        return f"which lasts {minutes}:{float(seconds):06.3f}"
    first, last = (format_timecode(time, rate, drop_frame=drop_frame) for time in (bounds.start, bounds.end))
    return f"which runs from {first} to {last}"


def _hint(wanted: TimeRange, rate: Fraction, bounds: TimeRange, drop_frame: bool) -> str:
    """A word on what was perhaps meant, where the range would fit with another zero."""
    by_start = wanted.shifted(bounds.start)
    if bounds.start > 0 and by_start.end <= bounds.end and wanted.start >= 0:
        meant = "-".join(format_timecode(time, rate, drop_frame=drop_frame) for time in (by_start.start, by_start.end))
        return f" Timecodes are the timeline's own: counted from its beginning this would be {meant}."
    hour = Fraction(wanted.start // 3600 * 3600)
    by_hour = wanted.shifted(-hour)
    if bounds.start == 0 and hour and by_hour.end <= bounds.end:
        meant = "-".join(format_timecode(time, rate, drop_frame=drop_frame) for time in (by_hour.start, by_hour.end))
        return f" The timeline begins at zero: perhaps {meant} is meant."
    return ""
