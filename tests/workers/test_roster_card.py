"""The roster keeps to the card's budget as to the machine's, and ends only what helps."""

from dataclasses import dataclass, replace
from typing import cast

from sonique_daemon.workers.home import Home
from sonique_daemon.workers.process import WorkerProcess
from sonique_daemon.workers.roster import Roster, Wish, Worker, WorkerState

EYES, HANDS = Home("eyes", "", 3, 99, card_bytes=50), Home("hands", "", 3, 99, card_bytes=70)
DESK = Home("desk", "", 3, 99)


@dataclass
class Held:
    """What the roster asks of a process: how much of the card it said that it holds."""

    card_bytes: int = 0


def idle(roster: Roster, home: Home, now: float, measured: int = 0) -> Worker:
    """A worker of ``home`` that worked until ``now``."""
    process = cast("WorkerProcess", Held(measured))
    worker = Worker(home, now, WorkerState.IDLE, process, since=now)
    roster.workers.append(worker)
    return worker


def asked(roster: Roster, home: Home) -> Wish:
    wish = Wish(home, "generate")
    roster.wishes.append(wish)
    roster.serve(9.0)
    return wish


def test_where_the_card_is_full_only_who_holds_some_of_it_goes() -> None:
    roster = Roster(100, 100)
    idle(roster, DESK, 1.0)
    eyes = idle(roster, EYES, 2.0)
    wish = asked(roster, HANDS)
    assert wish.evicted == (eyes,)
    assert wish.granted is not None


def test_where_both_fit_both_stay() -> None:
    roster = Roster(100, 120)
    idle(roster, EYES, 1.0)
    assert asked(roster, HANDS).evicted == ()


def test_what_a_worker_measured_counts_where_it_is_more_than_was_planned() -> None:
    roster = Roster(100, 130)
    eyes = idle(roster, EYES, 1.0, measured=65)
    assert roster.free_card_bytes() == 65
    assert asked(roster, HANDS).evicted == (eyes,)


def test_a_busy_worker_is_waited_for() -> None:
    roster = Roster(100, 100)
    eyes = idle(roster, EYES, 1.0)
    eyes.state = WorkerState.BUSY
    assert asked(roster, HANDS).granted is None


def test_a_full_card_is_no_matter_of_who_computes_elsewhere() -> None:
    roster = Roster(100, 50)
    idle(roster, EYES, 1.0)
    wish = asked(roster, replace(DESK, name="studio"))
    assert wish.evicted == ()
    assert wish.granted is not None


def test_the_rivals_of_a_model_on_the_card_are_those_on_the_card() -> None:
    roster = Roster(100, 200)
    desk, eyes, hands = idle(roster, DESK, 1.0), idle(roster, EYES, 2.0), idle(roster, HANDS, 3.0)
    assert roster.rivals(HANDS) == [eyes]
    assert [worker.state for worker in (desk, eyes, hands)] == [WorkerState.IDLE, WorkerState.ENDING, WorkerState.IDLE]
