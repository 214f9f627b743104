"""A connection to the daemon: channel, token and version check in one.

The daemon is this user's own on this machine, found or started; or the one elsewhere that the environment names.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from sonique.runtime_file import CONTRACT, RuntimeFile

from sonique_client.discovery import find_daemon, is_alive, start_daemon
from sonique_client.elsewhere import Elsewhere, named_daemon, why_unreachable
from sonique_client.errors import (
    CallFailed,
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

THIS_COMPUTER = "this computer"
"""``Connection.place`` of the user's own daemon on this machine."""

_GREETING_SECONDS = 5.0
_FAR_GREETING_SECONDS = 10.0
_UNANSWERED = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED", "INTERNAL", "UNKNOWN", "UNIMPLEMENTED")
_OPTIONS = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.max_receive_message_length", 64 * 2**20),
    ("grpc.max_send_message_length", 20 * 2**20),
    ("grpc.http2.max_frame_size", 2**20),  # large frames, and a window to match: audio comes twice as fast
    ("grpc.http2.lookahead_bytes", 4 * 2**20),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)


@dataclass(frozen=True, slots=True)
class Connection:
    """An open connection; a context manager that closes its channel. Every call carries the token by itself.

    Attributes:
        runtime: where the daemon was found; of one elsewhere, its address and process id there.
        info: who answered.
        channel: for services beside the stubs, as health.
        scoring: makes descriptions, tags and music.
        jobs: watches and cancels.
        takes: fetches audio.
        media: uploads.
        engines: what can run here.
        daemon: who answers, and stop.
        place: where the daemon is: "this computer", or the address that the environment named.
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
    place: str = THIS_COMPUTER

    @property
    def local(self) -> bool:
        """Whether it is the user's own daemon on this machine, which sees the same files."""
        return self.place == THIS_COMPUTER

    @property
    def whereabouts(self) -> str:
        """Where it is, for people: “this computer, 127.0.0.1:40181”, or the address of one elsewhere."""
        return f"{self.place}, {self.runtime.address}" if self.local else self.runtime.address

    @property
    def daemon_lives(self) -> bool:
        """Whether the daemon's process still runs; of one elsewhere that is not known, and taken for granted."""
        return not self.local or is_alive(self.runtime.pid)

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
    """Connects to the daemon that the environment names, else to the user's own; where none runs, to a started one.

    Args:
        start: starts a daemon on this machine; None where none is to be started. One elsewhere never is.

    Raises:
        DaemonUnreachable: none runs and none could be started, it does not answer, or it is not to be trusted.
        DaemonVersion: it speaks another version of the contract.
        CallFailed: it refused the token.
    """
    there = named_daemon()
    if there is not None:
        return _connect_elsewhere(there)
    found = find_daemon()
    if found is not None:
        connection = _connect_here(found)
        if connection is not None:
            return connection
    if start is None:
        raise DaemonUnreachable("No Sonique daemon runs; start it with “soniqued”.")
    fresh = _connect_here(start())
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
    if speaks_for_itself(error):
        return from_rpc(error)
    if not connection.daemon_lives:
        return DaemonGone(f"The Sonique daemon stopped while {doing}; start it and try again.")
    if status_of(error) == "UNAVAILABLE" and connection.local:
        return DaemonGone(f"The Sonique daemon no longer answered while {doing}; stop its process and try again.")
    if status_of(error) == "UNAVAILABLE":
        return DaemonGone(
            f"The Sonique daemon on {connection.place} no longer answered while {doing}; see to the network and to the "
            "daemon there, and try again."
        )
    return from_rpc(error)


class Knock:
    """A connection to the daemon of a runtime file on which nobody has answered yet, for a host that must not wait.

    Args:
        runtime: what the runtime file says.
    """

    def __init__(self, runtime: RuntimeFile) -> None:
        self._runtime = runtime
        self._targets = [target for target in (runtime.socket, runtime.address) if target]
        self._channel: grpc.Channel | None = None

    def answered(self, seconds: float) -> Connection | None:
        """The connection once the daemon answers; None where it did not within ``seconds``, and may yet.

        Raises:
            DaemonGone: nobody listens at any of its addresses.
            DaemonVersion: it speaks another version of the contract.
            CallFailed: it refused the token.
        """
        import grpc

        while self._targets:
            if self._channel is None:
                self._channel = _with_token(self._runtime, grpc.insecure_channel(self._targets[0], options=_OPTIONS))
            try:
                return _answer(self._runtime, self._channel, THIS_COMPUTER, seconds)
            except grpc.RpcError as error:
                if status_of(error) == "DEADLINE_EXCEEDED":
                    return None
                self.close()
                if not _is_silence(error):
                    raise from_rpc(error) from None
                del self._targets[0]
        raise DaemonGone("The Sonique daemon no longer listens; start it again.")

    def close(self) -> None:
        """Lets the connection go, where nobody has answered on it."""
        channel, self._channel = self._channel, None
        if channel is not None:
            channel.close()


