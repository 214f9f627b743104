import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from sonique_daemon.domain.events import (
    Done,
    Event,
    Failed,
    JobCancelled,
    Progress,
    Queued,
    Stage,
    Tagged,
    Terminal,
    Warned,
)
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.errors import DaemonStopping, StoreFull
from sonique_daemon.jobs.job import JobState
from sonique_daemon.jobs.journal import Draft, Journal, Line
from sonique_daemon.jobs.store.values import Appended

RESULT = Tagged(Tags("calm", (), Tempo(90.0, 80.0, 100.0), Key(0, "major")))
FULL = Failed("STORE_FULL", "RESOURCE_EXHAUSTED", "No room.")


@dataclass
class Paper:
    """A shelf that refuses what ``refuses`` says, and keeps the rest."""

    refuses: Callable[[Appended], bool] = lambda _: False
    written: list[Appended] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)
    refused: threading.Event = field(default_factory=threading.Event)

    def append(self, entries: Sequence[Appended]) -> None:
        assert self.gate.wait(60)
        if any(map(self.refuses, entries)):
            self.refused.set()
            raise StoreFull("No room.")
        self.written += entries
        self.batches.append(len(entries))

    def events(self, job_id: str = "a") -> list[Event]:
        return [each.entry.event for each in self.written if each.entry is not None and each.job_id == job_id]


@dataclass
class Desk:
    """A journal on paper, and what it published."""

    paper: Paper = field(default_factory=Paper)
    published: list[Appended] = field(default_factory=list)
    journal: Journal = field(init=False)

    def __post_init__(self) -> None:
        self.journal = Journal(self.paper, self.published.extend, 1000)

    def write(self, *drafts: Draft) -> None:
        """Hands all over before the first is written."""
        for draft in drafts:
            self.journal.post(draft)
        self.paper.gate.set()


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.paper.refuses = lambda _: False
    made.paper.gate.set()
    made.journal.close()


def terminal(appended: Appended) -> bool:
    return appended.entry is not None and isinstance(appended.entry.event, Terminal)


def test_events_are_numbered_without_a_gap_and_their_times_never_run_backwards(desk: Desk) -> None:
    line = Line("a", 7, 1000)
    desk.write(*(Draft(line, Warned(str(time)), time_ns=time) for time in (2000, 500, 3000)), Draft(line, Done()))
    desk.journal.close()
    entries = [appended.entry for appended in desk.published if appended.entry is not None]
    assert [entry.seq for entry in entries] == [8, 9, 10, 11]
    assert [entry.time_ns for entry in entries[:3]] == [2000, 2000, 3000]


def test_what_waits_is_written_together_and_published_in_order(desk: Desk) -> None:
    line = Line("a")
    desk.write(*(Draft(line, Warned(str(number))) for number in range(100)))
    desk.journal.close()
    assert len(desk.paper.batches) < 10
    assert desk.paper.events() == [Warned(str(number)) for number in range(100)]
    assert desk.published == desk.paper.written


def test_nothing_follows_the_terminal_event(desk: Desk) -> None:
    line = Line("a")
    late = Draft(line, state=JobState.CANCELLING)
    desk.write(Draft(line, Done()), Draft(line, Warned("late")), Draft(line, JobCancelled()), late)
    late.written.result(60)
    assert desk.paper.events() == [Done()]
    assert len(desk.paper.written) == 1


@pytest.mark.parametrize("end", [Done(), FULL, JobCancelled()])
def test_a_job_that_was_told_to_stop_can_only_end_as_cancelled(desk: Desk, end: Event) -> None:
    line = Line("a")
    desk.write(Draft(line, state=JobState.CANCELLING), Draft(line, RESULT), Draft(line, end))
    desk.journal.close()
    assert desk.paper.events() == [RESULT, JobCancelled()]


