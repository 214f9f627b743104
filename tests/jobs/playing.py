"""What tests of the job service share: runners that play a script, and scenarios that end."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

from sonique_daemon.domain.events import (
    Event,
)
from sonique_daemon.domain.request import Job
from sonique_daemon.domain.take import Take
from sonique_daemon.jobs.runner import FakeRunner, Step
from sonique_daemon.jobs.service import JobService

Result = TypeVar("Result")
MakeTake = Callable[..., Take]
Serve = Callable[..., AbstractAsyncContextManager[JobService]]


def playing(*steps: Step) -> FakeRunner:
    def script(_: object) -> Iterable[Step]:
        return steps

    return FakeRunner(script)


def run(scenario: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(asyncio.wait_for(scenario, 60))


async def events_of(service: JobService, job_id: str) -> list[Event]:
    return [entry.event async for entry in service.watch(job_id)]


async def play(serve: Serve, job: Job, *steps: Step) -> list[Event]:
    async with serve(playing(*steps)) as service:
        await service.submit("a", job, b"1")
        return await events_of(service, "a")
