"""Parts are played through a SoundFont; the test writes one, of a single sine."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sonique_daemon.engines.composer.composition import Instrument, Note
from sonique_daemon.engines.composer.playing import soundfont
from sonique_daemon.engines.composer.playing.cache import SOUNDS
from sonique_daemon.engines.composer.playing.orchestra import ORCHESTRA
from sonique_daemon.engines.composer.playing.tone import Samples, Tone
from sonique_daemon.errors import EngineUnavailable, MediaUnreadable

_RATE = 48_000
_PERIOD = 100
_LOOPS = 40


def chunk(name: bytes, payload: bytes) -> bytes:
    return name + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) % 2)


def parts(kind: bytes, *chunks: bytes) -> bytes:
    return chunk(b"LIST", kind + b"".join(chunks))


def name(text: str) -> bytes:
    return text.encode().ljust(20, b"\0")


def tiny_soundfont(path: Path) -> Path:
    """A bank of one preset: a looped sine of 480 Hz at key 60 (SoundFont technical specification 2.01)."""
    sine = (np.sin(2 * np.pi * np.arange(_PERIOD * _LOOPS) / _PERIOD) * 20_000).astype("<i2")
    samples = sine.tobytes() + bytes(2 * 46)
    end = len(sine)
    info = parts(
        b"INFO", chunk(b"ifil", struct.pack("<HH", 2, 1)), chunk(b"isng", b"EMU8000\0"), chunk(b"INAM", b"tiny\0\0")
    )
    generators = struct.pack("<HH", 54, 1) + struct.pack("<HH", 53, 0)
    hydra = parts(
        b"pdta",
        chunk(
            b"phdr",
            name("sine")
            + struct.pack("<HHHIII", 0, 0, 0, 0, 0, 0)
            + name("EOP")
            + struct.pack("<HHHIII", 0, 0, 1, 0, 0, 0),
        ),
        chunk(b"pbag", struct.pack("<HHHH", 0, 0, 1, 0)),
        chunk(b"pmod", bytes(10)),
        chunk(b"pgen", struct.pack("<HH", 41, 0) + bytes(4)),
        chunk(b"inst", name("sine") + struct.pack("<H", 0) + name("EOI") + struct.pack("<H", 1)),
        chunk(b"ibag", struct.pack("<HHHH", 0, 0, 2, 0)),
        chunk(b"imod", bytes(10)),
        chunk(b"igen", generators + bytes(4)),
        chunk(
            b"shdr",
            name("sine")
            + struct.pack("<IIIIIBbHH", 0, end, _PERIOD, end - _PERIOD, _RATE, 60, 0, 0, 1)
            + name("EOS")
            + bytes(26),
        ),
    )
    body = b"sfbk" + info + parts(b"sdta", chunk(b"smpl", samples)) + hydra
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


@pytest.fixture
def played(tmp_path: Path) -> Callable[[Instrument, Note], Samples]:
    """Plays one note of an instrument through the tiny SoundFont, alone."""
    try:
        import fluidsynth  # noqa: F401 - only whether it is here
    except ImportError:
        pytest.skip("FluidSynth is not installed")
    players = soundfont.orchestra(tiny_soundfont(tmp_path / "tiny.sf2"))

    def play(instrument: Instrument, note: Note) -> Samples:
        bus = np.zeros((2, 2 * _RATE), np.float32)
        players[instrument].voice(note, Tone(1.0), 0).add(bus, 0)
        return bus

    return play


@pytest.mark.parametrize(("pitch", "hertz"), [(60, 480.0), (72, 960.0)])
def test_a_note_sounds_at_its_pitch_as_long_as_it_is_held(
    played: Callable[[Instrument, Note], Samples], pitch: int, hertz: float
) -> None:
    sound = played(Instrument.PIANO, Note(0, 0.0, 1.0, pitch, 0.7))[0]
    spectrum = np.abs(np.fft.rfft(sound[4800:43_200]))
    assert np.argmax(spectrum) * _RATE / 38_400 == pytest.approx(hertz, rel=0.01)
    assert np.abs(sound[70_000:]).max() < 0.01 * np.abs(sound).max()


def test_the_same_note_is_the_same_sound_whatever_was_played_before(
    played: Callable[[Instrument, Note], Samples],
) -> None:
    note = Note(0, 0.0, 0.5, 64, 0.6)
    first = played(Instrument.STRINGS, note).copy()
    played(Instrument.PIANO, Note(0, 0.0, 1.0, 40, 1.0))
    SOUNDS.clear()
    assert np.array_equal(played(Instrument.STRINGS, note), first)


def test_a_file_that_is_no_soundfont_is_told(tmp_path: Path) -> None:
    pytest.importorskip("fluidsynth", exc_type=ImportError)
    for content in (b"", b"RIFF\x08\0\0\0sfbkjunk", b"RIFFxxxxWAVE"):
        path = tmp_path / "broken.sf2"
        path.write_bytes(content)
        with pytest.raises(MediaUnreadable, match="no SoundFont"):
            soundfont.orchestra(path)


def test_without_fluidsynth_the_way_out_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "fluidsynth", None)
    with pytest.raises(EngineUnavailable, match=r"sonique\[soundfont\]"):
        soundfont.orchestra(tiny_soundfont(tmp_path / "tiny.sf2"))


def test_kits_that_it_lacks_stay_synthesised_and_other_presets_are_its_first(tmp_path: Path) -> None:
    pytest.importorskip("fluidsynth", exc_type=ImportError)
    players = soundfont.orchestra(tiny_soundfont(tmp_path / "tiny.sf2"))
    assert players[Instrument.DRUM_KIT] is ORCHESTRA[Instrument.DRUM_KIT]
    assert isinstance(players[Instrument.FLUTE], soundfont.FontPlayer)
    assert not isinstance(players[Instrument.RISER], soundfont.FontPlayer)
