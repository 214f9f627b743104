"""How jobs end: cancelled, failed, deleted; and what stays of them."""

import asyncio
import errno
import threading
from collections.abc import Iterable

import pytest
from sonique_daemon.domain.events import (
    Done,
    Event,
    Failed,
    JobCancelled,
    Progress,
    Stage,
    StageStarted,
    Tagged,
    TakeReady,
    Warned,
)
from sonique_daemon.domain.request import TagJob
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.domain.take import FileKind
from sonique_daemon.engines.registry import embedded
from sonique_daemon.errors import (
    DaemonStopping,
    JobNotFound,
    JobRunning,
    NothingToSee,
    TakeNotFound,
)
from sonique_daemon.jobs.estimate import resolving
from sonique_daemon.jobs.job import JobKind, JobState
from sonique_daemon.jobs.runner import FakeRunner, Hold, Step
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.jobs.store.values import StoredJob

from tests.jobs.playing import MakeTake, Serve, events_of, play, playing, run


def test_a_running_job_that_is_cancelled_says_so_at_once_and_ends_at_its_next_check(job: TagJob, serve: Serve) -> None:
    async def scenario() -> tuple[JobState, list[Event], JobState]:
        deaf, hold = threading.Event(), Hold()

        def script(_: object) -> Iterable[Step]:
            yield Warned("begun")
            deaf.wait(60)
            yield hold

        async with serve(FakeRunner(script)) as service:
            await service.submit("a", job, b"1")
            await anext(service.watch("a"))
            cancelling = (await service.cancel("a")).state
            assert (await service.cancel("a")).state is JobState.CANCELLING
            deaf.set()
            events = await events_of(service, "a")
            return cancelling, events, (await service.get("a")).state

    assert run(scenario()) == (JobState.CANCELLING, [Warned("begun"), JobCancelled()], JobState.CANCELLED)


def test_a_waiting_job_is_cancelled_without_ever_running(job: TagJob, serve: Serve) -> None:
    ran: list[str] = []

    def script(_: object) -> Iterable[Step]:
        ran.append("run")
        yield Hold()

    async def scenario() -> tuple[Event, JobState, int]:
        async with serve(FakeRunner(script), at_once=1) as service:
            await service.submit("a", job, b"1")
            await service.submit("b", job, b"2")
            await service.cancel("b")
            last = (await events_of(service, "b"))[-1]
            return last, (await service.get("b")).state, service.waiting

    assert run(scenario()) == (JobCancelled(), JobState.CANCELLED, 0)
    assert len(ran) == 1


def test_cancelling_an_ended_job_leaves_it_as_it_is(job: TagJob, serve: Serve) -> None:
    async def scenario() -> JobState:
        async with serve(playing()) as service:
            await service.submit("a", job, b"1")
            await events_of(service, "a")
            return (await service.cancel("a")).state

    assert run(scenario()) is JobState.DONE


def test_a_failure_carries_the_errors_own_words(job: TagJob, serve: Serve) -> None:
    assert run(play(serve, job, NothingToSee("All black."))) == [
        Failed("NOTHING_TO_SEE", "FAILED_PRECONDITION", "All black.")
    ]


