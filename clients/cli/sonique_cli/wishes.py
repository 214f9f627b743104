"""From options to the contract's messages: the brief, the delivery, times and rates."""

import re
from fractions import Fraction

from sonique.v1 import brief_pb2, take_pb2, time_pb2

from sonique_cli import groups
from sonique_cli.exits import CommandError, Exit
from sonique_cli.quantities import read_rate

_WHOLE = r"\d{1,18}"
_LENGTH = re.compile(rf"^(?:({_WHOLE}):)?(?:({_WHOLE}):)?({_WHOLE}(?:\.{_WHOLE})?)\s*(s|sec|m|min)?$", re.ASCII)
_UNITS = {None: Fraction(1), "s": Fraction(1), "sec": Fraction(1), "m": Fraction(60), "min": Fraction(60)}
_LONGEST = Fraction(366 * 86_400)


def read_brief(brief: groups.Brief) -> brief_pb2.Brief:
    """The brief as the daemon takes it, which checks it."""
    return brief_pb2.Brief(
        prompt=brief.prompt,
        genres=brief.genres,
        moods=brief.moods,
        instruments=brief.instruments,
        negatives=brief.negatives,
        bpm=brief.bpm,
        key=brief.key,
        hit_strength=brief.hit_strength,
    )


def read_delivery(
    delivery: groups.Delivery, *, stems: bool, ducking: take_pb2.Ducking | None = None
) -> take_pb2.Delivery:
    """How the options want the audio delivered.

    Raises:
        CommandError: the frame rate is none.
    """
    padding = None if delivery.pad_to_frames is None else _padding(delivery.pad_to_frames)
    return take_pb2.Delivery(loudness_lufs=delivery.loudness, pad_to_frames=padding, stems=stems, ducking=ducking)


def _padding(rate: float) -> time_pb2.FrameRate:
    exact = read_rate(rate)
    return time_pb2.FrameRate(numerator=exact.numerator, denominator=exact.denominator)


def read_length(text: str) -> time_pb2.RationalTime:
    """A length as people write it: ``32s``, ``1:10``, ``1:02:03.5``, ``2min``, or plain seconds; a year at the most.

    Raises:
        CommandError: it is none.
    """
    match = _LENGTH.match(text.strip().lower())
    if match is None:
        raise CommandError(f"“{text}” is not a length; write 32s, 1:10 or 2min.", Exit.USAGE)
    first, second, last, unit = match.groups()
    parts = [Fraction(part) for part in (first, second, last) if part is not None]
    seconds = sum((part * 60**place for place, part in enumerate(reversed(parts))), Fraction(0)) * _UNITS[unit]
    exact = min(seconds, _LONGEST).limit_denominator(1_000_000)
    return time_pb2.RationalTime(value=exact.numerator, rate_numerator=exact.denominator, rate_denominator=1)
