"""A connection to the daemon: channel, token and version check in one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sonique.runtime_file import CONTRACT, RuntimeFile

from sonique_client.discovery import find_daemon, is_alive, start_daemon
from sonique_client.errors import (
    ClientError,
    DaemonGone,
    DaemonUnreachable,
    DaemonVersion,
    from_rpc,
    speaks_for_itself,
    status_of,
)

if TYPE_CHECKING:
    import grpc
    from sonique.v1.daemon_pb2 import InfoResponse
    from sonique.v1.daemon_pb2_grpc import DaemonStub
    from sonique.v1.engines_pb2_grpc import EnginesStub
    from sonique.v1.jobs_pb2_grpc import JobsStub
    from sonique.v1.media_pb2_grpc import MediaStub
    from sonique.v1.scoring_pb2_grpc import ScoringStub
    from sonique.v1.takes_pb2_grpc import TakesStub

_GREETING_SECONDS = 5.0
_OPTIONS = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", 64 * 2**20),
    ("grpc.max_send_message_length", 20 * 2**20),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)


@dataclass(frozen=True, slots=True)
class Connection:
    """An open connection; a context manager that closes its channel. Every call carries the token by itself.

    Attributes:
        runtime: where the daemon was found.
        info: who answered.
        channel: for services beside the stubs, as health.
        scoring: makes descriptions, tags and music.
        jobs: watches and cancels.
        takes: fetches audio.
        media: uploads.
        engines: what can run here.
        daemon: who answers, and stop.
    """

    runtime: RuntimeFile
    info: "InfoResponse"
    channel: "grpc.Channel"
    scoring: "ScoringStub"
    jobs: "JobsStub"
    takes: "TakesStub"
    media: "MediaStub"
    engines: "EnginesStub"
    daemon: "DaemonStub"

    @property
    def daemon_lives(self) -> bool:
        """Whether the daemon's process still runs."""
        return is_alive(self.runtime.pid)

    def close(self) -> None:
        """Closes the channel; jobs go on."""
        self.channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def connect(start: Callable[[], RuntimeFile] | None = start_daemon) -> Connection:
    """Connects to the user's daemon; where none runs, to the one that ``start`` starts.

    Args:
        start: starts a daemon; None where none is to be started.

    Raises:
        DaemonUnreachable: none runs and none could be started, or it does not answer.
        DaemonVersion: it speaks another version of the contract.
        CallFailed: it refused the token.
    """
    found = find_daemon()
    if found is not None:
        connection = _connect_to(found)
        if connection is not None:
            return connection
    if start is None:
        raise DaemonUnreachable("No Sonique daemon runs; start it with “soniqued”.")
    fresh = _connect_to(start())
    if fresh is None:
        raise DaemonUnreachable("The Sonique daemon runs but does not answer; stop its process and try again.")
    return fresh


@contextmanager
def calling(connection: Connection, doing: str) -> Iterator[None]:
    """Around calls of the stubs: what gRPC raises inside becomes a ``ClientError``.

    Args:
        connection: whose stubs are called.
        doing: what goes on, for the sentence should the daemon stop: "the job was being cancelled".
    """
    import grpc

    try:
        yield
    except grpc.RpcError as error:
        raise failure(connection, error, doing) from None


def failure(connection: Connection, error: "grpc.RpcError", doing: str) -> ClientError:
    """What a failed call means for the user: the daemon's own sentence, or that it is gone."""
    own_words = speaks_for_itself(error)
    if not own_words and not connection.daemon_lives:
        return DaemonGone(f"The Sonique daemon stopped while {doing}; start it and try again.")
    if not own_words and status_of(error) == "UNAVAILABLE":
        return DaemonGone(f"The Sonique daemon no longer answered while {doing}; stop its process and try again.")
    return from_rpc(error)


def _connect_to(runtime: RuntimeFile) -> Connection | None:
    """A connection, or None where nobody answers at any of the addresses."""
    for target in (runtime.socket, runtime.address):
        connection = _greeted(runtime, target) if target else None
        if connection is not None:
            return connection
    return None


def _greeted(runtime: RuntimeFile, target: str) -> Connection | None:
    """A connection that the daemon has answered on; None where nobody listens there."""
    import grpc
    from sonique.v1 import daemon_pb2, daemon_pb2_grpc

    channel = _open(target, runtime.token)
    try:
        info = daemon_pb2_grpc.DaemonStub(channel).Info(daemon_pb2.InfoRequest(), timeout=_GREETING_SECONDS)
        _check_contract(info)
    except grpc.RpcError as error:
        channel.close()
        if status_of(error) in ("UNAVAILABLE", "DEADLINE_EXCEEDED"):
            return None
        raise from_rpc(error) from None
    except DaemonVersion:
        channel.close()
        raise
    return _with_stubs(runtime, info, channel)


def _open(target: str, token: str) -> "grpc.Channel":
    import grpc

    from sonique_client.bearer import TokenBearer

    return grpc.intercept_channel(grpc.insecure_channel(target, options=_OPTIONS), TokenBearer(token))


def _check_contract(info: "InfoResponse") -> None:
    if info.contract == CONTRACT:
        return
    numbers = f"release {info.version} with contract {info.contract}, and this client speaks contract {CONTRACT}"
    if info.contract > CONTRACT:
        raise DaemonVersion(f"The running Sonique daemon is newer ({numbers}); update this client.")
    raise DaemonVersion(f"The running Sonique daemon is older ({numbers}); stop it and start the installed one.")


def _with_stubs(runtime: RuntimeFile, info: "InfoResponse", channel: "grpc.Channel") -> Connection:
    from sonique.v1 import (
        daemon_pb2_grpc,
        engines_pb2_grpc,
        jobs_pb2_grpc,
        media_pb2_grpc,
        scoring_pb2_grpc,
        takes_pb2_grpc,
    )

    return Connection(
        runtime=runtime,
        info=info,
        channel=channel,
        scoring=scoring_pb2_grpc.ScoringStub(channel),
        jobs=jobs_pb2_grpc.JobsStub(channel),
        takes=takes_pb2_grpc.TakesStub(channel),
        media=media_pb2_grpc.MediaStub(channel),
        engines=engines_pb2_grpc.EnginesStub(channel),
        daemon=daemon_pb2_grpc.DaemonStub(channel),
    )
