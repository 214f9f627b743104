"""The roster decides who gets which worker, without a process in sight."""

import math
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st
from sonique_daemon.workers.home import Home
from sonique_daemon.workers.process import WorkerProcess
from sonique_daemon.workers.roster import Roster, Wish, Worker, WorkerState

SMALL, BIG = Home("small", "", 30, 100), Home("big", "", 80, 100)
OTHER = Home("other", "", 30, 100)
DESK = Home("desk", "", 10, 100, copies=2)
PROCESS = cast("WorkerProcess", object())


def _ask(roster: Roster, home: Home, now: float = 0.0) -> Wish:
    wish = Wish(home, "tag")
    roster.wishes.append(wish)
    _serve(roster, now)
    return wish


def _serve(roster: Roster, now: float = 0.0) -> None:
    roster.serve(now)
    for worker in roster.workers:  # what a pool would do for those that were granted
        worker.process = worker.process or PROCESS
    for wish in roster.wishes:
        for worker in wish.evicted:
            roster.strike(worker)


def _worker(wish: Wish) -> Worker:
    assert wish.granted is not None
    return wish.granted


def _release(roster: Roster, wish: Wish, now: float) -> None:
    worker = _worker(wish)
    worker.state, worker.since = WorkerState.IDLE, now
    roster.withdraw(wish)
    _serve(roster, now)


def test_a_wish_is_granted_a_new_worker_where_there_is_none() -> None:
    roster = Roster(100)
    assert _worker(_ask(roster, SMALL)).state is WorkerState.BUSY
    assert roster.free_bytes() == 70


def test_an_idle_worker_is_taken_again() -> None:
    roster = Roster(100)
    first = _ask(roster, SMALL)
    _release(roster, first, 1.0)
    assert _ask(roster, SMALL).granted is first.granted


def test_the_copy_that_worked_last_is_taken_first() -> None:
    roster = Roster(100)
    one, other = _ask(roster, DESK), _ask(roster, DESK)
    _release(roster, other, 1.0)
    _release(roster, one, 2.0)
    assert _ask(roster, DESK).granted is one.granted


def test_wishes_for_a_busy_worker_are_served_in_order() -> None:
    roster = Roster(100)
    first, second, third = _ask(roster, SMALL), _ask(roster, SMALL), _ask(roster, SMALL)
    _release(roster, first, 1.0)
    assert second.granted is first.granted
    assert third.granted is None


def test_whoever_waits_for_a_busy_worker_holds_up_nobody_else() -> None:
    roster = Roster(100)
    _ask(roster, SMALL)
    assert _ask(roster, SMALL).granted is None
    assert _ask(roster, OTHER).granted is not None


def test_the_worker_idle_for_longest_makes_room() -> None:
    roster = Roster(70)
    one, other = _ask(roster, SMALL), _ask(roster, OTHER)
    _release(roster, other, 1.0)
    _release(roster, one, 2.0)
    third = _ask(roster, Home("third", "", 30, 100))
    assert third.evicted == (other.granted,)
    assert one.granted in roster.workers


def test_nobody_is_evicted_where_that_is_not_enough() -> None:
    roster = Roster(100)
    busy, idle = _ask(roster, SMALL), _ask(roster, OTHER)
    _release(roster, idle, 1.0)
    assert _ask(roster, BIG).granted is None
    assert _worker(idle).state is WorkerState.IDLE
    _release(roster, busy, 2.0)
    assert len(roster.workers) == 1


def test_small_wishes_never_starve_one_that_waits_for_memory() -> None:
    roster = Roster(100)
    busy = _ask(roster, SMALL)
    big = _ask(roster, BIG)
    small = _ask(roster, SMALL)
    other = _ask(roster, OTHER)
    _release(roster, busy, 1.0)
    assert big.granted is not None
    assert (small.granted, other.granted) == (None, None)


def test_a_worker_weighs_what_it_holds_where_that_is_more() -> None:
    roster = Roster(100)
    _worker(_ask(roster, SMALL)).memory_bytes = 75
    assert _ask(roster, OTHER).granted is None


def test_a_retiring_worker_is_given_to_nobody() -> None:
    roster = Roster(100)
    first = _ask(roster, SMALL)
    _worker(first).retiring = True
    _release(roster, first, 1.0)
    assert _ask(roster, SMALL).granted is None
    assert roster.expired(1.0, math.inf) == [first.granted]


def test_idle_workers_expire_and_busy_ones_do_not() -> None:
    roster = Roster(100)
    idle, _ = _ask(roster, SMALL), _ask(roster, OTHER)
    _release(roster, idle, 5.0)
    assert roster.next_expiry(10.0) == 15.0
    assert roster.expired(14.9, 10.0) == []
    assert roster.expired(15.0, 10.0) == [idle.granted]
    assert roster.next_expiry(10.0) == math.inf


def test_a_worker_is_made_ready_only_where_it_does_no_harm() -> None:
    roster = Roster(100)
    admitted = roster.admit(SMALL, 0.0)
    assert admitted is not None
    assert admitted.state is WorkerState.IDLE
    assert roster.admit(SMALL, 0.0) is None
    assert roster.admit(BIG, 0.0) is None


def test_a_worker_on_its_way_is_awaited_and_not_doubled() -> None:
    roster = Roster(100)
    admitted = roster.admit(DESK, 0.0)
    wish = Wish(DESK, "fit")
    roster.wishes.append(wish)
    roster.serve(0.0)
    assert wish.granted is None
    assert admitted is not None
    admitted.process = PROCESS
    roster.serve(0.0)
    assert wish.granted is admitted


@given(st.lists(st.tuples(st.sampled_from(["ask", "release", "die"]), st.integers(0, 3)), max_size=60))
def test_the_budget_and_the_copies_hold_whatever_happens(steps: list[tuple[str, int]]) -> None:
    roster, served = Roster(100), cast("list[Wish]", [])
    kinds: list[Any] = [SMALL, BIG, OTHER, DESK]
    for now, (step, which) in enumerate(steps):
        granted = [wish for wish in roster.wishes if wish.granted is not None]
        if step == "ask":
            served.append(_ask(roster, kinds[which], float(now)))
        elif granted and step == "release":
            _release(roster, granted[which % len(granted)], float(now))
        elif granted:
            wish = granted[which % len(granted)]
            roster.strike(_worker(wish))
            roster.withdraw(wish)
            _serve(roster, float(now))
        assert roster.free_bytes() >= 0
        assert all(len(list(roster.of(kind.name))) <= kind.copies for kind in kinds)
        busy = [wish.granted for wish in roster.wishes if wish.granted is not None]
        assert len({id(worker) for worker in busy}) == len(busy)
        assert busy or not roster.wishes  # somebody always goes on
