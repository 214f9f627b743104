from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import grpc
import pytest
from sonique.runtime_file import RuntimeFile
from sonique.v1 import daemon_pb2, daemon_pb2_grpc, jobs_pb2
from sonique_client.connection import calling, connect
from sonique_client.errors import CallFailed, DaemonVersion


class Served(Protocol):
    """What these tests use of the fixture."""

    runtime: RuntimeFile


class OtherRelease(daemon_pb2_grpc.DaemonServicer):
    """A daemon of another release."""

    contract = 1

    def Info(self, request: daemon_pb2.InfoRequest, context: object) -> daemon_pb2.InfoResponse:  # noqa: ARG002, N802
        return daemon_pb2.InfoResponse(version="7.0", contract=self.contract)

    def Shutdown(self, request: object, context: object) -> daemon_pb2.ShutdownResponse:  # noqa: ARG002, N802
        return daemon_pb2.ShutdownResponse()


FoundAt = Callable[[RuntimeFile], None]


@pytest.fixture
def other(served: Served, found_at: FoundAt) -> Iterator[OtherRelease]:
    """A daemon of another release, found in place of this one."""
    servicer = OtherRelease()
    server = grpc.server(ThreadPoolExecutor(2))
    daemon_pb2_grpc.add_DaemonServicer_to_server(servicer, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    found_at(replace(served.runtime, address=address))
    yield servicer
    server.stop(None).wait(60)


@pytest.mark.usefixtures("served")
def test_a_connection_knows_who_answers() -> None:
    with connect(start=None) as connection:
        assert (connection.info.version, connection.info.contract) == ("1.0", 1)
        assert connection.daemon_lives


def test_an_older_daemon_is_to_be_started_anew(other: OtherRelease) -> None:
    other.contract = 0
    with pytest.raises(DaemonVersion, match=r"older .* contract 0, .*stop it") as caught:
        connect(start=None)
    assert caught.value.code == "DAEMON_VERSION"


def test_a_newer_daemon_asks_for_a_newer_client(other: OtherRelease) -> None:
    other.contract = 2
    with pytest.raises(DaemonVersion, match=r"newer \(release 7.0 with contract 2.*update this client"):
        connect(start=None)


def test_a_socket_where_nobody_listens_falls_back_to_the_port(
    served: Served, found_at: FoundAt, tmp_path: Path
) -> None:
    found_at(replace(served.runtime, socket=f"unix:{tmp_path / 'nobody.sock'}"))
    with connect(start=None) as connection:
        assert connection.info.contract == 1


def test_a_wrong_token_is_told_in_the_daemons_words(served: Served, found_at: FoundAt) -> None:
    found_at(replace(served.runtime, token="wrong"))  # noqa: S106
    with pytest.raises(CallFailed, match="token") as caught:
        connect(start=None)
    assert (caught.value.code, caught.value.status) == ("UNAUTHENTICATED", "UNAUTHENTICATED")


@pytest.mark.usefixtures("served")
def test_a_refused_call_carries_the_daemons_sentence_and_code() -> None:
    with connect(start=None) as connection, pytest.raises(CallFailed) as caught, calling(connection, "looking"):
        connection.jobs.Get(jobs_pb2.GetRequest(job_id="nobody"))
    error = caught.value
    assert (error.code, error.status) == ("JOB_NOT_FOUND", "NOT_FOUND")
    assert error.sentence.startswith("There is no job “nobody”")


def test_proxies_of_the_environment_are_passed_over(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("grpc_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    with connect(start=None) as connection:
        assert connection.runtime == served.runtime
