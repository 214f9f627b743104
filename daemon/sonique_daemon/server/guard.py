"""What stands before every call: the token, the decoding of the request, and the mapping of errors.

Requests are decoded here and not by gRPC, so that bytes that are no message are INVALID_ARGUMENT like every other
broken request.
"""

import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, TypeAlias, cast

import grpc

from sonique_daemon.errors import InvalidRequest, SoniqueError, Unauthenticated
from sonique_daemon.server.activity import Activity
from sonique_daemon.server.status import Context, abort
from sonique_daemon.server.turns import Turns

_logger = logging.getLogger(__name__)

Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"
Continuation: TypeAlias = Callable[[Any], Awaitable[Any]]
Decode = Callable[[bytes], Any]

_SCORING = ("Describe", "Tag", "Generate", "Score")
_FOLLOWING = frozenset({"/sonique.v1.Jobs/Watch", *(f"/sonique.v1.Scoring/{name}" for name in _SCORING)})
"""The methods that answer with a job's events."""

_BROKEN = "Something inside Sonique broke; the daemon's log tells more."
_DENIED = "The call carried no valid token; connect by the runtime file of the running daemon."


class TokenGuard(grpc.aio.ServerInterceptor):
    """Lets through only calls that carry ``authorization: Bearer TOKEN``; health and reflection are no exception.

    Args:
        tokens: each of them opens.
    """

    def __init__(self, tokens: Iterable[str]) -> None:
        self._wanted = tuple(f"Bearer {token}".encode() for token in tokens)

    async def intercept_service(self, continuation: Continuation, handler_call_details: Any) -> Any:
        """The method's handler, or one that refuses."""
        return await continuation(handler_call_details) if self._admits(handler_call_details) else _REFUSAL

    def _admits(self, details: Any) -> bool:
        given = [value for key, value in details.invocation_metadata or () if key == "authorization"]
        text = given[0] if len(given) == 1 else ""
        data = text if isinstance(text, bytes) else text.encode()
        return any([hmac.compare_digest(data, wanted) for wanted in self._wanted])  # noqa: C419 - all of them, always


class Turnstile(grpc.aio.ServerInterceptor):
    """Lets calls that follow jobs in by turns, and has all who follow step back while a call waits for one answer.

    When a job ends, all who watched it may begin to watch the next one at the same moment.

    Args:
        turns: those of all who follow jobs.
    """

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def intercept_service(self, continuation: Continuation, handler_call_details: Any) -> Any:
        """The method's handler, when it is the call's turn."""
        if handler_call_details.method in _FOLLOWING:
            await self._turns.take()
            return await continuation(handler_call_details)
        self._turns.step_back()
        handler = await continuation(handler_call_details)
        return handler if handler is None or not handler.unary_unary else _awaited(handler, self._turns)


class ErrorGuard(grpc.aio.ServerInterceptor):
    """Turns every exception of a handler into a status with one sentence; what nobody foresaw goes to the log.

    Args:
        activity: counts the calls.
    """

    def __init__(self, activity: Activity) -> None:
        self._activity = activity

    async def intercept_service(self, continuation: Continuation, handler_call_details: Any) -> Any:
        """The method's handler, wrapped."""
        handler = await continuation(handler_call_details)
        return handler if handler is None else _wrapped(handler, self._activity)


def _wrapped(handler: Handler, activity: Activity) -> Handler:
    found = cast("Any", handler)
    decode: Decode = found.request_deserializer or _same
    if found.response_streaming:
        behaviour = found.stream_stream if found.request_streaming else found.unary_stream
        make = (
            grpc.stream_stream_rpc_method_handler if found.request_streaming else grpc.unary_stream_rpc_method_handler
        )
        arrive = _arriving(decode, found.request_streaming)
        return make(_answering_many(behaviour, arrive, activity), None, found.response_serializer)
    behaviour = found.stream_unary if found.request_streaming else found.unary_unary
    make_one = grpc.stream_unary_rpc_method_handler if found.request_streaming else grpc.unary_unary_rpc_method_handler
    arrive = _arriving(decode, found.request_streaming)
    return make_one(_answering_one(behaviour, arrive, activity), None, found.response_serializer)


def _awaited(handler: Handler, turns: Turns) -> Handler:
    """The handler of a call that waits for one answer; those who follow jobs go on once that is given."""
    found = cast("Any", handler)

    async def answer(request: Any, context: Context) -> Any:
        try:
            return await found.unary_unary(request, context)
        finally:
            turns.go_on()

    return grpc.unary_unary_rpc_method_handler(answer, found.request_deserializer, found.response_serializer)


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


def _answering_one(
    behaviour: Callable[..., Any], arrive: Callable[[Any], Any], activity: Activity
) -> Callable[..., Any]:
    async def answer(request: Any, context: Context) -> Any:
        with activity.call():
            try:
                return await behaviour(arrive(request), context)
            except Exception as error:  # noqa: BLE001 - every error becomes a status
                return await _fail(context, error)

    return answer


def _answering_many(
    behaviour: Callable[..., Any], arrive: Callable[[Any], Any], activity: Activity
) -> Callable[..., Any]:
    async def answer(request: Any, context: Context) -> AsyncIterator[Any]:
        with activity.call():
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
    if isinstance(error, NotImplementedError):  # a method of a standard service that its library leaves out
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "This daemon does not offer that method.")
    if not isinstance(error, SoniqueError):
        _logger.error("A call broke", exc_info=error)
        error = SoniqueError(_BROKEN)
    await abort(context, error)


async def _refuse(_: Any, context: Context) -> AsyncIterator[bytes]:
    await abort(context, Unauthenticated(_DENIED))
    yield b""


_REFUSAL: Handler = grpc.stream_stream_rpc_method_handler(_refuse)
