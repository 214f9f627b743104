"""Sizes, spans of time and frame rates as people write and read them."""

import math
import re
from fractions import Fraction

from sonique_cli.exits import CommandError, Exit

_BYTES = ("B", "kB", "MB", "GB", "TB", "PB")
_SIZE = re.compile(r"^(\d+(?:\.\d+)?)\s*([kmgtp]?)(i?)b?$", re.ASCII)
_SPAN = re.compile(r"^(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|d|w)?$", re.ASCII)
_SPANS = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_LONGEST_SECONDS = 100 * 366 * 86_400.0


def size_text(count: float) -> str:
    """Bytes for people, in decimal units: ``812 B``, ``3.4 MB``, ``120 GB``."""
    size = float(max(0.0, count))
    for unit in _BYTES:
        if size < 999.5 or unit == _BYTES[-1]:
            break
        size /= 1000
    digits = 0 if unit == "B" or size >= 99.5 else 1
    return f"{size:.{digits}f} {unit}"


def read_size(text: str) -> int:
    """Bytes as people write them: ``5GB``, ``500 MB``, ``2.5GiB``, or plain bytes.

    Raises:
        CommandError: it is no size.
    """
    match = _SIZE.match(text.strip().lower())
    if match is None:
        raise CommandError(f"“{text}” is not a size; write 5GB, 500MB or 2.5GiB.", Exit.USAGE)
    number, prefix, binary = match.groups()
    size = float(number) * (1024 if binary else 1000) ** ("kmgtp".index(prefix) + 1 if prefix else 0)
    if not math.isfinite(size) or size >= 2**63:
        raise CommandError(f"“{text}” is more than any disk holds; write 5GB, 500MB or 2.5GiB.", Exit.USAGE)
    return int(size)


def read_span(text: str) -> float:
    """Seconds as people write them: ``90s``, ``10min``, ``2h``, ``7d``, ``2w``, or plain seconds.

    Raises:
        CommandError: it is none.
    """
    match = _SPAN.match(text.strip().lower())
    if match is None:
        raise CommandError(f"“{text}” is not a span of time; write 90s, 10min, 2h or 7d.", Exit.USAGE)
    return min(_LONGEST_SECONDS, float(match[1]) * _SPANS[match[2] or "s"])


def read_rate(rate: float) -> Fraction:
    """The exact frame rate that people mean by a decimal: 23.976, 29.97 and 59.94 are of 1001.

    Raises:
        CommandError: it is none.
    """
    if not math.isfinite(rate) or not 1 <= rate <= 1000:
        raise CommandError(f"{rate} is not a frame rate; name one from 1 to 1000.", Exit.USAGE)
    whole = round(rate)
    if math.isclose(rate, whole, abs_tol=1e-6):
        return Fraction(whole)
    if abs(rate - math.ceil(rate) * 1000 / 1001) < 6e-3:
        return Fraction(math.ceil(rate) * 1000, 1001)
    return Fraction(rate).limit_denominator(10_000)


def span_text(seconds: float) -> str:
    """A span of time in a sentence, in its two largest units: ``4 s``, ``2 min 10 s``, ``3 h 5 min``, ``2 d 4 h``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    units = (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1))
    place = next(index for index, (_, length) in enumerate(units) if whole >= length)
    (large, length), (small, part) = units[place], units[place + 1]
    rest = whole % length // part
    return f"{whole // length} {large}" + (f" {rest} {small}" if rest else "")


def short_span(seconds: float) -> str:
    """A span of time in a table, in one unit: ``0.4s``, ``12s``, ``3m``, ``5h``, ``12d``."""
    if seconds < 9.95:
        return f"{max(0.0, seconds):.1f}s"
    for unit, length, limit in (("s", 1, 100), ("m", 60, 100), ("h", 3600, 48)):
        if round(seconds / length) < limit:
            return f"{round(seconds / length)}{unit}"
    return f"{round(seconds / 86_400)}d"
