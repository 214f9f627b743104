"""Quantities as people write them: bytes with units, seconds, counts, yes and no."""

import math
import re

_BYTES = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_MOST_BYTES = 1e18
"""What travels on the wire as a whole number of bytes has to fit there."""

_YES, _NO = ("yes", "true", "on", "1"), ("no", "false", "off", "0")


def read_bytes(text: str) -> int:
    """Bytes: ``20GB`` (1000³), ``1.5 GiB`` (1024³), ``500M``, ``4096``; raises ``ValueError`` with a sentence's end."""
    found = _BYTES.fullmatch(text)
    if found is None or (found[3] and not found[2]):
        raise ValueError("is no size; write it like 20GB, 1.5GiB or 500MB")
    base = 1024 if found[3] else 1000
    size = float(found[1]) * float(base) ** _POWERS[found[2].lower()]
    if size > _MOST_BYTES:
        raise ValueError("is more than any disk or memory has; write 0 for no limit of your own")
    return round(size)


def read_number(text: str, low: float, high: float) -> float:
    """A number in ``low`` … ``high``; raises ``ValueError`` with a sentence's end."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not low <= number <= high:
        raise ValueError(f"is not valid; choose a number from {low:g} to {high:g}")
    return number


def read_count(text: str, low: int, high: int) -> int:
    """A whole number in ``low`` … ``high``; raises ``ValueError`` with a sentence's end."""
    if not text.strip().isdecimal() or not low <= int(text) <= high:
        raise ValueError(f"is not valid; choose a whole number from {low} to {high}")
    return int(text)


def read_yes(text: str) -> bool:
    """Yes or no; raises ``ValueError`` with a sentence's end."""
    word = text.strip().lower()
    if word not in (*_YES, *_NO):
        raise ValueError("is neither yes nor no")
    return word in _YES
