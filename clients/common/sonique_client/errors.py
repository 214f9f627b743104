"""Every error that a client shows.

::

    ClientError
    ├── DaemonUnreachable   no daemon runs, or it cannot be started
    ├── DaemonGone          it stopped while something was going on
    ├── DaemonVersion       it speaks another version of the contract
    ├── CallFailed          the daemon refused a call
    ├── JobFailed           the job ended as failed
    ├── JobCancelled        the job ended as cancelled
    ├── OutputExists        a file stands where one is to be written
    └── OutputUnwritable    a file cannot be written

Each carries one sentence for the user and a stable code; in ``CallFailed`` and ``JobFailed`` they are the daemon's.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from sonique_client.details import Details, details_in

if TYPE_CHECKING:
    import grpc


class ClientError(Exception):
    """One sentence for a user, with a stable code.

    Attributes:
        sentence: what happened, the thing's name, and the way out.
        code: stable, upper snake case.
        status: name of the gRPC status that stands for it.
        retry_seconds: after how long the same may be asked again, where the daemon said so; else None.
    """

    default_code: ClassVar[str] = "INTERNAL"
    default_status: ClassVar[str] = "INTERNAL"

    def __init__(self, sentence: str, code: str = "", status: str = "", retry_seconds: float | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.default_code
        self.status = status or self.default_status
        self.retry_seconds = retry_seconds


class DaemonUnreachable(ClientError):
    """No daemon runs, or it cannot be started."""

    default_code = "DAEMON_UNREACHABLE"
    default_status = "UNAVAILABLE"


class DaemonGone(ClientError):
    """The daemon stopped while something was going on."""

    default_code = "DAEMON_GONE"
    default_status = "UNAVAILABLE"


class DaemonVersion(ClientError):
    """The daemon speaks another version of the contract."""

    default_code = "DAEMON_VERSION"
    default_status = "FAILED_PRECONDITION"


class CallFailed(ClientError):
    """The daemon refused a call."""


class JobFailed(ClientError):
    """The job ended as failed."""


class JobCancelled(ClientError):
    """The job ended as cancelled."""

    default_code = "CANCELLED"
    default_status = "CANCELLED"


class OutputExists(ClientError):
    """A file stands where one is to be written."""

    default_code = "OUTPUT_EXISTS"
    default_status = "ALREADY_EXISTS"


class OutputUnwritable(ClientError):
    """A file cannot be written."""

    default_code = "OUTPUT_UNWRITABLE"
    default_status = "FAILED_PRECONDITION"


def from_rpc(error: "grpc.RpcError") -> CallFailed:
    """What a failed call says: the daemon's own sentence, code and retry delay where it sent them."""
    status = _named_status(error)
    sentence = str(_asked(error, "details") or "") or f"The call to the daemon failed ({status})."
    details = _details(error)
    return CallFailed(sentence, details.reason or status, status, details.retry_seconds)


def speaks_for_itself(error: "grpc.RpcError") -> bool:
    """Whether the daemon itself said why the call failed; where it did not, the connection broke."""
    return bool(_details(error).reason)


def status_of(error: "grpc.RpcError") -> str:
    """The name of a failed call's gRPC status."""
    return _named_status(error)


def _named_status(error: "grpc.RpcError") -> str:
    code = _asked(error, "code")
    return str(getattr(code, "name", "UNKNOWN"))


def _details(error: "grpc.RpcError") -> Details:
    return details_in(_asked(error, "trailing_metadata") or ())


def _asked(error: "grpc.RpcError", name: str) -> object:
    found: Callable[[], object] | None = getattr(error, name, None)
    return None if found is None else found()
