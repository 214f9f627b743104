"""Ducking: how music makes room for speech, and the gain in time that comes of it."""

from dataclasses import dataclass
from enum import StrEnum


class DuckingManner(StrEnum):
    """Who turns the music down."""

    BAKED = "baked"
    """Delivery: the files hold the music as it is turned down."""
    ENVELOPE = "envelope"
    """The client: the files hold the music at its own level, and the gain is told beside them."""


@dataclass(frozen=True, slots=True)
class Ducking:
    """How music makes room for speech; times in seconds.

    Attributes:
        depth_db: how far the music goes down under speech, 0 to 60.
        look_ahead: how long before speech it begins to go down.
        attack: how long that takes; shorter than ``look_ahead``, so that the first syllable has room.
        hold: how long after speech it stays down.
        release: how long it takes to come back. It never comes and goes faster than that: pauses in which it could not
            come back and rest for as long are passed over.
        manner: who turns it down.
    """

    depth_db: float = 9.0
    look_ahead: float = 0.25
    attack: float = 0.2
    hold: float = 0.4
    release: float = 0.8
    manner: DuckingManner = DuckingManner.BAKED


@dataclass(frozen=True, slots=True)
class GainPoint:
    """The gain at one time, in seconds from the cue's start; between two points its decibels are a straight line."""

    seconds: float
    db: float


@dataclass(frozen=True, slots=True)
class SpeechGain:
    """The gain of a take under speech.

    Attributes:
        points: in order, inside the cue; before the first and after the last the gain stays as there. None where
            nothing is said.
        baked: whether the files hold it already.
    """

    points: tuple[GainPoint, ...]
    baked: bool
