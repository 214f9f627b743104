"""Advice: what somebody who saw the picture would choose. It counts where the user said nothing, and nowhere else."""

from dataclasses import dataclass

from sonique_daemon.domain.tags import Affect, Key


@dataclass(frozen=True, slots=True)
class Advice:
    """An adviser's choices, in the lexicon's own words; whatever it does not speak of is empty.

    Attributes:
        style: id of one of the composer's styles, or "".
        genres: names of genres, the most fitting first.
        moods: names of moods, the strongest first.
        instruments: the composer's instruments by name, the most important first.
        negatives: instruments and styles by name that should not be there.
        bpm: tempo in beats per minute, or None.
        key: key, or None.
        affect: the mood as numbers, or None.
        density: how much plays, 0..1, or None.
    """

    style: str = ""
    genres: tuple[str, ...] = ()
    moods: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()
    bpm: float | None = None
    key: Key | None = None
    affect: Affect | None = None
    density: float | None = None


NONE = Advice()
"""Of nobody: rules alone decide."""
