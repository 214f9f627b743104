"""From an error to what a client reads: a gRPC status, the sentence, and ``google.rpc`` details in the trailers.

``ErrorInfo`` carries the error's code; ``RetryInfo`` stands beside it where it can be told when to try again.
"""

from typing import Any, NoReturn, TypeAlias

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]

from sonique_daemon.errors import QueueFull, SoniqueError

DOMAIN = "sonique"
DETAILS_KEY = "grpc-status-details-bin"
_SENTENCE_LIMIT = 1000
"""Characters; a status travels in headers, whose size is bounded."""

Context: TypeAlias = "grpc.aio.ServicerContext[Any, Any]"


async def abort(context: Context, error: SoniqueError) -> NoReturn:
    """Ends the call with the error's status, sentence and code."""
    code = grpc.StatusCode[error.status]
    sentence = error.sentence.encode("utf-8", "replace").decode()[:_SENTENCE_LIMIT]
    await context.abort(code, sentence, trailing_metadata=((DETAILS_KEY, _details(code, sentence, error)),))
    raise AssertionError  # abort never returns


def _details(code: grpc.StatusCode, sentence: str, error: SoniqueError) -> bytes:
    details = [_packed(error_details_pb2.ErrorInfo(reason=error.code, domain=DOMAIN))]
    if isinstance(error, QueueFull) and error.retry_seconds > 0:
        delay = Duration()
        delay.FromMilliseconds(round(error.retry_seconds * 1000))
        details.append(_packed(error_details_pb2.RetryInfo(retry_delay=delay)))
    number: int = code.value[0]
    return bytes(status_pb2.Status(code=number, message=sentence, details=details).SerializeToString())


def _packed(detail: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(detail)
    return packed
