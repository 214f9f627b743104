"""Concepts: what the lexicon's words stand for, read once from the data files beside this module."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from sonique_daemon.domain.tags import Affect
from sonique_daemon.engines.composer.composition import Instrument
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.lexicon.words import phrase

RANK_WEIGHTS = (1.0, 0.6, 0.4)
"""Weight of the first, second and every later mood or genre."""


class ConceptKind(StrEnum):
    """What a concept speaks of."""

    INSTRUMENT = "instrument"
    GENRE = "genre"
    MOOD = "mood"
    SCENE = "scene"
    TEXTURE = "texture"
    TEMPO = "tempo"
    MODE = "mode"
    FORM = "form"
    ROLE = "role"


@dataclass(frozen=True, slots=True, eq=False)
class Concept:
    """One entry of the lexicon; whatever it has nothing to say on is empty.

    Attributes:
        name: the word that tags use, lower case.
        kind: what it speaks of.
        words: the names that it goes by, its own first.
        styles: composer's styles that it speaks for, each with a weight, about 1 for a word that names the style.
        moods: names of the moods that it implies, the strongest first.
        feel: the mood as numbers, or None where it has none.
        plays: the composer's instruments that it asks for.
        removes: the composer's instruments that go when it is ruled out.
        tempo: factor on the style's home tempo.
        bpm: tempo range in beats per minute that the word means, or None.
        mode: the mode that it names, or "".
        brightness: lowest and highest mode brightness that it goes with, -3 phrygian to 2 lydian.
        density: what it adds to density, -1..1.
        hits: the hit strength that it asks for, or None.
        negatives: concepts that it rules out by name.
        family: concepts of one family stand or fall together when one of them is ruled out.
        common: whether an engine may choose the mood by its numbers alone.
        note: what the user has to know where it is asked for; ``{said}`` stands for the word that asked.
        form: what it says of metre, course or ending (see ``domain.form``), or "".
    """

    name: str
    kind: ConceptKind
    words: tuple[str, ...]
    styles: Mapping[str, float] = field(default_factory=dict)
    moods: tuple[str, ...] = ()
    feel: Affect | None = None
    plays: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()
    tempo: float = 1.0
    bpm: tuple[float, float] | None = None
    mode: str = ""
    brightness: tuple[int, int] | None = None
    density: float = 0.0
    hits: float | None = None
    negatives: tuple[str, ...] = ()
    family: str = ""
    common: bool = False
    note: str = ""
    form: str = ""

    @property
    def main_style(self) -> str:
        """The style that it speaks for most, or ""."""
        return max(sorted(self.styles), key=lambda style: self.styles[style], default="")


@dataclass(frozen=True, slots=True)
class Profile:
    """What the lexicon knows of one composer's style beyond its file.

    Attributes:
        feel: the style's own mood.
        tonics: pitch classes that lie well for it.
        modes: modes that it likes.
        instruments: what it is known by, the most typical first.
        density: how much usually plays, 0..1.
        reserve: votes that it lacks where only the mood speaks for it; idioms wait to be asked for.
        needs: instruments of which at least one must be allowed, or empty.
    """

    feel: Affect = field(default_factory=Affect)
    tonics: tuple[int, ...] = (0, 2, 9)
    modes: tuple[str, ...] = ("ionian", "aeolian")
    instruments: tuple[str, ...] = ()
    density: float = 0.5
    reserve: float = 0.0
    needs: tuple[str, ...] = ()


_FILES = {
    "instruments": ConceptKind.INSTRUMENT,
    "genres": ConceptKind.GENRE,
    "moods": ConceptKind.MOOD,
    "scenes": ConceptKind.SCENE,
    "places": ConceptKind.SCENE,
    "references": ConceptKind.SCENE,
    "forms": ConceptKind.FORM,
    "roles": ConceptKind.ROLE,
    "textures": ConceptKind.TEXTURE,
    "tempi": ConceptKind.TEMPO,
    "modes": ConceptKind.MODE,
}
"""The data files in the order in which a word that stands in two of them is looked up."""

_ENDINGS = {"~": ("", "e", "er", "es", "en", "em"), "+": ("", "e", "s", "es"), "@": ("o", "a", "os", "as")}
"""What a sign at the end of a word of ``tongues.toml`` stands for."""


@cache
def concepts() -> tuple[Concept, ...]:
    """Every concept, in the order of lookup; the words of the composer's styles come last."""
    families = _families()
    listed = tuple(
        _concept(name, kind, _with_words(entry, abroad().get(file, {}).get(name, ())), families)
        for file, kind in _FILES.items()
        for name, entry in data(file).items()
    )
    return (*listed, *_style_concepts(listed))


def _with_words(entry: Mapping[str, Any], more: Iterable[str]) -> Mapping[str, Any]:
    """The entry with ``more`` words, of other tongues."""
    return {**entry, "words": [*entry.get("words", ()), *more]}


