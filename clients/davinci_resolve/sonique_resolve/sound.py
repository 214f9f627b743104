"""WAV files: how long one is, and copies that are longer, faded or louder; no chunk of the header is lost."""

import os
import secrets
import struct
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

_BLOCK = 3 * 2**18
_CHUNKS_LIMIT = 1000


class NoSound(ValueError):
    """A file is no WAV file of whole-number samples."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What a WAV file holds.

    Attributes:
        samples: per channel.
        rate: samples per second.
        channels: how many.
        width: bytes of one sample.
        data: where in the file the samples begin.
        floating: whether the samples are floating-point numbers.
    """

    samples: int
    rate: int
    channels: int
    width: int
    data: int
    floating: bool = False

    @property
    def block(self) -> int:
        """Bytes of one sample of all channels."""
        return self.channels * self.width

    @property
    def duration(self) -> Fraction:
        """Seconds."""
        return Fraction(self.samples, self.rate)


@dataclass(frozen=True, slots=True)
class Shape:
    """How a copy differs.

    Attributes:
        samples: how long it is; silence is added at the end. 0 leaves the length.
        gain_db: how much louder.
        fade_in: samples over which it rises from silence, linearly.
        fade_out: samples over which it falls to silence, up to ``fade_end``.
        fade_end: the sample at which a fade out is down; what follows is silence. 0 is the end of the sound.
    """

    samples: int = 0
    gain_db: float = 0.0
    fade_in: int = 0
    fade_out: int = 0
    fade_end: int = 0

    @property
    def levels(self) -> bool:
        """Whether samples change their values."""
        return bool(self.gain_db or self.fade_in or self.fade_out)


def read_sound(path: Path) -> Sound:
    """What the WAV file at ``path`` holds.

    Raises:
        NoSound: it is none.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return _sound(path, file)


def reshape(path: Path, shape: Shape, target: Path | None = None) -> Path:
    """Writes a copy of ``path`` in another shape to ``target``, or in place of itself; returns where it is.

    Raises:
        NoSound: ``path`` is no WAV file, or its levels cannot be changed.
        OSError: it cannot be read, or the copy not written.
    """
    sound = read_sound(path)
    if shape.levels and (sound.floating or sound.width not in {2, 3, 4}):
        raise NoSound(f"“{path.name}” has samples of a kind whose level cannot be changed here.")
    final = path if target is None else target
    part = final.with_name(f".{final.name[:100]}.{secrets.token_hex(6)}.part")
    try:
        with path.open("rb") as source, part.open("wb") as out:
            _copy(source, out, sound, shape)
            out.flush()
            os.fsync(out.fileno())
        part.replace(final)
    finally:
        part.unlink(missing_ok=True)
    return final


def _sound(path: Path, file: BinaryIO) -> Sound:
    head = file.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise NoSound(f"“{path.name}” is no WAV file.")
    form = b""
    for name, size in _chunks(file):
        if name == b"fmt ":
            form = file.read(min(size, 40))
        elif name == b"data":
            return _described(path, form, size, file.tell())
    raise NoSound(f"“{path.name}” holds no sound.")


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """The chunks' names and sizes, the file at the beginning of each one's content."""
    for _ in range(_CHUNKS_LIMIT):
        header = file.read(8)
        if len(header) < 8:
            return
        name, size = struct.unpack("<4sI", header)
        at = file.tell()
        yield name, size
        file.seek(at + size + size % 2)


def _described(path: Path, form: bytes, size: int, data: int) -> Sound:
    if len(form) < 16:
        raise NoSound(f"“{path.name}” does not say what its sound is.")
    kind, channels, rate, _, block, _ = struct.unpack("<HHIIHH", form[:16])
    if kind == 0xFFFE and len(form) >= 26:
        (kind,) = struct.unpack("<H", form[24:26])
    if kind not in {1, 3} or not channels or not rate or not block or block % channels:
        raise NoSound(f"“{path.name}” is compressed; only plain PCM is taken.")
    return Sound(size // block, rate, channels, block // channels, data, floating=kind == 3)


def _copy(source: BinaryIO, out: BinaryIO, sound: Sound, shape: Shape) -> None:
    out.write(source.read(12))
    for name, size in _chunks(source):
        if name == b"data":
            _copy_samples(source, out, sound, shape)
        else:
            body = source.read(size)
            out.write(struct.pack("<4sI", name, len(body)) + body + b"\0" * (len(body) % 2))
    size = out.tell() - 8
    out.seek(4)
    out.write(struct.pack("<I", size))
    out.seek(0, os.SEEK_END)


def _copy_samples(source: BinaryIO, out: BinaryIO, sound: Sound, shape: Shape) -> None:
    samples = max(sound.samples, shape.samples)
    size = samples * sound.block
    out.write(struct.pack("<4sI", b"data", size))
    left, at = sound.samples, 0
    while left:
        count = min(left, max(1, _BLOCK // sound.block))
        block = source.read(count * sound.block)
        if not block:
            break
        out.write(_levelled(block, at, sound, shape))
        at, left = at + count, left - count
    silence = (samples - at) * sound.block
    while silence > 0:
        silence -= out.write(bytes(min(silence, _BLOCK)))
    out.write(b"\0" * (size % 2))


def _levelled(block: bytes, first: int, sound: Sound, shape: Shape) -> bytes:
    """``block``, which begins with sample ``first``, at its new level."""
    end = shape.fade_end or sound.samples
    last = first + len(block) // sound.block
    flat = not shape.gain_db and first >= shape.fade_in and (not shape.fade_out or last <= end - shape.fade_out)
    if not shape.levels or flat:
        return block
    values, gain = _unpacked(block, sound.width), 10 ** (shape.gain_db / 20)
    top, channels = 2 ** (8 * values.itemsize - 1) - 1, sound.channels
    for place in range(last - first):
        level = gain * _fade(first + place, end, shape)
        if level != 1:
            for index in range(place * channels, (place + 1) * channels):
                values[index] = max(-top - 1, min(top, round(values[index] * level)))
    return _packed(values, sound.width)


def _fade(at: int, end: int, shape: Shape) -> float:
    level = min(1.0, at / shape.fade_in) if shape.fade_in else 1.0
    if shape.fade_out:
        level *= min(1.0, max(0.0, (end - at) / shape.fade_out))
    return level


def _unpacked(block: bytes, width: int) -> "array[int]":
    """The samples; those of three bytes in the upper three of four."""
    raw = block
    if width == 3:
        wide = bytearray(len(block) // 3 * 4)
        for place in range(3):
            wide[place + 1 :: 4] = block[place::3]
        raw = bytes(wide)
    values = array("h" if width == 2 else "i", raw)
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _packed(values: "array[int]", width: int) -> bytes:
    if sys.byteorder == "big":
        values.byteswap()
    raw = values.tobytes()
    if width != 3:
        return raw
    narrow = bytearray(len(raw) // 4 * 3)
    for place in range(3):
        narrow[place::3] = raw[place + 1 :: 4]
    return bytes(narrow)
