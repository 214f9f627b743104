"""Events of jobs are watched and polled, by any number of watchers."""

import asyncio
import gc
from collections import Counter

import pytest
from sonique_daemon.domain.events import (
    Progress,
    Stage,
    Warned,
)
from sonique_daemon.domain.request import TagJob, Ticket
from sonique_daemon.errors import (
    InvalidRequest,
    JobNotFound,
)
from sonique_daemon.jobs.job import JobState
from sonique_daemon.jobs.journal import Draft
from sonique_daemon.jobs.log import Entry, Log
from sonique_daemon.jobs.record import Record
from sonique_daemon.jobs.runner import Hold
from sonique_daemon.jobs.service import JobService
from sonique_daemon.jobs.store.store import Store

from tests.jobs.playing import Serve, events_of, play, playing, run


@pytest.mark.parametrize("ended", [False, True])
def test_poll_gives_what_is_there_after_a_number(job: TagJob, serve: Serve, ended: bool) -> None:
    async def scenario() -> tuple[list[int], list[int], JobState]:
        hold = Hold()
        if ended:
            hold.gate.set()
        async with serve(playing(Warned("1"), Warned("2"), Warned("3"), hold)) as service:
            await service.submit("a", job, b"1")
            following = service.watch("a")
            while (await anext(following)).seq < 3:
                continue
            if ended:
                await events_of(service, "a")
            entries, info = await service.poll("a", 1)
            none, _ = await service.poll("a", 99)
            return [entry.seq for entry in entries], [entry.seq for entry in none], info.state

    assert run(scenario()) == (([2, 3, 4], [], JobState.DONE) if ended else ([2, 3], [], JobState.RUNNING))


def test_poll_gives_at_most_a_thousand_events(job: TagJob, serve: Serve) -> None:
    async def scenario() -> tuple[int, int]:
        async with serve(playing(*(Warned(str(number)) for number in range(1500)))) as service:
            await service.submit("a", job, b"1")
            await events_of(service, "a")
            return len((await service.poll("a", 0))[0]), len((await service.poll("a", 1000))[0])

    assert run(scenario()) == (1000, 501)


def test_an_ended_job_is_watched_from_any_number(job: TagJob, serve: Serve) -> None:
    async def scenario() -> list[list[int]]:
        async with serve(playing(*(Warned(str(number)) for number in range(2500)))) as service:
            await service.submit("a", job, b"1")
            await events_of(service, "a")
            return [
                [entry.seq async for entry in service.watch("a", after)] for after in (0, 1, 1000, 2500, 2501, 9999)
            ]

    assert run(scenario()) == [list(range(after + 1, 2502)) for after in (0, 1, 1000, 2500, 2501, 9999)]


def test_a_negative_sequence_number_is_refused(job: TagJob, serve: Serve) -> None:
    async def scenario() -> None:
        async with serve(playing()) as service:
            await service.submit("a", job, b"1")
            with pytest.raises(InvalidRequest):
                await service.poll("a", -1)
            with pytest.raises(InvalidRequest):
                await anext(service.watch("a", -1))

    run(scenario())


def test_an_unknown_job_is_said_to_be_missing_whatever_is_asked_of_it(serve: Serve) -> None:
    async def scenario() -> None:
        async with serve(playing()) as service:
            for question in (service.get, service.poll, service.cancel, service.delete):
                with pytest.raises(JobNotFound, match="nobody"):
                    await question("nobody")
            with pytest.raises(JobNotFound, match="nobody"):
                await anext(service.watch("nobody"))

    run(scenario())


def test_sixty_four_watchers_see_the_same_log_whole_and_in_order(job: TagJob, serve: Serve) -> None:
    async def scenario() -> list[list[Entry]]:
        async def read(service: JobService) -> list[Entry]:
            return [entry async for entry in service.watch("a")]

        async with serve(playing(*(Warned(str(number)) for number in range(200)))) as service:
            await service.submit("a", job, b"1")
            return await asyncio.gather(*(read(service) for _ in range(64)))

    logs = run(scenario())
    assert [entry.seq for entry in logs[0]] == list(range(1, 202))
    assert all(log == logs[0] for log in logs)
    times = [entry.time_ns for entry in logs[0]]
    assert times == sorted(times)


def test_a_watcher_that_never_reads_on_delays_neither_the_job_nor_others(job: TagJob, serve: Serve) -> None:
    async def scenario() -> tuple[int, int]:
        async with serve(playing(*(Warned(str(number)) for number in range(5000)))) as service:
            await service.submit("a", job, b"1")
            slow = service.watch("a")
            assert (await anext(slow)).seq == 1
            fast = len(await events_of(service, "a"))
            return fast, (await anext(slow)).seq

    assert run(scenario()) == (5001, 2)


def test_what_is_seen_is_on_the_disk(job: TagJob, serve: Serve, store: Store) -> None:
    async def scenario() -> None:
        async with serve(playing(*(Warned(str(number)) for number in range(300)))) as service:
            await service.submit("a", job, b"1")
            assert store.job("a") is not None
            async for entry in service.watch("a"):
                assert store.events("a", entry.seq - 1, 1) == (entry,)

    run(scenario())


def test_a_flood_of_progress_is_thinned_and_ends_with_the_last(job: TagJob, serve: Serve) -> None:
    flood = [Progress(Stage.GENERATE, number, 9999, "s of audio") for number in range(10_000)]
    shown = [event for event in run(play(serve, job, *flood)) if isinstance(event, Progress)]
    assert len(shown) < 200
    assert shown[-1].done == 9999


def test_a_thousand_quick_jobs_leave_the_latest_few_logs_in_memory(job: TagJob, serve: Serve) -> None:
    async def scenario() -> Counter[str]:
        async with serve(playing(Warned("x"))) as service:
            for number in range(1000):
                await service.submit(f"j{number}", job, b"1", Ticket(f"client-{number}"))
                await events_of(service, f"j{number}")
            gc.collect()
            kept = Counter(
                type(thing).__name__ for thing in gc.get_objects() if isinstance(thing, Record | Entry | Draft | Log)
            )
            assert (service.running, service.waiting) == (0, 0)
            return kept

    kept = run(scenario())
    assert kept["Log"] == 32
    assert set(kept) == {"Log", "Entry"}
