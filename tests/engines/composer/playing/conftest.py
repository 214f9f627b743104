"""Small compositions to play, and what to measure in the result."""

from collections.abc import Callable, Iterable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sonique_daemon.domain.take import Rendering
from sonique_daemon.engines.composer.composition import Composition, Instrument, Note, Part, Room, Stem
from sonique_daemon.engines.composer.playing import perform
from sonique_daemon.engines.engine import RecordedReport

RATE = 48_000
Audio = NDArray[np.float32]


@pytest.fixture
def play(tmp_path: Path) -> Callable[..., Rendering]:
    """Plays a composition into a folder of its own."""
    numbers = count()

    def played(composition: Composition, seed: int = 1, samples: int | None = None, **options: Any) -> Rendering:
        folder = tmp_path / str(next(numbers))
        folder.mkdir()
        length = round(composition.duration * RATE) if samples is None else samples
        return perform(composition, length, seed, folder, RecordedReport(), **options)

    return played


@pytest.fixture
def alone(play: Callable[..., Rendering]) -> Callable[..., Audio]:
    """Plays notes on one instrument, dry, in the stem whose compressor is idle at such levels: ``[2, samples]``."""

    def played(instrument: Instrument, notes: Iterable[Note], seconds: float, **options: float) -> Audio:
        part = Part("solo", Stem.TEXTURE, instrument, send_db=-60, **options)
        audio: Audio = play(Composition(seconds, (part,), tuple(notes), Room(0.4, glue=0))).mix.whole()
        return audio

    return played


@pytest.fixture
def song() -> Callable[..., Composition]:
    """A busy piece: eight parts and some 17 notes a second."""

    def written(seconds: float, **room: float) -> Composition:
        notes = [note for bar in range(int(seconds / 2)) for note in _bar(bar)]
        notes.sort(key=lambda note: (note.start, note.part, note.pitch))
        return Composition(seconds, _parts(), tuple(notes), Room(**{"decay": 1.5, **room}))

    return written


def _parts() -> tuple[Part, ...]:
    return (
        Part("kit", Stem.DRUMS, Instrument.DRUM_KIT, send_db=-18),
        Part("shaker", Stem.DRUMS, Instrument.PERCUSSION, send_db=-60, pan=0.3),
        Part("bass", Stem.BASS, Instrument.SYNTH_BASS, send_db=-60),
        Part("piano", Stem.HARMONY, Instrument.FELT_PIANO, pan=-0.2),
        Part("strings", Stem.HARMONY, Instrument.STRINGS, send_db=-8, low_cut_hz=140),
        Part("flute", Stem.LEAD, Instrument.FLUTE, send_db=-9),
        Part("celesta", Stem.LEAD, Instrument.CELESTA, send_db=-9, pan=0.35, high_cut_hz=9000),
        Part("pad", Stem.TEXTURE, Instrument.WARM_PAD, send_db=-8),
    )


def _bar(bar: int) -> list[Note]:
    chord, at = ((57, 60, 64), (53, 57, 60), (48, 55, 60), (55, 59, 62))[bar % 4], 2.0 * bar
    notes = [Note(0, at + 0.25 * step, 0.1, 42, 0.5 + 0.1 * (step % 2), step % 2) for step in range(8)]
    notes += [Note(0, at + start, 0.1, pitch, 0.8) for start, pitch in ((0, 36), (0.5, 38), (1, 36), (1.5, 38))]
    notes += [Note(1, at + 0.25 * step + 0.125, 0.1, 70, 0.4, step % 2) for step in range(8)]
    notes += [Note(2, at, 0.9, chord[0] - 24, 0.7), Note(2, at + 1, 0.9, chord[0] - 24, 0.6)]
    notes += [Note(3, at + 0.25 * step, 0.24, chord[step % 3], 0.6, step % 2) for step in range(8)]
    notes += [Note(4, at, 2.0, pitch, 0.6) for pitch in chord]
    notes += [Note(5, at + 0.03, 0.9, chord[2] + 12, 0.7), Note(6, at + 1.2, 0.3, chord[1] + 24, 0.5)]
    return [*notes, *(Note(7, max(at - 0.1, 0), 2.1, pitch, 0.5) for pitch in chord)]
