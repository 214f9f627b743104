"""Broadcast Wave: 24-bit RIFF/WAVE with ``bext`` (EBU Tech 3285 version 2), ``LIST INFO`` and ``iXML``.

Nothing in the file follows from the clock: the same take gives the same bytes. So ``OriginationDate`` and
``OriginationTime`` are left empty (zero-filled), which Tech 3285 readers show as unknown, and the origin's reference is
a digest of the recipe. A file holds at most 4 GiB, a little over four hours; RF64 is not written.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.errors import InvalidRequest, LimitExceeded

FRAME_BYTES = 6
"""Bytes of one stereo sample in 24 bits."""

FULL_SCALE = 2**23

_RIFF_LIMIT = 2**32 - 1
_METADATA_LIMIT = 64 * 2**20
_NOT_MEASURED = 0x7FFF
_BEXT = struct.Struct("<256s32s32s10s8sQH64s5h180s")


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of a RIFF file: its four-letter id and what it holds; ``data`` chunks are told without their audio."""

    id: str
    payload: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Loudness:
    """The loudness figures of a ``bext`` chunk: LUFS, LU, dBTP, LUFS, LUFS."""

    integrated: float
    range: float
    true_peak: float
    momentary: float
    short_term: float


@dataclass(frozen=True, slots=True)
class BroadcastExtension:
    """The ``bext`` chunk, version 2; texts are ASCII, others' letters become ``?``.

    Attributes:
        description: at most 256 characters.
        originator: at most 32.
        reference: the originator's reference, at most 32.
        time_reference: samples from midnight to the first sample.
        loudness: what was measured, or None.
        coding_history: lines that end with CR LF.
    """

    description: str
    originator: str
    reference: str
    time_reference: int
    loudness: Loudness | None
    coding_history: str = ""

    def to_bytes(self) -> bytes:
        """The chunk's payload."""
        fields = [text.encode("ascii", "replace") for text in (self.description, self.originator, self.reference)]
        levels = (_NOT_MEASURED,) * 5 if self.loudness is None else _hundredths(self.loudness)
        head = _BEXT.pack(*fields, b"", b"", self.time_reference, 2, b"", *levels, b"")
        return head + self.coding_history.encode("ascii", "replace")

    @classmethod
    def from_bytes(cls, payload: bytes) -> "BroadcastExtension":
        """Reads a payload back; raises ``InvalidRequest`` where it is too short to be one."""
        if len(payload) < _BEXT.size:
            raise InvalidRequest("The file’s “bext” chunk is too short to be one.")
        fields = _BEXT.unpack(payload[: _BEXT.size])
        texts = [_text(field) for field in fields[:3]]
        levels = fields[8:13]
        measured = fields[6] >= 2 and _NOT_MEASURED not in levels
        loudness = Loudness(*(level / 100 for level in levels)) if measured else None
        return cls(texts[0], texts[1], texts[2], fields[5], loudness, _text(payload[_BEXT.size :]))


def header(chunks: tuple[tuple[str, bytes], ...], samples: int) -> bytes:
    """Everything that comes before the audio of a 48 kHz stereo 24-bit file, ``chunks`` (id, payload) included.

    Raises:
        LimitExceeded: the file would be over 4 GiB.
    """
    audio = samples * FRAME_BYTES
    fmt = struct.pack("<HHIIHH", 1, 2, SAMPLE_RATE, SAMPLE_RATE * FRAME_BYTES, FRAME_BYTES, 24)
    body = b"WAVE" + b"".join(_chunk(name, payload) for name, payload in (*chunks[:1], ("fmt ", fmt), *chunks[1:]))
    size = len(body) + 8 + audio
    if size > _RIFF_LIMIT:
        hours = samples / SAMPLE_RATE / 3600
        raise LimitExceeded(f"A WAV file holds a little over four hours, not {hours:.1f}; ask for a shorter range.")
    return struct.pack("<4sI", b"RIFF", size) + body + struct.pack("<4sI", b"data", audio)


