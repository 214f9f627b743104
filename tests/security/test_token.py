"""The token: no call without it, and no place that tells it."""

import subprocess
import zipfile
from pathlib import Path
from typing import Any, Protocol

import grpc
import psutil
import pytest
from google.protobuf import empty_pb2
from sonique.v1 import daemon_pb2, daemon_pb2_grpc

from bench.faults import asks
from bench.faults.calls import OPTIONS, Caller, code
from bench.faults.home import Home
from bench.faults.reflection import Method, methods
from bench.processes import SONIQUE


class Secured(Protocol):
    """What these tests use of the fixture."""

    here: Home
    caller: Caller
    film: Path


Metadata = tuple[tuple[str, str | bytes], ...]

NEARLY: tuple[str, ...] = (
    "",
    "{token}",
    "Bearer",
    "Bearer ",
    "bearer {token}",
    "BEARER {token}",
    "Basic {token}",
    "Bearer  {token}",
    "Bearer {token} ",
    "Bearer {token}x",
    "Bearer {most}",
    "Bearer {token},Bearer {token}",
    "Bearer *",
)


def status(channel: Any, method: Method, metadata: Metadata) -> grpc.StatusCode:
    """What an empty call of ``method`` comes to."""
    data = b""
    call = {
        (False, False): channel.unary_unary,
        (False, True): channel.unary_stream,
        (True, False): channel.stream_unary,
        (True, True): channel.stream_stream,
    }[method.streams_in, method.streams_out](method.path)
    try:
        answer = call(iter([data]) if method.streams_in else data, metadata=metadata, timeout=280)
        if method.streams_out:
            next(iter(answer))
            answer.cancel()
    except grpc.RpcError as error:
        return code(error)
    except StopIteration:
        pass
    return grpc.StatusCode.OK


@pytest.mark.parametrize("value", NEARLY)
@pytest.mark.parametrize("target", ["address", "socket"])
def test_no_rpc_answers_without_the_token(secured: Secured, value: str, target: str) -> None:
    token = secured.caller.runtime.token
    said = value.format(token=token, most=token[:-1])
    metadata: Metadata = (("authorization", said),) if said else ()
    found = methods(secured.caller.channel)
    assert len(found) > 25
    with grpc.insecure_channel(getattr(secured.caller.runtime, target), options=OPTIONS) as channel:
        for method in found:
            assert status(channel, method, metadata) is grpc.StatusCode.UNAUTHENTICATED, method.path


def test_the_token_twice_or_under_another_name_is_no_token(secured: Secured) -> None:
    value = f"Bearer {secured.caller.runtime.token}"
    with grpc.insecure_channel(secured.caller.runtime.address, options=OPTIONS) as channel:
        for metadata in (
            (("authorization", value), ("authorization", value)),
            (("authorization-bin", value.encode()),),
            (("proxy-authorization", value),),
        ):
            found = status(channel, methods(secured.caller.channel)[0], metadata)
            assert found is grpc.StatusCode.UNAUTHENTICATED


def test_with_the_token_every_method_is_there(secured: Secured) -> None:
    metadata = (("authorization", f"Bearer {secured.caller.runtime.token}"),)
    with grpc.insecure_channel(secured.caller.runtime.address, options=OPTIONS) as channel:
        for method in methods(secured.caller.channel):
            if method.name != "Daemon/Shutdown":
                found = status(channel, method, metadata)
                assert found is not grpc.StatusCode.UNAUTHENTICATED, method.path


def test_a_method_that_does_not_exist_needs_the_token_too(secured: Secured) -> None:
    with grpc.insecure_channel(secured.caller.runtime.address, options=OPTIONS) as channel:
        for path in ("/sonique.v1.Jobs/Purge", "/x", "/sonique.v1.Jobs/", "/sonique.v1.Daemon/../Jobs/List"):
            method = Method(path, empty_pb2.Empty.DESCRIPTOR, streams_in=False, streams_out=False)
            assert status(channel, method, ()) is grpc.StatusCode.UNAUTHENTICATED


def test_no_process_of_the_daemon_shows_the_token(secured: Secured) -> None:
    secured.caller.run(asks.score("processes", secured.film))
    told = secured.here.told()
    assert told is not None
    processes = [psutil.Process(told.pid), *secured.here.workers()]
    assert len(processes) > 2
    for process in processes:
        shown = " ".join([*process.cmdline(), *process.environ().values()])
        assert told.token not in shown


def test_no_error_and_no_answer_tells_the_token(secured: Secured) -> None:
    token = secured.caller.runtime.token
    with grpc.insecure_channel(secured.caller.runtime.address, options=OPTIONS) as channel:
        for said in (f"Bearer {token}x", f"Bearer {token[:-1]}", token):
            metadata = (("authorization", said),)
            with pytest.raises(grpc.RpcError) as caught:
                daemon_pb2_grpc.DaemonStub(channel).Info(daemon_pb2.InfoRequest(), metadata=metadata, timeout=280)
            error: Any = caught.value
            assert token[:-1] not in f"{error.details()}{error.trailing_metadata()}{error.initial_metadata()}"
    answers = b"".join(event.SerializeToString() for event in secured.caller.run(asks.tag("answers")))
    assert token.encode() not in answers


def test_no_file_but_the_runtime_file_holds_the_token(secured: Secured) -> None:
    secured.caller.run(asks.score("files", secured.film))
    token = secured.caller.runtime.token.encode()
    looked = 0
    for path in secured.here.folder.rglob("*"):
        if path.is_file() and path.name != "daemon.json":
            looked += 1
            assert token not in path.read_bytes(), path
    assert looked > 3
    assert "debug" in secured.here.logged().lower()


def test_neither_the_doctor_nor_its_bundle_tells_the_token(secured: Secured, tmp_path: Path) -> None:
    bundle = tmp_path / "report.zip"
    done = subprocess.run(
        [SONIQUE, "doctor", "--bundle", str(bundle)],
        env=secured.here.variables,
        capture_output=True,
        check=False,
        timeout=280,
    )
    token = secured.caller.runtime.token.encode()
    assert token not in done.stdout + done.stderr
    with zipfile.ZipFile(bundle) as pack:
        assert pack.namelist()
        for name in pack.namelist():
            assert token not in pack.read(name), name


def test_every_start_has_a_token_of_its_own(tmp_path: Path) -> None:
    here = Home(tmp_path)
    tokens = set()
    for _ in range(2):
        tokens.add(here.start().token)
        here.kill()
    assert len(tokens) == 2
    assert all(len(token) >= 40 for token in tokens)
