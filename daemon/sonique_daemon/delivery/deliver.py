"""Delivery: a rendering becomes finished files of exact length, loudness and true peak, with their provenance."""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.delivery import broadcast, wav
from sonique_daemon.delivery.filing import Filing, filing
from sonique_daemon.delivery.level import Level, level
from sonique_daemon.delivery.limiter import applied
from sonique_daemon.delivery.loudness import (
    integrated,
    loudness_range,
    momentary_peak,
    short_term_peak,
)
from sonique_daemon.delivery.order import Order
from sonique_daemon.delivery.source import Shape, Source, delivered_length
from sonique_daemon.delivery.survey import Survey, centred, gained, survey_mix, survey_stem, true_peaks
from sonique_daemon.delivery.truepeak import HighestTruePeak
from sonique_daemon.domain.audio import RawAudio
from sonique_daemon.domain.take import FileKind, Measures, Rendering, TakeFile
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.errors import EngineFailed

SILENCE_DBFS = -70.0
"""A mix whose peak stays below this is no music."""

_FADE_IN = SAMPLE_RATE * 5 // 1000
_FADE_OUT = SAMPLE_RATE * 30 // 1000
_FADE_OUT_OF_A_CUT = SAMPLE_RATE * 60 // 1000
_STEM_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_RESERVED = ("mix", "score")


def deliver(
    rendering: Rendering, order: Order, folder: Path, check: Callable[[], None]
) -> tuple[tuple[TakeFile, ...], Measures]:
    """Writes ``mix.wav``, each stem's ``<name>.wav`` where they are wanted, and ``score.mid`` into ``folder``.

    The files are 48 kHz stereo 24-bit Broadcast Wave. Stems get the very gain of the mix and add up to it. Audio is
    read and written by blocks. Either all files are there afterwards, or none.

    Args:
        rendering: what the engine made.
        order: what is wanted of it.
        folder: an existing folder in which no file of these names stands.
        check: called for every second of audio; may raise to stop, and nothing is left behind.

    Returns:
        The files (the mix first, then stems, then the score) and what the mix measures, hit shares left at 0.

    Raises:
        EngineFailed: the rendering is silent, no audio at all, or broken.
        StoreFull: ``folder`` cannot be written.
        LimitExceeded: the audio is too long for a WAV file.
    """
    shape = _shape(rendering.mix, order.samples)
    wanted = _wanted_stems(rendering, order)
    surveys = [survey_stem(Source(audio, shape), check) for _, audio in wanted]
    mix, stems = centred(survey_mix(Source(rendering.mix, shape), check), surveys, check)
    _refuse_silence(mix)
    found = level(order.loudness_lufs, mix, stems, lambda threshold: true_peaks(mix.source, threshold, check)).ducked(
        order.gain, order.samples
    )
    names = [name for name, _ in wanted]
    with filing(folder) as files:
        writer = _TakeWriter(order, found, files, check)
        loudness = writer.write_mix(mix)
        for name, stem in zip(names, stems, strict=True):
            writer.write_stem(name, stem.source)
        written = (_take_file(files, folder, name, FileKind.WAV) for name in ("mix", *names))
        result = tuple(written)
        if rendering.midi is not None:
            result += (_write_score(rendering.midi, files, folder),)
    return result, Measures(loudness.integrated, loudness.true_peak)


def stem_header(order: Order, name: str) -> bytes:
    """All that comes before the audio in the file of a stem."""
    chunks = broadcast.chunks(name, order.provenance, order.recipe, order.record_start, None)
    return wav.header(chunks, order.length)


@dataclass(frozen=True, slots=True)
class _TakeWriter:
    """Writes the audio files of one take, all under the same shape and level."""

    order: Order
    level: Level
    files: Filing
    check: Callable[[], None]

    def write_mix(self, survey: Survey) -> wav.Loudness:
        """Writes the mix and tells what it measures; its true peak is read from the very numbers written."""
        powers = gained(survey.powers, self.level.gain, self.level.curve)
        meter = HighestTruePeak()
        figures = (integrated(powers), loudness_range(powers), momentary_peak(powers), short_term_peak(powers))
        with self.files.opened("mix.wav") as file:
            file.write(self._header("mix", _loudness(figures, 1.0)))
            for block in self._blocks(survey.source):
                meter.feed(block.astype(np.float32) / np.float32(wav.FULL_SCALE))
                file.write(wav.packed(block))
            self._pad(file)
            meter.finish()
            loudness = _loudness(figures, meter.value)
            file.seek(0)
            file.write(self._header("mix", loudness))
        return loudness

    def write_stem(self, name: str, source: Source) -> None:
        """Writes a stem."""
        with self.files.opened(f"{name}.wav") as file:
            file.write(self._header(name, None))
            for block in self._blocks(source):
                file.write(wav.packed(block))
            self._pad(file)

    def _blocks(self, source: Source) -> Iterator[NDArray[np.int32]]:
        gain, curve, position = np.float32(self.level.gain), self.level.curve, 0
        for block in source.blocks():
            self.check()
            loud = block * gain
            yield wav.quantised(loud if curve is None else applied(loud, curve, position))
            position += len(block)

    def _header(self, name: str, loudness: wav.Loudness | None) -> bytes:
        order = self.order
        chunks = broadcast.chunks(name, order.provenance, order.recipe, order.record_start, loudness)
        return wav.header(chunks, order.length)

    def _pad(self, file: BinaryIO) -> None:
        file.write(bytes((self.order.length - self.order.samples) * wav.FRAME_BYTES))


def _loudness(figures: tuple[float, float, float, float], true_peak: float) -> wav.Loudness:
    whole, spread, momentary, short_term = figures
    return wav.Loudness(whole, spread, 20 * math.log10(max(true_peak, 1e-9)), momentary, short_term)


def _shape(mix: RawAudio, samples: int) -> Shape:
    available = delivered_length(mix)
    content = min(available, samples)
    fade_out = _FADE_OUT_OF_A_CUT if available > samples else _FADE_OUT
    return Shape(samples, content, min(_FADE_IN, content // 4), min(fade_out, content // 4))


def _wanted_stems(rendering: Rendering, order: Order) -> tuple[tuple[str, RawAudio], ...]:
    """The stems to write; their names become file names and are checked for that."""
    stems = rendering.stems if order.stems else ()
    names = [name for name, _ in stems]
    for name in names:
        if not _STEM_NAME.fullmatch(name) or name in _RESERVED or names.count(name) > 1:
            raise EngineFailed(f"The engine named a stem “{name}”, which cannot name a file; the engine needs mending.")
    return stems


def _refuse_silence(mix: Survey) -> None:
    if mix.peak < 10 ** (SILENCE_DBFS / 20):
        raise EngineFailed("The engine returned silence; ask again with another seed or another brief.")


def _write_score(midi: bytes, files: Filing, folder: Path) -> TakeFile:
    with files.opened("score.mid") as file:
        file.write(midi)
    return _take_file(files, folder, "score", FileKind.MIDI)


def _take_file(files: Filing, folder: Path, name: str, kind: FileKind) -> TakeFile:
    file_name = f"{name}.{'wav' if kind is FileKind.WAV else 'mid'}"
    size, sha256 = files.digest(file_name)
    return TakeFile(name, kind, folder / file_name, size, sha256)
