"""What a daemon finds that starts after another one was killed, or stopped in order."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeVar

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description, Look, ShotDescription
from sonique_daemon.domain.events import (
    Conformed,
    Described,
    Done,
    Event,
    Failed,
    Fitted,
    JobCancelled,
    Planned,
    Queued,
    Resumed,
    ShotDescribed,
    Stage,
    StageStarted,
    Tagged,
    TakeReady,
    Warned,
)
from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.request import Job, Priority, ScoreJob, TagJob, Ticket, Timeline
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.domain.take import Take
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.errors import DaemonStopping, JobExists
from sonique_daemon.jobs.job import JobKind, JobState
from sonique_daemon.jobs.log import Entry
from sonique_daemon.jobs.runner import Check, Emit, FakeRunner, Hold, Step
from sonique_daemon.jobs.service import JobService
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.jobs.store.values import StoredJob
from sonique_daemon.stages.finished import Finished

Result = TypeVar("Result")
MakeTake = Callable[..., Take]
Serve = Callable[..., AbstractAsyncContextManager[JobService]]
Killed = Callable[[], Store]

SHOT = ShotDescription(TimeRange(Fraction(0), Fraction(10)), "A shot.", Look())
PICTURE = Picture(Fraction(24), Fraction(0), Fraction(10), (), name="Beach")
DESCRIPTION = Description(Fraction(10), "A beach.", (SHOT, SHOT))
TAGS = Tags("calm", (), Tempo(90.0, 80.0, 100.0), Key(0, "major"))
GRID = TempoMap(Fraction(2), (0.0, 1.0, 2.0), (0,), 60.0, (Section(0, 1, 0.5),))
SCORE = ScoreJob(Timeline("{}"), Brief(), takes=2)


@dataclass
class Scripted:
    """Plays a script, and notes what was said to be finished."""

    steps: tuple[Step, ...] = ()
    finished: list[Finished] = field(default_factory=list)

    def run(self, job: Job, emit: Emit, check: Check, *, finished: Finished) -> None:
        self.finished.append(finished)
        FakeRunner(lambda _: self.steps).run(job, emit, check, finished=finished)


def run(scenario: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(asyncio.wait_for(scenario, 60))


def silent() -> FakeRunner:
    return FakeRunner()


async def entries_of(service: JobService, job_id: str, after_seq: int = 0) -> list[Entry]:
    return [entry async for entry in service.watch(job_id, after_seq)]


async def events_of(service: JobService, job_id: str) -> list[Event]:
    return [entry.event for entry in await entries_of(service, job_id)]


async def until(service: JobService, job_id: str, event: Event) -> None:
    async for entry in service.watch(job_id):
        if entry.event == event:
            return


def test_a_request_is_known_again_by_its_id_after_a_restart(job: TagJob, serve: Serve, killed: Killed) -> None:
    async def scenario() -> tuple[list[Event], int]:
        async with serve(Scripted((Warned("once"),))) as service:
            await service.submit("a", job, b"1")
            await events_of(service, "a")
        runner = Scripted()
        async with serve(runner, killed()) as service:
            await service.submit("a", job, b"1")
            with pytest.raises(JobExists):
                await service.submit("a", job, b"2")
            return await events_of(service, "a"), len(runner.finished)

    assert run(scenario()) == ([Warned("once"), Done()], 0)


def test_a_killed_job_goes_on_from_its_last_finished_stage_and_tells_nothing_twice(
    serve: Serve, killed: Killed, make_take: MakeTake
) -> None:
    first = (
        *(StageStarted(Stage.CONFORM), Warned("A clip is missing."), Conformed(PICTURE)),
        *(StageStarted(Stage.DESCRIBE, "signal"), ShotDescribed(0, SHOT), ShotDescribed(1, SHOT)),
    )
    second = (
        *(StageStarted(Stage.DESCRIBE, "signal"), Warned("A clip is missing."), Warned("It is dark.")),
        *(ShotDescribed(0, SHOT, cached=True), ShotDescribed(1, SHOT, cached=True), Described(DESCRIPTION)),
        *(StageStarted(Stage.TAG, "lexicon"), Tagged(TAGS), StageStarted(Stage.FIT), Fitted(GRID)),
        *(TakeReady(0, make_take("t0")), StageStarted(Stage.FIT), Fitted(GRID, 1), StageStarted(Stage.GENERATE)),
    )
    third = (StageStarted(Stage.GENERATE), TakeReady(1, make_take("t1")))
    expected = (
        *first,
        *(Resumed(Stage.DESCRIBE), StageStarted(Stage.DESCRIBE, "signal"), Warned("It is dark.")),
        *second[5:],
        *(Resumed(Stage.GENERATE), *third, Done()),
    )

    async def scenario() -> tuple[list[Entry], list[Finished]]:
        finished = []
        runners = [Scripted((*first, Hold())), Scripted((*second, Hold())), Scripted(third)]
        async with serve(runners[0]) as service:
            await service.submit("a", SCORE, b"1")
            await until(service, "a", first[-1])
            image = killed()
        async with serve(runners[1], image) as service:
            await anext(service.watch("a", len(expected) - 5))
            image = killed()
        async with serve(runners[2], image) as service:
            entries = await entries_of(service, "a")
            assert (await service.get("a")).title == "Beach"
            for runner in runners:
                finished += runner.finished
            return entries, finished

    entries, finished = run(scenario())
    assert [entry.event for entry in entries] == list(expected)
    assert [entry.seq for entry in entries] == list(range(1, len(expected) + 1))
    assert [entry.time_ns for entry in entries] == sorted(entry.time_ns for entry in entries)
    assert [each.picture for each in finished] == [None, PICTURE, PICTURE]
    assert [each.description for each in finished] == [None, None, DESCRIPTION]
    assert [set(each.takes) for each in finished] == [set(), set(), {0}]


def test_a_plan_is_told_once_however_often_a_job_begins(job: TagJob, serve: Serve, killed: Killed) -> None:
    plan = Planned("machine", 2, 1, 1, (), ("“seer” stays.",), fits=True)

    async def scenario() -> list[Event]:
        async with serve(Scripted((plan, StageStarted(Stage.TAG), Hold()))) as service:
            await service.submit("a", job, b"1")
            await until(service, "a", StageStarted(Stage.TAG))
            image = killed()
        async with serve(Scripted((plan, StageStarted(Stage.TAG))), image) as service:
            return await events_of(service, "a")

    begun = StageStarted(Stage.TAG)
    assert run(scenario()) == [plan, begun, Resumed(Stage.TAG), begun, Done()]


def test_a_log_is_watched_from_any_number_across_a_restart(job: TagJob, serve: Serve, killed: Killed) -> None:
    async def scenario() -> tuple[list[Entry], list[list[Entry]]]:
        async with serve(Scripted((StageStarted(Stage.TAG), Warned("1"), Warned("2"), Hold()))) as service:
            await service.submit("a", job, b"1")
            await until(service, "a", Warned("2"))
            image = killed()
        async with serve(Scripted((StageStarted(Stage.TAG), Warned("3"))), image) as service:
            whole, *parts = await asyncio.gather(*(entries_of(service, "a", after) for after in range(8)))
            return whole, parts

    whole, parts = run(scenario())
    assert [entry.event for entry in whole][3:] == [Resumed(Stage.TAG), StageStarted(Stage.TAG), Warned("3"), Done()]
    assert parts == [whole[after:] for after in range(1, 8)]


def test_jobs_that_waited_wait_again_in_their_order_and_with_their_tickets(serve: Serve, killed: Killed) -> None:
    order: list[str] = []

    def script(asked: Job) -> Iterable[Step]:
        assert isinstance(asked, TagJob)
        order.append(asked.brief.prompt)
        return ()

    async def scenario() -> list[tuple[str, Priority]]:
        async with serve(Scripted((Hold(),)), at_once=1) as service:
            for name, priority in (("x", 0), ("a", 0), ("b", -1), ("c", 1), ("d", 0)):
                await service.submit(name, TagJob(Brief(prompt=name)), b"1", Ticket(f"of {name}", Priority(priority)))
            image = killed()
        async with serve(FakeRunner(script), image, at_once=1, waiting_limit=1) as service:
            infos = [await service.get(name) for name in "abcd"]
            for name in "xabcd":
                await events_of(service, name)
            return [(info.client, info.priority) for info in infos]

    assert run(scenario()) == [
        ("of a", Priority.NORMAL),
        ("of b", Priority.LOW),
        ("of c", Priority.HIGH),
        ("of d", Priority.NORMAL),
    ]
    assert order == ["c", "x", "a", "d", "b"]


def test_a_job_that_only_waited_does_not_say_that_it_goes_on(job: TagJob, serve: Serve, killed: Killed) -> None:
    async def scenario() -> list[Event]:
        async with serve(Scripted((Hold(),)), at_once=1) as service:
            await service.submit("a", job, b"1")
            await service.submit("b", job, b"1")
            await anext(service.watch("b"))
            image = killed()
        async with serve(silent(), image) as service:
            return await events_of(service, "b")

    events = run(scenario())
    assert not any(isinstance(event, Resumed) for event in events)
    assert events[-1] == Done()


@pytest.mark.parametrize("waits", [False, True])
def test_a_job_that_was_being_cancelled_ends_so_and_does_not_run_again(
    job: TagJob, serve: Serve, killed: Killed, waits: bool
) -> None:
    async def scenario() -> tuple[list[Event], JobState, int]:
        async with serve(Deaf(), at_once=1) as service:
            await service.submit("first", job, b"1")
            await service.submit("second", job, b"1")
            name = "second" if waits else "first"
            assert (await service.cancel(name)).state in {JobState.CANCELLING, JobState.CANCELLED}
            image = killed()
            Deaf.gate.gate.set()
        runner = Scripted()
        async with serve(runner, image) as service:
            events = await events_of(service, name)
            await events_of(service, "first" if waits else "second")
            return events, (await service.get(name)).state, len(runner.finished)

    class Deaf:
        gate = Hold()

        def run(self, job: Job, emit: Emit, check: Check, *, finished: Finished) -> None:  # noqa: ARG002
            self.gate.gate.wait(60)
            check()

    events, state, runs = run(scenario())
    assert events[-1] == JobCancelled()
    assert events.count(JobCancelled()) == 1
    assert (state, runs) == (JobState.CANCELLED, 1)


def test_a_job_that_goes_on_can_be_cancelled(job: TagJob, serve: Serve, killed: Killed) -> None:
    async def scenario() -> list[Event]:
        async with serve(Scripted((StageStarted(Stage.TAG), Hold()))) as service:
            await service.submit("a", job, b"1")
            await until(service, "a", StageStarted(Stage.TAG))
            image = killed()
        async with serve(Scripted((Hold(),)), image) as service:
            await service.cancel("a")
            return await events_of(service, "a")

    events = run(scenario())
    assert events[0] == StageStarted(Stage.TAG)
    assert events[-1] == JobCancelled()


def test_a_job_during_which_three_daemons_ended_is_given_up(job: TagJob, serve: Serve, killed: Killed) -> None:
    async def scenario(store: Store) -> tuple[list[Event], list[int]]:
        attempts, image = [], store
        for attempt in (1, 2, 3):
            async with serve(Scripted((StageStarted(Stage.TAG), Hold())), image) as service:
                await service.submit("a", job, b"1")
                begun = 0
                async for entry in service.watch("a"):
                    begun += isinstance(entry.event, StageStarted)
                    if begun == attempt:
                        break
                image = killed()
                found = image.job("a")
                assert found is not None
                attempts.append(found.attempts)
        async with serve(silent(), image) as service:
            return await events_of(service, "a"), attempts

    events, attempts = run(scenario(killed()))
    assert attempts == [1, 2, 3]
    end = events[-1]
    assert isinstance(end, Failed)
    assert end.code == "JOB_ABANDONED"
    assert "3 times" in end.sentence
    assert [type(event) for event in events].count(Resumed) == 2


def test_what_another_release_asked_ends_with_a_sentence(serve: Serve, store: Store) -> None:
    store.add(StoredJob("old", b"1", JobKind.TAG, b"\x93what is this", created_ns=1, title="Beach"))

    async def scenario() -> tuple[list[Event], JobState]:
        async with serve(silent()) as service:
            return await events_of(service, "old"), (await service.get("old")).state

    (end,), state = run(scenario())
    assert isinstance(end, Failed)
    assert "Beach" in end.sentence
    assert state is JobState.FAILED


def test_draining_lets_running_jobs_end_and_takes_no_new_one(job: TagJob, serve: Serve, store: Store) -> None:
    async def scenario() -> tuple[list[Event], JobState]:
        hold = Hold()
        async with serve(Scripted((hold, Warned("last"))), at_once=1) as service:
            await service.submit("a", job, b"1")
            await service.submit("b", job, b"1")
            draining = asyncio.create_task(service.drain(20))
            await asyncio.sleep(0)
            assert service.stopping
            with pytest.raises(DaemonStopping):
                await service.submit("c", job, b"1")
            await service.submit("a", job, b"1")
            hold.gate.set()
            await draining
            waiting = store.job("b")
            assert waiting is not None
            return await events_of(service, "a"), waiting.state

    assert run(scenario()) == ([Warned("last"), Done()], JobState.QUEUED)


def test_what_does_not_end_while_draining_goes_on_in_the_next_daemon(job: TagJob, serve: Serve, store: Store) -> None:
    async def watched(service: JobService, name: str) -> list[Event]:
        events: list[Event] = []

        async def read() -> None:
            async for entry in service.watch(name):
                events.append(entry.event)  # noqa: PERF401 - what came before the error counts

        with pytest.raises(DaemonStopping, match="goes on"):
            await read()
        return events

    async def scenario() -> tuple[list[list[Event]], list[int], list[list[Event]]]:
        async with serve(Scripted((StageStarted(Stage.TAG), Hold())), at_once=1) as service:
            await service.submit("a", job, b"1")
            await service.submit("b", job, b"1")
            watching = [asyncio.create_task(watched(service, name)) for name in "ab"]
            await until(service, "a", StageStarted(Stage.TAG))
            await service.drain(0.0)
            before = [await watch for watch in watching]
        attempts = [found.attempts for found in map(store.job, "ab") if found is not None]
        async with serve(Scripted((StageStarted(Stage.TAG),))) as service:
            return before, attempts, [await events_of(service, name) for name in "ab"]

    before, attempts, after = run(scenario())
    assert attempts == [0, 0]
    assert before[0] == [StageStarted(Stage.TAG)]
    assert after[0] == [StageStarted(Stage.TAG), Resumed(Stage.TAG), StageStarted(Stage.TAG), Done()]
    assert [event for event in after[1] if not isinstance(event, Queued)] == [StageStarted(Stage.TAG), Done()]


def test_a_second_drain_with_less_patience_ends_the_first(job: TagJob, serve: Serve, store: Store) -> None:
    async def scenario() -> None:
        async with serve(Scripted((Hold(),))) as service:
            await service.submit("a", job, b"1")
            patient = asyncio.create_task(service.drain(3600))
            await asyncio.sleep(0)
            await service.drain(0.0)
            await patient

    run(scenario())
    assert [left.id for left in store.unfinished()] == ["a"]


def test_a_job_that_cannot_be_stopped_is_given_up_and_says_nothing_any_more(
    job: TagJob, serve: Serve, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = Hold()

    class Deaf:
        def run(self, job: object, emit: Emit, check: Check, *, finished: Finished) -> None:  # noqa: ARG002
            hold.gate.wait(60)
            emit(Warned("after the end"))

    monkeypatch.setattr("sonique_daemon.jobs.service.UNWIND_SECONDS", 0.01)

    async def scenario() -> None:
        async with serve(Deaf()) as service:
            await service.submit("a", job, b"1")
        hold.gate.set()

    run(scenario())
    assert store.events("a", 0, 10) == ()
    assert [left.id for left in store.unfinished()] == ["a"]
