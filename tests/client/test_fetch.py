from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import grpc
import pytest
from sonique.v1 import scoring_pb2, take_pb2, takes_pb2
from sonique_client import scoring
from sonique_client.connection import Connection, connect
from sonique_client.errors import CallFailed, DaemonGone, OutputExists, OutputUnwritable
from sonique_client.fetch import Existing, fetch
from sonique_daemon.domain.events import TakeReady
from sonique_daemon.domain.take import Take
from sonique_daemon.jobs.runner import Script


class Served(Protocol):
    """What these tests use of the fixture."""

    script: Script


class Broken(grpc.RpcError):
    """A stream that broke off."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAVAILABLE


class Afar:
    """The Takes service as it is seen from another machine: paths lead nowhere, and each stream breaks once."""

    def __init__(self, real: Connection, path: str, *, damage: bool = False) -> None:
        self.real, self.path, self.damage, self.offsets = real, path, damage, list[int]()

    def Locate(self, request: Any) -> takes_pb2.LocateResponse:  # noqa: N802 - as gRPC names it
        found = self.real.takes.Locate(request)
        return takes_pb2.LocateResponse(path=self.path, size=found.size, sha256=found.sha256)

    def Read(self, request: Any) -> Iterator[takes_pb2.ReadResponse]:  # noqa: N802 - as gRPC names it
        self.offsets.append(request.offset)
        for number, piece in enumerate(self.real.takes.Read(request)):
            if number == 1:
                raise Broken
            data = piece.data[::-1] if self.damage else piece.data
            yield takes_pb2.ReadResponse(offset=piece.offset, data=data)


@pytest.fixture
def connection(
    served: Served, take: Take, ask: Callable[[str], scoring_pb2.TagRequest]
) -> Iterator[tuple[Connection, take_pb2.Take]]:
    """A connection to a daemon that has made the take, and the take as it told of it."""
    served.script = lambda _: (TakeReady(0, take),)
    with connect(start=None) as connection:
        events = list(scoring.run(connection, ask("a")))
        yield connection, events[0].take_ready.take


Made = tuple[Connection, take_pb2.Take]


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where files are fetched to."""
    made = tmp_path / "out"
    made.mkdir()
    return made


def test_a_file_is_copied_from_the_store_whole_and_alone(connection: Made, take: Take, folder: Path) -> None:
    target = fetch(*connection, "mix", folder / "cue.wav")
    assert target.read_bytes() == take.files[0].path.read_bytes()
    assert take.files[0].path.exists()
    assert fetch(*connection, "score", folder / "cue.mid").read_bytes() == b"MThd"
    assert left(folder) == ["cue.mid", "cue.wav"]


@pytest.mark.parametrize("path", ["/nowhere/mix.wav", "", "/dev/zero", "/"])
def test_where_the_store_is_not_seen_a_file_is_read_and_goes_on_where_the_stream_broke(
    connection: Made, take: Take, folder: Path, path: str
) -> None:
    real, told = connection
    afar = Afar(real, path)
    fetch(replace(real, takes=afar), told, "mix", folder / "cue.wav")  # type: ignore[arg-type]
    assert (folder / "cue.wav").read_bytes() == take.files[0].path.read_bytes()
    assert afar.offsets[0] == 0
    assert len(afar.offsets) > 1
    assert afar.offsets == sorted(set(afar.offsets))


def test_a_file_may_have_as_long_a_name_as_a_disk_takes(connection: Made, take: Take, folder: Path) -> None:
    target = folder / f"{'長' * 82}.wav"
    assert fetch(*connection, "mix", target).read_bytes() == take.files[0].path.read_bytes()


def test_a_store_that_holds_something_else_is_not_believed(connection: Made, take: Take, folder: Path) -> None:
    real, told = connection
    other = folder.parent / "other"
    other.write_bytes(b"x" * take.files[0].size)
    fetch(replace(real, takes=Afar(real, str(other))), told, "mix", folder / "cue.wav")  # type: ignore[arg-type]
    assert (folder / "cue.wav").read_bytes() == take.files[0].path.read_bytes()


def test_of_a_daemon_elsewhere_no_path_is_ever_opened(connection: Made, take: Take, folder: Path) -> None:
    real, told = connection

    class Untrusted(Afar):
        def Locate(self, request: Any) -> takes_pb2.LocateResponse:  # noqa: N802 - as gRPC names it
            raise AssertionError(request)

    there = replace(real, takes=Untrusted(real, ""), place="studio.lan:7543")  # type: ignore[arg-type]
    fetch(there, told, "mix", folder / "cue.wav")
    assert (folder / "cue.wav").read_bytes() == take.files[0].path.read_bytes()


