import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import pairwise
from pathlib import Path

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
from sonique_daemon.domain.request import Priority, Ticket
from sonique_daemon.domain.take import FileKind, Take
from sonique_daemon.errors import JobExists, JobNotFound, TakeNotFound
from sonique_daemon.jobs.job import JobState
from sonique_daemon.jobs.log import Entry
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.jobs.store.values import Appended, OutOfOrder, StoredJob

MakeJob = Callable[..., StoredJob]
Say = Callable[..., None]
Deliver = Callable[..., Take]
FAILURE = Failed("ENGINE_FAILED", "INTERNAL", "The engine “composer” broke.")


def found(store: Store, job_id: str = "one") -> StoredJob:
    job = store.job(job_id)
    assert job is not None
    return job


def heard(store: Store, job_id: str = "one") -> list[Event]:
    entries = store.events(job_id, 0, 10_000)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    return [entry.event for entry in entries]


def test_a_job_comes_back_as_it_was_put_in(store: Store, make_job: MakeJob) -> None:
    job = make_job(ticket=Ticket("resolve", Priority.HIGH), title="Reel 4", attempts=1)
    store.add(job)
    assert store.job("one") == job
    assert store.job("two") is None


def test_an_id_serves_one_job(store: Store, make_job: MakeJob) -> None:
    store.add(make_job())
    with pytest.raises(JobExists, match="“one”"):
        store.add(make_job(request=b"another"))
    assert len(store.jobs(10)) == 1


def test_jobs_and_events_are_there_after_the_store_was_closed(folder: Path, make_job: MakeJob, say: Say) -> None:
    first = Store.open(folder)
    first.add(make_job())
    said = [Queued(0, "next"), StageStarted(Stage.TAG, "lexicon"), Progress(Stage.TAG, 1, 2, "tags", 0.5), Done()]
    say(first, "one", *said)
    ended = first.job("one")
    first.close()
    second = Store.open(folder)
    assert (second.job("one"), heard(second)) == (ended, said)
    second.close()


def test_events_are_read_a_page_at_a_time(store: Store, make_job: MakeJob, say: Say) -> None:
    store.add(make_job())
    say(store, "one", *(Warned(str(place)) for place in range(10)))
    assert [entry.seq for entry in store.events("one", 3, 4)] == [4, 5, 6, 7]
    assert [entry.time_ns for entry in store.events("one", 8, 9)] == [9 * 10**9, 10 * 10**9]
    assert store.events("one", 10, 4) == ()
    assert store.events("nobody", 0, 4) == ()


@pytest.mark.parametrize("seq", [0, 1, 2, 4, -1])
def test_only_the_next_event_is_taken(store: Store, make_job: MakeJob, say: Say, seq: int) -> None:
    store.add(make_job())
    say(store, "one", Warned("first"), Warned("second"))
    with pytest.raises(OutOfOrder, match=r"Job one, event"):
        store.append([Appended("one", Entry(seq, 1, Warned("other")))])
    assert heard(store) == [Warned("first"), Warned("second")]
    assert found(store).last_seq == 2


@pytest.mark.parametrize(
    ("event", "state"),
    [(Done(), JobState.DONE), (FAILURE, JobState.FAILED), (JobCancelled(), JobState.CANCELLED)],
)
def test_a_terminal_event_ends_the_job_and_nothing_follows(
    store: Store, make_job: MakeJob, say: Say, event: Event, state: JobState
) -> None:
    store.add(make_job())
    say(store, "one", Warned("first"), event)
    job = found(store)
    assert (job.state, job.ended_ns, job.last_seq) == (state, 2 * 10**9, 2)
    assert job.failure == (event if isinstance(event, Failed) else None)
    for after in (Warned("late"), Done()):
        with pytest.raises(OutOfOrder):
            store.append([Appended("one", Entry(3, 3, after))])
    for late in (JobState.RUNNING, JobState.QUEUED, JobState.CANCELLING):
        with pytest.raises(OutOfOrder):
            store.append([Appended("one", state=late)])
    assert heard(store) == [Warned("first"), event]
    assert found(store) == job


