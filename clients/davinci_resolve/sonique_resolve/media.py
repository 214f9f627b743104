"""Media: what ``GetClipProperty`` says of a file, and which part of it an item plays."""

from dataclasses import dataclass
from fractions import Fraction

from sonique_resolve.batch import as_number, as_text, as_whole
from sonique_resolve.calls import Value
from sonique_resolve.timeline import Media, Rate, read_rate

_TICKS = 10_000_000
_ROUND = (Fraction(1), Fraction(1, 2), Fraction(1, 4), Fraction(1, 10), Fraction(1, 20), Fraction(1, 100))
"""Speeds are taken for multiples of these, the roundest first, where what is measured allows it."""
_SLACK = Fraction(5, 4)
"""Frames by which the ends of a source range may be off together."""


def read_media(properties: dict[str, Value]) -> Media:
    """The media that ``GetClipProperty`` describes; most of its values are text."""
    drops = as_text(properties.get("Drop frame")).strip().casefold() in {"1", "true", "yes", "df"}
    rate = read_rate(properties.get("FPS"), drops)
    frames = as_whole(properties.get("Frames"))
    return Media(
        name=as_text(properties.get("Clip Name")),
        path=as_text(properties.get("File Path")),
        kind=as_text(properties.get("Type")),
        fps=None if rate is None else rate.fps,
        start_seconds=_starts(as_text(properties.get("Start TC")), rate),
        duration=Fraction(frames) / rate.fps if rate is not None and frames else None,
        online="off" not in as_text(properties.get("Online Status")).casefold(),
    )


def _starts(timecode: str, rate: Rate | None) -> tuple[Fraction, ...]:
    """What the first timecode is in seconds: as time, as a clock on the wall, and zero."""
    frame = rate.frame(timecode) if rate is not None else None
    if rate is None or frame is None:
        return (Fraction(0),)
    return tuple(dict.fromkeys((frame / rate.fps, Fraction(frame, rate.nominal), Fraction(0))))


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of its media an item plays: from which second of it on, how fast, and whether that is sure."""

    start: Fraction
    speed: Fraction
    sure: bool = True


def part_played(media: Media, first: float, last: float, record: Fraction) -> Part:
    """The part that lies between two source times of the media's own clock.

    The times come rounded to frames, and whether the last one belongs to the range is not known; so a speed that is
    one frame away from normal is normal, and others are taken for the roundest that they can be.

    Args:
        media: what is played.
        first: the source time at which the item begins, in seconds, its start timecode included.
        last: the one at which it ends; before ``first`` where it is reversed.
        record: how long the item lasts on the timeline, in seconds.
    """
    start, end = (Fraction(time).limit_denominator(_TICKS) for time in (first, last))
    frame = 1 / media.fps if media.fps else Fraction(1, 24)
    speed, sure = _speed(end - start, record, frame)
    return Part(_within(media, min(start, end), abs(end - start), frame), speed, sure)


def _speed(source: Fraction, record: Fraction, frame: Fraction) -> tuple[Fraction, bool]:
    if record <= 0:
        return Fraction(1), False
    for step in _ROUND:
        speed = round(source / record / step) * step
        if abs(speed * record - source) <= _SLACK * frame and (speed or record > 4 * frame):
            return speed, True
    return (source / record).limit_denominator(10_000), False


def _within(media: Media, time: Fraction, length: Fraction, frame: Fraction) -> Fraction:
    """``time`` counted from the media's beginning: by the first of its starts that puts it inside the media."""
    for start in media.start_seconds or (Fraction(0),):
        offset = time - start
        inside = media.duration is None or offset + length <= media.duration + 2 * frame
        if offset > -frame and inside:
            return _snapped(max(offset, Fraction(0)), frame)
    return max(_snapped(time - media.start_seconds[0], frame), Fraction(0)) if media.start_seconds else time


def _snapped(time: Fraction, frame: Fraction) -> Fraction:
    """``time`` on the frame that it is less than a fiftieth of one away from."""
    whole = round(time / frame)
    return whole * frame if abs(time / frame - whole) < Fraction(1, 50) else time


def speed_told(value: Value) -> Fraction | None:
    """The speed that ``GetSpeed`` tells, source over record; None where it tells none."""
    percentage = as_number(value.get("Percentage")) if isinstance(value, dict) else None
    return None if percentage is None else Fraction(percentage).limit_denominator(10_000) / 100
