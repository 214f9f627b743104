from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sonique_daemon.domain.request import Priority, Ticket
from sonique_daemon.errors import QueueFull
from sonique_daemon.jobs.queue import FairQueue, starts

tickets = st.builds(Ticket, st.sampled_from(["", "a", "b", "c"]), st.sampled_from(Priority))


def soon(_: str) -> float:
    return 7.0


def queue_of(*clients: str) -> FairQueue:
    """A queue with the jobs a1, a2, b1 … of clients a, a, b …"""
    queue = FairQueue(100, 100)
    for client in clients:
        queue.add(f"{client}{clients[: len(queue)].count(client) + 1}", Ticket(client))
    return queue


def test_clients_take_turns_and_each_keeps_its_order() -> None:
    assert queue_of(*"aaabbc").order() == ("a1", "b1", "c1", "a2", "b2", "a3")


def test_a_client_that_was_served_lately_comes_after_one_that_was_not() -> None:
    queue = queue_of("a")
    assert queue.pop() == "a1"
    queue.add("a2", Ticket("a"))
    queue.add("b1", Ticket("b"))
    assert queue.order() == ("b1", "a2")


def test_a_higher_priority_goes_first_whoever_waits() -> None:
    queue = queue_of(*"aab")
    queue.add("low", Ticket("d", Priority.LOW))
    queue.add("high", Ticket("a", Priority.HIGH))
    assert queue.order() == ("high", "b1", "a1", "a2", "low")


@given(st.lists(tickets, max_size=40))
def test_jobs_leave_in_the_order_that_was_foretold(given_tickets: list[Ticket]) -> None:
    queue = FairQueue(100, 100)
    for number, ticket in enumerate(given_tickets):
        queue.add(str(number), ticket)
    foretold = queue.order()
    assert sorted(foretold) == sorted(map(str, range(len(given_tickets))))
    assert tuple(queue.pop() for _ in given_tickets) == foretold
    assert len(queue) == 0


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=40))
def test_no_client_that_waits_is_passed_over_twice_by_another(clients: list[str]) -> None:
    order = [job[0] for job in queue_of(*clients).order()]
    for client in set(clients):
        turns = [index for index, name in enumerate(order) if name == client]
        for before, after in pairwise([-1, *turns]):
            between = order[before + 1 : after]
            assert len(between) == len(set(between))


def test_over_the_bound_a_job_is_refused_with_the_time_to_try_again() -> None:
    queue = FairQueue(2, 2)
    queue.add("1", Ticket("a"))
    queue.check(Ticket("b"), soon)
    queue.add("2", Ticket("b"))
    with pytest.raises(QueueFull) as refused:
        queue.check(Ticket("c"), soon)
    assert refused.value.retry_seconds == 7.0


def test_one_client_cannot_take_all_places() -> None:
    queue = FairQueue(10, 2)
    queue.add("1", Ticket("a"))
    queue.add("2", Ticket("a"))
    with pytest.raises(QueueFull, match="“a”"):
        queue.check(Ticket("a"), soon)
    queue.check(Ticket("b"), soon)


def test_a_job_that_was_taken_out_does_not_run() -> None:
    queue = queue_of(*"ab")
    queue.remove("a1")
    assert queue.order() == ("b1",)


def test_turns_come_when_running_jobs_end() -> None:
    assert list(starts([4.0, 1.0], [10.0, 10.0, 10.0], 2)) == [1.0, 4.0, 11.0]


def test_free_places_are_taken_at_once() -> None:
    assert list(starts([3.0], [5.0, 5.0], 2)) == [0.0, 3.0]


def test_no_turn_is_foretold_after_a_job_whose_length_nobody_knows() -> None:
    assert list(starts([None, 1.0], [2.0], 2)) == [None]
    assert list(starts([1.0], [2.0, None, 2.0], 1)) == [1.0, 3.0, None]