@pytest.mark.parametrize(
    ("event", "state"),
    [(Done(), JobState.FAILED), (Done(), JobState.RUNNING), (Warned("x"), JobState.DONE), (None, JobState.CANCELLED)],
)
def test_a_state_that_does_not_go_with_its_event_is_refused(
    store: Store, make_job: MakeJob, event: Event | None, state: JobState
) -> None:
    store.add(make_job())
    with pytest.raises(ValueError, match="does not go with"):
        store.append([Appended("one", Entry(1, 1, event) if event else None, state)])
    assert found(store) == make_job()


def test_a_batch_is_written_whole_or_not_at_all(store: Store, make_job: MakeJob, deliver: Deliver) -> None:
    store.add(make_job("one"))
    store.add(make_job("two"))
    take = deliver(store, "take-1")
    batch = [
        Appended("one", Entry(1, 1, TakeReady(0, take)), JobState.RUNNING, "Reel 4"),
        Appended("two", Entry(1, 1, Warned("one"))),
        Appended("two", Entry(3, 1, Warned("three"))),
    ]
    with pytest.raises(OutOfOrder, match="Job two, event 3"):
        store.append(batch)
    assert found(store) == make_job("one")
    assert heard(store, "one") == heard(store, "two") == []
    with pytest.raises(TakeNotFound):
        store.take_file("take-1", "mix", FileKind.WAV)
    store.append(batch[:2])
    assert (found(store).state, found(store).title, found(store).started_ns) == (JobState.RUNNING, "Reel 4", 1)
    assert store.take_file("take-1", "mix", FileKind.WAV) == take.files[0]


def test_an_event_of_a_job_that_is_not_there_is_refused(store: Store) -> None:
    with pytest.raises(JobNotFound, match="“nobody”"):
        store.append([Appended("nobody", Entry(1, 1, Done()))])
    with pytest.raises(JobNotFound):
        store.begin_attempt("nobody")


def test_nothing_appended_is_nothing_done(store: Store) -> None:
    store.append([])


def test_the_request_is_let_go_when_its_job_has_ended(store: Store, make_job: MakeJob, say: Say) -> None:
    store.add(make_job(request=b"x" * 100_000))
    assert store.usage().holdings[3].bytes > 100_000
    assert store.unfinished()[0].request == b"x" * 100_000
    assert store.jobs(1)[0].request == b""
    say(store, "one", Done())
    assert found(store).request == b""
    assert store.usage().holdings[3].bytes < 1000


def test_a_job_that_was_told_to_stop_is_remembered_so(folder: Path, make_job: MakeJob) -> None:
    first = Store.open(folder)
    first.add(make_job())
    first.append([Appended("one", state=JobState.CANCELLING)])
    first.close()
    second = Store.open(folder)
    (job,) = second.unfinished()
    assert (job.state, job.cancelling, job.last_seq) == (JobState.CANCELLING, True, 0)
    second.close()


def test_every_run_of_a_job_counts(store: Store, make_job: MakeJob, say: Say) -> None:
    store.add(make_job())
    assert [store.begin_attempt("one") for _ in range(3)] == [1, 2, 3]
    assert (found(store).state, found(store).attempts) == (JobState.RUNNING, 3)
    assert found(store).started_ns > 0
    say(store, "one", Done())
    with pytest.raises(JobNotFound, match="unfinished"):
        store.begin_attempt("one")


def test_a_run_that_is_put_back_into_the_queue_does_not_count(store: Store, make_job: MakeJob) -> None:
    store.add(make_job())
    store.begin_attempt("one")
    store.append([Appended("one", state=JobState.QUEUED)])
    assert (found(store).state, found(store).attempts) == (JobState.QUEUED, 0)
    store.append([Appended("one", state=JobState.QUEUED)])
    assert found(store).attempts == 0


