"""Broadcast Wave files say what they are, and other readers read them."""

import struct
import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sonique_daemon.delivery import broadcast, wav
from sonique_daemon.delivery.deliver import deliver
from sonique_daemon.delivery.order import Order
from sonique_daemon.delivery.provenance import Provenance
from sonique_daemon.domain.take import Rendering
from sonique_daemon.errors import InvalidRequest, LimitExceeded

_RECIPE = bytes(range(256)) * 3
_START = Fraction(3600 * 10) + Fraction(1001, 24000)


def _check() -> None:
    pass


@pytest.fixture
def cue(rendering: Callable[..., Rendering], provenance: Provenance, tmp_path: Path) -> Path:
    """A finished mix with everything in it."""
    folder = tmp_path / "take"
    folder.mkdir()
    order = Order(100_000, provenance, _RECIPE, record_start=_START, stems=True)
    deliver(rendering(100_000), order, folder, _check)
    return folder / "mix.wav"


def _chunk(path: Path, name: str) -> bytes:
    return next(chunk.payload for chunk in wav.read_chunks(path) if chunk.id == name)


def test_the_recipe_comes_back_byte_for_byte(cue: Path) -> None:
    assert broadcast.read_recipe(cue) == _RECIPE
    assert broadcast.read_recipe(cue.with_name("bass.wav")) == _RECIPE


def test_the_file_says_that_it_is_machine_made_and_by_what(cue: Path) -> None:
    fields = broadcast.read_fields(cue)
    assert fields["MACHINE_MADE"].startswith("Machine-made music")
    assert (fields["ENGINE"], fields["ENGINE_VERSION"], fields["SEED"]) == ("composer", "1.2", "42")
    assert fields["LICENCE"] == "GPL-3.0-or-later"
    assert fields["TITLE"] == "Reise <nach> Süden"
    assert fields["TAGS"] == "cinematic, tense & sparse"
    assert fields["PROMPT"] == "küste, “no drums”"


def test_the_broadcast_extension_carries_time_and_loudness(cue: Path) -> None:
    extension = wav.BroadcastExtension.from_bytes(_chunk(cue, "bext"))
    assert extension.time_reference == round(_START * 48_000)
    assert extension.originator == "Sonique"
    assert extension.reference.startswith("SONIQUE-")
    assert extension.description.startswith("Machine-made music")
    assert extension.coding_history == "A=PCM,F=48000,W=24,M=stereo,T=Sonique 0.1.0\r\n"
    assert extension.loudness is not None
    assert extension.loudness.integrated == pytest.approx(-20, abs=0.05)
    assert -20 < extension.loudness.true_peak < -1
    assert extension.loudness.momentary >= extension.loudness.short_term >= -20.5


def test_the_layout_of_the_extension_is_that_of_tech_3285(cue: Path) -> None:
    payload = _chunk(cue, "bext")
    assert payload[320:338] == bytes(18), "no date and no time, so that equal takes are equal files"
    assert int.from_bytes(payload[338:346], "little") == round(_START * 48_000)
    assert int.from_bytes(payload[346:348], "little") == 2
    assert struct.unpack("<h", payload[412:414])[0] == pytest.approx(-2000, abs=5)
    assert payload[602:].startswith(b"A=PCM")


def test_a_stem_says_that_its_loudness_was_not_measured(cue: Path) -> None:
    payload = _chunk(cue.with_name("bass.wav"), "bext")
    assert payload[412:422] == b"\xff\x7f" * 5
    assert wav.BroadcastExtension.from_bytes(payload).loudness is None


def test_info_is_there_for_programs_that_know_no_broadcast_wave(cue: Path) -> None:
    entries = wav.read_info(_chunk(cue, "LIST"))
    assert entries["INAM"] == "Reise <nach> Süden"
    assert entries["ISFT"] == "Sonique 0.1.0"
    assert entries["ICMT"].startswith("Machine-made music")
    assert "GPL-3.0-or-later" in entries["ICOP"]


def test_ffmpeg_and_the_standard_library_read_the_file(cue: Path) -> None:
    with wave.open(str(cue)) as file:
        assert (file.getnframes(), file.getnchannels(), file.getsampwidth()) == (100_000, 2, 3)
    with av.open(cue) as container:
        stream = container.streams.audio[0]
        assert stream.codec_context.name == "pcm_s24le"
        assert sum(frame.samples for frame in container.decode(stream)) == 100_000
        tags = {key.lower(): text for key, text in container.metadata.items()}
    assert tags["time_reference"] == str(round(_START * 48_000))
    assert tags["title"] == "Reise <nach> Süden"
    assert tags["encoded_by"] == "Sonique"