def info(entries: tuple[tuple[str, str], ...]) -> bytes:
    """The payload of a ``LIST INFO`` chunk from (four-letter id, text); empty texts are left out."""
    items = (_chunk(name, text.encode("utf-8", "replace") + b"\0") for name, text in entries if text)
    return b"INFO" + b"".join(items)


def read_info(payload: bytes) -> dict[str, str]:
    """The entries of a ``LIST INFO`` payload by id."""
    return {chunk.id: chunk.payload.rstrip(b"\0").decode("utf-8", "replace") for chunk in _parts(payload[4:])}


def quantised(frames: NDArray[np.float32]) -> NDArray[np.int32]:
    """``frames`` as 24-bit whole numbers, rounded to nearest and held inside full scale.

    There is no dither: rounding at 24 bits lies 146 dB below full scale, and without it a stem's silence stays silence
    and equal takes stay equal.
    """
    scaled = np.rint(frames * np.float32(FULL_SCALE))
    return np.asarray(np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1, out=scaled), np.int32)


def packed(frames: NDArray[np.int32]) -> bytes:
    """24-bit whole numbers ``[samples, 2]`` as they lie in a file: little-endian, three bytes each."""
    whole = frames.astype("<i4", copy=False).reshape(-1)
    result = np.empty(3 * len(whole) + 1, np.uint8)
    # All four bytes in one go take half the time, and spoil no more than the lowest byte of another number.
    np.ndarray(len(whole), "<i4", result, strides=(3,))[:] = whole
    result[:-1:3] = whole.view(np.uint8)[::4]
    return result[:-1].tobytes()


def unpacked(data: bytes) -> NDArray[np.int32]:
    """The inverse of ``packed``: whole numbers ``[samples, 2]``."""
    parts = np.frombuffer(data, np.uint8).reshape(-1, 3)
    whole = np.zeros((len(parts), 4), np.uint8)
    whole[:, 1:] = parts
    return np.asarray(whole.view("<i4").reshape(-1, 2) >> 8, np.int32)


def read_chunks(path: Path) -> tuple[Chunk, ...]:
    """All chunks of the RIFF/WAVE file at ``path`` in order; the audio itself is skipped.

    A file that breaks off gives the chunks before the break.

    Raises:
        InvalidRequest: it is not a RIFF/WAVE file, or cannot be read.
        LimitExceeded: a chunk other than the audio is over 64 MiB.
    """
    try:
        with path.open("rb") as file:
            head = file.read(12)
            if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
                raise InvalidRequest(f"“{path.name}” is not a WAV file.")
            return tuple(_file_chunks(file, path.name))
    except OSError as error:
        raise InvalidRequest(f"“{path.name}” cannot be read: {error.strerror}.") from error


def _file_chunks(file: BinaryIO, name: str) -> Iterator[Chunk]:
    while len(head := file.read(8)) == 8:
        kind, size = head[:4].decode("latin-1"), int.from_bytes(head[4:], "little")
        if kind == "data":
            file.seek(size + size % 2, 1)
            yield Chunk(kind, b"", size)
            continue
        if size > _METADATA_LIMIT:
            raise LimitExceeded(f"“{name}” has a “{kind}” chunk of {size} bytes; 64 MiB is the limit.")
        payload = file.read(size + size % 2)[:size]
        if len(payload) < size:
            return
        yield Chunk(kind, payload, size)


def _parts(payload: bytes) -> Iterator[Chunk]:
    position = 0
    while position + 8 <= len(payload):
        size = int.from_bytes(payload[position + 4 : position + 8], "little")
        content = payload[position + 8 : position + 8 + size]
        yield Chunk(payload[position : position + 4].decode("latin-1"), content, size)
        position += 8 + size + size % 2


def _chunk(name: str, payload: bytes) -> bytes:
    return struct.pack("<4sI", name.encode("ascii"), len(payload)) + payload + b"\0" * (len(payload) % 2)


def _hundredths(loudness: Loudness) -> tuple[int, ...]:
    values = (loudness.integrated, loudness.range, loudness.true_peak, loudness.momentary, loudness.short_term)
    return tuple(max(-9999, min(9999, round(value * 100))) for value in values)


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("ascii", "replace")
