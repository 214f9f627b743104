"""Speeds in Final Cut Pro 7's XML: which frames of its source a clip shows whose speed was changed.

A clip's in and out count what it plays and not the source: at twice the speed, in 24 is the source's frame 48, and
backwards they count from the source's end. Where a curve says which source frame is played when, that is heeded. Some
programs write the source's frames as in and out all the same; then they span more or less than the clip lasts.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree as ET

_PAST = 4
"""Frames past a source's end that a curve may name, as Final Cut Pro's do where a clip runs to it."""

SPEED = "sonique_speed"
"""The element in which a clip is told its speed: source frames for each frame that it shows; negative backwards."""


@dataclass(frozen=True, slots=True)
class _Remap:
    """A change of speed.

    Attributes:
        speed: source frames per frame that is played, negative backwards.
        varies: whether that is the mean of a speed that varies.
        curve: source frames by played frames, in order, where they are told.
    """

    speed: Fraction
    varies: bool = False
    curve: tuple[tuple[Fraction, Fraction], ...] = ()

    def source_at(self, played: Fraction) -> Fraction:
        """The source's frame that the curve has at a played frame."""
        for (first, low), (last, high) in pairwise(self.curve):
            if played <= last or (last, high) == self.curve[-1]:
                return low + (played - first) * (high - low) / (last - first)
        return self.curve[0][1]

    def over(self, first: Fraction, frames: Fraction) -> tuple[Fraction, Fraction] | None:
        """The lowest source frame and the speed over played frames, by the curve; None where it tells nothing sound."""
        if not self.curve:
            return None
        start, end = self.source_at(first), self.source_at(first + frames)
        slope = (end - start) / frames
        if not self.varies and abs(slope - self.speed) > abs(self.speed) / 4:
            return None
        speed = slope if self.varies else self.speed
        return max(start + min(speed * frames, Fraction(0)), Fraction(0)), speed


def retime(
    item: ET.Element,
    transitions: tuple[ET.Element | None, ET.Element | None],
    rates: tuple[Fraction, Fraction],
    source: Fraction,
) -> None:
    """Sets the clip's in so that it begins at the source frame that it shows first, and tells its speed in ``SPEED``.

    Args:
        item: the clip, in place and with its in and out.
        transitions: those at its beginning and at its end.
        rates: frames per second of the sequence, and of the clip.
        source: frames that the source has, in the clip's rate.
    """
    first, last = (decimal(item.findtext(name)) or Fraction(0) for name in ("in", "out"))
    offset = _subclip(item, first, source)
    still = _still(item)
    remap = _Remap(Fraction(0)) if still is not None else _remap(item)
    if remap is None or remap == _Remap(Fraction(1)):
        _write(item, "in", first + offset)
        return
    before, shown, lasting = (frames * rates[1] / rates[0] for frames in _frames(item, *transitions))
    told = remap.over(first + before, shown) if not _counts_source(remap.speed, last - first, lasting) else None
    if told is None and remap.speed:
        told = _evenly(remap.speed, (first, last), (before, shown, lasting), source), remap.speed
    begins, speed = told or (first if still is None else still, Fraction(0))
    _write(item, "in", begins + offset - before)
    _write(item, SPEED, speed)


def _subclip(item: ET.Element, first: Fraction, source: Fraction) -> Fraction:
    """Source frames before a subclip, whose in counts from its own start; 0 where that would lie past the source."""
    offset = decimal(item.findtext("subclipinfo/startoffset")) or Fraction(0)
    return offset if offset > 0 and (not source or first + offset < source) else Fraction(0)


def _counts_source(speed: Fraction, played: Fraction, lasting: Fraction) -> bool:
    """Whether a clip's in and out, ``played`` frames apart, are the source's frames and not what is played."""
    return abs(played - lasting) > 1 and abs(played - lasting * abs(speed)) <= 1


def _evenly(
    speed: Fraction, span: tuple[Fraction, Fraction], lengths: tuple[Fraction, Fraction, Fraction], source: Fraction
) -> Fraction:
    """The lowest source frame that a clip of one speed shows.

    Args:
        speed: the speed.
        span: the clip's in and out.
        lengths: frames hidden under the transition at its beginning, frames that it shows, and all of both transitions.
        source: frames that the source has.
    """
    (first, last), (before, shown, lasting), rate = span, lengths, abs(speed)
    of_source = _counts_source(speed, last - first, lasting)
    if speed > 0:
        return first + before * rate if of_source else (first + before) * rate
    return max(last - (before + shown) * rate if of_source else source - (first + before + shown) * rate, Fraction(0))


