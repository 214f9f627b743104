"""Times of a timeline as exact fractions, in the way in which the daemon reads them."""

import math
import re
from fractions import Fraction
from typing import Any

_TICKS = 705_600_000 * 1001
"""Ticks per second in which every frame of the usual rates and every sample of the usual sample rates is whole."""
_FINEST = 10_000_000
"""The highest rate that a timeline may count in."""
_DROPPED = {Fraction(30_000, 1001): 2, Fraction(60_000, 1001): 4}
_TIMECODE = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d)([:;.,])(\d{1,3})")


def exact_rate(rate: float) -> Fraction:
    """The rate that OTIO's floating-point number stands for: 23.976 and 23.98 are 24000/1001."""
    whole = Fraction(round(rate))
    if whole and abs(rate - whole) < 1e-6:
        return whole
    broadcast = Fraction(math.ceil(rate) * 1000, 1001)
    if abs(rate - broadcast) < 6e-3:
        return broadcast
    return Fraction(rate).limit_denominator(1_000_000)


def seconds(time: Any) -> Fraction:
    """OTIO's rational time in seconds: exact for whole frames, to the nearest tick for parts of a frame."""
    whole = round(time.value)
    units = Fraction(whole) if abs(time.value - whole) < 1e-6 else Fraction(time.value).limit_denominator(1_000_000)
    exact = units / exact_rate(time.rate)
    if float(time.value).is_integer() or _TICKS % exact.denominator == 0:
        return exact
    return Fraction(round(exact * _TICKS), _TICKS)


def rational(time: Fraction) -> Any | None:
    """``time`` as OTIO's rational time that means exactly it; None where there is none."""
    from opentimelineio.opentime import RationalTime

    if time.denominator > _FINEST or abs(time.numerator) > 2**52:
        return None
    return RationalTime(time.numerator, time.denominator)


def counted(time: Fraction, rate: Fraction) -> Any | None:
    """``time`` as a whole number of frames of ``rate``; None where it is none."""
    from opentimelineio.opentime import RationalTime

    frames = time * rate
    return RationalTime(int(frames), float(rate)) if frames.denominator == 1 else None


def timecode(text: str, rate: Fraction) -> Fraction | None:
    """Seconds that ``HH:MM:SS:FF`` names at ``rate``, ``;`` before the frames for drop-frame; None where it is none."""
    match = _TIMECODE.fullmatch(text.strip())
    nominal = math.ceil(rate)
    if match is None or int(match[5]) >= nominal:
        return None
    minutes = int(match[1]) * 60 + int(match[2])
    number = (minutes * 60 + int(match[3])) * nominal + int(match[5])
    if match[4] in ";,":
        dropped = _DROPPED.get(rate)
        if dropped is None or (int(match[5]) < dropped and int(match[3]) == 0 and int(match[2]) % 10):
            return None
        number -= dropped * (minutes - minutes // 10)
    even = rate.denominator == 1 or (rate * Fraction(1001, 1000)).denominator == 1
    return Fraction(number) / rate if even else minutes * 60 + int(match[3]) + int(match[5]) / rate