def test_jobs_are_listed_newest_first_in_pages_and_by_state(store: Store, make_job: MakeJob, say: Say) -> None:
    for name in "abcdef":
        store.add(make_job(name))
    for name in "be":
        say(store, name, Done())

    def ids(*given: object, **more: object) -> str:
        return "".join(job.id for job in store.jobs(*given, **more))  # type: ignore[arg-type]

    assert ids(10) == "fedcba"
    assert (ids(2), ids(2, "e"), ids(9, "b"), ids(9, "a")) == ("fe", "dc", "a", "")
    assert (ids(9, states=[JobState.DONE]), ids(9, "e", {JobState.DONE})) == ("eb", "b")
    assert ids(9, states=[JobState.QUEUED, JobState.DONE]) == "fedcba"
    assert "".join(job.id for job in store.unfinished()) == "acdf"
    with pytest.raises(JobNotFound, match="“g”"):
        store.jobs(9, "g")


def test_text_with_odd_bytes_breaks_nothing(store: Store, make_job: MakeJob) -> None:
    odd = "Reel \udcff\ud800 4"
    store.add(make_job(ticket=Ticket(odd), title=odd))
    failure = Failed("MEDIA_NOT_FOUND", "NOT_FOUND", f"“{odd}” was not found.")
    store.append([Appended("one", Entry(1, 1, Warned(odd)), title=odd * 2), Appended("one", Entry(2, 2, failure))])
    job = found(store)
    assert (job.title, job.ticket.client, job.failure) == (odd * 2, odd, failure)
    assert heard(store) == [Warned(odd), failure]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO events VALUES (1, 4, 1, x'00')",
        "INSERT INTO events VALUES (9, 1, 1, x'00')",
        "INSERT INTO events VALUES (3, 2, 1, x'00')",
        "INSERT INTO events VALUES (3, 3, 1, x'00')",
        "UPDATE events SET event = x'00' WHERE job = 1",
        "UPDATE jobs SET state = 'failed' WHERE number = 3",
        "UPDATE jobs SET state = 'running' WHERE number = 3",
        "UPDATE jobs SET state = 'done' WHERE number = 1",
        "UPDATE jobs SET state = 'asleep' WHERE number = 1",
        "INSERT INTO results (key, stage, value, seconds, created, used) VALUES (x'00', 'tag', x'00', 0, 0, 0)",
        "INSERT INTO job_takes VALUES (1, 'nothing')",
    ],
)
def test_the_database_itself_refuses_what_must_not_be(
    folder: Path, make_job: MakeJob, say: Say, statement: str
) -> None:
    store = Store.open(folder)
    for name in ("one", "two", "three"):
        store.add(make_job(name))
    say(store, "one", Warned("1"), Warned("2"))
    say(store, "three", Done())
    store.close()
    with closing(sqlite3.connect(folder / "sonique.db")) as database:
        database.execute("PRAGMA foreign_keys = ON")
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(statement)


def test_many_threads_write_and_read_at_once(store: Store, make_job: MakeJob) -> None:
    jobs, each = 6, 40

    def write(name: str) -> None:
        store.add(make_job(name))
        for seq in range(1, each):
            store.append([Appended(name, Entry(seq, seq, Progress(Stage.TAG, seq, each, "step")))])
        store.append([Appended(name, Entry(each, each, Done()))])

    def watch(name: str) -> list[int]:
        seen: list[int] = []
        while len(seen) < each:
            seen.extend(entry.seq for entry in store.events(name, len(seen), 7))
        return seen

    names = [f"job-{place}" for place in range(jobs)]
    with ThreadPoolExecutor(2 * jobs) as pool:
        watching = [pool.submit(watch, name) for name in names]
        list(pool.map(write, names))
        assert all(watcher.result() == list(range(1, each + 1)) for watcher in watching)
    listed = store.jobs(100)
    assert sorted(job.id for job in listed) == names
    assert all((job.state, job.last_seq) == (JobState.DONE, each) for job in listed)
    assert all(older.created_ns <= newer.created_ns for newer, older in pairwise(listed))


def test_a_long_read_does_not_hold_up_an_event(store: Store, make_job: MakeJob, say: Say) -> None:
    store.add(make_job())
    with store._database.read() as reading:
        before = reading.execute("SELECT last_seq FROM jobs").fetchone()
        say(store, "one", Warned("while a read goes on"))
        assert reading.execute("SELECT last_seq FROM jobs").fetchone() == before == (0,)
    assert found(store).last_seq == 1
