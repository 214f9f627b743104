"""Protocol fuzzing: mutated requests to every method that the daemon has."""

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import psutil
from sonique.runtime_file import RuntimeFile

from bench.faults import asks, http2
from bench.faults.calls import OPTIONS, Caller
from bench.faults.examples import example
from bench.faults.home import Home, home
from bench.faults.mutation import mutants
from bench.faults.reflection import Method, methods
from bench.table import Row

MUTANTS = 100_000
AT_ONCE = 64
ALLOWED_BYTES = 400 * 2**20
"""How much memory the daemon and its workers together may gain."""

DOCUMENTED = {
    grpc.StatusCode.OK,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.PERMISSION_DENIED,
    grpc.StatusCode.RESOURCE_EXHAUSTED,
    grpc.StatusCode.UNAUTHENTICATED,
    grpc.StatusCode.UNIMPLEMENTED,
}
"""What docs/errors.md allows a call to fail with while the daemon is well."""

Metadata = tuple[tuple[str, str | bytes], ...]
Sent = tuple[Method, list[bytes], bool]
"""A method, the messages that it is sent, and whether the token goes with them."""

_CALL_SECONDS = 30.0
_OWN_FAULT = "Internal error from Core"
"""What grpc.aio says where the daemon answered before the client had sent everything; the status is lost in it."""


@dataclass
class Verdict:
    """What fuzzing came to.

    Attributes:
        statuses: how often each status came.
        faults: what should not have come, with the request that brought it.
        grown: bytes that the daemon and its workers gained at most.
        seconds: how long it took.
    """

    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    grown: int = 0
    seconds: float = 0.0


