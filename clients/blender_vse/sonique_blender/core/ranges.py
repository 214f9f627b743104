"""Ranges: which frames of a sequence are to be scored, and the cues that markers divide them into."""

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from .errors import NoRange
from .strips import Marker, Snapshot, Span, all_strips

SHORTEST, LONGEST = Fraction(2), Fraction(1800)
"""Seconds that a cue may last."""

_CUE = re.compile(r"\s*cue\b\s*:?\s*(.*?)\s*", re.IGNORECASE | re.DOTALL)
_UNNAMED = re.compile(r"F_-?\d+")
"""What Blender calls a marker that nobody named."""


class Which(StrEnum):
    """Where the range comes from."""

    AUTO = "AUTO"
    """The preview range where it is on; else the selected strips; else the scene's frames."""
    SELECTION = "SELECTION"
    """From the first to the last frame of the selected strips."""
    PREVIEW = "PREVIEW"
    """The preview range."""
    SCENE = "SCENE"
    """The scene's frames."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Which range is wanted.

    Attributes:
        which: where it comes from.
        span: the frames themselves; where given, ``which`` plays no part.
        cue: the name of a cue by markers inside that range ("chase" for a marker “cue: chase”); "" for all of it.
    """

    which: Which = Which.AUTO
    span: Span | None = None
    cue: str = ""


ANYTHING = Wish()
"""Whatever range is set."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A section between markers that wants music of its own.

    Attributes:
        name: as the marker “cue: name” says; "" where it says none, and for a range without such markers.
        span: from its marker up to the next cue's marker, a marker “end”, or the range's end.
    """

    name: str
    span: Span


def choose(snapshot: Snapshot, wish: Wish) -> Span:
    """The range that is meant.

    Raises:
        NoRange: there is no such range or cue, or it is shorter than 2 seconds or longer than 30 minutes.
    """
    return _checked(snapshot, _meant(snapshot, wish))


def sections(snapshot: Snapshot, wish: Wish) -> tuple[Cue, ...]:
    """The cues of the range that is meant, each of which is to be scored by itself; the range may be longer than one.

    Raises:
        NoRange: there is no such range or cue.
    """
    return cues(snapshot, _meant(snapshot, wish))


def cues(snapshot: Snapshot, span: Span) -> tuple[Cue, ...]:
    """The cues that markers make inside ``span``, in order; one without a name over all of it where none does.

    A cue ends where the next one begins, or at a marker “end” or “cue end”; other markers inside it are hit points.
    """
    bounds = [mark for mark in snapshot.markers if _is_bound(mark) and span.start <= mark.frame < span.end]
    ends = [*(mark.frame for mark in bounds[1:]), span.end]
    found = (
        Cue(_cue_name(mark), Span(mark.frame, end))
        for mark, end in zip(bounds, ends, strict=False)
        if end > mark.frame and not _is_end(mark)
    )
    return tuple(found) or (Cue("", span),)


def hit_points(snapshot: Snapshot, span: Span) -> tuple[Marker, ...]:
    """The markers inside ``span`` that the music is to meet, all but its own bounds; what Blender named has no name."""
    return tuple(
        Marker("" if _UNNAMED.fullmatch(mark.name) else mark.name, mark.frame)
        for mark in snapshot.markers
        if span.start <= mark.frame < span.end and not (_is_bound(mark) and mark.frame == span.start)
    )


def _meant(snapshot: Snapshot, wish: Wish) -> Span:
    span = _asked(snapshot, wish)
    return _named(snapshot, span, wish.cue) if wish.cue else span


def _asked(snapshot: Snapshot, wish: Wish) -> Span:
    if wish.span is not None:
        return wish.span
    selection = _selection(snapshot)
    if wish.which is Which.SELECTION and selection is None:
        raise NoRange(
            f"No strip of “{snapshot.scene}” is selected; select the strips to score, or choose another range."
        )
    if wish.which is Which.PREVIEW and snapshot.preview_span is None:
        raise NoRange(f"The preview range of “{snapshot.scene}” is off; set it with P, or choose another range.")
    ways = {
        Which.SELECTION: selection,
        Which.PREVIEW: snapshot.preview_span,
        Which.SCENE: snapshot.scene_span,
        Which.AUTO: snapshot.preview_span or selection,
    }
    return ways[wish.which] or snapshot.scene_span


def _selection(snapshot: Snapshot) -> Span | None:
    spans = [strip.span for strip in all_strips(snapshot.strips) if strip.selected and not strip.job]
    return Span(min(span.start for span in spans), max(span.end for span in spans)) if spans else None


def _named(snapshot: Snapshot, span: Span, name: str) -> Span:
    found = cues(snapshot, span)
    wanted = next((cue.span for cue in found if cue.name.casefold() == name.casefold()), None)
    if wanted is None:
        names = ", ".join(f"“{cue.name}”" for cue in found if cue.name) or "none"
        raise NoRange(
            f"There is no cue “{name}” in the range; markers named “cue: …” begin cues, and there are {names}."
        )
    return wanted


def _checked(snapshot: Snapshot, span: Span) -> Span:
    told = f"The range of “{snapshot.scene}”, frames {span.start} to {span.end - 1},"
    if span.frames <= 0:
        raise NoRange(f"{told} is empty; set its last frame after its first.")
    length = span.frames / snapshot.rate
    if length < SHORTEST:
        raise NoRange(f"{told} lasts {float(length):.2f} s; music needs at least 2 seconds: choose a longer one.")
    if length > LONGEST:
        raise NoRange(
            f"{told} lasts {float(length) / 60:.1f} min; a cue lasts at most 30 minutes: choose a shorter one."
        )
    return span


def _is_bound(mark: Marker) -> bool:
    return _CUE.fullmatch(mark.name) is not None or _is_end(mark)


def _is_end(mark: Marker) -> bool:
    return _cue_name(mark).casefold() == "end"


def _cue_name(mark: Marker) -> str:
    match = _CUE.fullmatch(mark.name)
    return match[1] if match else mark.name.strip()
