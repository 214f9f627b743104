"""What the daemon tells beside a failed call's status: a ``google.rpc.Status`` in the call's trailers.

It is read by hand, because its Python package is no dependency here. Nothing in it is trusted to be well formed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_KEY = "grpc-status-details-bin"
_ERROR_INFO = b"google.rpc.ErrorInfo"
_RETRY_INFO = b"google.rpc.RetryInfo"
_LONGEST_RETRY = 3600.0


@dataclass(frozen=True, slots=True)
class Details:
    """What was told.

    Attributes:
        reason: ``ErrorInfo.reason``, the error's stable code, or "".
        retry_seconds: ``RetryInfo.retry_delay``, at most an hour, or None.
    """

    reason: str = ""
    retry_seconds: float | None = None


def details_in(trailers: object) -> Details:
    """The details in a call's trailers; empty ones where there are none, or none that can be read."""
    if not isinstance(trailers, (tuple, list)):
        return Details()
    for key, value in trailers:
        if key == _KEY and isinstance(value, bytes):
            try:
                return _details(value)
            except (ValueError, IndexError):
                return Details()
    return Details()


def _details(status: bytes) -> Details:
    """Status.details is field 3 and holds Any: type_url 1, value 2."""
    reason, retry = "", None
    for detail in (value for number, value in _fields(status) if number == 3 and isinstance(value, bytes)):
        parts = dict(_fields(detail))
        kind, value = _bytes(parts.get(1)), _bytes(parts.get(2))
        if kind.endswith(_ERROR_INFO):
            reason = _bytes(dict(_fields(value)).get(1)).decode("utf-8", "replace")
        elif kind.endswith(_RETRY_INFO):
            retry = _seconds(_bytes(dict(_fields(value)).get(1)))
    return Details(reason, retry)


def _seconds(duration: bytes) -> float:
    """A Duration: seconds 1, nanos 2; nothing below zero, nothing over an hour."""
    parts = {number: value for number, value in _fields(duration) if isinstance(value, int)}
    seconds = parts.get(1, 0)
    negative = seconds >> 63
    return 0.0 if negative else min(_LONGEST_RETRY, seconds + min(parts.get(2, 0), 10**9) / 1e9)


def _bytes(value: int | bytes | None) -> bytes:
    return value if isinstance(value, bytes) else b""


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a protobuf message: bytes of the length-delimited ones, and whole numbers; not the others."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        kind = key & 7
        if kind == 0:
            number, place = _varint(message, place)
            yield key >> 3, number
        elif kind == 2:
            size, place = _varint(message, place)
            if place + size > len(message):
                raise ValueError("a field ends beyond its message")
            yield key >> 3, message[place : place + size]
            place += size
        elif kind in (1, 5):
            place += 8 if kind == 1 else 4
        else:
            raise ValueError("an unknown wire type")


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
