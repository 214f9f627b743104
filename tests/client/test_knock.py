"""Reaching the daemon without waiting, for hosts that must not."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest
from sonique.runtime_file import RuntimeFile
from sonique_client.connection import Connection, Knock
from sonique_client.errors import CallFailed, DaemonGone


class Served(Protocol):
    """What these tests use of the fixture."""

    runtime: RuntimeFile


@pytest.fixture
def mute() -> Iterator[str]:
    """The address of something that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def answered(knock: Knock, seconds: float = 0.005) -> Connection:
    """The connection, after as many short tries as it takes."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        connection = knock.answered(seconds)
        if connection is not None:
            return connection
    raise AssertionError("nobody answered")


def test_short_tries_lead_to_a_connection(served: Served) -> None:
    with answered(Knock(served.runtime)) as connection:
        assert connection.info.version == "1.0"


def test_a_socket_where_nobody_listens_falls_back_to_the_port(served: Served, tmp_path: Path) -> None:
    with answered(Knock(replace(served.runtime, socket=f"unix:{tmp_path / 'nobody.sock'}"))) as connection:
        assert connection.info.version == "1.0"


def test_where_nobody_listens_the_daemon_is_gone(served: Served, tmp_path: Path) -> None:
    knock = Knock(replace(served.runtime, socket=f"unix:{tmp_path / 'nobody.sock'}", address="127.0.0.1:1"))
    with pytest.raises(DaemonGone, match="no longer listens"):
        answered(knock, 1.0)


def test_one_that_says_nothing_may_yet(served: Served, mute: str) -> None:
    knock = Knock(replace(served.runtime, address=mute))
    assert [knock.answered(0.01) for _ in range(3)] == [None] * 3
    knock.close()


def test_a_wrong_token_is_refused(served: Served) -> None:
    with pytest.raises(CallFailed) as caught:
        answered(Knock(replace(served.runtime, token="another")), 1.0)  # noqa: S106 - it opens nothing
    assert caught.value.status == "UNAUTHENTICATED"
