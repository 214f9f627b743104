"""Tempi in words: “90 bpm”, “(60-80BPM)”, “around 120 bpm”, “under 100 bpm”."""

import math
import re
from dataclasses import dataclass

from sonique_daemon.errors import InvalidBrief

SLOWEST, FASTEST = 20.0, 300.0
"""Tempi that may be asked for, in beats per minute."""

EXACT, ABOUT = 0.02, 0.06
"""How far the fit may bend a tempo that was said exactly, and one that was said with “around”."""

_NUMBER = r"(\d{1,9}(?:[.,]\d{1,3})?)"
_UNIT = r"[\s-]*(?:b\.?\s?p\.?\s?m\b\.?|beats?\s+(?:per|a)\s+minute)"
_DASH = r"\s*(?:-|–|—|−|~|to|and|through|bis)\s*"
_UNTIL = (
    r"(?:no faster than|not faster than|no more than|not more than|not over|not above|slower than|less than|at most|"
    r"under|below|up to|max(?:imum)?(?: of)?|<=?)"
)
_FROM = (
    r"(?:no slower than|not slower than|no less than|not less than|not under|not below|faster than|more than|at least|"
    r"over|above|min(?:imum)?(?: of)?|>=?)"
)
_NEAR = r"(?:around|about|approx(?:imately)?\.?|circa|ca\.?|roughly|near|nearly|almost|~|≈|like)"
_BARE = r"([5-9]\d|1\d\d|2[0-4]\d)"
"""A number that nobody says for anything but a tempo."""
_DANCES = (
    *(
        "techno",
        "trance",
        "house",
        "disco",
        "dnb",
        "electro",
        "edm",
        "dubstep",
        "trap",
        "drill",
        "hip hop",
        "beat",
        "beats",
    ),
    *("drum and bass", "synthwave", "salsa", "samba", "lofi"),
)
_DANCED = rf"(?:{'|'.join(f'(?<={name}{sign})' for name in _DANCES for sign in (' ', ', '))})"
"""Dances that a bare number behind them is the tempo of: “techno 128”, “trap beat, 140”."""

_SAID = re.compile(
    rf"(?P<range>{_NUMBER}(?:{_UNIT})?{_DASH}{_NUMBER}{_UNIT})"
    rf"|(?P<until>(?<![a-z]){_UNTIL}\s*{_NUMBER}{_UNIT})"
    rf"|(?P<from>(?<![a-z]){_FROM}\s*{_NUMBER}{_UNIT})"
    rf"|(?P<one>(?:(?P<near>(?<![a-z]){_NEAR})\s*)?(?<![\d.,]){_NUMBER}(?P<ish>\s*-?\s*ish)?{_UNIT})"
    rf"|(?P<named>\b(?:bpm|tempo)\s*(?:of|is|at|[:=])?\s*(?P<named_near>{_NEAR}\s*)?{_NUMBER}(?:{_DASH}{_NUMBER})?(?![\w.,]*\d|\s*s\b|\w|/)(?:{_UNIT})?)"
    rf"|(?:{_DANCED}{_BARE}(?=\s*(?:$|[,.;!?])))"
    rf"|(?P<note>[♩♪]\s*=\s*{_NUMBER})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Pace:
    """A tempo that was said, in beats per minute.

    Attributes:
        bpm: what to aim for, or None where only bounds were given.
        low: lowest that was allowed.
        high: highest that was allowed.
        words: how it was said.
    """

    bpm: float | None
    low: float
    high: float
    words: str


def exact(bpm: float, words: str = "") -> Pace:
    """That tempo, give or take ``EXACT``.

    Raises:
        InvalidBrief: it is no number, or outside ``SLOWEST`` to ``FASTEST``.
    """
    return _near(bpm, EXACT, words or f"{bpm:g} bpm")


def paces_in(text: str) -> tuple[tuple[Pace, ...], str]:
    """The tempi that a free text names, in order, and the text without them.

    Raises:
        InvalidBrief: one of them lies outside ``SLOWEST`` to ``FASTEST``.
    """
    found: list[Pace] = []

    def take(match: re.Match[str]) -> str:
        found.append(_pace(match))
        return " , "

    rest = _SAID.sub(take, text)
    return tuple(found), rest


def _pace(match: re.Match[str]) -> Pace:
    numbers = [
        float(group.replace(",", ".")) for group in match.groups() if group and re.fullmatch(r"\d[\d.,]*", group)
    ]
    words = " ".join(match[0].split())
    if len(numbers) == 2:
        low, high = sorted(_allowed(number) for number in numbers)
        return Pace(None, low, high, words)
    if match["until"]:
        return Pace(None, SLOWEST, _allowed(numbers[0]), words)
    if match["from"]:
        return Pace(None, _allowed(numbers[0]), FASTEST, words)
    loose = match["near"] or match["ish"] or match["named_near"]
    return _near(numbers[0], ABOUT if loose else EXACT, words)


def _near(bpm: float, share: float, words: str) -> Pace:
    asked = _allowed(bpm)
    return Pace(asked, max(SLOWEST, asked * (1 - share)), min(FASTEST, asked * (1 + share)), words)


def _allowed(bpm: float) -> float:
    if not math.isfinite(bpm) or not SLOWEST <= bpm <= FASTEST:
        raise InvalidBrief(
            f"A tempo of {bpm:g} bpm cannot be played; give {SLOWEST:g} to {FASTEST:g} beats per minute, or none."
        )
    return float(bpm)
