from collections.abc import Callable
from typing import Protocol

import grpc
import pytest
from sonique.v1 import jobs_pb2, jobs_pb2_grpc, scoring_pb2, scoring_pb2_grpc, take_pb2, takes_pb2, takes_pb2_grpc
from sonique_daemon.domain.events import TakeReady
from sonique_daemon.domain.take import Take
from sonique_daemon.jobs.runner import Script

Ask = Callable[..., scoring_pb2.TagRequest]


class Served(Protocol):
    """What these tests use of the server fixture."""

    script: Script


@pytest.fixture
def takes(served: Served, channel: grpc.Channel, ask: Ask, take: Take) -> takes_pb2_grpc.TakesStub:
    """A server that has made the take."""
    served.script = lambda _: (TakeReady(0, take),)
    events = list(scoring_pb2_grpc.ScoringStub(channel).Tag(ask("a")))
    assert events[0].take_ready.take.files[0].sha256 == take.files[0].sha256
    return takes_pb2_grpc.TakesStub(channel)


def read(takes: takes_pb2_grpc.TakesStub, request: takes_pb2.ReadRequest) -> tuple[bytes, list[int], int]:
    pieces = list(takes.Read(request))
    largest = max((len(piece.data) for piece in pieces), default=0)
    return b"".join(piece.data for piece in pieces), [piece.offset for piece in pieces], largest


def test_a_file_comes_whole_in_chunks_of_at_most_a_mebibyte(takes: takes_pb2_grpc.TakesStub, take: Take) -> None:
    data, offsets, largest = read(takes, takes_pb2.ReadRequest(take_id="take-1"))
    assert data == take.files[0].path.read_bytes()
    assert offsets == [0, *(end for end in range(largest, len(data), largest))]
    assert largest <= 2**20


@pytest.mark.parametrize("offset", [1, 2**20 + 7, 3 * 2**20 + 3])
def test_reading_goes_on_at_any_offset(takes: takes_pb2_grpc.TakesStub, take: Take, offset: int) -> None:
    data, _, _ = read(takes, takes_pb2.ReadRequest(take_id="take-1", stem="mix", offset=offset))
    assert data == take.files[0].path.read_bytes()[offset:]


@pytest.mark.parametrize("offset", [-1, 3 * 2**20 + 4])
def test_an_offset_outside_of_the_file_is_refused(takes: takes_pb2_grpc.TakesStub, offset: int) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        list(takes.Read(takes_pb2.ReadRequest(take_id="take-1", offset=offset)))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_the_score_is_read_as_midi_and_not_as_audio(takes: takes_pb2_grpc.TakesStub) -> None:
    midi = takes_pb2.ReadRequest(take_id="take-1", stem="score", format=take_pb2.FILE_FORMAT_MIDI)
    assert read(takes, midi)[0] == b"MThd"
    with pytest.raises(grpc.RpcError) as caught:
        list(takes.Read(takes_pb2.ReadRequest(take_id="take-1", stem="score")))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_a_file_can_be_located(takes: takes_pb2_grpc.TakesStub, take: Take) -> None:
    found = takes.Locate(takes_pb2.LocateRequest(take_id="take-1"))
    file = take.files[0]
    assert (found.path, found.size, found.sha256) == (str(file.path), file.size, file.sha256)


@pytest.mark.parametrize(("take_id", "stem"), [("nope", ""), ("take-1", "flute")])
def test_what_is_not_there_is_not_found(takes: takes_pb2_grpc.TakesStub, take_id: str, stem: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        takes.Locate(takes_pb2.LocateRequest(take_id=take_id, stem=stem))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_a_take_id_is_never_a_path(takes: takes_pb2_grpc.TakesStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        takes.Locate(takes_pb2.LocateRequest(take_id="../../etc/passwd"))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_file_that_vanished_from_the_store_is_not_found(takes: takes_pb2_grpc.TakesStub, take: Take) -> None:
    take.files[0].path.unlink()
    with pytest.raises(grpc.RpcError) as caught:
        list(takes.Read(takes_pb2.ReadRequest(take_id="take-1")))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_a_deleted_job_takes_its_takes_along(
    takes: takes_pb2_grpc.TakesStub, channel: grpc.Channel, take: Take
) -> None:
    jobs_pb2_grpc.JobsStub(channel).Delete(jobs_pb2.DeleteRequest(job_id="a"))
    with pytest.raises(grpc.RpcError) as caught:
        list(takes.Read(takes_pb2.ReadRequest(take_id="take-1")))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    assert not take.files[0].path.exists()
