"""Whether the daemon sees a client's file: yes, or no without a reason."""

import os
import sys
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import grpc
import pytest
from sonique.v1 import media_pb2, media_pb2_grpc

DATA = bytes(range(256)) * 400  # more than the head


class Served(Protocol):
    """What these tests use of the server fixture."""

    media: Path
    store: Path


@pytest.fixture
def film(served: Served) -> Path:
    path = served.media / "film.mov"
    path.write_bytes(DATA)
    return path


def asked(path: Path | str, size: int = len(DATA), data: bytes = DATA) -> media_pb2.FindRequest:
    return media_pb2.FindRequest(path=str(path), size=size, head_sha256=sha256(data[: 64 * 2**10]).hexdigest())


def found(channel: grpc.Channel, request: media_pb2.FindRequest) -> bool:
    return media_pb2_grpc.MediaStub(channel).Find(request).found


def test_the_very_file_is_found(channel: grpc.Channel, film: Path) -> None:
    assert found(channel, asked(film))


def test_a_short_file_is_told_by_all_of_it(served: Served, channel: grpc.Channel) -> None:
    (served.media / "short").write_bytes(b"abc")
    assert found(channel, asked(served.media / "short", 3, b"abc"))


def test_another_size_or_beginning_is_another_file(channel: grpc.Channel, film: Path) -> None:
    assert not found(channel, asked(film, len(DATA) + 1))
    assert not found(channel, asked(film, data=b"x" + DATA[1:]))


def test_a_file_outside_of_the_roots_is_not_found_whatever_is_known_of_it(
    channel: grpc.Channel, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(DATA)
    assert not found(channel, asked(tmp_path / "secret"))


@pytest.mark.parametrize("path", ["film.mov", "C:\\film.mov", "//server/film.mov", "file:///film.mov", "/x\0y"])
def test_a_path_that_is_none_here_is_not_found(channel: grpc.Channel, path: str) -> None:
    assert not found(channel, asked(path))


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
def test_neither_links_out_nor_pipes_nor_devices_nor_folders_are_found(
    served: Served, channel: grpc.Channel, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_bytes(DATA)
    (served.media / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(served.media / "pipe")
    (served.media / "folder").mkdir()
    for path in (
        served.media / "link",
        served.media / ".." / "secret",
        served.media / "pipe",
        served.media / "folder",
        "/dev/zero",
        "/proc/self/environ",
    ):
        assert not found(channel, asked(path)), path
    assert not found(channel, asked(served.media / "pipe", 0, b""))


@pytest.mark.parametrize(
    "request_",
    [
        media_pb2.FindRequest(head_sha256="ab" * 32),
        media_pb2.FindRequest(path="/a", head_sha256="../x"),
        media_pb2.FindRequest(path="/" + "a" * 4096, head_sha256="ab" * 32),
    ],
)
def test_a_question_that_is_none_is_refused(channel: grpc.Channel, request_: media_pb2.FindRequest) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        found(channel, request_)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
