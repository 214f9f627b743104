"""A cue sheet of files that are not what they seem."""

import base64
import struct
from pathlib import Path

import pytest
from sonique.v1 import scoring_pb2
from sonique_cli.exits import CommandError, Exit
from sonique_cli.report.cuesheet import facts_of_file, sheet, sheet_row
from sonique_cli.report.sound import UnreadableCue, outline

FORMAT = struct.pack("<HHIIHH", 1, 2, 48_000, 288_000, 6, 24)


def cue(path: Path, *chunks: tuple[bytes, bytes], engine: str = "composer", rate: tuple[int, int] = (24, 1)) -> Path:
    request = scoring_pb2.GenerateRequest(seed=3)
    request.description.rate.numerator, request.description.rate.denominator = rate
    recipe = base64.b64encode(request.SerializeToString()).decode()
    told = f"<BWFXML><SONIQUE><ENGINE>{engine}</ENGINE><RECIPE>{recipe}</RECIPE></SONIQUE></BWFXML>".encode()
    body = b"WAVE"
    for name, data in ((b"iXML", told), *chunks):
        body += struct.pack("<4sI", name, len(data)) + data + bytes(len(data) % 2)
    path.write_bytes(struct.pack("<4sI", b"RIFF", len(body)) + body)
    return path


@pytest.mark.parametrize(
    "chunks", [(), ((b"fmt ", FORMAT),), ((b"fmt ", b"x"), (b"data", bytes(6)))], ids=["nothing", "no sound", "torn"]
)
def test_a_cue_without_sound_is_told(tmp_path: Path, chunks: tuple[tuple[bytes, bytes], ...]) -> None:
    path = cue(tmp_path / "cue.wav", *chunks)
    with pytest.raises(CommandError, match="holds no sound that can be read") as told:
        facts_of_file(path)
    assert told.value.exit_code is Exit.INPUT


def test_a_chunk_that_goes_on_past_the_file_is_told(tmp_path: Path) -> None:
    path = cue(tmp_path / "cue.wav", (b"fmt ", FORMAT))
    path.write_bytes(path.read_bytes() + b"junk\xff\xff\xff\x7f" + bytes(40))
    with pytest.raises(CommandError, match="holds no sound that can be read"):
        facts_of_file(path)
    with pytest.raises(UnreadableCue):
        outline(path, 10)


def test_what_a_file_says_of_itself_steers_neither_terminal_nor_spreadsheet(tmp_path: Path) -> None:
    engine = "\x1b]0;mine\x07\n=1+1"
    path = cue(tmp_path / "cue.wav", (b"fmt ", FORMAT), (b"data", bytes(600)), engine=engine)
    text = sheet([sheet_row(facts_of_file(path), 1, "BI")])
    assert "mine" in text
    assert text.replace("\r\n", "").isprintable()


@pytest.mark.parametrize("rate", [(-1, 2), (0, 1), (24, 0), (1, -2), (-(2**31), 2**31 - 1)])
def test_a_rate_that_is_none_counts_as_24(tmp_path: Path, rate: tuple[int, int]) -> None:
    path = cue(tmp_path / "cue.wav", (b"fmt ", FORMAT), (b"data", bytes(288_000)), rate=rate)
    assert sheet_row(facts_of_file(path), 1, "BI")["Out"] == "00:00:01:00"
