"""Damage: files as a broken disk, a cut transfer or an ill will leaves them."""

import random
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.faults.bases import write_bases

HEAD = 512
"""Bytes at the beginning of a file that are hit as often as all others together: there the structure is."""


@dataclass(frozen=True, slots=True)
class Case:
    """A damaged file.

    Attributes:
        name: what was done to it.
        path: the file.
    """

    name: str
    path: Path


Blow = Callable[[bytes, random.Random], bytes]
"""Damages bytes; the dice decide where."""


def damaged(folder: Path, count: int, seed: int) -> Iterator[Case]:
    """``count`` damaged files in ``folder``, every base and kind of blow in turn; the same seed, the same files."""
    folder.mkdir(parents=True, exist_ok=True)
    bases = [(path.suffix, path.read_bytes()) for path in write_bases(folder)]
    for index in range(count):
        dice = random.Random(f"{seed}/{index}")  # noqa: S311 - damage, and no secret
        suffix, data = bases[index % len(bases)]
        name, blow = BLOWS[(index // len(bases) + index) % len(BLOWS)]
        if blow is _swap:
            data = _headed(data, dice.choice(bases)[1], dice)
        path = folder / f"{index:03d}{dice.choice(bases)[0] if blow is _keep else suffix}"
        path.write_bytes(blow(data, dice))
        yield Case(f"{name} in a {suffix[1:]}", path)


def _flip_few(data: bytes, dice: random.Random) -> bytes:
    return _flipped(data, dice, dice.randint(1, 8))


def _flip_many(data: bytes, dice: random.Random) -> bytes:
    return _flipped(data, dice, len(data) // 200 + 8)


def _flipped(data: bytes, dice: random.Random, count: int) -> bytes:
    changed = bytearray(data)
    for _ in range(count):
        place = dice.randrange(min(HEAD, len(data)) if dice.random() < 0.5 else len(data))
        changed[place] ^= 1 << dice.randrange(8)
    return bytes(changed)


def _cut_short(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.choice((0, 1, 7, 40, HEAD, len(data) // 3, len(data) - 9, dice.randrange(len(data))))]


def _tear_out(data: bytes, dice: random.Random) -> bytes:
    place = dice.randrange(len(data))
    return data[:place] + data[place + dice.randint(1, len(data) // 4) :]


def _blank(data: bytes, dice: random.Random) -> bytes:
    place, size = dice.randrange(len(data)), dice.randint(64, len(data) // 3)
    return data[:place] + bytes(size) + data[place + size :]


def _repeat(data: bytes, dice: random.Random) -> bytes:
    place, size = dice.randrange(len(data)), dice.randint(16, 4096)
    return data[:place] + data[place : place + size] * dice.randint(2, 60) + data[place:]


def _inflate(data: bytes, dice: random.Random) -> bytes:
    """Writes huge numbers over aligned words: sizes, counts and offsets that no file has."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 12)):
        place = dice.randrange(max(1, min(HEAD * 2, len(data)) - 8)) & ~3
        huge = dice.choice((0xFFFFFFFF, 0x7FFFFFFF, 0x80000000, 0x40000000, 0x00FFFFFF))
        changed[place : place + 4] = struct.pack(dice.choice(("<I", ">I")), huge)
    return bytes(changed)


def _swap(data: bytes, _: random.Random) -> bytes:
    return data


def _keep(data: bytes, _: random.Random) -> bytes:
    return data


def _noise(data: bytes, dice: random.Random) -> bytes:
    return data[: dice.choice((4, 16, 64))] + dice.randbytes(len(data) // 4)


def _headed(data: bytes, other: bytes, dice: random.Random) -> bytes:
    size = dice.choice((16, 64, 256, 1024))
    return other[:size] + data[size:]


BLOWS: tuple[tuple[str, Blow], ...] = (
    ("few flipped bits", _flip_few),
    ("many flipped bits", _flip_many),
    ("cut short", _cut_short),
    ("a piece torn out", _tear_out),
    ("a piece of zeros", _blank),
    ("a piece repeated", _repeat),
    ("huge claims", _inflate),
    ("another format's header", _swap),
    ("a wrong extension", _keep),
    ("noise after a header", _noise),
)


def bombs(folder: Path) -> Iterator[Case]:
    """Small files that claim, or truly unfold into, very much."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in (
        ("16000x16000.png", _png(16_000, 16_000, rows=16_000)),
        ("65535x65535.png", _png(65_535, 65_535, rows=16)),
        ("2147483647x1.png", _png(2**31 - 1, 1, rows=1)),
        ("frames.gif", _gif(4096, 4096, frames=3000)),
        ("huge.bmp", _bmp(30_000, 30_000)),
        ("claims.mp4", _mp4_of_claims()),
    ):
        path = folder / name
        path.write_bytes(data)
        yield Case(f"bomb {name}", path)


def _png(width: int, height: int, rows: int) -> bytes:
    """A black PNG that says ``width`` × ``height`` and holds ``rows`` rows, a few kilobytes long."""
    pack = zlib.compressobj(9)
    row = bytes(1 + min(width, 16_000) * 3)
    body = b"".join(pack.compress(row) for _ in range(rows)) + pack.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, (b"IHDR", b"IDAT", b"IEND"), (header, body, b"")))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _gif(width: int, height: int, frames: int) -> bytes:
    """A GIF of ``frames`` full frames, each of a few bytes that end before the picture does."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + bytes(6)
    frame = b"\x21\xf9\x04\x00\x04\x00\x00\x00" + b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0)
    return head + (frame + b"\x02\x02\x44\x01\x00") * frames + b"\x3b"


def _bmp(width: int, height: int) -> bytes:
    return (
        b"BM" + struct.pack("<IHHIIiiHHIIiiII", 200, 0, 0, 54, 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0) + bytes(146)
    )


def _mp4_of_claims() -> bytes:
    """An MP4 whose tables say that they hold 2^32 - 1 entries."""
    ftyp = _box(b"ftyp", b"isom\x00\x00\x02\x00isomiso2avc1mp41")
    tables = (b"stts", b"stsc", b"stco", b"ctts", b"stss", b"co64")
    stbl = _box(b"stbl", b"".join(_box(kind, b"\x00" * 4 + b"\xff" * 4 + b"\x01" * 64) for kind in tables))
    minf = _box(b"minf", _box(b"vmhd", bytes(12)) + stbl)
    handler = _box(b"hdlr", bytes(8) + b"vide" + bytes(13))
    mdhd = _box(b"mdhd", bytes(12) + struct.pack(">IIHH", 1, 0xFFFFFFFF, 0, 0))
    tkhd = _box(b"tkhd", bytes(76) + struct.pack(">II", 0xFFFF0000, 0xFFFF0000))
    trak = _box(b"trak", tkhd + _box(b"mdia", mdhd + handler + minf))
    mvhd = _box(b"mvhd", bytes(12) + struct.pack(">II", 1, 0xFFFFFFFF) + bytes(80))
    return ftyp + _box(b"moov", mvhd + trak) + _box(b"mdat", bytes(64))


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body
