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

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import grpc

_DETAILS_KEY = "grpc-status-details-bin"
_ERROR_INFO = b"google.rpc.ErrorInfo"


class ClientError(Exception):
    """One sentence for a user, with a stable code.

    Attributes:
        sentence: what happened, the thing's name, and the way out.
        code: stable, upper snake case.
        status: name of the gRPC status that stands for it.
    """

    default_code: ClassVar[str] = "INTERNAL"
    default_status: ClassVar[str] = "INTERNAL"

    def __init__(self, sentence: str, code: str = "", status: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.default_code
        self.status = status or self.default_status


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
    """What a failed call says: the daemon's own sentence and code where it sent them."""
    status = _named_status(error)
    sentence = str(_asked(error, "details") or "") or f"The call to the daemon failed ({status})."
    return CallFailed(sentence, _reason(_asked(error, "trailing_metadata") or ()) or status, status)


def speaks_for_itself(error: "grpc.RpcError") -> bool:
    """Whether the daemon itself said why the call failed; where it did not, the connection broke."""
    return bool(_reason(_asked(error, "trailing_metadata") or ()))


def status_of(error: "grpc.RpcError") -> str:
    """The name of a failed call's gRPC status."""
    return _named_status(error)


def _named_status(error: "grpc.RpcError") -> str:
    code = _asked(error, "code")
    return str(getattr(code, "name", "UNKNOWN"))


def _asked(error: "grpc.RpcError", name: str) -> object:
    found: Callable[[], object] | None = getattr(error, name, None)
    return None if found is None else found()


def _reason(metadata: object) -> str:
    """The reason of the ``google.rpc.ErrorInfo`` in a call's trailers, or ""."""
    if not isinstance(metadata, (tuple, list)):
        return ""
    for key, value in metadata:
        if key == _DETAILS_KEY and isinstance(value, bytes):
            try:
                return _reason_in(value)
            except (ValueError, IndexError):
                return ""
    return ""


def _reason_in(status: bytes) -> str:
    """The reason in a serialised ``google.rpc.Status``; read by hand, because its Python package is no dependency here.

    Status.details is field 3 and holds Any (type_url 1, value 2); ErrorInfo.reason is field 1.
    """
    for detail in (value for number, value in _fields(status) if number == 3):
        parts = dict(_fields(detail))
        if parts.get(1, b"").endswith(_ERROR_INFO):
            return dict(_fields(parts.get(2, b""))).get(1, b"").decode("utf-8", "replace")
    return ""


def _fields(message: bytes) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a protobuf message, as (number, bytes); numbers are passed over."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        size, kind = 0, key & 7
        if kind == 0:
            _, place = _varint(message, place)
        elif kind == 2:
            size, place = _varint(message, place)
            if place + size > len(message):
                raise ValueError("a field ends beyond its message")
            yield key >> 3, message[place : place + size]
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
        else:
            raise ValueError("an unknown wire type")
        place += size


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
