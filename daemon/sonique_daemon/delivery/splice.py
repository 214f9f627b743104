"""Splicing: spans of an earlier take's files take the place of what was made anew, sample for sample.

It is done on finished files, after gain, limiter and rounding, so that what stays is the very same numbers and not
merely the same music. New music gives way to old within 8 ms before a span, early enough for the first attack of it,
and comes in within 8 ms after it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.delivery import wav
from sonique_daemon.delivery.filing import hashed
from sonique_daemon.delivery.loudness import LoudnessMeter, integrated
from sonique_daemon.delivery.truepeak import HighestTruePeak
from sonique_daemon.domain.edit import Kept
from sonique_daemon.domain.take import FileKind, Measures, TakeFile
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.errors import EngineFailed

_FADE = SAMPLE_RATE * 8 // 1000
_AHEAD = SAMPLE_RATE * 30 // 1000
"""Samples before a span at which the old music is whole: players may come a little early."""

Frames = NDArray[np.int32]


def splice(fresh: tuple[TakeFile, ...], kept: Kept, header: Callable[[str], bytes]) -> tuple[TakeFile, ...]:
    """Puts what is kept into the WAV files of ``fresh``, in place, and leaves the score out, which would not fit.

    A stem that only one of the takes has is silent where the other is heard, so that stems still add up.

    Args:
        fresh: the files of the new take, the mix first.
        kept: what stays of the earlier one.
        header: of a file that is to be made, by its name.
    """
    audio = [file for file in fresh if file.kind is FileKind.WAV]
    sources = {file.name: file.path for file in kept.files if file.kind is FileKind.WAV}
    for name in sources.keys() - {file.name for file in audio} if len(audio) > 1 else ():
        audio.append(_silent(name, audio[0], header(name)))
    for file in audio:
        with file.path.open("r+b") as target:
            for span in kept.spans:
                _put(sources.get(file.name), target, _data(file.path), span)
    return tuple(_measured_again(file) for file in audio)


def loudness_of(file: Path) -> Measures:
    """Loudness and true peak of a finished file, read from its very numbers."""
    meter, peak = LoudnessMeter(), HighestTruePeak()
    for block in _blocks(file):
        sound = block.astype(np.float32) / np.float32(wav.FULL_SCALE)
        meter.feed(sound)
        peak.feed(sound)
    peak.finish()
    return Measures(integrated(meter.powers), float(20 * np.log10(max(peak.value, 1e-9))))


def _silent(name: str, mix: TakeFile, header: bytes) -> TakeFile:
    """A stem as long as the mix in which nothing is heard."""
    path = mix.path.with_name(f"{name}.wav")
    with path.open("xb") as file:
        file.write(header)
        file.write(bytes(_data(mix.path)[1] * wav.FRAME_BYTES))
    return TakeFile(name, FileKind.WAV, path, 0, "")


def _put(source: Path | None, target: BinaryIO, there: tuple[int, int], span: tuple[int, int]) -> None:
    """Copies one span, with a short way in and out of it where there is room for one; silence without a source."""
    start, length = span[0], there[1] if source is None else min(_data(source)[1], there[1])
    end = min(span[1], length)
    ahead = max(start - _AHEAD, 0)
    before, behind = max(ahead - _FADE, 0), min(end + _FADE, length)
    old = np.zeros((behind - before, 2), np.int32) if source is None else _copied(source, before, behind)
    new = _read(target, there[0], before, behind)
    share = np.ones(behind - before)
    share[: ahead - before] = (np.arange(ahead - before) + 0.5) / max(ahead - before, 1)
    share[end - before :] = 1 - (np.arange(behind - end) + 0.5) / max(behind - end, 1)
    mixed = np.rint(new + (old - new) * share[:, None]).astype(np.int32)
    mixed[ahead - before : end - before] = old[ahead - before : end - before]
    target.seek(there[0] + before * wav.FRAME_BYTES)
    target.write(wav.packed(mixed))


def _copied(path: Path, start: int, end: int) -> Frames:
    with path.open("rb") as file:
        return _read(file, _data(path)[0], start, end)


def _read(file: BinaryIO, data: int, start: int, end: int) -> Frames:
    file.seek(data + start * wav.FRAME_BYTES)
    return wav.unpacked(file.read((end - start) * wav.FRAME_BYTES))


def _blocks(path: Path) -> Iterator[Frames]:
    first, samples = _data(path)
    with path.open("rb") as file:
        for start in range(0, samples, SAMPLE_RATE):
            yield _read(file, first, start, min(start + SAMPLE_RATE, samples))


def _data(path: Path) -> tuple[int, int]:
    """Where the audio of a file that delivery wrote begins, in bytes, and how many samples it has."""
    sizes = [(chunk.id, chunk.size) for chunk in wav.read_chunks(path)]
    at = 12
    for name, size in sizes:
        if name == "data":
            return at + 8, size // wav.FRAME_BYTES
        at += 8 + size + size % 2
    raise EngineFailed(f"“{path.name}” holds no audio to keep bars of.")


def _measured_again(file: TakeFile) -> TakeFile:
    size, sha256 = hashed(file.path)
    return replace(file, size=size, sha256=sha256)