def test_pieces_that_do_not_follow_each_other_are_damage(connection: Made, folder: Path) -> None:
    real, told = connection

    class Shuffled(Afar):
        def Read(self, request: Any) -> Iterator[takes_pb2.ReadResponse]:  # noqa: N802 - as gRPC names it
            yield takes_pb2.ReadResponse(offset=request.offset + 1, data=b"x")

    with pytest.raises(CallFailed, match="damaged"):
        fetch(replace(real, takes=Shuffled(real, "")), told, "mix", folder / "cue.wav")  # type: ignore[arg-type]
    assert left(folder) == []


def test_a_transfer_that_never_goes_on_is_given_up(
    connection: Made, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, told = connection
    monkeypatch.setattr("sonique_client.fetch.time.sleep", lambda _: None)

    class Dead(Afar):
        def Read(self, request: Any) -> Iterator[takes_pb2.ReadResponse]:  # noqa: N802 - as gRPC names it
            self.offsets.append(request.offset)
            raise Broken

    dead = Dead(real, "")
    with pytest.raises(DaemonGone, match="being fetched"):
        fetch(replace(real, takes=dead), told, "mix", folder / "cue.wav")  # type: ignore[arg-type]
    assert set(dead.offsets) == {0}
    assert left(folder) == []


def test_what_arrives_damaged_never_gets_its_name(connection: Made, folder: Path) -> None:
    real, told = connection
    damaged = replace(real, takes=Afar(real, "", damage=True))  # type: ignore[arg-type]
    with pytest.raises(CallFailed, match="damaged"):
        fetch(damaged, told, "mix", folder / "cue.wav")
    assert left(folder) == []


def test_a_file_that_is_there_is_kept(connection: Made, folder: Path) -> None:
    (folder / "cue.wav").write_bytes(b"mine")
    with pytest.raises(OutputExists, match=r"cue\.wav"):
        fetch(*connection, "mix", folder / "cue.wav")
    assert (folder / "cue.wav").read_bytes() == b"mine"
    assert left(folder) == ["cue.wav"]


def test_a_file_that_appears_meanwhile_is_kept_too(connection: Made, folder: Path) -> None:
    real, told = connection

    class Slow(Afar):
        def Locate(self, request: Any) -> takes_pb2.LocateResponse:  # noqa: N802 - as gRPC names it
            (folder / "cue.wav").write_bytes(b"mine")
            return self.real.takes.Locate(request)

    with pytest.raises(OutputExists):
        fetch(replace(real, takes=Slow(real, "")), told, "mix", folder / "cue.wav")  # type: ignore[arg-type]
    assert (folder / "cue.wav").read_bytes() == b"mine"
    assert left(folder) == ["cue.wav"]


def test_a_file_is_replaced_where_that_is_asked_for(connection: Made, folder: Path) -> None:
    (folder / "cue.mid").write_bytes(b"old")
    fetch(*connection, "score", folder / "cue.mid", Existing.REPLACE)
    assert (folder / "cue.mid").read_bytes() == b"MThd"
    assert left(folder) == ["cue.mid"]


def test_a_folder_that_is_not_there_is_told(connection: Made, folder: Path) -> None:
    with pytest.raises(OutputUnwritable, match="choose another place"):
        fetch(*connection, "mix", folder / "nowhere" / "cue.wav")


def test_a_name_that_the_take_does_not_have_is_told_with_those_that_it_has(connection: Made, folder: Path) -> None:
    with pytest.raises(CallFailed, match="it has mix, score"):
        fetch(*connection, "flute", folder / "cue.wav")


@pytest.mark.parametrize("name", ["../bass", "/bass", "..\\bass", "C:bass", ".bass", "ba\nss"])
def test_a_file_is_not_called_what_leads_elsewhere(
    connection: tuple[Connection, take_pb2.Take], tmp_path: Path, name: str
) -> None:
    there, take = connection
    take.files.add(name=name, size=take.files[0].size, sha256=take.files[0].sha256)
    with pytest.raises(CallFailed, match="which is no plain name"):
        fetch(there, take, name, tmp_path / "out.wav")
    assert not (tmp_path / "out.wav").exists()
