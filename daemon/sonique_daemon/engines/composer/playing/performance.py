"""The performance: all parts, stem by stem and block by block, into files."""

import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from sonique_daemon.domain.audio import RawAudioWriter
from sonique_daemon.domain.take import Rendering
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.engines.composer.composition import Composition, Instrument, Note, Stem
from sonique_daemon.engines.composer.playing.desk import Desk
from sonique_daemon.engines.composer.playing.dynamics import Edges, Fader, Glue, Pump
from sonique_daemon.engines.composer.playing.ensemble import Ensemble
from sonique_daemon.engines.composer.playing.hall import SPAN, Hall
from sonique_daemon.engines.composer.playing.levels import KITS
from sonique_daemon.engines.composer.playing.orchestra import ORCHESTRA
from sonique_daemon.engines.composer.playing.strike import Player
from sonique_daemon.engines.composer.playing.strips import STEMS, StemChannel
from sonique_daemon.engines.composer.playing.tone import Samples
from sonique_daemon.engines.engine import Report

BLOCK = 8 * SPAN
"""Samples that are made at once, 5.5 s: few enough for a processor's cache, and many enough for NumPy."""

_KICKS = frozenset({35, 36})


def perform(
    composition: Composition,
    samples: int,
    seed: int,
    workspace: Path,
    report: Report,
    *,
    block: int = BLOCK,
    players: Mapping[Instrument, Player] = ORCHESTRA,
) -> Rendering:
    """Plays ``composition`` into float32 stereo files in ``workspace``: the mix, and a stem for each layer with parts.

    The mix is the sum of its stems. The same composition, seed and length give the same bytes, whatever was played
    before. Memory does not grow with length: audio is made in blocks of ``block`` samples, rounded up to whole
    spans of the hall (0.68 s).

    Raises:
        Cancelled: by way of ``report``.
    """
    block = -(-block // SPAN) * SPAN
    stage = Stage(composition, seed, players)
    mixdown = Mixdown(composition, samples, stage)
    with ExitStack() as stack:
        names = ["mix", *(stem.value for stem in stage.stems)]
        writers = [stack.enter_context(RawAudioWriter(workspace / f"{name}.f32", 2)) for name in names]
        tape = stack.enter_context(_Tape(mixdown, writers))
        for at in range(0, samples, block):
            count = min(block, samples - at)
            tape.take(stage.play(at, count, report))
            report.progress((at + count) / SAMPLE_RATE, samples / SAMPLE_RATE, "s of audio")
        tape.finish()
    results = [writer.result for writer in writers]
    stems = zip(names[1:], results[1:], strict=True)
    return Rendering(results[0], tuple(stems))


@dataclass(frozen=True, slots=True)
class Played:
    """What all desks played of one block.

    Attributes:
        at: the first sample.
        layers: of each stem middle and side ``[stems, 2, samples]``.
        sends: what goes into the hall of each ``[stems, samples]``.
    """

    at: int
    layers: Samples
    sends: Samples


class _Tape:
    """Mixes and writes what was played, one block behind, while the next is being played; a context manager.

    Where this process has one core alone, a block is mixed and written at once: to take turns would only cost time.
    """

    def __init__(self, mixdown: "Mixdown", writers: Sequence[RawAudioWriter]) -> None:
        self._mixdown, self._writers = mixdown, writers
        self._thread = ThreadPoolExecutor(1, "mixdown") if _cores() > 1 else None
        self._behind: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._thread:
            self._thread.shutdown()

    def take(self, played: Played) -> None:
        """Has the next block mixed and written; raises what doing so to it, or to the one before, raised."""
        self.finish()
        if self._thread:
            self._behind = self._thread.submit(self._write, played)
        else:
            self._write(played)

    def finish(self) -> None:
        """Waits until all is written; raises what that raised."""
        if self._behind is not None:
            self._behind.result()

    def _write(self, played: Played) -> None:
        for writer, both in zip(self._writers, self._mixdown.mix(played), strict=True):
            writer.write(_frames(both).T)


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _frames(both: Samples) -> Samples:
    """Middle and side to interleaved left and right ``[samples, 2]``."""
    frames = np.empty((both.shape[1], 2), np.float32)
    np.add(both[0], both[1], out=frames[:, 0])
    np.subtract(both[0], both[1], out=frames[:, 1])
    return frames


class Stage:
    """All desks of one performance."""

    def __init__(self, composition: Composition, seed: int, players: Mapping[Instrument, Player] = ORCHESTRA) -> None:
        desks = _desks(composition, seed, players)
        self.stems = tuple(stem for stem in Stem if any(desk.part.stem is stem for desk in desks))
        self._desks = {stem: [desk for desk in desks if desk.part.stem is stem] for stem in self.stems}

    @property
    def wet(self) -> list[int]:
        """Which of the stems are heard in the hall."""
        return [index for index, stem in enumerate(self.stems) if any(desk.sends for desk in self._desks[stem])]

    def play(self, at: int, count: int, report: Report) -> Played:
        """``count`` samples from sample ``at`` on."""
        layers = np.zeros((len(self.stems), 2, count), np.float32)
        sends = np.zeros((len(self.stems), count), np.float32)
        bus = np.empty((2, count), np.float32)
        for index, stem in enumerate(self.stems):
            for desk in self._desks[stem]:
                if desk.play(at, bus, report):
                    desk.place(bus, layers[index], sends[index])
            report.check()
        return Played(at, layers, sends)


class Mixdown:
    """The stems' strips, the hall and the common gains of one performance."""

    def __init__(self, composition: Composition, samples: int, stage: Stage) -> None:
        room = composition.room
        self._strips = [StemChannel(STEMS[stem]) for stem in stage.stems]
        self._hall = Hall(room.decay, room.width, stage.wet)
        self._glue = Glue(room.glue)
        ride = np.asarray(composition.ride, np.float64).reshape(-1, 2)
        self._fader = Fader(ride[:, 0], ride[:, 1])
        stop = samples if composition.stop is None else round(composition.stop * SAMPLE_RATE)
        self._edges = Edges(samples, min(round(composition.fade * SAMPLE_RATE), samples), stop)

    def mix(self, played: Played) -> list[Samples]:
        """The mix, then each stem, as middle and side; blocks come in order."""
        layers = played.layers
        for strip, layer in zip(self._strips, layers, strict=True):
            strip.process(layer)
        self._hall.reverberate(played.sends, layers)
        mix = layers.sum(axis=0)
        count = mix.shape[1]
        gains = (self._glue.gain(mix), self._fader.gain(played.at, count), self._edges.gain(played.at, count))
        asked = [gain for gain in gains if gain is not None]
        if asked:
            gain = np.prod(asked, axis=0)
            layers *= gain
            mix *= gain
        return [mix, *layers]


def _desks(composition: Composition, seed: int, players: Mapping[Instrument, Player]) -> list[Desk]:
    by_part: list[list[Note]] = [[] for _ in composition.parts]
    for note in composition.notes:
        by_part[note.part].append(note)
    pump = _pump(composition)
    return [
        Desk(part, tuple(notes), composition.room, seed, pump if _ducks(part.stem, part.instrument) else None, players)
        for part, notes in zip(composition.parts, by_part, strict=True)
    ]


def _pump(composition: Composition) -> Pump | None:
    if composition.room.pump_db <= 0:
        return None
    kits = {index for index, part in enumerate(composition.parts) if part.instrument in KITS - {Instrument.TAIKO}}
    onsets = sorted({note.start for note in composition.notes if note.part in kits and note.pitch in _KICKS})
    return Pump(np.asarray(onsets, np.float64), composition.room.pump_db) if onsets else None


def _ducks(stem: Stem, instrument: Instrument) -> bool:
    return stem is Stem.BASS or (stem is not Stem.DRUMS and isinstance(ORCHESTRA[instrument], Ensemble))
