"""Tags: the musical tag set that conditions generation, each tag with where it came from."""

from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """Who said so. A user's word always wins."""

    USER = "user"
    ENGINE = "engine"


class TagKind(StrEnum):
    """What a tag speaks of."""

    GENRE = "genre"
    MOOD = "mood"
    INSTRUMENT = "instrument"
    NEGATIVE = "negative"
    FORM = "form"


@dataclass(frozen=True, slots=True)
class Tag:
    """One word of the tag set, lower case, with its origin; no two tags of a kind have the same text."""

    kind: TagKind
    text: str
    origin: Origin = Origin.ENGINE


@dataclass(frozen=True, slots=True)
class Tempo:
    """Beats per minute that are asked for, and the bounds within which the fit may choose (low ≤ bpm ≤ high)."""

    bpm: float
    low: float
    high: float
    origin: Origin = Origin.ENGINE


@dataclass(frozen=True, slots=True)
class Key:
    """A key.

    Attributes:
        tonic: pitch class, 0 (C) to 11 (B).
        mode: one of ``ionian dorian phrygian lydian mixolydian aeolian locrian``; major is ionian, minor aeolian.
        origin: who chose it.
    """

    tonic: int
    mode: str
    origin: Origin = Origin.ENGINE


@dataclass(frozen=True, slots=True)
class Affect:
    """The mood as numbers, each -1..1: valence (sad to happy), arousal (calm to excited), tension (ease to unease)."""

    valence: float = 0.0
    arousal: float = 0.0
    tension: float = 0.0


@dataclass(frozen=True, slots=True)
class Tags:
    """The musical tag set.

    Attributes:
        style: the composer's style by its id (see ``engines/composer/styles``); the genre that decides.
        tags: genres, moods, instruments, negatives and form (see ``form``), the most important first within each kind.
        tempo: tempo and its bounds.
        key: key and mode.
        affect: the moods as numbers.
        density: how much plays, 0 (a single line) to 1 (everything).
        hit_strength: how much the music cares for cuts, 0..1; see ``Brief``.
        notes: sentences about conflicts and how they were settled.
    """

    style: str
    tags: tuple[Tag, ...]
    tempo: Tempo
    key: Key
    affect: Affect = Affect()
    density: float = 0.5
    hit_strength: float = 0.5
    notes: tuple[str, ...] = ()

    def texts(self, kind: TagKind) -> tuple[str, ...]:
        """The texts of all tags of that kind, in order."""
        return tuple(tag.text for tag in self.tags if tag.kind is kind)
