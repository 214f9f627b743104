"""What stands before every call: the token, the decoding of the request, and the mapping of errors.

Requests are decoded here and not by gRPC, so that bytes that are no message are INVALID_ARGUMENT like every other
broken request.
"""

import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias, cast

import grpc

from sonique_daemon.errors import InvalidRequest, SoniqueError, Unauthenticated
from sonique_daemon.server.status import Context, abort

_logger = logging.getLogger(__name__)

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Continuation: TypeAlias = Callable[[Any], Awaitable[Any]]
Decode = Callable[[bytes], Any]

_BROKEN = "Something inside Sonique broke; the daemon's log tells more."
_DENIED = "The call carried no valid token; connect by the runtime file of the running daemon."


class TokenGuard(grpc.aio.ServerInterceptor):
    """Lets through only calls that carry ``authorization: Bearer TOKEN``; health and reflection are no exception."""

    def __init__(self, token: str) -> None:
        self._wanted = f"Bearer {token}".encode()

    async def intercept_service(self, continuation: Continuation, handler_call_details: Any) -> Any:
        """The method's handler, or one that refuses."""
        return await continuation(handler_call_details) if self._admits(handler_call_details) else _REFUSAL

    def _admits(self, details: Any) -> bool:
        given = [value for key, value in details.invocation_metadata or () if key == "authorization"]
        text = given[0] if len(given) == 1 else ""
        return hmac.compare_digest(text if isinstance(text, bytes) else text.encode(), self._wanted)


class ErrorGuard(grpc.aio.ServerInterceptor):
    """Turns every exception of a handler into a status with one sentence; what nobody foresaw goes to the log."""

    async def intercept_service(self, continuation: Continuation, handler_call_details: Any) -> Any:
        """The method's handler, wrapped."""
        handler = await continuation(handler_call_details)
        return handler if handler is None else _wrapped(handler)


def _wrapped(handler: Handler) -> Handler:
    found = cast("Any", handler)
    decode: Decode = found.request_deserializer or _same
    if found.response_streaming:
        behaviour = found.stream_stream if found.request_streaming else found.unary_stream
        make = (
            grpc.stream_stream_rpc_method_handler if found.request_streaming else grpc.unary_stream_rpc_method_handler
        )
        return make(
            _answering_many(behaviour, _arriving(decode, found.request_streaming)), None, found.response_serializer
        )
    behaviour = found.stream_unary if found.request_streaming else found.unary_unary
    make_one = grpc.stream_unary_rpc_method_handler if found.request_streaming else grpc.unary_unary_rpc_method_handler
    return make_one(
        _answering_one(behaviour, _arriving(decode, found.request_streaming)), None, found.response_serializer
    )


def _same(data: bytes) -> bytes:
    return data


def _arriving(decode: Decode, streaming: bool) -> Callable[[Any], Any]:
    """How the request reaches the handler: one message, or a stream of them."""

    def one(data: bytes) -> Any:
        try:
            return decode(data)
        except Exception:  # noqa: BLE001 - whatever the decoder says, the bytes are no message
            raise InvalidRequest("The request is no message of this contract; check the client's version.") from None

    async def many(stream: AsyncIterator[bytes]) -> AsyncIterator[Any]:
        async for data in stream:
            yield one(data)

    return many if streaming else one


def _answering_one(behaviour: Callable[..., Any], arrive: Callable[[Any], Any]) -> Callable[..., Any]:
    async def answer(request: Any, context: Context) -> Any:
        try:
            return await behaviour(arrive(request), context)
        except Exception as error:  # noqa: BLE001 - every error becomes a status
            return await _fail(context, error)

    return answer


def _answering_many(behaviour: Callable[..., Any], arrive: Callable[[Any], Any]) -> Callable[..., Any]:
    async def answer(request: Any, context: Context) -> AsyncIterator[Any]:
        try:
            answers = behaviour(arrive(request), context)
            if not hasattr(answers, "__aiter__"):  # a handler that writes to the context itself
                await answers
                return
            async for message in answers:
                yield message
        except Exception as error:  # noqa: BLE001 - every error becomes a status
            await _fail(context, error)

    return answer


async def _fail(context: Context, error: Exception) -> None:
    if isinstance(error, grpc.aio.AbortError):
        raise error
    if isinstance(error, grpc.aio.InternalError):
        _logger.debug("A client went away while it was being answered", exc_info=error)
        return
    if not isinstance(error, SoniqueError):
        _logger.error("A call broke", exc_info=error)
        error = SoniqueError(_BROKEN)
    await abort(context, error)


async def _refuse(_: Any, context: Context) -> AsyncIterator[bytes]:
    await abort(context, Unauthenticated(_DENIED))
    yield b""


_REFUSAL: Handler = grpc.stream_stream_rpc_method_handler(_refuse)
