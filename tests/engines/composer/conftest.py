"""Requests to a composer: tempo maps on a constant grid, and the pieces that are written to them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import accumulate
from pathlib import Path

import pytest
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.tags import Affect, Key, Origin, Tag, TagKind, Tags, Tempo
from sonique_daemon.domain.tempo import Hit, HitKind, MetHit, Section, TempoMap
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.composer.composition import Composition
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing import compose
from sonique_daemon.engines.engine import GenerateRequest

ENERGIES = (0.3, 0.5, 0.7, 0.9, 0.5)


def constant_map(
    duration: float,
    bpm: float,
    *,
    metres: Sequence[int] = (4,),
    energies: Sequence[float] = (0.5,),
    hits: Sequence[MetHit] = (),
    first: float = 0.0,
) -> TempoMap:
    """A map of constant tempo whose bars repeat ``metres`` and whose sections share the bars evenly."""
    period = 60 / bpm
    count = int((duration - first) / period) + 2
    beats = tuple(first + index * period for index in range(count + 1))
    lengths = [metres[index % len(metres)] for index in range(count)]
    downbeats = tuple(start for start in accumulate([0, *lengths]) if start < count)
    shares = min(len(energies), len(downbeats))
    edges = [round(index * len(downbeats) / shares) for index in range(shares + 1)]
    sections = tuple(Section(edges[i], edges[i + 1] - edges[i], energies[i]) for i in range(shares))
    return TempoMap(Fraction(duration).limit_denominator(1000), beats, downbeats, bpm, sections, tuple(hits))


def met(beat: float, bpm: float, kind: HitKind = HitKind.HARD, weight: float = 0.9) -> MetHit:
    """A hit point that lies exactly on a beat of a map that starts at 0."""
    return MetHit(Hit(Fraction(beat * 60 / bpm).limit_denominator(100_000), kind, weight), beat)


def request_for(
    style: str,
    duration: float = 60.0,
    seed: int = 1,
    *,
    bpm: float = 0.0,
    key: Key | None = None,
    words: Sequence[tuple[TagKind, str]] = (),
    affect: Affect | None = None,
    density: float = 0.5,
    energies: Sequence[float] = ENERGIES,
    metres: Sequence[int] = (4,),
    hits: Sequence[MetHit] = (),
    speech: Sequence[tuple[float, float]] = (),
    first: float = 0.0,
) -> GenerateRequest:
    """A request to write ``duration`` seconds in ``style``."""
    found = styles()[style]
    tempo = bpm or found.tempo
    tags = Tags(
        style=style,
        tags=tuple(Tag(kind, text, Origin.USER) for kind, text in words),
        tempo=Tempo(tempo, found.slowest, found.fastest),
        key=key or Key(seed * 5 % 12, ("ionian", "aeolian")[seed % 2]),
        affect=affect or Affect(),
        density=density,
    )
    tempo_map = constant_map(duration, tempo, metres=metres, energies=energies, hits=hits, first=first)
    spans = tuple(TimeRange(Fraction(start), Fraction(end - start)) for start, end in speech)
    description = Description(tempo_map.duration, "", (), speech=spans) if speech else None
    return GenerateRequest(tags, tempo_map, round(duration * 48_000), seed, Path(), description)


@dataclass(frozen=True, slots=True)
class Studio:
    """What tests need to have pieces written."""

    request: Callable[..., GenerateRequest]
    tempo_map: Callable[..., TempoMap]
    met: Callable[..., MetHit]
    piece: Callable[[str, float, int], Composition]


@cache
def _piece(style: str, duration: float, seed: int) -> Composition:
    return compose(request_for(style, duration, seed))


@pytest.fixture
def studio() -> Studio:
    return Studio(request_for, constant_map, met, _piece)
