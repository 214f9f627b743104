"""Jobs that have just ended are spoken of without a look into the store, for as long as they are in there."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sonique_daemon.domain.events import Failed, Warned
from sonique_daemon.domain.request import TagJob
from sonique_daemon.errors import JobNotFound, NothingToSee
from sonique_daemon.jobs.job import JobInfo
from sonique_daemon.jobs.record import info_of
from sonique_daemon.jobs.runner import FakeRunner, Hold, Step
from sonique_daemon.jobs.service import JobService
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.jobs.store.values import PruneOrder, StoredJob, StoreKind

Result = TypeVar("Result")
Serve = Callable[..., AbstractAsyncContextManager[JobService]]


class WatchedStore(Store):
    """Counts how often each job is looked up."""

    looks: Counter[str]

    def job(self, job_id: str) -> StoredJob | None:
        self.looks[job_id] += 1
        return super().job(job_id)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[WatchedStore]:
    store = WatchedStore.open(tmp_path / "watched")
    assert isinstance(store, WatchedStore)
    store.looks = Counter()
    yield store
    store.close()


def run(scenario: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(asyncio.wait_for(scenario, 60))


def playing(*steps: Step) -> FakeRunner:
    return FakeRunner(lambda _: steps)


async def finish(service: JobService, job: TagJob, *names: str) -> None:
    """Has jobs run to their ends."""
    for name in names:
        await service.submit(name, job, b"1")
        assert [entry async for entry in service.watch(name)]


def test_polls_and_watches_of_a_job_that_has_just_ended_ask_the_store_nothing(
    job: TagJob, serve: Serve, watched: WatchedStore
) -> None:
    async def scenario() -> int:
        async with serve(playing(Warned("x")), watched) as service:
            await finish(service, job, "a")
            watched.looks.clear()
            for _ in range(10):
                assert (await service.poll("a"))[0] == tuple([entry async for entry in service.watch("a")])
            return watched.looks.total()

    assert run(scenario()) == 0


def test_a_job_that_is_asked_for_stays_while_many_others_end(job: TagJob, serve: Serve, watched: WatchedStore) -> None:
    async def scenario() -> int:
        async with serve(playing(Warned("x")), watched) as service:
            await finish(service, job, "a")
            watched.looks.clear()
            for number in range(100):
                await finish(service, job, f"j{number}")
                await service.poll("a")
            return watched.looks["a"]

    assert run(scenario()) == 0


def test_a_job_is_looked_up_once_after_the_store_took_out_another(
    job: TagJob, serve: Serve, watched: WatchedStore
) -> None:
    async def scenario() -> int:
        async with serve(playing(Warned("x")), watched) as service:
            await finish(service, job, "a", "b")
            await service.delete("b")
            watched.looks.clear()
            for _ in range(10):
                await service.poll("a")
            return watched.looks["a"]

    assert run(scenario()) == 1


def test_a_job_that_pruning_took_out_is_gone(job: TagJob, serve: Serve, store: Store) -> None:
    async def scenario() -> None:
        async with serve(playing(Warned("x"))) as service:
            await finish(service, job, "a")
            await asyncio.to_thread(store.prune, PruneOrder(frozenset({StoreKind.JOBS}), 0, 0.0))
            with pytest.raises(JobNotFound):
                await service.poll("a")

    run(scenario())


def test_a_job_of_the_same_id_that_came_after_is_told_and_not_the_former(
    job: TagJob, serve: Serve, store: Store
) -> None:
    async def scenario() -> tuple[int, int]:
        async with serve(playing(Warned("x"))) as service:
            await finish(service, job, "a")
            before = (await service.get("a")).created_ns
            await asyncio.to_thread(store.delete, "a")
            await finish(service, job, "a")
            return before, (await service.get("a")).created_ns

    before, after = run(scenario())
    assert before < after


@pytest.mark.parametrize("ending", ["done", "failed", "cancelled"])
def test_what_is_told_of_an_ended_job_is_what_lies_on_the_disk(
    job: TagJob, serve: Serve, store: Store, ending: str
) -> None:
    steps: dict[str, Step] = {"done": Warned("x"), "failed": NothingToSee("Black."), "cancelled": Hold()}

    async def scenario() -> tuple[JobInfo, StoredJob | None]:
        async with serve(playing(steps[ending])) as service:
            await service.submit("a", job, b"1")
            if ending == "cancelled":
                await service.cancel("a")
            assert [entry async for entry in service.watch("a")]
            return await service.get("a"), store.job("a")

    told, stored = run(scenario())
    assert stored is not None
    assert told.started_ns > 0
    assert replace(told, started_ns=stored.started_ns) == info_of(stored)
    assert isinstance(told.failure, Failed) == (ending == "failed")
