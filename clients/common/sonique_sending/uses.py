"""Uses: which part of which media the clips of a timeline play, and how the clips are told of a proxy instead."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from sonique_sending.document import plausible
from sonique_sending.media import Media
from sonique_sending.proxy import Part, part_of
from sonique_sending.times import counted, exact_rate, rational, seconds

_FASTEST = 10_000
"""The fastest speed that the daemon takes a mean speed for."""
_MUCH = Fraction(4, 5)
"""A part shorter than this share of its media is sent alone; else the whole."""


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """One clip's use of a media file.

    Attributes:
        clip: OTIO's clip.
        reference: its active media reference.
        start: media time in seconds at which the clip begins, as the timeline counts it.
        reach: seconds of media that it plays.
        first: media time that the timeline gives the file's first frame; None where the clip lies outside the file.
        stated: whether that is where the reference's available range begins.
    """

    clip: Any
    reference: Any
    start: Fraction
    reach: Fraction
    first: Fraction | None
    stated: bool

    @property
    def low(self) -> Fraction:
        """Where it begins in the file, in seconds after the first frame."""
        return max(Fraction(0), self.start - (self.first or 0))


def use_of(
    clip: Any, reference: Any, media: Media, numbered: Fraction | None, clock: Fraction, *, of_source: bool = False
) -> Use:
    """How ``clip`` uses ``media``.

    Args:
        clip: OTIO's clip.
        reference: its active media reference.
        media: the file, or the image sequence as a whole.
        numbered: media time of an image sequence's first image by its number, else None.
        clock: frames per second of the timeline.
        of_source: whether the clip's range counts its source where its speed was changed.
    """
    stated = () if reference.available_range is None else (seconds(reference.available_range.start_time),)
    start, length = _played(clip, reference, media, (*stated, *(() if numbered is None else (numbered,))))
    rate = exact_rate(clip.source_range.start_time.rate) if clip.source_range is not None else clock
    candidates = (*stated, *(() if numbered is None else (numbered,)), *_timecodes(rate, media), Fraction(0))
    first = next((time for time in candidates if _holds(media, start - time, 1 / rate)), None)
    speed = _speed(clip)
    scaled = speed and not (of_source and clip.source_range is not None)
    reach = length * abs(speed) if scaled else length
    return Use(clip, reference, start, reach, first, first in stated)


def part_used(uses: Sequence[Use], media: Media, clock: Fraction) -> Part:
    """The part of ``media`` that the uses need, where it is much shorter than all of it and can be told; else all."""
    whole = Part(Fraction(0), media.length)
    if media.length <= 0 or any(use.first is None for use in uses):
        return whole
    part = part_of(media, min(use.low for use in uses), max(use.low + use.reach for use in uses))
    if part.length > media.length * _MUCH or not all(_tellable(use, part, clock) for use in uses):
        return whole
    return part


def tell(use: Use, target_url: str) -> None:
    """Lets the clip play the same file from ``target_url``."""
    _refer(use, target_url, use.reference.available_range)


def tell_clear(use: Use) -> None:
    """Says of the clip that what lies below it shows."""
    told = use.clip.metadata.get("sonique")
    use.clip.metadata["sonique"] = {**(dict(told) if hasattr(told, "keys") else {}), "covers": False}


def tell_of_part(use: Use, target_url: str, part: Part, media: Media, clock: Fraction) -> None:
    """Lets the clip play a proxy of ``part`` from ``target_url``; all its times stay what they were."""
    if use.first is None or (part.start == 0 and (use.stated or not use.first)):
        tell(use, target_url)
        return
    start = rational(use.first + part.start)
    length = rational(part.length)
    if start is None or length is None:
        tell(use, target_url)
        return
    if use.clip.source_range is None and part.length < media.length:
        use.clip.source_range = _own_range(use, clock)
    _refer(use, target_url, otio.opentime.TimeRange(start, length))


def _refer(use: Use, target_url: str, available: Any) -> None:
    fresh = otio.schema.ExternalReference(target_url=target_url, available_range=available)
    fresh.name = use.reference.name
    use.clip.media_reference = fresh


def _played(clip: Any, reference: Any, media: Media, starts: Sequence[Fraction]) -> tuple[Fraction, Fraction]:
    """Start and length of what the clip plays before its speed, in media time."""
    own = clip.source_range
    if own is None and reference.available_range is not None and reference.available_range.duration.value > 0:
        own = reference.available_range
    if own is not None:
        return seconds(own.start_time), seconds(own.duration)
    return (starts[0] if starts else Fraction(0)), media.duration


def _holds(media: Media, into: Fraction, slack: Fraction) -> bool:
    """Whether a clip that begins ``into`` the file begins inside it."""
    return into > -slack and (not media.duration or into < media.duration)


def _timecodes(rate: Fraction, media: Media) -> tuple[Fraction, ...]:
    """The file's own timecode in seconds: as the clip's rate counts its digits, and as time."""
    if media.timecode is None or not media.rate:
        return ()
    nominal, own = math.ceil(rate), math.ceil(media.rate)
    digits = media.timecode * media.rate / own * nominal / rate
    return (digits, media.timecode) if nominal == own else (media.timecode, digits)


def _speed(clip: Any) -> Fraction:
    """The clip's speeds multiplied, as the daemon reads them; of one that varies, its mean where Resolve tells it."""
    speed = Fraction(1)
    for effect in clip.effects:
        scalar = getattr(effect, "time_scalar", None)
        if scalar is None and isinstance(effect, otio.schema.TimeEffect):
            told = effect.metadata.get("Resolve_OTIO")
            scalar = told.get("Speed Ratio") if hasattr(told, "get") else None
            scalar = scalar if isinstance(scalar, int | float) and 0 < abs(scalar) <= _FASTEST else None
        if getattr(effect, "enabled", True) and scalar is not None:
            speed *= Fraction(scalar).limit_denominator(1_000_000)
    return speed


def _tellable(use: Use, part: Part, clock: Fraction) -> bool:
    """Whether OTIO's numbers can say exactly where the clip stands in the part."""
    if use.first is None or rational(use.first + part.start) is None or rational(part.length) is None:
        return False
    return use.clip.source_range is not None or _own_range(use, clock) is not None


def _own_range(use: Use, clock: Fraction) -> Any | None:
    """What the clip plays as a range of its own, which counts as the clip did without one; None where there is none."""
    start = counted(use.start, clock) if plausible(float(clock)) else None
    length = rational(use.reach / (abs(_speed(use.clip)) or 1))
    return None if start is None or length is None else otio.opentime.TimeRange(start, length)
