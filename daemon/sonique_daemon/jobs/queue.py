"""The queue: which job runs next. Priorities first; within one, clients take turns; within a client, first come."""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace
from itertools import count

from sonique_daemon.domain.request import Ticket
from sonique_daemon.errors import QueueFull

_REMEMBERED = 256
"""Clients whose last turn is remembered; one that is forgotten counts as never served."""


@dataclass(frozen=True, slots=True)
class Place:
    """A job's place: who holds it, and when it was taken (a count, not a clock)."""

    job_id: str
    ticket: Ticket
    arrival: int


class FairQueue:
    """Bounded and fair; knows jobs by their ids alone. Belongs to one thread.

    Attributes:
        limit: how many may wait.
        client_limit: how many of one client may wait.
    """

    def __init__(self, limit: int, client_limit: int) -> None:
        self.limit, self.client_limit = limit, client_limit
        self._places: dict[str, Place] = {}
        self._turns: OrderedDict[str, int] = OrderedDict()
        self._arrivals, self._turn = count(), count()

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, job_id: object) -> bool:
        return job_id in self._places

    def add(self, job_id: str, ticket: Ticket) -> None:
        """Takes a job in, whatever the bounds are; ``check`` looks at those."""
        self._places[job_id] = Place(job_id, ticket, next(self._arrivals))

    def check(self, ticket: Ticket, until_runs: Callable[[str], float]) -> None:
        """Whether one more job of that client may wait.

        Args:
            ticket: whose it is.
            until_runs: seconds until a job that waits runs; that of the next to go tells when to try again.

        Raises:
            QueueFull: too many wait already, of all clients or of this one.
        """
        if len(self) >= self.limit:
            sentence = f"{len(self)} jobs wait already; try again when some have ended, or cancel some."
            raise QueueFull(sentence, until_runs(self.order()[0]) if len(self) else 0.0)
        own = [job_id for job_id in self.order() if self._places[job_id].ticket.client == ticket.client]
        if len(own) >= self.client_limit:
            sentence = f"{len(own)} jobs of “{ticket.client[:60]}” wait already, and one client may have no more; "
            raise QueueFull(sentence + "try again when some have ended, or cancel some.", until_runs(own[0]))

    def remove(self, job_id: str) -> None:
        """Takes a job out that is not to run."""
        del self._places[job_id]

    def pop(self) -> str:
        """Takes the next job out; its client's turn is over."""
        place = next(self._serving())
        del self._places[place.job_id]
        self._turns[place.ticket.client] = next(self._turn)
        self._turns.move_to_end(place.ticket.client)
        if len(self._turns) > _REMEMBERED:
            self._turns.popitem(last=False)
        return place.job_id

    def order(self) -> tuple[str, ...]:
        """All that wait, in the order in which they run if nothing else comes."""
        return tuple(place.job_id for place in self._serving())

    def _serving(self) -> Iterator[Place]:
        turns = dict(self._turns)
        for priority in sorted({place.ticket.priority for place in self._places.values()}, reverse=True):
            lanes: dict[str, deque[Place]] = {}
            for place in self._places.values():
                if place.ticket.priority == priority:
                    lanes.setdefault(place.ticket.client, deque()).append(place)
            yield from _by_turns(lanes, turns)


def starts(lefts: Iterable[float | None], needs: Iterable[float | None], at_once: int) -> Iterator[float | None]:
    """Seconds until each of the jobs that wait begins, in their order; None from where that cannot be told.

    Args:
        lefts: seconds that each running job still takes, or None.
        needs: seconds that each waiting job takes once it runs, or None.
        at_once: how many jobs run at a time.
    """
    free = list(lefts)
    known = [left for left in free if left is not None]
    slots = [*known, *[0.0] * (at_once - len(free))] if len(known) == len(free) else []
    heapify(slots)
    for need in needs:
        yield slots[0] if slots else None
        if need is None:
            slots = []
        elif slots:
            heapreplace(slots, slots[0] + need)


def _by_turns(lanes: dict[str, deque[Place]], turns: dict[str, int]) -> Iterator[Place]:
    """Empties ``lanes``, one for each client, the least recently served client first; notes the turns in ``turns``."""
    latest = max(turns.values(), default=-1)
    heads = [(turns.get(client, -1), lane[0].arrival, client) for client, lane in lanes.items()]
    heapify(heads)
    while heads:
        client = heads[0][2]
        yield lanes[client].popleft()
        latest += 1
        turns[client] = latest
        if lanes[client]:
            heapreplace(heads, (latest, lanes[client][0].arrival, client))
        else:
            heappop(heads)
