"""Ids that look like paths are refused at the edge, on every RPC that takes one."""

from pathlib import Path
from typing import Any, Protocol

import grpc
import pytest
from sonique.v1 import takes_pb2

from bench.faults import asks
from bench.faults.calls import Caller, code
from bench.faults.examples import EXAMPLES
from bench.faults.home import Home
from bench.faults.reflection import Method, methods


class Secured(Protocol):
    """What these tests use of the fixture."""

    here: Home
    caller: Caller
    film: Path


PATHS = (
    "../../etc/passwd",
    "..",
    ".",
    "/etc/passwd",
    "a/b",
    "a\\b",
    "C:\\x",
    "\\\\server\\share",
    "a\x00b",
    "a\nb",
    "x.wav",
    "~root",
    "%2e%2e%2f",
    "a" * 200,
    "é",
    "a b",
    "$(id)",
    "'; DROP TABLE jobs; --",
)
IDS = ("job_id", "take_id", "sha256", "before_job_id", "head_sha256")


def takers(channel: Any) -> list[tuple[Method, str]]:
    """Every method with each of the ids that its request has."""
    return [
        (method, name)
        for method in methods(channel)
        if method.path.startswith("/sonique.")
        for name in IDS
        if name in method.request.fields_by_name
    ]


def request(method: Method, name: str, value: str) -> bytes:
    message = EXAMPLES.get(method.name)
    copy: Any = method.empty() if message is None else type(message)()
    if message is not None:
        copy.CopyFrom(message)
    if "job_id" in copy.DESCRIPTOR.fields_by_name:
        copy.job_id = "good"
    setattr(copy, name, value)
    return bytes(copy.SerializeToString())


def call(channel: Any, method: Method, data: bytes) -> None:
    if method.streams_in:
        channel.stream_unary(method.path)(iter([data]), timeout=60)
    elif method.streams_out:
        list(channel.unary_stream(method.path)(data, timeout=60))
    else:
        channel.unary_unary(method.path)(data, timeout=60)


@pytest.mark.parametrize("value", PATHS)
def test_an_id_that_looks_like_a_path_is_invalid_wherever_one_is_taken(secured: Secured, value: str) -> None:
    found = takers(secured.caller.channel)
    assert len(found) >= 14, found
    for method, name in found:
        with pytest.raises(grpc.RpcError) as caught:
            call(secured.caller.channel, method, request(method, name, value))
        assert code(caught.value) is grpc.StatusCode.INVALID_ARGUMENT, (method.path, name, caught.value.details())


@pytest.mark.parametrize("name", ["..", "../mix", "/etc/passwd", "mix.wav", "mix\x00", "a/b", "\\x"])
def test_the_name_of_a_take_s_file_is_a_name_and_no_path(secured: Secured, name: str) -> None:
    events = secured.caller.run(asks.generate("names", 2))
    take = next(event.take_ready.take for event in events if event.HasField("take_ready"))
    takes = secured.caller.takes
    for asked in (
        lambda stem: list(takes.Read(takes_pb2.ReadRequest(take_id=take.id, stem=stem), timeout=60)),
        lambda stem: takes.Locate(takes_pb2.LocateRequest(take_id=take.id, stem=stem), timeout=60),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            asked(name)
        assert code(caught.value) in {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND}


@pytest.mark.parametrize("offset", [-1, 10**12, 2**63 - 1, -(2**63)])
def test_an_offset_outside_of_a_file_is_refused(secured: Secured, offset: int) -> None:
    events = secured.caller.run(asks.generate("offsets", 2))
    take = next(event.take_ready.take for event in events if event.HasField("take_ready"))
    with pytest.raises(grpc.RpcError) as caught:
        list(secured.caller.takes.Read(takes_pb2.ReadRequest(take_id=take.id, offset=offset), timeout=60))
    assert code(caught.value) in {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.OUT_OF_RANGE}
