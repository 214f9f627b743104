"""A session with the daemon: found or started, and started once more where it ends while a job runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import grpc
from sonique.v1 import engines_pb2, store_pb2_grpc
from sonique_client.connection import Connection, connect
from sonique_client.errors import ClientError, DaemonUnreachable, JobCancelled, from_rpc

from sonique_cli.display import Display
from sonique_cli.exits import CommandError, Exit, exit_for

_END_SECONDS = 20.0
"""How long a daemon that is on its way out is waited for."""

_LOOK_SECONDS = 0.05


@dataclass(slots=True)
class Session:
    """An open session.

    Attributes:
        connection: the open connection; another one after ``revive``.
        display: where events and sentences go.
        revived: whether the daemon was started again already.
    """

    connection: Connection
    display: Display
    revived: bool = False

    @property
    def store(self) -> store_pb2_grpc.StoreStub:
        """Speaks of the store."""
        return store_pb2_grpc.StoreStub(self.connection.channel)

    def revive(self, error: ClientError, job_id: str) -> None:
        """Starts the daemon again after it ended while the job ran; the job is kept in its store and goes on.

        Raises:
            CommandError: it ended once before, is on another machine, still lives and does not answer, or cannot be
                started here.
        """
        if self.revived or not self.connection.local or not self._has_ended():
            raise _left_behind(error, job_id, again=self.revived) from error
        self.revived = True
        self.connection.close()
        try:
            self.connection = connect()
        except ClientError as unreachable:
            raise _left_behind(unreachable, job_id, again=False) from unreachable
        self.display.say("The daemon ended, and was started again.")

    def engines(self) -> engines_pb2.ListEnginesResponse:
        """What can describe, tag and generate here."""
        return self.connection.engines.List(engines_pb2.ListEnginesRequest())

    def vocabulary(self) -> engines_pb2.ListVocabularyResponse:
        """The words that a brief may use."""
        return self.connection.engines.ListVocabulary(engines_pb2.ListVocabularyRequest())

    def _has_ended(self) -> bool:
        """Whether the daemon's process is gone, or goes within a while: one that stops tells so before it ends."""
        deadline = time.monotonic() + _END_SECONDS
        while self.connection.daemon_lives:
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_SECONDS)
        return True


def _left_behind(error: ClientError, job_id: str, *, again: bool) -> CommandError:
    what = "The Sonique daemon ended again while the job ran." if again else error.sentence
    return CommandError(f"{what} The job is kept; “sonique watch {job_id}” goes on with it.", Exit.DAEMON)


@contextmanager
def open_session(display: Display, *, start: bool = True) -> Iterator[Session]:
    """A session with the user's daemon, which is started where none runs.

    Args:
        display: where events and sentences go.
        start: whether a daemon is started where none runs.

    Raises:
        CommandError: whatever goes wrong between here and the daemon, as one sentence with its exit code.
    """
    with speaking():
        session = Session(connect() if start else _connect_running(), display)
        try:
            yield session
        finally:
            session.connection.close()


@contextmanager
def speaking() -> Iterator[None]:
    """Around all that speaks with the daemon: what goes wrong becomes one sentence with its exit code.

    Raises:
        CommandError: something went wrong.
    """
    try:
        yield
    except JobCancelled as error:
        raise CommandError("The job was cancelled; nothing was written.", Exit.CANCELLED) from error
    except ClientError as error:
        raise CommandError(error.sentence, exit_for(error.code)) from error
    except grpc.RpcError as error:
        refused = from_rpc(error)
        raise CommandError(refused.sentence, exit_for(refused.code)) from error


def sentence_of(error: Exception) -> str:
    """What an error says for people: a sentence of ours or of the daemon's, else its name and text."""
    if isinstance(error, ClientError | CommandError):
        return error.sentence
    if isinstance(error, grpc.RpcError):
        return from_rpc(error).sentence
    return f"{type(error).__name__}: {error}"


def _connect_running() -> Connection:
    try:
        return connect(start=None)
    except DaemonUnreachable:
        sentence = "No daemon runs; sonique daemon start, or any command that needs it, starts one."
        raise CommandError(sentence, Exit.DAEMON) from None