def test_every_chunk_begins_at_an_even_byte_and_the_sizes_add_up(cue: Path) -> None:
    data = cue.read_bytes()
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    position, names = 12, []
    while position < len(data):
        assert position % 2 == 0
        names.append(data[position : position + 4])
        size = int.from_bytes(data[position + 4 : position + 8], "little")
        position += 8 + size + size % 2
    assert position == len(data)
    assert names == [b"bext", b"fmt ", b"LIST", b"iXML", b"data"]


@settings(max_examples=40)
@given(st.binary(max_size=40), st.text(max_size=40), st.text(max_size=300))
def test_any_recipe_and_any_text_survive(recipe: bytes, title: str, prompt: str) -> None:
    made = Provenance(title, "engine", "1", "MIT", 1, (title,), prompt, "1")
    chunks = dict(broadcast.chunks("mix", made, recipe, Fraction(0), None))
    assert len(wav.header(tuple(chunks.items()), 1)) % 2 == 0
    assert wav.BroadcastExtension.from_bytes(chunks["bext"]).originator == "Sonique"
    assert wav.read_info(chunks["LIST"])["ISFT"] == "Sonique 1"
    assert b"<SONIQUE>" in chunks["iXML"]


@pytest.mark.parametrize(
    ("start", "samples"),
    [(Fraction(0), 0), (Fraction(86_400), 0), (Fraction(-1), 86_399 * 48_000), (Fraction(1, 3), 16_000)],
)
def test_the_time_reference_counts_from_midnight(start: Fraction, samples: int) -> None:
    assert broadcast.time_reference(start) == samples


def test_samples_are_rounded_to_nearest_and_held_in_24_bits() -> None:
    sound = np.array([[0.0, 1.0], [-1.0, 2.0], [-2.0, 0.5], [0.6 / 2**23, -0.6 / 2**23]], np.float32)
    whole = wav.quantised(sound)
    assert whole.tolist() == [[0, 2**23 - 1], [-(2**23), 2**23 - 1], [-(2**23), 2**22], [1, -1]]
    assert wav.packed(whole)[:9] == b"\0\0\0\xff\xff\x7f\0\0\x80"


def test_a_file_over_four_gibibytes_is_refused() -> None:
    wav.header((), 2**32 // 6 - 100)
    with pytest.raises(LimitExceeded, match="four hours"):
        wav.header((), 2**32 // 6)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"RIFF\0\0\0\0AVI ", b"not a wave file at all"])
def test_a_file_that_is_no_wave_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    with pytest.raises(InvalidRequest, match="not a WAV file"):
        wav.read_chunks(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="cannot be read"):
        broadcast.read_recipe(tmp_path / "x.wav")


def test_a_wave_file_of_another_program_carries_no_recipe(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 3, 48_000, 0, "NONE", ""))
        file.writeframes(bytes(60))
    assert broadcast.read_recipe(path) is None
    assert broadcast.read_fields(path) == {}


def test_a_file_that_breaks_off_gives_what_stands_before_the_break(cue: Path) -> None:
    whole = cue.read_bytes()
    for length in (20, 500, 700, 1500, len(whole) - 1000):
        cue.write_bytes(whole[:length])
        names = [chunk.id for chunk in wav.read_chunks(cue)]
        assert names == ["bext", "fmt ", "LIST", "iXML", "data"][: len(names)]


def test_xml_that_declares_entities_is_refused(cue: Path) -> None:
    evil = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><BWFXML><SONIQUE><RECIPE>&a;</RECIPE></SONIQUE></BWFXML>'
    cue.write_bytes(wav.header((("iXML", evil),), 0))
    with pytest.raises(InvalidRequest, match="document type"):
        broadcast.read_recipe(cue)


@pytest.mark.parametrize("payload", [b"<BWFXML", b"<BWFXML><SONIQUE><RECIPE>!</RECIPE></SONIQUE></BWFXML>"])
def test_damaged_provenance_is_told(cue: Path, payload: bytes) -> None:
    cue.write_bytes(wav.header((("iXML", payload),), 0))
    with pytest.raises(InvalidRequest, match="damaged"):
        broadcast.read_recipe(cue)


def test_a_chunk_that_claims_gigabytes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(b"RIFF\xff\xff\xff\xffWAVEiXML\xff\xff\xff\x7f")
    with pytest.raises(LimitExceeded, match="64 MiB"):
        wav.read_chunks(path)