def test_a_job_that_says_too_much_waits_for_the_disk_and_the_loop_does_not() -> None:
    paper = Paper()
    journal = Journal(paper, lambda _: None, 3)
    line, through = Line("a"), threading.Event()

    def talk() -> None:
        for number in range(50):
            journal.put(Draft(line, Warned(str(number))))
        through.set()

    thread = threading.Thread(target=talk)
    thread.start()
    for _ in range(10):
        journal.post(Draft(Line("b"), Queued(0, "")))
    assert not through.wait(0.05)
    paper.gate.set()
    thread.join(60)
    journal.close()
    assert paper.events() == [Warned(str(number)) for number in range(50)]
    assert len(paper.events("b")) == 10


def test_where_the_disk_is_full_a_job_whose_result_is_lost_fails_with_that_sentence(desk: Desk) -> None:
    line = Line("a")
    desk.paper.refuses = lambda appended: not terminal(appended)
    lost = Draft(line, RESULT)
    desk.write(lost)
    with pytest.raises(StoreFull):
        lost.written.result(60)
    assert line.fault is not None
    end = Draft(line, Done())
    desk.journal.post(end)
    end.written.result(60)
    assert desk.paper.events() == [FULL]


def test_where_the_disk_is_full_progress_and_places_are_left_out_and_the_job_goes_on(desk: Desk) -> None:
    line = Line("a")
    desk.paper.refuses = lambda appended: appended.entry is not None and not terminal(appended)
    passing = [Draft(line, Progress(Stage.TAG, 1, 2, "")), Draft(line, Queued(3, ""))]
    desk.write(*passing)
    for draft in passing:
        assert isinstance(draft.written.exception(20), StoreFull)
    assert line.fault is None
    desk.journal.post(Draft(line, Done()))
    desk.journal.close()
    assert desk.paper.events() == [Done()]


def test_the_event_of_one_job_that_finds_no_room_harms_no_other(desk: Desk) -> None:
    desk.paper.refuses = lambda appended: appended.job_id == "big" and not terminal(appended)
    big, other = Line("big"), Line("a")
    desk.write(Draft(other, Warned("1")), Draft(big, RESULT), Draft(other, Warned("2")))
    desk.journal.close()
    assert desk.paper.events() == [Warned("1"), Warned("2")]
    assert big.fault is not None
    assert other.fault is None


@pytest.mark.parametrize("said", [[Done()], [RESULT, Done()], [JobCancelled()], [FULL]])
def test_an_end_that_finds_no_room_is_written_once_as_soon_as_there_is_some(desk: Desk, said: list[Event]) -> None:
    line = Line("a")
    desk.paper.refuses = lambda _: True
    drafts = [Draft(line, event) for event in said]
    desk.write(*drafts)
    assert desk.paper.refused.wait(60)
    while desk.journal.full is None:
        assert not drafts[-1].written.done()
    assert isinstance(desk.journal.full, StoreFull)
    assert desk.published == []
    desk.paper.refuses = lambda _: False
    drafts[-1].written.result(60)
    desk.journal.close()
    assert desk.paper.events() == said
    assert desk.journal.full is None
    assert desk.published == desk.paper.written


def test_an_end_that_never_finds_room_is_given_up_when_the_journal_closes(desk: Desk) -> None:
    desk.paper.refuses = lambda _: True
    draft = Draft(Line("a"), Done())
    desk.write(draft)
    desk.journal.close()
    assert isinstance(draft.written.exception(20), DaemonStopping)
    assert desk.published == []


def test_a_store_that_breaks_fails_the_job_and_not_the_journal(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    def breaks(appended: Appended) -> bool:
        if appended.job_id == "a" and not terminal(appended):
            raise RuntimeError("broken")
        return False

    desk.paper.refuses = breaks
    line, other = Line("a"), Line("b")
    desk.write(Draft(line, RESULT), Draft(line, Done()), Draft(other, Warned("1")))
    desk.journal.close()
    assert "broken" in caplog.text
    assert desk.paper.events("b") == [Warned("1")]
    (end,) = desk.paper.events("a")
    assert isinstance(end, Failed)
    assert end.code == "INTERNAL"
    assert desk.journal.full is None