@cache
def abroad() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """What other tongues call things: by data file, or “styles”, and by entry; every ending spelt out."""
    return {
        file: {name: tuple(word for stem in stems for word in _spelt_out(stem)) for name, stems in entries.items()}
        for file, entries in data("tongues").items()
    }


def _spelt_out(stem: str) -> list[str]:
    endings = _ENDINGS.get(stem[-1])
    return [stem] if endings is None else [stem[:-1] + ending for ending in endings]


@cache
def profile(style: str) -> Profile:
    """What the lexicon knows of that style; a neutral profile for a style that it has never heard of."""
    entry = data("styles").get(style)
    if entry is None:
        return Profile(reserve=1.0)  # a style of the user's own waits to be asked for
    return Profile(
        feel=Affect(*entry["feel"]),
        tonics=tuple(entry["tonics"]),
        modes=tuple(entry["modes"]),
        instruments=tuple(entry["instruments"]),
        density=entry["density"],
        reserve=entry.get("reserve", 0.0),
        needs=_members(entry.get("needs", ()), _families()),
    )


@cache
def moods() -> Mapping[str, Concept]:
    """All moods by name, in the file's order."""
    return {concept.name: concept for concept in concepts() if concept.kind is ConceptKind.MOOD}


def data(file: str) -> Mapping[str, Any]:
    """The content of one data file."""
    text = (files("sonique_daemon.engines.lexicon") / f"{file}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _families() -> dict[str, tuple[str, ...]]:
    """Families of instruments by name, and each instrument as a family of its own."""
    alone = {instrument.value: (instrument.value,) for instrument in Instrument}
    return alone | {f"{name} family": tuple(members) for name, members in data("families").items()}


def _members(names: Iterable[str], families: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(member for name in names for member in families[name]))


def _concept(
    name: str, kind: ConceptKind, entry: Mapping[str, Any], families: Mapping[str, tuple[str, ...]]
) -> Concept:
    plays = tuple(entry.get("plays", (name,) if kind is ConceptKind.INSTRUMENT and name in families else ()))
    implied = tuple(entry.get("moods", ()))
    return Concept(
        name=name,
        kind=kind,
        words=(name, *entry.get("words", ())),
        styles=dict(entry.get("styles", {})),
        moods=implied,
        feel=Affect(*entry["feel"]) if "feel" in entry else _implied_feel(implied),
        plays=plays,
        removes=_members(entry.get("removes", plays), families) if kind is ConceptKind.INSTRUMENT else (),
        tempo=entry.get("tempo", 1.0),
        bpm=tuple(entry["bpm"]) if "bpm" in entry else None,
        mode=entry.get("mode", ""),
        brightness=tuple(entry["brightness"]) if "brightness" in entry else None,
        density=entry.get("density", 0.0),
        hits=entry.get("hits"),
        negatives=tuple(entry.get("negatives", ())),
        family=entry.get("family", ""),
        common=entry.get("common", False),
        note=entry.get("note", ""),
        form=entry.get("form", name if kind is ConceptKind.FORM else ""),
    )


def _implied_feel(names: tuple[str, ...]) -> Affect | None:
    """The mean of the moods, weighted by rank; None without any."""
    if not names:
        return None
    listed = _mood_feels()
    return mean_affect([(listed[name], rank_weight(rank)) for rank, name in enumerate(names)])


@cache
def _mood_feels() -> Mapping[str, Affect]:
    """The numbers of every mood by name."""
    return {name: Affect(*entry["feel"]) for name, entry in data("moods").items()}


def rank_weight(rank: int) -> float:
    """How much the mood or genre at that place of a list weighs."""
    return RANK_WEIGHTS[min(rank, len(RANK_WEIGHTS) - 1)]


def mean_affect(weighted: list[tuple[Affect, float]]) -> Affect:
    """The weighted mean; at ease where nothing weighs."""
    total = sum(weight for _, weight in weighted)
    if total <= 0:
        return Affect()
    return Affect(
        sum(affect.valence * weight for affect, weight in weighted) / total,
        sum(affect.arousal * weight for affect, weight in weighted) / total,
        sum(affect.tension * weight for affect, weight in weighted) / total,
    )


def _style_concepts(listed: tuple[Concept, ...]) -> Iterator[Concept]:
    """One genre for each word that a composer's style goes by and that no listed genre has."""
    taken = {phrase(word) for concept in listed if concept.kind is ConceptKind.GENRE for word in concept.words}
    for style in styles().values():
        for word in dict.fromkeys((style.id, style.name.lower(), *style.words)):
            if phrase(word) not in taken:
                taken.add(phrase(word))
                words = (word, *abroad().get("styles", {}).get(word, ()))
                yield Concept(word, ConceptKind.GENRE, words, {style.id: 1.0})
