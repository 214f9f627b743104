"""Hostile files: playlists, scripts and containers that name other files and addresses, for a reader to be lured by.

Every lure names the same bait: a good film, text, a pipe and an address on this machine. A reader that touches any of
them was lured.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.faults.damage import Case

_EXTENSIONS = ("mp4", "avi", "ts", "mkv")


@dataclass(frozen=True, slots=True)
class Bait:
    """What nobody may touch.

    Attributes:
        film: a good film.
        secret: a text.
        pipe: a named pipe, which holds up whoever opens it.
        address: ``127.0.0.1:PORT``, where somebody listens and counts.
    """

    film: Path
    secret: Path
    pipe: Path
    address: str

    @property
    def targets(self) -> tuple[str, ...]:
        """All of it in every way that FFmpeg can be told to open a thing."""
        film, secret = self.film, self.secret
        return (
            str(film),
            f"file://{film}",
            f"file:{film}",
            f"concat:{film}|{secret}",
            f"subfile,,start,0,end,64,,:{secret}",
            f"cache:{film}",
            f"crypto:{film}",
            f"async:{film}",
            f"data:text/plain,{secret}",
            f"http://{self.address}/x.ts",
            f"tcp://{self.address}",
            str(self.pipe),
        )


def hostile(folder: Path, bait: Bait) -> Iterator[Case]:
    """Files that name the bait, as what they are and under names of media."""
    folder.mkdir(parents=True, exist_ok=True)
    yield from _texts(folder, bait)
    for name, data in (
        ("reference.mov", _external_reference(bait.film)),
        ("reference movie.mov", _reference_movie(str(bait.film))),
        ("alias.mov", _external_reference(bait.film, alias=True)),
        ("subtitle.avi", _avi_with_subtitle(_hls(str(bait.secret)))),
        ("playlist in sound.wav", b"RIFF" + struct.pack("<I", 4096) + b"WAVE" + _hls(str(bait.film)).encode()),
    ):
        path = folder / name
        path.write_bytes(data)
        yield Case(name, path)
    yield from _misnamed(folder, bait)


def _texts(folder: Path, bait: Bait) -> Iterator[Case]:
    """Each kind of script with every target in turn, under its own extension and those of media."""
    for number, target in enumerate(bait.targets):
        for kind, text in _scripts(target).items():
            path = folder / f"{number} {kind}"
            path.write_text(text, encoding="utf-8")
            yield Case(f"{kind} that names {target[:40]}", path)
        for extension in _EXTENSIONS:
            path = folder / f"{number} list.{extension}"
            path.write_text(_hls(target), encoding="utf-8")
            yield Case(f"HLS as {extension} that names {target[:40]}", path)


def _hls(target: str) -> str:
    return f"#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:10.0,\n{target}\n#EXT-X-ENDLIST\n"


def _scripts(target: str) -> dict[str, str]:
    xml = '<?xml version="1.0"?>'
    return {
        "a.m3u8": _hls(target),
        "b.ffconcat": f"ffconcat version 1.0\nfile '{target}'\nduration 2\n",
        "c.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        f"a=control:{target}\nm=video 5004 RTP/AVP 96\n",
        "d.mpd": f'{xml}<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
        '<Period duration="PT2S">'
        f"<BaseURL>{target}</BaseURL><AdaptationSet><Representation id='1' mimeType='video/mp4' bandwidth='1'/>"
        "</AdaptationSet></Period></MPD>",
        "e.ism": f'{xml}<smil xmlns="http://www.w3.org/2001/SMIL20/Language"><body>'
        f'<switch><video src="{target}"/></switch></body></smil>',
        "f.edl": f"# mpv EDL v0\n{target},0,2\n",
        "g.svg": f'{xml}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<image width="64" height="64" xlink:href="{target}"/></svg>',
        "h.ass": f"[Script Info]\nScriptType: v4.00+\n[Events]\nDialogue: 0,0:00:00.00,0:00:02.00,,,,0,0,0,,{target}\n",
        "i.srt": f"1\n00:00:00,000 --> 00:00:02,000\n{target}\n",
        "j.xml": f'{xml}<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016">'
        f"<Asset>{target}</Asset></CompositionPlaylist>",
        "k.lavfi": f"movie={target}",
        "l.asx": f'<asx version="3.0"><entry><ref href="{target}"/></entry></asx>',
        "m.vpy": f"import vapoursynth\nvapoursynth.core.ffms2.Source('{target}').set_output()\n",
        "n.pls": f"[playlist]\nFile1={target}\nNumberOfEntries=1\n",
    }


def _misnamed(folder: Path, bait: Bait) -> Iterator[Case]:
    """Good films whose own names read like protocols and patterns; they are what they are, and nothing else."""
    for name in (
        "concat:a|b.mp4",
        "subfile,,start,0,end,64,,:x.mp4",
        "data:video.mp4",
        "pipe:0.mp4",
        "shot%04d.mp4",
        "-i.mp4",
        "http:film.mp4",
        "new\nline.mp4",
    ):
        path = folder / name
        path.write_bytes(bait.film.read_bytes())
        yield Case(f"named {name!r}", path)


def _external_reference(film: Path, *, alias: bool = False) -> bytes:
    """A QuickTime movie whose samples lie in another file, as its data reference says."""
    kind = b"alis" if alias else b"url "
    place = _alias(film) if alias else f"file://{film}".encode() + b"\x00"
    dref = _box(b"dref", bytes(4) + struct.pack(">I", 1) + _box(kind, bytes(4) + place))
    entry = bytes(6) + b"\x00\x01" + bytes(16) + struct.pack(">HHIIIH", 160, 90, 0x480000, 0x480000, 0, 1) + bytes(32)
    stsd = _box(b"stsd", bytes(4) + struct.pack(">I", 1) + _box(b"jpeg", entry + struct.pack(">Hh", 24, -1)))
    stts = _box(b"stts", bytes(4) + struct.pack(">III", 1, 10, 1))
    stsc = _box(b"stsc", bytes(4) + struct.pack(">IIII", 1, 1, 10, 1))
    stsz = _box(b"stsz", bytes(4) + struct.pack(">II", 512, 10))
    stco = _box(b"stco", bytes(4) + struct.pack(">II", 1, 64))
    minf = _box(
        b"minf", _box(b"vmhd", bytes(12)) + _box(b"dinf", dref) + _box(b"stbl", stsd + stts + stsc + stsz + stco)
    )
    handler = _box(b"hdlr", bytes(8) + b"vide" + bytes(13))
    mdhd = _box(b"mdhd", bytes(12) + struct.pack(">IIHH", 25, 10, 0, 0))
    tkhd = _box(b"tkhd", bytes(76) + struct.pack(">II", 160 << 16, 90 << 16))
    mvhd = _box(b"mvhd", bytes(12) + struct.pack(">II", 25, 10) + bytes(80))
    moov = _box(b"moov", mvhd + _box(b"trak", tkhd + _box(b"mdia", mdhd + handler + minf)))
    return _box(b"ftyp", b"qt  " + bytes(4) + b"qt  ") + moov


def _alias(film: Path) -> bytes:
    """A Macintosh alias record with the path in its UNIX and relative forms."""
    path = str(film).encode()
    name = film.name.encode()[:63]
    head = bytes(4) + struct.pack(">H", 150) + struct.pack(">HH", 2, 0) + bytes([4]) + b"disk".ljust(27, b"\x00")
    head += (
        bytes(12) + bytes([len(name)]) + name.ljust(63, b"\x00") + bytes(16) + struct.pack(">HH", 10, 10) + bytes(14)
    )
    parts = struct.pack(">HH", 2, len(path)) + path + bytes(len(path) % 2)
    parts += struct.pack(">HH", 18, len(path)) + path + bytes(len(path) % 2)
    return head + parts + b"\xff\xff\x00\x00"


def _reference_movie(target: str) -> bytes:
    """A QuickTime reference movie: nothing but the place of another."""
    rdrf = _box(b"rdrf", bytes(4) + b"url " + struct.pack(">I", len(target) + 1) + target.encode() + b"\x00")
    return _box(b"ftyp", b"qt  " + bytes(4) + b"qt  ") + _box(b"moov", _box(b"rmra", _box(b"rmda", rdrf)))


def _avi_with_subtitle(text: str) -> bytes:
    """An AVI whose subtitle stream embeds a file, as DivX's GAB2 does."""
    embedded = text.encode()
    gab2 = b"GAB2\x00" + struct.pack("<HI", 2, 2) + b"x\x00" + struct.pack("<HI", 4, len(embedded)) + embedded
    picture = bytes(16 * 16 * 3)
    header = _riff(b"avih", struct.pack("<10I", 40_000, 0, 0, 0x10, 2, 0, 2, 4096, 16, 16) + bytes(16))
    strh = struct.pack("<4s4sIHHIIIIIIIIHHHH", b"vids", b"DIB ", 0, 0, 0, 0, 1, 25, 0, 2, 4096, 0, 0, 0, 0, 16, 16)
    strf = struct.pack("<IiiHHIIiiII", 40, 16, 16, 1, 24, 0, len(picture), 0, 0, 0, 0)
    video = _list(b"strl", _riff(b"strh", strh) + _riff(b"strf", strf))
    texts = struct.pack("<4s4sIHHIIIIIIIIHHHH", b"txts", bytes(4), 0, 0, 0, 0, 1, 25, 0, 1, 4096, 0, 0, 0, 0, 0, 0)
    words = _list(b"strl", _riff(b"strh", texts) + _riff(b"strf", b""))
    movie = _riff(b"01tx", gab2) + _riff(b"00db", picture) * 2
    return _riff(b"RIFF", b"AVI " + _list(b"hdrl", header + video + words) + _list(b"movi", movie))


def _box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + kind + body


def _riff(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _list(kind: bytes, body: bytes) -> bytes:
    return _riff(b"LIST", kind + body)
