"""The performance: all parts, stem by stem and block by block, into files."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

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
    stage = Stage(composition, samples, seed, players)
    with ExitStack() as stack:
        names = ["mix", *(stem.value for stem in stage.stems)]
        writers = [stack.enter_context(RawAudioWriter(workspace / f"{name}.f32", 2)) for name in names]
        for at in range(0, samples, block):
            count = min(block, samples - at)
            for writer, both in zip(writers, stage.play(at, count, report), strict=True):
                writer.write(_frames(both).T)
            report.progress((at + count) / SAMPLE_RATE, samples / SAMPLE_RATE, "s of audio")
    results = [writer.result for writer in writers]
    stems = zip(names[1:], results[1:], strict=True)
    return Rendering(results[0], tuple(stems))


def _frames(both: Samples) -> Samples:
    """Middle and side to interleaved left and right ``[samples, 2]``."""
    frames = np.empty((both.shape[1], 2), np.float32)
    np.add(both[0], both[1], out=frames[:, 0])
    np.subtract(both[0], both[1], out=frames[:, 1])
    return frames


class Stage:
    """All desks, the hall and the common gains of one performance."""

    def __init__(
        self, composition: Composition, samples: int, seed: int, players: Mapping[Instrument, Player] = ORCHESTRA
    ) -> None:
        room = composition.room
        desks = _desks(composition, seed, players)
        self.stems = tuple(stem for stem in Stem if any(desk.part.stem is stem for desk in desks))
        self._desks = {stem: [desk for desk in desks if desk.part.stem is stem] for stem in self.stems}
        wet = [index for index, stem in enumerate(self.stems) if any(desk.sends for desk in self._desks[stem])]
        self._hall = Hall(room.decay, room.width, wet)
        self._strips = [StemChannel(STEMS[stem]) for stem in self.stems]
        self._glue = Glue(room.glue)
        ride = np.asarray(composition.ride, np.float64).reshape(-1, 2)
        self._fader = Fader(ride[:, 0], ride[:, 1])
        stop = samples if composition.stop is None else round(composition.stop * SAMPLE_RATE)
        self._edges = Edges(samples, min(round(composition.fade * SAMPLE_RATE), samples), stop)

    def play(self, at: int, count: int, report: Report) -> list[Samples]:
        """The mix, then each stem, from sample ``at`` on, as middle and side."""
        layers = np.zeros((len(self.stems), 2, count), np.float32)
        sends = np.zeros((len(self.stems), count), np.float32)
        bus = np.empty((2, count), np.float32)
        for index, stem in enumerate(self.stems):
            for desk in self._desks[stem]:
                if desk.play(at, bus, report):
                    desk.place(bus, layers[index], sends[index])
            self._strips[index].process(layers[index])
            report.check()
        self._hall.reverberate(sends, layers)
        report.check()
        return self._finished(at, layers)

    def _finished(self, at: int, layers: Samples) -> list[Samples]:
        mix = layers.sum(axis=0)
        count = mix.shape[1]
        gains = (self._glue.gain(mix), self._fader.gain(at, count), self._edges.gain(at, count))
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