def test_what_nobody_foresaw_fails_without_a_traceback_and_the_next_job_runs(
    job: TagJob, serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> tuple[list[Event], list[Event]]:
        steps: list[Step] = [ZeroDivisionError("secret detail")]

        def script(_: object) -> Iterable[Step]:
            yield from [steps.pop()] if steps else []

        async with serve(FakeRunner(script)) as service:
            await service.submit("a", job, b"1")
            first = await events_of(service, "a")
            await service.submit("b", job, b"1")
            return first, await events_of(service, "b")

    first, second = run(scenario())
    assert isinstance(first[0], Failed)
    assert first[0].code == "INTERNAL"
    assert "secret" not in first[0].sentence
    assert "ZeroDivisionError" in caplog.text
    assert second == [Done()]


def test_a_full_disk_is_told_as_such(job: TagJob, serve: Serve) -> None:
    event = run(play(serve, job, OSError(errno.ENOSPC, "No space left on device")))[0]
    assert isinstance(event, Failed)
    assert (event.code, event.status) == ("STORE_FULL", "RESOURCE_EXHAUSTED")


def test_deleting_removes_the_takes_and_their_files(job: TagJob, serve: Serve, make_take: MakeTake) -> None:
    take = make_take("t1", "mix", "drums")

    async def scenario() -> None:
        async with serve(playing(TakeReady(0, take))) as service:
            await service.submit("a", job, b"1")
            await events_of(service, "a")
            assert await service.take_file("t1", "drums", FileKind.WAV) == take.files[1]
            await service.delete("a")
            with pytest.raises(TakeNotFound):
                await service.take_file("t1", "mix", FileKind.WAV)
            with pytest.raises(JobNotFound):
                await service.get("a")

    run(scenario())
    assert not any(file.path.exists() for file in take.files)


def test_a_take_can_be_read_as_soon_as_its_event_is_there(job: TagJob, serve: Serve, make_take: MakeTake) -> None:
    take = make_take("t1")

    async def scenario() -> None:
        async with serve(playing(TakeReady(0, take), Hold())) as service:
            await service.submit("a", job, b"1")
            await anext(service.watch("a"))
            assert await service.take_file("t1", "mix", FileKind.WAV) == take.files[0]

    run(scenario())


def test_a_running_job_cannot_be_deleted(job: TagJob, serve: Serve) -> None:
    async def scenario() -> None:
        async with serve(playing(Hold())) as service:
            await service.submit("a", job, b"1")
            with pytest.raises(JobRunning):
                await service.delete("a")
            await service.cancel("a")
            await events_of(service, "a")
            await service.delete("a")

    run(scenario())


def test_a_job_that_a_full_disk_left_without_an_end_holds_up_nobody(job: TagJob, serve: Serve, store: Store) -> None:
    async def scenario() -> None:
        async with serve(playing()) as service:
            await service.page()
            store.add(StoredJob("orphan", b"0", JobKind.TAG, b"unreadable"))
            async with asyncio.timeout(60):
                with pytest.raises(JobRunning):
                    await service.delete("orphan")
                await service.submit("a", job, b"1")

    run(scenario())


def test_how_long_a_stage_takes_is_learned_and_told_to_the_next_daemon(job: TagJob, serve: Serve, store: Store) -> None:
    resolve = resolving(embedded().descriptor)
    tags = Tags("calm", (), Tempo(90.0, 80.0, 100.0), Key(0, "major"))

    async def scenario() -> tuple[float | None, list[float | None], list[float | None]]:
        async with serve(playing(StageStarted(Stage.TAG), Tagged(tags)), resolve=resolve) as service:
            await service.submit("a", job, b"1")
            await events_of(service, "a")
        slow = playing(StageStarted(Stage.TAG), Progress(Stage.TAG, 0, 2, "tags"), Hold())
        async with serve(slow, resolve=resolve, at_once=1) as service:
            await service.submit("b", job, b"1")
            following = service.watch("b")
            await anext(following)
            progress = (await anext(following)).event
            assert isinstance(progress, Progress)
            await service.submit("c", job, b"1")
            infos = (await service.page())[0]
            return progress.seconds_left, [info.seconds_left for info in infos[:2]], [infos[2].seconds_left]

    told, live, ended = run(scenario())
    (measured,) = store.runs()
    assert (measured.stage, measured.engine) == (Stage.TAG, "lexicon")
    assert measured.version
    assert told == pytest.approx(measured.seconds)
    assert None not in live
    assert ended == [None]


def test_the_store_is_trimmed_after_a_job(job: TagJob, serve: Serve, store: Store) -> None:
    async def scenario(monkeypatch: pytest.MonkeyPatch) -> list[int]:
        asked: list[int] = []
        trimmed = asyncio.Event()
        loop = asyncio.get_running_loop()

        def trim(budget: int) -> None:
            asked.append(budget)
            loop.call_soon_threadsafe(trimmed.set)

        monkeypatch.setattr(store, "trim", trim)
        async with serve(playing(), budget_bytes=5_000_000) as service:
            await service.submit("a", job, b"1")
            await events_of(service, "a")
            await trimmed.wait()
        return asked

    with pytest.MonkeyPatch.context() as monkeypatch:
        assert run(scenario(monkeypatch)) == [5_000_000]


def test_a_closed_service_leaves_no_thread_and_answers_nothing(job: TagJob, serve: Serve) -> None:
    async def scenario() -> None:
        async with serve(playing(Hold())) as service:
            for name in ("a", "b", "c"):
                await service.submit(name, job, b"1")
        with pytest.raises(DaemonStopping):
            await service.get("a")
        with pytest.raises(DaemonStopping):
            await service.submit("d", job, b"1")
        assert set(threading.enumerate()) == before

    before = set(threading.enumerate())
    run(scenario())


def test_a_job_that_ended_a_moment_ago_and_was_cleared_away_is_gone(job: TagJob, serve: Serve, store: Store) -> None:
    async def scenario() -> None:
        async with serve(playing(Warned("x"))) as service:
            await service.submit("a", job, b"1")
            assert len(await events_of(service, "a")) == len(await events_of(service, "a")) > 0
            await asyncio.to_thread(store.delete, "a")
            with pytest.raises(JobNotFound):
                await events_of(service, "a")

    run(scenario())