def _frames(item: ET.Element, head: ET.Element | None, tail: ET.Element | None) -> tuple[int, int, int]:
    """Sequence frames before the cut into the clip, from there to the cut out of it, and of all with transitions."""
    start, end = (int(item.findtext(name) or 0) for name in ("start", "end"))
    begins, finishes = start, end
    if start == -1 and head is not None:
        begins, start = whole(head.findtext("start"), 0), _cut(head)
    if end == -1 and tail is not None:
        finishes, end = whole(tail.findtext("end"), 0), _cut(tail)
    return start - begins, max(end - start, 1), max(finishes - begins, 1)


def _cut(transition: ET.Element) -> int:
    """The frame at which the adapter has a transition go from one clip to the next."""
    start, end = whole(transition.findtext("start"), 0), whole(transition.findtext("end"), 0)
    alignment = (transition.findtext("alignment") or "").partition("-")[0]
    return {"start": start, "end": end}.get(alignment, int((start + end) / 2))


def _still(item: ET.Element) -> Fraction | None:
    """The source frame that stands, of a clip that is a freeze frame."""
    if (item.findtext("stillframe") or "").upper() != "TRUE":
        return None
    return decimal(item.findtext("stillframeoffset")) or decimal(item.findtext("in")) or Fraction(0)


def _remap(item: ET.Element) -> _Remap | None:
    """The change of speed that a clip's filters make."""
    for each in item.iterfind("filter"):
        off = (each.findtext("enabled") or "").upper() == "FALSE"
        if not off and (each.findtext("effect/effectid") or "").lower() == "timeremap":
            return _read(each)
    return None


def _read(remap: ET.Element) -> _Remap:
    held = {(each.findtext("parameterid") or "").lower(): each for each in remap.iterfind("effect/parameter")}
    said = {name: (each.findtext("value") or "").strip() for name, each in held.items()}
    speed = decimal(said.get("speed"))
    speed = Fraction(1) if speed is None else speed / 100
    speed = -abs(speed) if said.get("reverse", "").upper() == "TRUE" else speed
    curve = _curve(held["graphdict"]) if "graphdict" in held else ()
    varies = said.get("variablespeed") == "1" and bool(curve)
    return _Remap(speed, varies, () if speed == 1 and not varies else curve)


def _curve(graph: ET.Element) -> tuple[tuple[Fraction, Fraction], ...]:
    """The curve's points, without those that some programs write far outside of the source."""
    most = decimal(graph.findtext("valuemax"))
    points: dict[Fraction, Fraction] = {}
    for key in graph.iterfind("keyframe"):
        when, value = decimal(key.findtext("when")), decimal(key.findtext("value"))
        if when is not None and value is not None and value >= 0 and (not most or value <= most + _PAST):
            points[when] = value
    return tuple(sorted(points.items())) if len(points) > 1 else ()


def source_frames(item: ET.Element, rate: Fraction, full: dict[str, ET.Element]) -> Fraction:
    """Frames that the clip's source has, in the clip's ``rate``; the clip's own where the source does not say.

    Args:
        item: the clip.
        rate: its frames per second.
        full: files and sequences by their ids.
    """
    for named in (*item.iterfind("file"), *item.iterfind("sequence")):
        source = named if len(named) else full.get(named.get("id", ""), named)
        frames = decimal(source.findtext("duration"))
        if frames:
            return frames * rate / (rate_of(source) or rate)
    return decimal(item.findtext("duration")) or Fraction(0)


def _write(item: ET.Element, name: str, frames: Fraction) -> None:
    held = item.find(name)
    (held if held is not None else ET.SubElement(item, name)).text = f"{float(frames):.9g}"


def decimal(text: str | None) -> Fraction | None:
    """A number; None where it is none."""
    try:
        return Fraction(text.strip()) if text else None
    except (ValueError, ZeroDivisionError):
        return None


def whole(text: str | None, otherwise: int = -1) -> int:
    """A number of frames; ``otherwise`` where it is none."""
    frames = decimal(text)
    return otherwise if frames is None else int(frames)


def rate_of(element: ET.Element) -> Fraction | None:
    """Frames per second that an element says of itself; None where it says none."""
    timebase = whole(element.findtext("rate/timebase"))
    if timebase <= 0:
        return None
    ntsc = (element.findtext("rate/ntsc") or "").strip().upper() == "TRUE"
    return Fraction(timebase * 1000, 1001) if ntsc else Fraction(timebase)
