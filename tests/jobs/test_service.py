"""Jobs are taken in, attached to, queued and listed."""

import asyncio
from collections.abc import Iterable

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import (
    Done,
    Event,
    Stage,
    StageStarted,
    Warned,
)
from sonique_daemon.domain.request import Job, Priority, TagJob, Ticket
from sonique_daemon.errors import (
    JobExists,
)
from sonique_daemon.jobs.job import JobInfo, JobState
from sonique_daemon.jobs.runner import FakeRunner, Hold, Step

from tests.jobs.playing import Serve, events_of, play, playing, run


def test_a_job_tells_what_it_does_and_then_that_it_is_done(job: TagJob, serve: Serve) -> None:
    assert run(play(serve, job, StageStarted(Stage.TAG), Warned("hm"))) == [
        StageStarted(Stage.TAG),
        Warned("hm"),
        Done(),
    ]


def test_the_same_request_with_the_same_id_attaches(job: TagJob, serve: Serve) -> None:
    async def scenario() -> tuple[list[Event], list[Event], int]:
        hold = Hold()
        async with serve(playing(Warned("once"), hold)) as service:
            await service.submit("a", job, b"1")
            await service.submit("a", job, b"1")
            hold.gate.set()
            first = await events_of(service, "a")
            await service.submit("a", job, b"1")
            return first, await events_of(service, "a"), len((await service.page())[0])

    first, second, jobs = run(scenario())
    assert first == second == [Warned("once"), Done()]
    assert jobs == 1


def test_sixteen_who_submit_one_request_at_once_share_one_job(job: TagJob, serve: Serve) -> None:
    async def scenario() -> int:
        ran: list[int] = []

        def script(_: object) -> Iterable[Step]:
            ran.append(1)
            return ()

        async with serve(FakeRunner(script)) as service:
            await asyncio.gather(*(service.submit("a", job, b"1") for _ in range(16)))
            await events_of(service, "a")
        return len(ran)

    assert run(scenario()) == 1


def test_another_request_with_the_same_id_is_refused(job: TagJob, serve: Serve) -> None:
    async def scenario() -> None:
        hold = Hold()
        async with serve(playing(hold)) as service:
            await service.submit("a", job, b"1")
            with pytest.raises(JobExists, match="a"):
                await service.submit("a", job, b"2")
            hold.gate.set()
            await events_of(service, "a")
            with pytest.raises(JobExists, match="a"):
                await service.submit("a", job, b"2")

    run(scenario())


def test_a_job_whose_client_leaves_while_it_is_taken_in_runs_all_the_same(job: TagJob, serve: Serve) -> None:
    async def scenario() -> list[Event]:
        async with serve(playing()) as service:
            leaving = asyncio.create_task(service.submit("a", job, b"1"))
            await asyncio.sleep(0)
            leaving.cancel()
            await service.submit("a", job, b"1")
            return await events_of(service, "a")

    assert run(scenario()) == [Done()]


def test_a_job_that_runs_at_once_never_says_that_it_waits(job: TagJob, serve: Serve) -> None:
    assert run(play(serve, job)) == [Done()]


def test_a_job_at_a_glance_tells_who_asked_and_when_it_ran(job: TagJob, serve: Serve) -> None:
    async def scenario() -> tuple[JobInfo, JobInfo]:
        hold = Hold()
        async with serve(playing(StageStarted(Stage.TAG), hold)) as service:
            await service.submit("a", job, b"1", Ticket("blender-1", Priority.HIGH))
            await anext(service.watch("a"))
            running = await service.get("a")
            hold.gate.set()
            await events_of(service, "a")
            return running, await service.get("a")

    running, ended = run(scenario())
    assert (running.state, running.stage, running.client) == (JobState.RUNNING, Stage.TAG, "blender-1")
    assert (ended.state, ended.stage, ended.priority) == (JobState.DONE, None, Priority.HIGH)
    assert 0 < running.created_ns <= running.started_ns
    assert running.ended_ns == 0
    assert ended.ended_ns >= ended.started_ns
    assert ended.last_seq == 2


def test_two_jobs_run_at_a_time_and_the_third_waits(job: TagJob, serve: Serve) -> None:
    async def scenario() -> tuple[list[JobState], int, int]:
        hold = Hold()
        async with serve(playing(hold)) as service:
            for name in ("a", "b", "c"):
                await service.submit(name, job, name.encode())
            states = [info.state for info in (await service.page())[0]]
            counts = service.running, service.waiting
            hold.gate.set()
            await events_of(service, "c")
            return states, *counts

    states, running, waiting = run(scenario())
    assert states == [JobState.QUEUED, JobState.RUNNING, JobState.RUNNING]
    assert (running, waiting) == (2, 1)


def test_jobs_come_in_pages_the_newest_first(job: TagJob, serve: Serve) -> None:
    async def scenario() -> list[tuple[list[str], bool]]:
        async with serve(playing()) as service:
            for name in ("a", "b", "c", "d", "e"):
                await service.submit(name, job, name.encode())
                await events_of(service, name)
            pages, before, more = [], "", True
            while more:
                infos, more = await service.page(2, before)
                pages.append(([info.id for info in infos], more))
                before = infos[-1].id
            return pages

    assert run(scenario()) == [(["e", "d"], True), (["c", "b"], True), (["a"], False)]


def test_jobs_can_be_asked_for_by_what_they_are_at(serve: Serve) -> None:
    async def scenario() -> dict[JobState, list[str]]:
        hold = Hold()

        def script(job: Job) -> Iterable[Step]:
            return (hold,) if isinstance(job, TagJob) and job.brief.prompt == "slow" else ()

        async with serve(FakeRunner(script), at_once=1) as service:
            await service.submit("done", TagJob(Brief()), b"1")
            await events_of(service, "done")
            for name in ("runs", "waits"):
                await service.submit(name, TagJob(Brief(prompt="slow")), b"1")
            found = {state: [info.id for info in (await service.page(1, "", [state]))[0]] for state in JobState}
            hold.gate.set()
            await events_of(service, "waits")
            return found

    found = run(scenario())
    assert {state: ids for state, ids in found.items() if ids} == {
        JobState.DONE: ["done"],
        JobState.RUNNING: ["runs"],
        JobState.QUEUED: ["waits"],
    }
