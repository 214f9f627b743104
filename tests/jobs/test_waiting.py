"""What jobs that wait are told, and whom a full queue refuses."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import Done, Event, Queued
from sonique_daemon.domain.request import Job, Priority, TagJob, Ticket
from sonique_daemon.errors import JobNotFound, QueueFull
from sonique_daemon.jobs.runner import FakeRunner, Hold, Step
from sonique_daemon.jobs.service import JobService

Result = TypeVar("Result")
Serve = Callable[..., AbstractAsyncContextManager[JobService]]


def run(scenario: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(asyncio.wait_for(scenario, 60))


def playing(*steps: Step) -> FakeRunner:
    def script(_: object) -> Iterable[Step]:
        return steps

    return FakeRunner(script)


async def events_of(service: JobService, job_id: str) -> list[Event]:
    return [entry.event async for entry in service.watch(job_id)]


def places(events: Iterable[Event]) -> list[int]:
    return [event.position for event in events if isinstance(event, Queued)]


def test_a_job_that_waits_says_its_place_as_it_changes_and_why(job: TagJob, serve: Serve) -> None:
    async def scenario() -> list[Event]:
        hold = Hold()
        async with serve(playing(hold), at_once=1, notice_seconds=0.0) as service:
            for name in ("a", "b", "c"):
                await service.submit(name, job, name.encode())
            await service.cancel("b")
            assert (await service.get("c")).position == 0
            hold.gate.set()
            return await events_of(service, "c")

    events = run(scenario())
    assert events == [
        Queued(1, "The job “a” runs; one job is ahead of this one."),
        Queued(0, "The job “a” runs; this one is next."),
        Done(),
    ]


def test_a_long_queue_that_moves_fast_writes_no_flood_of_places(serve: Serve) -> None:
    async def scenario() -> list[list[int]]:
        holds = {f"j{number}": Hold() for number in range(20)}

        def script(asked: Job) -> Iterable[Step]:
            assert isinstance(asked, TagJob)
            return (holds[asked.brief.prompt],)

        async with serve(FakeRunner(script), at_once=1, notice_seconds=3600.0) as service:
            for name in holds:
                await service.submit(name, TagJob(Brief(prompt=name)), b"1")
            for hold in holds.values():
                hold.gate.set()
            return [places(await events_of(service, name)) for name in holds]

    assert run(scenario()) == [[], *[[number] for number in range(19)]]


def test_clients_take_turns(serve: Serve) -> None:
    order: list[str] = []

    def script(asked: Job) -> Iterable[Step]:
        assert isinstance(asked, TagJob)
        order.append(asked.brief.prompt)
        return (first,) if asked.brief.prompt == "first" else ()

    first = Hold()

    async def scenario() -> None:
        async with serve(FakeRunner(script), at_once=1) as service:
            jobs = [("first", "z"), ("a1", "a"), ("a2", "a"), ("a3", "a"), ("b1", "b"), ("c1", "c")]
            for name, client in jobs:
                await service.submit(name, TagJob(Brief(prompt=name)), b"1", Ticket(client))
            await service.submit("h", TagJob(Brief(prompt="h")), b"1", Ticket("a", Priority.HIGH))
            first.gate.set()
            for name, _ in jobs:
                await events_of(service, name)

    run(scenario())
    assert order == ["first", "h", "b1", "c1", "a1", "a2", "a3"]


def test_a_flood_of_ten_times_the_bound_is_refused_and_harms_nobody_who_was_taken_in(job: TagJob, serve: Serve) -> None:
    async def scenario() -> tuple[int, list[float], list[list[Event]]]:
        hold = Hold()
        async with serve(playing(hold), waiting_limit=16, client_limit=12) as service:
            taken, retries = [], []
            for number in range(180):
                name = f"j{number}"
                try:
                    await service.submit(name, job, name.encode(), Ticket(f"client-{number % 5}"))
                except QueueFull as full:
                    retries.append(full.retry_seconds)
                    with pytest.raises(JobNotFound):
                        await service.get(name)
                else:
                    taken.append(name)
            await service.submit(taken[-1], job, taken[-1].encode())
            hold.gate.set()
            return service.waiting, retries, [await events_of(service, name) for name in taken]

    waiting, retries, logs = run(scenario())
    assert waiting == 16
    assert len(logs) == 18
    assert len(retries) == 162
    assert min(retries) >= 1.0
    assert all(log[-1] == Done() for log in logs)


def test_one_client_leaves_places_for_others(job: TagJob, serve: Serve) -> None:
    async def scenario() -> None:
        async with serve(playing(Hold()), at_once=1, waiting_limit=8, client_limit=3) as service:
            for number in range(4):
                await service.submit(f"a{number}", job, b"1", Ticket("a"))
            with pytest.raises(QueueFull, match="“a”"):
                await service.submit("a9", job, b"1", Ticket("a"))
            await service.submit("b1", job, b"1", Ticket("b"))

    run(scenario())
