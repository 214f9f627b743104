"""Frames carry messages; what is no frame, or no message, is told as such."""

from contextlib import suppress
from fractions import Fraction
from io import BufferedReader, BytesIO, FileIO
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sonique_daemon.domain.description import Look, ShotDescription
from sonique_daemon.domain.note import Note, NoteKind
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.workers.wire import (
    MESSAGES,
    MOST_BYTES,
    Advanced,
    Alive,
    Broke,
    BrokenFrame,
    Call,
    Cancel,
    CancelledHere,
    FrameReader,
    FrameTooLong,
    FrameWriter,
    Message,
    Noted,
    Raised,
    Ready,
    Returned,
    Shown,
    Warm,
    Warmed,
    Warned,
    Worded,
    frame,
)

SHOT = ShotDescription(TimeRange(Fraction(1001, 30000), Fraction(2)), "A shot.", Look())
EVERY = (
    Call(1, "tag", "lexicon", b"\x00\xff"),
    Cancel(1),
    Warm((("tag", "lexicon"), ("fit", ""))),
    Ready(4711),
    Warmed((("tag", "lexicon"),)),
    Advanced(1, 0.5, 2.0, "s of audio"),
    Worded(1, None, "{"),
    Shown(1, 3, SHOT),
    Noted(1, Note(NoteKind.SOUND, 2, b"\x01")),
    Warned(1, "“Careful”"),
    Alive(1),
    Returned(1, b""),
    Raised(1, "NOTHING_TO_SEE", "Nothing."),
    CancelledHere(1),
    Broke(1, "ENGINE_FAILED", "It broke.", "Traceback"),
)


def _reader(data: bytes) -> FrameReader:
    return FrameReader(BufferedReader(cast("Any", BytesIO(data))))


@pytest.mark.parametrize("message", EVERY, ids=lambda message: type(message).__name__)
def test_a_message_comes_as_it_went(message: Message) -> None:
    assert _reader(frame(message)).receive() == message


def test_messages_come_in_order_until_the_other_end_is_gone() -> None:
    reader = _reader(b"".join(frame(message) for message in EVERY))
    assert [reader.receive() for _ in EVERY] == list(EVERY)
    assert reader.receive() is None


@pytest.mark.parametrize("kept", [1, 3, 4, 5, 20])
def test_a_frame_that_breaks_off_is_the_end(kept: int) -> None:
    assert _reader(frame(Warned(1, "A sentence that is cut."))[:kept]).receive() is None


def test_a_frame_over_the_limit_is_refused_before_it_is_read() -> None:
    reader = _reader((MOST_BYTES + 1).to_bytes(4, "big"))
    with pytest.raises(BrokenFrame):
        reader.receive()


def test_a_message_over_the_limit_is_not_sent() -> None:
    with pytest.raises(FrameTooLong):
        frame(Returned(1, bytes(MOST_BYTES)))


@pytest.mark.parametrize("body", [b"", b"\xc1", b"\x92\xa5Ready", b"\x92\xa5Never\xc0", b"\x92\xa5Ready\xa4text"])
def test_what_is_no_message_is_told(body: bytes) -> None:
    with pytest.raises(BrokenFrame):
        _reader(len(body).to_bytes(4, "big") + body).receive()


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_the_end_or_are_told(data: bytes) -> None:
    reader = _reader(data)
    with suppress(BrokenFrame):
        while (message := reader.receive()) is not None:
            assert type(message).__name__ in MESSAGES


def test_a_closed_writer_says_that_nobody_reads(tmp_path: Path) -> None:
    writer = FrameWriter(FileIO(tmp_path / "pipe", "wb"))
    writer.send(frame(Cancel(1)))
    writer.close()
    with pytest.raises(OSError, match="closed"):
        writer.send(frame(Cancel(2)))
    assert (tmp_path / "pipe").read_bytes() == frame(Cancel(1))
