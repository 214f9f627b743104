"""The length of a WAV file, whatever the encoding of its samples, which the standard library's reader minds."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO


@dataclass(frozen=True, slots=True)
class Sound:
    """What a WAV file holds: its samples per channel, channels, and rate in Hz."""

    samples: int
    channels: int
    sample_rate: int


def read_sound(path: Path) -> Sound | None:
    """The sound of a RIFF, RF64 or BW64 file; None where it is none."""
    try:
        with path.open("rb") as file:
            return _sound(file)
    except (OSError, struct.error):
        return None


def _sound(file: BinaryIO) -> Sound | None:
    head = file.read(12)
    if len(head) < 12 or head[:4] not in {b"RIFF", b"RF64", b"BW64"} or head[8:] != b"WAVE":
        return None
    channels = sample_rate = block = data = long_data = 0
    while len(chunk := file.read(8)) == 8:
        name, size = struct.unpack("<4sI", chunk)
        if name == b"data":
            data = long_data if size == 0xFFFFFFFF else size
            break
        body = file.read(size + size % 2)
        if name == b"fmt ":
            channels, sample_rate, _, block = struct.unpack_from("<HIIH", body, 2)
        if name == b"ds64":
            (long_data,) = struct.unpack_from("<Q", body, 8)
    return Sound(data // block, channels, sample_rate) if block and sample_rate else None