def rows(folder: Path, count: int = MUTANTS) -> Iterator[Row]:
    """Mutants to a living daemon, and connections that speak HTTP/2 badly; "*" for how often each status came."""
    folder.mkdir(parents=True, exist_ok=True)
    with home(folder / "fuzz") as here:
        _warm(here.start(), folder)
        verdict = fuzz(here, count, seed=1)
        told = ", ".join(f"{name} {times}" for name, times in verdict.statuses.most_common())
        yield Row(
            f"{sum(verdict.statuses.values())} mutated requests to every method",
            f"{len(verdict.faults)} undocumented; memory +{verdict.grown / 2**20:.0f} MB; {verdict.seconds:.0f} s",
            "0, alive, < +400 MB",
            not verdict.faults and verdict.grown < ALLOWED_BYTES and alive(here),
            "; ".join(verdict.faults[:3]) or told,
        )
        said = talk(here, max(1, count // 2000), seed=2)
        yield Row(f"{said} connections that break HTTP/2", "alive" if alive(here) else "dead", "alive", alive(here))


def _warm(told: RuntimeFile, folder: Path) -> None:
    """Every worker once, so that memory that grows is not that of processes that start."""
    film = asks.make_film(folder / "film.mp4", [4.5])
    with Caller(told) as caller:
        for number in range(3):
            caller.run(asks.score(f"warm-{number}", film, seed=number))


def alive(here: Home) -> bool:
    """Whether the daemon still runs and answers a good call."""
    told = here.told()
    if told is None or not psutil.pid_exists(told.pid):
        return False
    with Caller(told) as caller:
        return [event.seq for event in caller.run(asks.tag(f"alive-{time.monotonic_ns()}"))][-1] > 0


def fuzz(here: Home, count: int, seed: int) -> Verdict:
    """Sends ``count`` mutants, spread evenly over all methods."""
    told = here.told()
    assert told is not None
    with Caller(told) as caller:
        found = methods(caller.channel)
    verdict, started = Verdict(), time.monotonic()
    asyncio.run(_fuzz(here, told, _requests(found, count, seed), verdict))
    verdict.seconds = time.monotonic() - started
    return verdict


async def _fuzz(here: Home, told: RuntimeFile, requests: Iterator[Sent], verdict: Verdict) -> None:
    before = here.memory()
    waiting: asyncio.Queue[Sent] = asyncio.Queue(AT_ONCE * 4)
    async with grpc.aio.insecure_channel(told.address, options=OPTIONS) as channel:
        senders = [asyncio.create_task(_send_all(channel, told, waiting, verdict)) for _ in range(AT_ONCE)]
        for number, item in enumerate(requests):
            await waiting.put(item)
            if number % 1000 == 0:
                verdict.grown = max(verdict.grown, here.memory() - before)
        await waiting.join()
        for sender in senders:
            sender.cancel()
    verdict.grown = max(verdict.grown, here.memory() - before)


def _requests(found: tuple[Method, ...], count: int, seed: int) -> Iterator[Sent]:
    """Method, messages and whether the token goes with them; a call in fifty has none."""
    dice = random.Random(seed)  # noqa: S311 - mutations, and no secret
    stop = "Daemon/Shutdown"
    for number in range(count):
        method = found[number % len(found)]
        good = example(method, dice)
        size = dice.randint(1, 4) if method.streams_in else 1
        yield method, list(mutants(good, dice, size)), dice.random() > 0.02 and method.name != stop


async def _send_all(channel: Any, told: RuntimeFile, waiting: "asyncio.Queue[Sent]", verdict: Verdict) -> None:
    token = told.token
    dice = random.Random(token)  # noqa: S311 - metadata, and no secret
    while True:
        method, messages, signed = await waiting.get()
        try:
            metadata = _metadata(token, dice) if signed else _unsigned(token, dice)
            status, sentence = await _call(channel, told, method, messages, metadata)
            _judge(verdict, (method, messages, signed), status, sentence)
        finally:
            waiting.task_done()


def _judge(verdict: Verdict, call: Sent, status: grpc.StatusCode, sentence: str) -> None:
    method, messages, signed = call
    verdict.statuses[status.name] += 1
    wanted = DOCUMENTED if signed else {grpc.StatusCode.UNAUTHENTICATED}
    if status is grpc.StatusCode.DEADLINE_EXCEEDED and signed and method.streams_out:
        return  # our own patience: what is watched is a job that waits its turn among all that mutants began
    if status not in wanted:
        sent = [data[:200] for data in messages]
        verdict.faults.append(f"{method.name}: {status.name} “{sentence[:120]}” for {sent!r}")


def _metadata(token: str, dice: random.Random) -> Metadata:
    """The token, now and then among strange company."""
    entry = ("authorization", f"Bearer {token}")
    match dice.randrange(12):
        case 0:
            return (entry, ("x-odd-bin", dice.randbytes(40)), ("x-odd", "y" * 500))
        case 1:
            return (*((f"x-{n}", "z") for n in range(20)), entry)
        case _:
            return (entry,)


def _unsigned(token: str, dice: random.Random) -> Metadata:
    """Something that is nearly the token."""
    return dice.choice(
        (
            (),
            (("authorization", "Bearer "),),
            (("authorization", token),),
            (("authorization", f"Bearer {token[:-1]}"),),
            (("authorization", f"Bearer {token}x"),),
            (("authorization", f"Basic {token}"),),
            (("authorization", f"Bearer {token}"), ("authorization", f"Bearer {token}")),
            (("authorization-bin", f"Bearer {token}".encode()),),
            (("x-authorization", f"Bearer {token}"),),
        )
    )


async def _call(
    channel: Any, told: RuntimeFile, method: Method, messages: list[bytes], metadata: Metadata
) -> tuple[grpc.StatusCode, str]:
    """A call's status and sentence."""
    status, sentence = await _call_once(channel, method, messages, metadata)
    if sentence == _OWN_FAULT:
        return await asyncio.to_thread(_call_plainly, told, method, messages, metadata)
    return status, sentence


async def _call_once(
    channel: Any, method: Method, messages: list[bytes], metadata: Metadata
) -> tuple[grpc.StatusCode, str]:
    """The same as grpc.aio tells it; of a stream the first message is taken, and then the client leaves."""
    opening = {(False, False): channel.unary_unary, (False, True): channel.unary_stream}
    opening |= {(True, False): channel.stream_unary, (True, True): channel.stream_stream}
    sent: Any = iter(messages) if method.streams_in else messages[0]
    call = opening[method.streams_in, method.streams_out](method.path)(sent, metadata=metadata, timeout=_CALL_SECONDS)
    try:
        if method.streams_out:
            await call.read()
            if not call.done():
                call.cancel()
                return grpc.StatusCode.OK, ""
        else:
            await call
    except grpc.aio.AioRpcError as error:
        return error.code(), error.details() or ""
    except asyncio.CancelledError:
        if call.cancelled():
            return grpc.StatusCode.OK, ""
        raise
    return await call.code(), await call.details() or ""


def _call_plainly(
    told: RuntimeFile, method: Method, messages: list[bytes], metadata: Metadata
) -> tuple[grpc.StatusCode, str]:
    """The same call without asyncio."""
    with grpc.insecure_channel(told.address, options=OPTIONS) as channel:
        opening: Any = channel.stream_stream if method.streams_out else channel.stream_unary
        try:
            answer = opening(method.path)(iter(messages), metadata=metadata, timeout=_CALL_SECONDS)
            deque(answer if method.streams_out else (), maxlen=0)
        except grpc.RpcError as error:
            return error.code(), error.details() or ""
    return grpc.StatusCode.OK, ""


def talk(here: Home, rounds: int, seed: int) -> int:
    """Connections that break HTTP/2 in every way of ``http2.talks``, ``rounds`` times; how many there were."""
    told = here.told()
    assert told is not None
    dice, count = random.Random(seed), 0  # noqa: S311 - damage, and no secret
    for _ in range(rounds):
        for words in http2.talks("/sonique.v1.Daemon/Info", told.token, b"", dice):
            http2.say(told.address, words)
            count += 1
    return count
