"""A disk that is full for a while: jobs say so, nothing is lost, and all goes on when there is room."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from sonique_daemon.domain.events import Done, Event, Failed, JobCancelled, Warned
from sonique_daemon.domain.request import TagJob
from sonique_daemon.errors import JobNotFound, StoreFull
from sonique_daemon.jobs.job import JobState
from sonique_daemon.jobs.runner import FakeRunner, Hold
from sonique_daemon.jobs.service import JobService
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.jobs.store.values import Appended, StoredJob

Result = TypeVar("Result")
Serve = Callable[..., AbstractAsyncContextManager[JobService]]


@dataclass
class Disk:
    """Whether there is room; the store that was given to it refuses to write while there is none."""

    room: bool = True
    ends: bool = True
    refused: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def check(self, end: bool = False) -> None:
        if not self.room and not (end and self.ends):
            self.refused.release()
            raise StoreFull("No room.")

    async def refusals(self, count: int) -> None:
        """Returns after that many refusals."""
        for _ in range(count):
            assert await asyncio.to_thread(self.refused.acquire, timeout=60)


@pytest.fixture
def disk(store: Store, monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The disk under the store."""
    made, append, add, begin = Disk(), store.append, store.add, store.begin_attempt

    def checked_append(entries: Sequence[Appended]) -> None:
        made.check(any(each.entry and isinstance(each.entry.event, Done | Failed | JobCancelled) for each in entries))
        append(entries)

    def checked_add(job: StoredJob) -> None:
        made.check()
        add(job)

    def checked_begin(job_id: str) -> int:
        made.check()
        return begin(job_id)

    monkeypatch.setattr(store, "append", checked_append)
    monkeypatch.setattr(store, "add", checked_add)
    monkeypatch.setattr(store, "begin_attempt", checked_begin)
    return made


def run(scenario: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(asyncio.wait_for(scenario, 60))


async def events_of(service: JobService, job_id: str) -> list[Event]:
    return [entry.event async for entry in service.watch(job_id)]


def test_a_job_that_cannot_be_written_is_refused_and_can_be_sent_again(job: TagJob, serve: Serve, disk: Disk) -> None:
    async def scenario() -> list[Event]:
        async with serve(FakeRunner()) as service:
            disk.room = False
            with pytest.raises(StoreFull):
                await service.submit("a", job, b"1")
            with pytest.raises(JobNotFound):
                await service.get("a")
            disk.room = True
            await service.submit("a", job, b"1")
            return await events_of(service, "a")

    assert run(scenario()) == [Done()]


def test_a_running_job_whose_event_finds_no_room_fails_with_that_sentence(
    job: TagJob, serve: Serve, disk: Disk, store: Store
) -> None:
    hold = Hold()
    runner = FakeRunner(lambda _: (Warned("1"), hold, Warned("2"), Hold()))

    async def scenario() -> list[Event]:
        async with serve(runner) as service:
            await service.submit("a", job, b"1")
            await anext(service.watch("a"))
            disk.room = False
            hold.gate.set()
            return await events_of(service, "a")

    events = run(scenario())
    assert events == [Warned("1"), Failed("STORE_FULL", "RESOURCE_EXHAUSTED", "No room.")]
    assert [entry.event for entry in store.events("a", 0, 10)] == events


def test_while_an_end_finds_no_room_no_job_is_taken_in_and_then_all_goes_on(
    job: TagJob, serve: Serve, disk: Disk
) -> None:
    hold = Hold()

    async def scenario() -> tuple[list[Event], list[Event]]:
        async with serve(FakeRunner(lambda _: (hold,)), at_once=1) as service:
            await service.submit("a", job, b"1")
            await service.submit("b", job, b"1")
            watching = asyncio.create_task(events_of(service, "a"))
            disk.room = disk.ends = False
            hold.gate.set()
            await disk.refusals(3)
            assert (await service.get("a")).state is JobState.RUNNING
            with pytest.raises(StoreFull):
                await service.submit("c", job, b"1")
            disk.room = True
            first = await watching
            second = await events_of(service, "b")
            await service.submit("c", job, b"1")
            assert (await events_of(service, "c"))[-1] == Done()
            return first, second

    first, second = run(scenario())
    assert first == [Done()]
    assert second[-1] == Done()


def test_a_job_is_cancelled_on_a_full_disk_too(job: TagJob, serve: Serve, disk: Disk) -> None:
    async def scenario() -> tuple[JobState, list[Event]]:
        async with serve(FakeRunner(lambda _: (Warned("begun"), Hold()))) as service:
            await service.submit("a", job, b"1")
            await anext(service.watch("a"))
            disk.room = False
            state = (await service.cancel("a")).state
            return state, await events_of(service, "a")

    state, events = run(scenario())
    assert state in {JobState.CANCELLING, JobState.CANCELLED}
    assert events == [Warned("begun"), JobCancelled()]


def test_what_found_no_room_until_the_daemon_ended_runs_again_in_the_next(
    job: TagJob, serve: Serve, disk: Disk
) -> None:
    hold = Hold()

    async def scenario() -> list[Event]:
        async with serve(FakeRunner(lambda _: (Warned("once"), hold))) as service:
            await service.submit("a", job, b"1")
            await anext(service.watch("a"))
            disk.room = disk.ends = False
            hold.gate.set()
            await disk.refusals(2)
        disk.room = True
        async with serve(FakeRunner(lambda _: (Warned("once"), Warned("twice")))) as service:
            return await events_of(service, "a")

    assert run(scenario()) == [Warned("once"), Warned("twice"), Done()]