def _connect_here(runtime: RuntimeFile) -> Connection | None:
    """A connection, or None where nobody answers at any of the addresses."""
    import grpc

    for target in (runtime.socket, runtime.address):
        if not target:
            continue
        channel = grpc.insecure_channel(target, options=_OPTIONS)
        connection = _greeted(runtime, channel, THIS_COMPUTER, _GREETING_SECONDS)
        if connection is not None:
            return connection
    return None


def _connect_elsewhere(there: Elsewhere) -> Connection:
    import grpc

    runtime = RuntimeFile(there.address, "", there.token, 0, "", 0)
    channel = (
        grpc.secure_channel(there.address, grpc.ssl_channel_credentials(there.authority), options=_OPTIONS)
        if there.encrypted
        else grpc.insecure_channel(there.address, options=_OPTIONS)
    )
    try:
        connection = _greeted(runtime, channel, there.address, _FAR_GREETING_SECONDS)
    except CallFailed as error:
        if error.status != "UNAUTHENTICATED":
            raise
        sentence = f"The daemon on {there.address} does not know this token; put its own into SONIQUE_TOKEN_FILE."
        raise CallFailed(sentence, error.code, error.status) from None
    if connection is None:
        raise why_unreachable(there)
    return connection


def _greeted(runtime: RuntimeFile, plain: "grpc.Channel", place: str, seconds: float) -> Connection | None:
    """A connection that the daemon has answered on; None where nobody does."""
    import grpc

    channel = _with_token(runtime, plain)
    try:
        return _answer(runtime, channel, place, seconds)
    except grpc.RpcError as error:
        channel.close()
        if _is_silence(error):
            return None
        raise from_rpc(error) from None
    except DaemonVersion:
        channel.close()
        raise


def _with_token(runtime: RuntimeFile, plain: "grpc.Channel") -> "grpc.Channel":
    import grpc

    from sonique_client.bearer import TokenBearer

    return grpc.intercept_channel(plain, TokenBearer(runtime.token))


def _answer(runtime: RuntimeFile, channel: "grpc.Channel", place: str, seconds: float) -> Connection:
    """The connection, once the daemon has said who it is; raises what gRPC raises, and ``DaemonVersion``."""
    from sonique.v1 import daemon_pb2, daemon_pb2_grpc

    info = daemon_pb2_grpc.DaemonStub(channel).Info(daemon_pb2.InfoRequest(), timeout=seconds)
    _check_contract(info, place)
    return _with_stubs(_known(runtime, info, place), info, channel, place)


def _is_silence(error: "grpc.RpcError") -> bool:
    """Whether nobody answered, rather than said no."""
    return status_of(error) in _UNANSWERED and not speaks_for_itself(error)


def _known(runtime: RuntimeFile, info: "InfoResponse", place: str) -> RuntimeFile:
    """What is known of the daemon once it has answered; one elsewhere wrote no runtime file here."""
    if place == THIS_COMPUTER:
        return runtime
    return replace(runtime, pid=info.pid, version=info.version, contract=info.contract)


def _check_contract(info: "InfoResponse", place: str) -> None:
    if info.contract == CONTRACT:
        return
    which = "The running Sonique daemon" if place == THIS_COMPUTER else f"The Sonique daemon on {place}"
    numbers = f"release {info.version} with contract {info.contract}, and this client speaks contract {CONTRACT}"
    if info.contract > CONTRACT:
        raise DaemonVersion(f"{which} is newer ({numbers}); update this client.")
    way = "stop it and start the installed one" if place == THIS_COMPUTER else "update the daemon there"
    raise DaemonVersion(f"{which} is older ({numbers}); {way}.")


def _with_stubs(runtime: RuntimeFile, info: "InfoResponse", channel: "grpc.Channel", place: str) -> Connection:
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
        place=place,
    )
