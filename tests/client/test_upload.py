"""Uploads: resumed where they broke, shared between clients, and honest about files that change."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import grpc
import pytest
from sonique.v1 import media_pb2
from sonique_client.connection import Connection, connect
from sonique_client.errors import ClientError, DaemonGone
from sonique_client.upload import sees, upload

DATA = bytes(range(253)) * 20_000
DIGEST = hashlib.sha256(DATA).hexdigest()
MIB = 2**20


class Served(Protocol):
    """What these tests use of the fixture."""

    folder: Path


@pytest.fixture
def connection(served: Served) -> Iterator[Connection]:
    assert served.folder.is_dir()
    with connect(start=None) as connection:
        yield connection


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Five megabytes."""
    path = tmp_path / "trip.mp4"
    path.write_bytes(DATA)
    return path


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were asked for; none is made."""
    pauses: list[float] = []
    monkeypatch.setattr("sonique_client.upload.time.sleep", pauses.append)
    return pauses


def uploaded(served: Served) -> Path:
    return served.folder / "store" / "uploads"


class Broken(grpc.RpcError):
    """A stream that broke off."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAVAILABLE


class Shaky:
    """The Media service over a line that breaks after so many pieces, each time anew."""

    def __init__(self, real: Connection, pieces: int) -> None:
        self.real, self.pieces, self.offsets = real, pieces, list[int]()
        self.Upload = SimpleNamespace(future=self.future)
        self.Status = real.media.Status

    def future(self, pieces: Iterator[media_pb2.UploadRequest]) -> Any:
        sent = []
        for piece in pieces:
            sent.append(piece)
            if len(sent) == self.pieces:
                break
        self.offsets.append(sent[0].offset)
        try:
            self.real.media.Upload(iter(sent))
        except grpc.RpcError:
            return SimpleNamespace(result=self.breaks, cancel=lambda: None)
        return SimpleNamespace(result=lambda timeout: timeout, cancel=lambda: None)

    def breaks(self, timeout: float) -> None:
        raise Broken(timeout)


def test_a_file_is_sent_whole_and_named_by_its_digest(served: Served, connection: Connection, film: Path) -> None:
    told: list[tuple[int, int]] = []
    assert upload(connection, film, lambda done, size: told.append((done, size))) == f"sonique-upload:{DIGEST}"
    assert (uploaded(served) / DIGEST).read_bytes() == DATA
    assert told == sorted(told)
    assert told[-1] == (len(DATA), len(DATA))


def test_what_is_there_already_is_not_sent_again(connection: Connection, film: Path) -> None:
    upload(connection, film)
    nothing = SimpleNamespace(Status=connection.media.Status)
    assert upload(replace(connection, media=nothing), film).endswith(DIGEST)  # type: ignore[arg-type]


@pytest.mark.usefixtures("unhurried")
def test_a_transfer_that_breaks_goes_on_where_it_broke(served: Served, connection: Connection, film: Path) -> None:
    shaky = Shaky(connection, 2)
    upload(replace(connection, media=shaky), film)  # type: ignore[arg-type]
    assert shaky.offsets == [0, 2 * MIB, 4 * MIB]
    assert (uploaded(served) / DIGEST).read_bytes() == DATA


def test_a_line_that_never_mends_is_given_up_with_longer_and_longer_pauses(
    connection: Connection, film: Path, unhurried: list[float]
) -> None:
    def status(request: Any, timeout: float) -> None:
        raise Broken(request, timeout)

    dead = SimpleNamespace(Status=status)
    with pytest.raises(DaemonGone, match=r"“trip\.mp4” was being sent"):
        upload(replace(connection, media=dead, place="studio.lan:7543"), film)  # type: ignore[arg-type]
    assert unhurried == sorted(unhurried)
    assert 4 < sum(unhurried) < 30


def test_two_clients_that_send_the_same_file_at_once_both_succeed(
    served: Served, connection: Connection, film: Path
) -> None:
    with ThreadPoolExecutor(3) as pool:
        urls = list(pool.map(lambda _: upload(connection, film), range(3)))
    assert urls == [f"sonique-upload:{DIGEST}"] * 3
    assert [path.name for path in uploaded(served).iterdir()] == [DIGEST]


def test_a_file_that_changes_while_it_is_sent_is_told(served: Served, connection: Connection, film: Path) -> None:
    def meddle(done: int, size: int) -> None:
        assert done <= size
        film.write_bytes(DATA[::-1])

    with pytest.raises(ClientError, match=r"“trip\.mp4” changed while it was sent") as told:
        upload(connection, film, meddle)
    assert told.value.code == "MEDIA_UNREADABLE"
    assert not (uploaded(served) / DIGEST).exists()


def test_a_file_that_shrinks_while_it_is_sent_is_told(connection: Connection, film: Path) -> None:
    def meddle(done: int, size: int) -> None:
        assert done <= size
        os.truncate(film, 1000)

    with pytest.raises(ClientError, match="changed while it was sent"):
        upload(connection, film, meddle)


@pytest.mark.parametrize("kind", ["folder", "pipe", "empty", "nothing"])
def test_what_cannot_be_sent_is_told(connection: Connection, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "thing"
    make: dict[str, Callable[[], object]] = {
        "folder": path.mkdir,
        "pipe": lambda: os.mkfifo(path),
        "empty": path.touch,
        "nothing": lambda: None,
    }
    make[kind]()
    with pytest.raises(ClientError, match="“thing” cannot be sent: "):
        upload(connection, path)


def test_progress_is_told_by_the_thread_that_called(connection: Connection, film: Path) -> None:
    threads: set[int] = set()
    upload(connection, film, lambda done, size: threads.add(threading.get_ident() if done <= size else -1))
    assert threads == {threading.get_ident()}


def test_stopping_leaves_what_was_sent_for_the_next_time(served: Served, connection: Connection, film: Path) -> None:
    def stop(done: int, size: int) -> None:
        assert done <= size
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        upload(connection, film, stop)
    upload(connection, film)
    assert (uploaded(served) / DIGEST).read_bytes() == DATA


def test_a_daemon_tells_which_files_it_sees(
    connection: Connection, film: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "trip.mp4"
    elsewhere.write_bytes(DATA)
    assert sees(connection, film)
    film.write_bytes(b"x" + DATA[1:])
    assert sees(connection, film)
    assert not sees(connection, elsewhere)
