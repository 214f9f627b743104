"""Checks of single fields. No field is trusted: each has its bounds, and an error names the field and the way out."""

import math
import re
from collections.abc import Mapping, Sized
from typing import Any, TypeVar

from sonique_daemon.errors import InvalidRequest, LimitExceeded

Value = TypeVar("Value")

JOB_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
TAKE_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
SHA256 = re.compile(r"[0-9a-f]{64}")

_SLACK = 1e-6
"""How far a measure may lie outside of its bounds by rounding; it is moved onto them."""


def quoted(text: str, limit: int = 60) -> str:
    """``text`` in quotes for a sentence, shortened, without anything that does not print."""
    shown = "".join(sign if sign.isprintable() else "�" for sign in text[:limit])
    return f"“{shown}{'…' if len(text) > limit else ''}”"


def identifier(pattern: re.Pattern[str], text: str, field: str, rule: str) -> str:
    """``text`` where ``pattern`` matches all of it; else ``InvalidRequest`` with the rule in words."""
    if pattern.fullmatch(text) is None:
        raise InvalidRequest(f"The {field} {quoted(text)} is not valid; it is {rule}.")
    return text


def job_id(text: str) -> str:
    """A job's id."""
    return identifier(JOB_ID, text, "job id", "1 to 64 letters, digits, “-” and “_”")


def take_id(text: str) -> str:
    """A take's id."""
    return identifier(TAKE_ID, text, "take id", "1 to 128 letters, digits, “-” and “_”")


def sha256(text: str) -> str:
    """A SHA-256 digest."""
    return identifier(SHA256, text, "digest", "64 lower-case hexadecimal digits of a SHA-256")


def limited(text: str, field: str, limit: int) -> str:
    """``text`` of at most ``limit`` characters, else ``LimitExceeded``."""
    if len(text) > limit:
        raise LimitExceeded(f"{field} has {len(text)} characters; at most {limit} are taken.")
    return text


def counted(items: Sized, field: str, limit: int) -> None:
    """Raises ``LimitExceeded`` where there are more than ``limit`` items."""
    if len(items) > limit:
        raise LimitExceeded(f"{field} has {len(items)} entries; at most {limit} are taken.")


def finite(value: float, field: str) -> float:
    """``value`` where it is a finite number, else ``InvalidRequest``."""
    if not math.isfinite(value):
        raise InvalidRequest(f"{field} is {value}; it must be a finite number.")
    return value


def within(value: float, field: str, low: float, high: float) -> float:
    """``value`` where it lies in ``low`` … ``high``, else ``InvalidRequest``; what rounding moved out is moved back."""
    if not low - _SLACK <= finite(value, field) <= high + _SLACK:
        raise InvalidRequest(f"{field} is {value:g}; it must lie between {low:g} and {high:g}.")
    return min(max(value, low), high)


def chosen(choices: Mapping[Any, Value], number: int, field: str) -> Value:
    """What the enum value ``number`` means, else ``InvalidRequest``."""
    if number not in choices:
        raise InvalidRequest(f"{field} is {number}, which this daemon does not know; see the contract for its values.")
    return choices[number]


def present(given: bool, field: str) -> None:
    """Raises ``InvalidRequest`` where a required field is not given."""
    if not given:
        raise InvalidRequest(f"{field} is missing; it is required.")


def sendable(text: str) -> str:
    """``text`` as protobuf can carry it: file names may hold bytes that are no UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")
