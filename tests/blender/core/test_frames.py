"""Frames: however the bytes come cut, the messages are the same."""

import struct

import pytest
from sonique_blender.core.frames import MOST_BODY_BYTES, BrokenFrame, Frame, Reader

FRAMES = [Frame({"number": 1, "of": ["“Grüße”", None, 0.5]}), Frame({}, bytes(range(256)) * 300), Frame({"a": {}})]


def read(data: bytes, cut: int) -> list[Frame]:
    reader, found = Reader(), []
    for start in range(0, len(data), cut):
        reader.feed(data[start : start + cut])
        while (frame := reader.next()) is not None:
            found.append(frame)
    return found


@pytest.mark.parametrize("cut", [1, 7, 4096, 10**6])
def test_frames_arrive_whole_however_they_come_cut(cut: int) -> None:
    assert read(b"".join(frame.to_bytes() for frame in FRAMES), cut) == FRAMES


@pytest.mark.parametrize(
    "data",
    [struct.pack("!II", 2, MOST_BODY_BYTES + 1), struct.pack("!II", 2, 0) + b"{{", struct.pack("!II", 2, 0) + b"[]"],
)
def test_what_is_no_frame_is_said_to_be(data: bytes) -> None:
    with pytest.raises(BrokenFrame):
        read(data, 4096)
