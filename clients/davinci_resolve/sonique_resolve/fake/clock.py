"""Frame rates as Resolve names them, and timecode."""

import re
from dataclasses import dataclass
from fractions import Fraction

_TIMECODE = re.compile(r"(\d+)[:;](\d+)[:;](\d+)[:;.](\d+)")


@dataclass(frozen=True, slots=True)
class Clock:
    """A frame rate and how its timecode counts.

    Attributes:
        fps: frames per second, exact.
        drop_frame: whether timecode leaves numbers out, so that it keeps to the wall clock at 29.97 and 59.94.
    """

    fps: Fraction
    drop_frame: bool = False

    @property
    def nominal(self) -> int:
        """The whole number of frames that timecode counts to."""
        return round(self.fps)

    @property
    def name(self) -> str:
        """The rate as Resolve writes it: 24, 23.976, 29.97."""
        return f"{float(self.fps):.3f}".rstrip("0").rstrip(".")

    @property
    def number(self) -> float | int:
        """The rounded number that Resolve answers for it."""
        return int(self.fps) if self.fps.denominator == 1 else float(self.name)

    @property
    def _dropped(self) -> int:
        return self.nominal // 15 if self.drop_frame else 0


def clock_named(text: str) -> Clock | None:
    """The clock of a setting such as ``29.97 DF``; None where it is no rate."""
    name, _, mode = text.strip().partition(" ")
    try:
        value = Fraction(name)
    except ValueError:
        return None
    if value <= 0 or mode not in {"", "DF"}:
        return None
    whole = -(-value.numerator // value.denominator)
    return Clock(value if value.denominator == 1 else Fraction(whole * 1000, 1001), mode == "DF")


def frame_of(timecode: str, clock: Clock) -> int | None:
    """The frame that ``timecode`` names, counted from zero; None where it is no timecode."""
    match = _TIMECODE.fullmatch(timecode.strip())
    if match is None:
        return None
    hours, minutes, seconds, frames = (int(part) for part in match.groups())
    if minutes > 59 or seconds > 59 or frames >= clock.nominal:
        return None
    whole_minutes = hours * 60 + minutes
    dropped = clock._dropped * (whole_minutes - whole_minutes // 10)  # noqa: SLF001 its own module
    return (whole_minutes * 60 + seconds) * clock.nominal + frames - dropped


def timecode_of(frame: int, clock: Clock) -> str:
    """The timecode of ``frame``, with a semicolon where it is drop-frame."""
    label = _label(frame, clock)
    seconds, frames = divmod(label, clock.nominal)
    mark = ";" if clock.drop_frame else ":"
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{frames:02d}"


def _label(frame: int, clock: Clock) -> int:
    """The frame's number with those left out counted in (SMPTE 12M)."""
    if not clock.drop_frame:
        return frame
    dropped = clock._dropped  # noqa: SLF001 its own module
    per_ten = clock.nominal * 600 - 9 * dropped
    per_minute = clock.nominal * 60 - dropped
    tens, rest = divmod(frame, per_ten)
    minutes = max(0, (rest - dropped) // per_minute)
    return frame + dropped * (9 * tens + minutes)
