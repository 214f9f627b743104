import base64
import struct
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sonique_client.recipe import read_recipe

RECIPE = bytes(range(200))


def chunk(name: bytes, payload: bytes) -> bytes:
    return struct.pack("<4sI", name, len(payload)) + payload + bytes(len(payload) % 2)


def ixml(recipe: bytes, around: str = "") -> bytes:
    text = base64.b64encode(recipe).decode()
    element = f"<SONIQUE><SEED>1</SEED><RECIPE>{text}</RECIPE></SONIQUE>"
    return f"<?xml version='1.0'?><BWFXML>{around}{element}</BWFXML>".encode()


def wav(*chunks: bytes) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def test_the_recipe_is_found_among_other_chunks(tmp_path: Path) -> None:
    path = tmp_path / "cue.wav"
    path.write_bytes(wav(chunk(b"bext", b"odd"), chunk(b"iXML", ixml(RECIPE)), chunk(b"data", bytes(100))))
    assert read_recipe(path) == RECIPE


def test_a_recipe_after_the_audio_is_found_as_well(tmp_path: Path) -> None:
    path = tmp_path / "cue.wav"
    path.write_bytes(wav(chunk(b"data", bytes(101)), chunk(b"iXML", ixml(RECIPE))))
    assert read_recipe(path) == RECIPE


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"ID3" + bytes(100),
        wav(chunk(b"data", bytes(8))),
        wav(chunk(b"iXML", b"<BWFXML><RECIPE>QUJD</RECIPE></BWFXML>")),
        wav(chunk(b"iXML", b"<SONIQUE><RECIPE></RECIPE></SONIQUE>")),
        wav(chunk(b"iXML", b"<SONIQUE><RECIPE>QUJ</RECIPE></SONIQUE>")),
        wav(struct.pack("<4sI", b"iXML", 2**32 - 1)),
        wav(struct.pack("<4sI", b"junk", 2**32 - 1)),
    ],
)
def test_what_carries_no_recipe_says_so(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "cue.wav"
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r"recipe|WAV"):
        read_recipe(path)


@given(st.binary(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_broken_files_raise_nothing_else(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "cue.wav"
    path.write_bytes(b"RIFF\0\0\0\0WAVE" + data)
    with pytest.raises(ValueError, match=r"recipe|WAV"):
        read_recipe(path)


def test_delivery_and_client_agree_on_the_place(tmp_path: Path) -> None:
    from sonique_daemon.delivery import broadcast

    path = tmp_path / "cue.wav"
    path.write_bytes(wav(chunk(b"iXML", ixml(RECIPE, "<NOTE>&lt;SONIQUE&gt;</NOTE>")), chunk(b"data", bytes(12))))
    assert broadcast.read_recipe(path) == read_recipe(path) == RECIPE


@pytest.mark.parametrize(
    "said",
    [b"<SONIQUE><RECIPE>" + b" " * 200_000 + b"!</SONIQUE>", b"<SONIQUE>" * 200_000],
    ids=["a recipe of blanks", "an element without end"],
)
def test_what_a_stranger_repeats_is_looked_through_once(tmp_path: Path, said: bytes) -> None:
    path = tmp_path / "cue.wav"
    path.write_bytes(wav(chunk(b"iXML", said)))
    began = time.monotonic()
    with pytest.raises(ValueError, match="carries no recipe"):
        read_recipe(path)
    assert time.monotonic() - began < 5
