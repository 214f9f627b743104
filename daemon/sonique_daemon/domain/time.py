"""Rational time: frame rates, ranges, timecode, and their conversion to samples.

All times of a timeline are ``fractions.Fraction`` seconds, so that no frame is ever lost to rounding. Frame rates are
``Fraction`` frames per second, with the broadcast rates exact (23.976 is 24000/1001).
"""

import math
import re
from dataclasses import dataclass
from fractions import Fraction

SAMPLE_RATE = 48_000
"""Samples per second of everything that Sonique delivers."""

_DAY = 24 * 3600

_DROP_FRAME_RATES = {Fraction(30_000, 1001): 2, Fraction(60_000, 1001): 4}
"""Rates that drop-frame timecode exists for, with the frame numbers left out each minute (SMPTE ST 12-1)."""

_TIMECODE = re.compile(r"^(\d{1,2}):([0-5]\d):([0-5]\d)([:;.,])(\d{1,3})$")


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A span of time: ``start`` and ``duration`` in seconds; ``end`` is exclusive."""

    start: Fraction
    duration: Fraction

    @property
    def end(self) -> Fraction:
        """The first instant after the range."""
        return self.start + self.duration

    def contains(self, time: Fraction) -> bool:
        """Whether ``time`` lies in the range, its start included and its end not."""
        return self.start <= time < self.end

    def intersect(self, other: "TimeRange") -> "TimeRange | None":
        """The part that both ranges share, or None where they share nothing."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return TimeRange(start, end - start) if end > start else None

    def shifted(self, offset: Fraction) -> "TimeRange":
        """The same length, ``offset`` seconds later."""
        return TimeRange(self.start + offset, self.duration)


def exact_rate(rate: float | Fraction) -> Fraction:
    """The rational frame rate that ``rate`` stands for: 23.976 and 23.98 become 24000/1001.

    Raises:
        ValueError: the rate is not a finite number above zero.
    """
    if isinstance(rate, Fraction):
        if rate <= 0:
            raise ValueError(f"{rate} is not a frame rate")
        return rate
    if not math.isfinite(rate) or rate <= 0:
        raise ValueError(f"{rate} is not a frame rate")
    whole = Fraction(round(rate))
    if whole and abs(rate - whole) < 1e-6:
        return whole
    broadcast = Fraction(math.ceil(rate) * 1000, 1001)
    if abs(rate - broadcast) < 6e-3:
        return broadcast
    exact = Fraction(rate).limit_denominator(1_000_000)
    if exact == 0:
        raise ValueError(f"{rate} is not a frame rate")
    return exact


def exact_seconds(value: float, rate: float | Fraction) -> Fraction:
    """``value`` units of 1/``rate`` as seconds; a whole number of frames stays exact.

    Raises:
        ValueError: value or rate is not finite, or the rate is not above zero.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a time")
    whole = round(value)
    units = Fraction(whole) if abs(value - whole) < 1e-6 else Fraction(value).limit_denominator(1_000_000)
    return units / exact_rate(rate)


def sample_count(duration: Fraction, sample_rate: int = SAMPLE_RATE) -> int:
    """``round(duration × sample_rate)``, halves away from zero, so that every caller agrees on the length."""
    return math.floor(duration * sample_rate + Fraction(1, 2))


def on_the_clock(time: Fraction) -> Fraction:
    """``time`` seconds on a record clock as a clock of 24 hours shows it where it lies before zero."""
    return time % _DAY if time < 0 else time


def _is_even(rate: Fraction) -> bool:
    """Whether timecode counts the frames of ``rate``: a whole number of them in a second, or in 1.001 seconds.

    The average rate of a film whose frames come as they like, as a telephone's do, is any number, and no clock's.
    """
    return rate.denominator == 1 or (rate * Fraction(1001, 1000)).denominator == 1


def parse_timecode(text: str, rate: Fraction) -> Fraction:
    """Seconds from zero that the timecode ``HH:MM:SS:FF`` names at ``rate``; ``;`` before the frames means drop-frame.

    At a rate that is no timecode's, the average of a varying one, its seconds are true ones.

    Raises:
        ValueError: not a timecode, a frame number that the rate does not have, or drop-frame at a rate without it.
    """
    match = _TIMECODE.match(text.strip())
    if match is None:
        raise ValueError(f"“{text}” is not a timecode; write HH:MM:SS:FF")
    hours, minutes, seconds, frames = (int(match[i]) for i in (1, 2, 3, 5))
    nominal = math.ceil(rate)
    if frames >= nominal:
        raise ValueError(f"“{text}” names frame {frames}, but a second has {nominal} at {float(rate):.3f} fps")
    total_minutes = hours * 60 + minutes
    number = (total_minutes * 60 + seconds) * nominal + frames
    if match[4] in ";,":
        dropped = _DROP_FRAME_RATES.get(rate)
        if dropped is None:
            raise ValueError(f"“{text}” is drop-frame, which does not exist at {float(rate):.3f} fps")
        if frames < dropped and seconds == 0 and minutes % 10:
            raise ValueError(f"“{text}” is a frame number that drop-frame leaves out")
        number -= dropped * (total_minutes - total_minutes // 10)
    if not _is_even(rate):
        return total_minutes * 60 + seconds + frames / rate
    return Fraction(number) / rate


def format_timecode(time: Fraction, rate: Fraction, *, drop_frame: bool = False) -> str:
    """``time`` seconds as ``HH:MM:SS:FF`` at ``rate`` (the frame that is showing then), ``;FF`` where drop-frame.

    A time before zero is told as how long before that it is, with a minus sign.
    """
    if time < 0:
        return f"-{format_timecode(-time, rate, drop_frame=drop_frame)}"
    nominal = math.ceil(rate)
    number = math.floor(time * rate) if _is_even(rate) else time // 1 * nominal + math.floor(time % 1 * rate)
    dropped = _DROP_FRAME_RATES.get(rate) if drop_frame else None
    if dropped:
        per_ten, per_minute = nominal * 600 - 9 * dropped, nominal * 60 - dropped
        tens, rest = divmod(number, per_ten)
        number += 9 * dropped * tens + (dropped * ((rest - dropped) // per_minute) if rest > dropped else 0)
    seconds, frames = divmod(number, nominal)
    clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{clock}{';' if dropped else ':'}{frames:02d}"
