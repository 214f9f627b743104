import asyncio
import errno
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

import pytest
from sonique_daemon.domain.events import (
    Done,
    Event,
    Failed,
    JobCancelled,
    Progress,
    Queued,
    Stage,
    StageStarted,
    TakeReady,
    Warned,
)
from sonique_daemon.domain.request import TagJob
from sonique_daemon.domain.take import FileKind, Take
from sonique_daemon.errors import (
    DaemonStopping,
    InvalidRequest,
    JobExists,
    JobNotFound,
    JobRunning,
    NothingToSee,
    QueueFull,
    TakeNotFound,
)
from sonique_daemon.jobs.record import JobState
from sonique_daemon.jobs.runner import Check, Emit, FakeRunner, Hold, Step
from sonique_daemon.jobs.service import JobService

Result = TypeVar("Result")
MakeTake = Callable[..., Take]


def playing(*steps: Step) -> FakeRunner:
    def script(_: object) -> Iterable[Step]:
        return steps

    return FakeRunner(script)


def run(scenario: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(asyncio.wait_for(scenario, 30))


async def events_of(service: JobService, job_id: str) -> list[Event]:
    return [entry.event async for entry in service.watch(job_id)]


def test_a_job_tells_what_it_does_and_then_that_it_is_done(job: TagJob) -> None:
    async def scenario() -> list[Event]:
        service = JobService(playing(StageStarted(Stage.TAG), Warned("hm")))
        service.submit("a", job, b"1")
        return await events_of(service, "a")

    assert run(scenario()) == [StageStarted(Stage.TAG), Warned("hm"), Done()]


def test_the_same_request_with_the_same_id_attaches(job: TagJob) -> None:
    async def scenario() -> tuple[list[Event], list[Event], int]:
        hold = Hold()
        service = JobService(playing(Warned("once"), hold))
        service.submit("a", job, b"1")
        service.submit("a", job, b"1")
        hold.gate.set()
        first = await events_of(service, "a")
        service.submit("a", job, b"1")
        return first, await events_of(service, "a"), len(service.all())

    first, second, jobs = run(scenario())
    assert first == second == [Warned("once"), Done()]
    assert jobs == 1


def test_another_request_with_the_same_id_is_refused(job: TagJob) -> None:
    async def scenario() -> None:
        service = JobService(playing())
        service.submit("a", job, b"1")
        service.submit("a", job, b"2")

    with pytest.raises(JobExists, match="a"):
        run(scenario())


def test_a_job_that_runs_at_once_never_says_that_it_waits(job: TagJob) -> None:
    async def scenario() -> list[Event]:
        service = JobService(playing())
        service.submit("a", job, b"1")
        return await events_of(service, "a")

    assert run(scenario()) == [Done()]


def test_a_job_that_waits_says_its_place_as_it_changes(job: TagJob) -> None:
    async def scenario() -> list[int]:
        hold = Hold()
        service = JobService(playing(hold), at_once=1)
        for name in ("a", "b", "c"):
            service.submit(name, job, name.encode())
        await service.cancel("b")
        hold.gate.set()
        return [event.position for event in await events_of(service, "c") if isinstance(event, Queued)]

    assert run(scenario()) == [1, 0]


def test_two_jobs_run_at_a_time_and_the_third_waits(job: TagJob) -> None:
    async def scenario() -> tuple[list[JobState], int, int]:
        hold = Hold()
        service = JobService(playing(hold))
        for name in ("a", "b", "c"):
            service.submit(name, job, name.encode())
        states = [info.state for info in service.all()]
        counts = service.running, service.waiting
        hold.gate.set()
        await events_of(service, "c")
        return states, *counts

    states, running, waiting = run(scenario())
    assert states == [JobState.QUEUED, JobState.RUNNING, JobState.RUNNING]
    assert (running, waiting) == (2, 1)


def test_a_full_queue_refuses_new_jobs_and_keeps_the_old(job: TagJob) -> None:
    async def scenario() -> None:
        hold = Hold()
        service = JobService(playing(hold), at_once=1, waiting_limit=2)
        for name in ("a", "b", "c"):
            service.submit(name, job, name.encode())
        with pytest.raises(QueueFull):
            service.submit("d", job, b"d")
        with pytest.raises(JobNotFound):
            service.get("d")
        service.submit("c", job, b"c")
        hold.gate.set()
        assert (await events_of(service, "c"))[-1] == Done()

    run(scenario())


def test_a_running_job_ends_as_cancelled_at_its_next_check(job: TagJob) -> None:
    async def scenario() -> tuple[JobState, list[Event]]:
        service = JobService(playing(Warned("begun"), Hold(), Warned("never")))
        service.submit("a", job, b"1")
        info = await service.cancel("a")
        return info.state, await events_of(service, "a")

    state, events = run(scenario())
    assert state is JobState.CANCELLED
    assert events[-1] == JobCancelled()
    assert Warned("never") not in events


def test_a_waiting_job_is_cancelled_without_ever_running(job: TagJob) -> None:
    ran: list[str] = []

    def script(_: object) -> Iterable[Step]:
        ran.append("run")
        yield Hold()

    async def scenario() -> JobState:
        service = JobService(FakeRunner(script), at_once=1)
        service.submit("a", job, b"1")
        service.submit("b", job, b"2")
        state = (await service.cancel("b")).state
        await service.cancel("a")
        return state

    assert run(scenario()) is JobState.CANCELLED
    assert len(ran) == 1


def test_cancelling_an_ended_job_leaves_it_as_it_is(job: TagJob) -> None:
    async def scenario() -> JobState:
        service = JobService(playing())
        service.submit("a", job, b"1")
        await events_of(service, "a")
        return (await service.cancel("a")).state

    assert run(scenario()) is JobState.DONE


def test_a_failure_carries_the_errors_own_words(job: TagJob) -> None:
    async def scenario() -> list[Event]:
        service = JobService(playing(NothingToSee("All black.")))
        service.submit("a", job, b"1")
        return await events_of(service, "a")

    assert run(scenario()) == [Failed("NOTHING_TO_SEE", "FAILED_PRECONDITION", "All black.")]


def test_what_nobody_foresaw_fails_without_a_traceback_and_the_next_job_runs(
    job: TagJob, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> tuple[list[Event], list[Event]]:
        steps: list[Step] = [ZeroDivisionError("secret detail")]

        def script(_: object) -> Iterable[Step]:
            yield from [steps.pop()] if steps else []

        service = JobService(FakeRunner(script))
        service.submit("a", job, b"1")
        first = await events_of(service, "a")
        service.submit("b", job, b"1")
        return first, await events_of(service, "b")

    first, second = run(scenario())
    assert isinstance(first[0], Failed)
    assert first[0].code == "INTERNAL"
    assert "secret" not in first[0].sentence
    assert "ZeroDivisionError" in caplog.text
    assert second == [Done()]


def test_a_full_disk_is_told_as_such(job: TagJob) -> None:
    async def scenario() -> list[Event]:
        service = JobService(playing(OSError(errno.ENOSPC, "No space left on device")))
        service.submit("a", job, b"1")
        return await events_of(service, "a")

    event = run(scenario())[0]
    assert isinstance(event, Failed)
    assert (event.code, event.status) == ("STORE_FULL", "RESOURCE_EXHAUSTED")


def test_poll_gives_what_is_there_after_a_number(job: TagJob) -> None:
    async def scenario() -> tuple[list[int], list[int], JobState]:
        service = JobService(playing(Warned("1"), Warned("2")))
        service.submit("a", job, b"1")
        await events_of(service, "a")
        entries, info = service.poll("a", 1)
        none, _ = service.poll("a", 99)
        return [entry.seq for entry in entries], [entry.seq for entry in none], info.state

    assert run(scenario()) == ([2, 3], [], JobState.DONE)


def test_poll_gives_at_most_a_thousand_events(job: TagJob) -> None:
    async def scenario() -> tuple[int, int]:
        service = JobService(playing(*(Warned(str(number)) for number in range(1500))))
        service.submit("a", job, b"1")
        await events_of(service, "a")
        return len(service.poll("a", 0)[0]), len(service.poll("a", 1000)[0])

    assert run(scenario()) == (1000, 501)


def test_a_negative_sequence_number_is_refused(job: TagJob) -> None:
    async def scenario() -> None:
        service = JobService(playing())
        service.submit("a", job, b"1")
        service.poll("a", -1)

    with pytest.raises(InvalidRequest):
        run(scenario())


def test_deleting_removes_the_takes_and_their_files(job: TagJob, make_take: MakeTake) -> None:
    take = make_take("t1", "mix", "drums")

    async def scenario() -> None:
        service = JobService(playing(TakeReady(0, take)))
        service.submit("a", job, b"1")
        await events_of(service, "a")
        assert service.take_file("t1", "drums", FileKind.WAV) == take.files[1]
        await service.delete("a")
        with pytest.raises(TakeNotFound):
            service.take_file("t1", "mix", FileKind.WAV)
        with pytest.raises(JobNotFound):
            service.get("a")

    run(scenario())
    assert not any(file.path.exists() for file in take.files)


def test_a_take_can_be_read_as_soon_as_its_event_is_there(job: TagJob, make_take: MakeTake) -> None:
    take = make_take("t1")

    async def scenario() -> None:
        hold = Hold()
        service = JobService(playing(TakeReady(0, take), hold))
        service.submit("a", job, b"1")
        await anext(service.watch("a"))
        assert service.take_file("t1", "mix", FileKind.WAV) == take.files[0]
        hold.gate.set()
        await events_of(service, "a")

    run(scenario())


def test_a_running_job_cannot_be_deleted(job: TagJob) -> None:
    async def scenario() -> None:
        service = JobService(playing(Hold()))
        service.submit("a", job, b"1")
        with pytest.raises(JobRunning):
            await service.delete("a")
        await service.cancel("a")
        await service.delete("a")

    run(scenario())


def test_only_the_newest_ended_jobs_are_remembered_and_their_takes_stay(job: TagJob, make_take: MakeTake) -> None:
    takes = iter([make_take("t0"), make_take("t1"), make_take("t2")])

    def script(_: object) -> Iterable[Step]:
        yield TakeReady(0, next(takes))

    async def scenario() -> list[str]:
        service = JobService(FakeRunner(script), kept=2)
        for name in ("a", "b", "c"):
            service.submit(name, job, b"1")
            await events_of(service, name)
        assert service.take_file("t0", "mix", FileKind.WAV).path.exists()
        return [info.id for info in service.all()]

    assert run(scenario()) == ["c", "b"]


def test_closing_ends_every_job_as_cancelled_and_takes_no_new_one(job: TagJob) -> None:
    async def scenario() -> list[Event]:
        service = JobService(playing(Hold()), at_once=1)
        for name in ("a", "b"):
            service.submit(name, job, b"1")
        watching = [asyncio.create_task(events_of(service, name)) for name in ("a", "b")]
        await service.close(10)
        with pytest.raises(DaemonStopping):
            service.submit("c", job, b"1")
        return [(await watch)[-1] for watch in watching]

    assert run(scenario()) == [JobCancelled(), JobCancelled()]


def test_closing_gives_up_a_job_that_does_not_stop(job: TagJob) -> None:
    hold = Hold()

    class Deaf:
        def run(self, job: object, emit: Emit, check: Check) -> None:  # noqa: ARG002
            hold.gate.wait(30)
            emit(Warned("after the end"))

    async def scenario() -> list[Event]:
        service = JobService(Deaf())
        service.submit("a", job, b"1")
        await service.close(0.01)
        hold.gate.set()
        return await events_of(service, "a")

    assert run(scenario()) == [JobCancelled()]


def test_a_flood_of_progress_is_thinned_and_ends_with_the_last(job: TagJob) -> None:
    flood = [Progress(Stage.GENERATE, number, 9999, "s of audio") for number in range(10_000)]

    async def scenario() -> list[Event]:
        service = JobService(playing(*flood))
        service.submit("a", job, b"1")
        return await events_of(service, "a")

    events = run(scenario())
    shown = [event for event in events if isinstance(event, Progress)]
    assert len(shown) < 200
    assert shown[-1].done == 9999
