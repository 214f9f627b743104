"""A finding: one thing that was looked at, how it stands, and what to do about it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How a thing stands."""

    WELL = "well"
    NOTE = "note"
    """Worth knowing; nothing is broken."""
    WRONG = "wrong"
    """It breaks something."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        topic: what, in a word or two.
        level: how it stands.
        text: what was found.
        way_out: what to do about it; "" where nothing needs doing.
    """

    topic: str
    level: Level
    text: str
    way_out: str = ""

    def plain(self) -> dict[str, Any]:
        """As JSON knows it."""
        return {name: str(value) for name, value in asdict(self).items()}


def well(topic: str, text: str) -> Finding:
    """A thing that is as it should be."""
    return Finding(topic, Level.WELL, text)


def note(topic: str, text: str, way_out: str = "") -> Finding:
    """A thing worth knowing."""
    return Finding(topic, Level.NOTE, text, way_out)


def wrong(topic: str, text: str, way_out: str) -> Finding:
    """A thing that breaks something."""
    return Finding(topic, Level.WRONG, text, way_out)


Findings = Iterator[Finding]
