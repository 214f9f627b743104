"""The brief: what the user asks for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Brief:
    """What the user asks for; everything may be left empty.

    Attributes:
        prompt: free text ("tense, sparse, no drums").
        genres: styles or genres by name, the first weighs most.
        moods: moods by name.
        instruments: instruments that must play.
        negatives: what must not be there: genres, moods, instruments, or words.
        bpm: tempo in beats per minute, 20 to 300, or None for the engine's choice.
        key: a key like "D minor", "F# dorian", "Bb", or "" for the engine's choice.
        hit_strength: 0 ignores cuts, 0.5 spots as a composer would, 1 meets every cut that the tempo can.
    """

    prompt: str = ""
    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    bpm: float | None = None
    key: str = ""
    hit_strength: float = 0.5
