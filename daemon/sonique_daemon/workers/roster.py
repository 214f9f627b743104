"""The roster: which workers there are, who waits for one, and who gets the next. It starts nothing and ends nothing."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from sonique_daemon.workers.home import Home, Item
from sonique_daemon.workers.process import WorkerProcess


class WorkerState(StrEnum):
    """What a worker is at."""

    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    ENDING = "ending"


@dataclass(slots=True, eq=False)
class Worker:
    """A worker as the pool sees it.

    Attributes:
        home: what it is for.
        started: when it was granted a place, in seconds of the monotonic clock.
        state: what it is at; a busy or idle worker may still be on its way to being ready.
        process: its process, or None while that is being started.
        task: what it does now, or "".
        since: when ``state`` began.
        calls: how many it answered.
        memory_bytes: what it held when last looked at.
        made: what it is ready for.
        retiring: whether it is to end as soon as it is idle.
    """

    home: Home
    started: float
    state: WorkerState
    process: WorkerProcess | None = None
    task: str = ""
    since: float = 0.0
    calls: int = 0
    memory_bytes: int = 0
    made: set[Item] = field(default_factory=set)
    retiring: bool = False

    @property
    def weight(self) -> int:
        """Bytes of the budget that it takes."""
        return max(self.home.need_bytes, self.memory_bytes)

    @property
    def card_weight(self) -> int:
        """Bytes of the card's budget that it takes."""
        if self.process is None or not self.home.card_bytes:
            return self.home.card_bytes
        return max(self.home.card_bytes, self.process.card_bytes)


@dataclass(slots=True, eq=False)
class Wish:
    """Somebody waits for a worker.

    Attributes:
        home: of which kind.
        task: what for.
        granted: the worker, as soon as there is one; busy already, without a process where it has to be started.
        evicted: who has to go before it is started.
    """

    home: Home
    task: str
    granted: Worker | None = None
    evicted: tuple[Worker, ...] = ()


@dataclass(slots=True)
class Roster:
    """All workers and all wishes of a pool. Whoever calls holds the pool's lock.

    Wishes are served in order. A wish that waits for a worker of its home lets others pass; a wish that waits for
    memory lets none pass, or a stream of small ones would keep it waiting for good.

    Attributes:
        budget_bytes: what all workers may weigh together.
        card_budget_bytes: what they may hold of the card together.
    """

    budget_bytes: int
    card_budget_bytes: int = 0
    workers: list[Worker] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)

    def serve(self, now: float) -> None:
        """Grants whatever can be granted."""
        taken: set[str] = set()
        for wish in [wish for wish in self.wishes if wish.granted is None]:
            if wish.home.name in taken:
                continue
            idle = self._idle(wish.home)
            if idle is not None and idle.process is None:  # on its way, and quicker than another
                taken.add(wish.home.name)
            elif idle is not None:
                self._grant(wish, idle, now)
            elif len(list(self.of(wish.home.name))) >= wish.home.copies:
                taken.add(wish.home.name)
            elif not self._start(wish, now):
                break

    def admit(self, home: Home, now: float) -> Worker | None:
        """A new idle worker of ``home`` where there is none and it fits without harm to another, else None."""
        if any(True for _ in self.of(home.name)) or not self._has_room(home) or self.wishes:
            return None
        worker = Worker(home, now, WorkerState.IDLE, since=now)
        self.workers.append(worker)
        return worker

    def withdraw(self, wish: Wish) -> None:
        """Forgets ``wish``."""
        if wish in self.wishes:
            self.wishes.remove(wish)

    def strike(self, worker: Worker) -> None:
        """Forgets ``worker``, which is no more."""
        if worker in self.workers:
            self.workers.remove(worker)

    def of(self, name: str) -> Iterator[Worker]:
        """The workers of that home that are not on their way out."""
        return (worker for worker in self.workers if worker.home.name == name and not _ending(worker))

    def free_bytes(self) -> int:
        """What is left of the budget."""
        return self.budget_bytes - sum(worker.weight for worker in self.workers if not _ending(worker))

    def free_card_bytes(self) -> int:
        """What is left of the card's budget."""
        return self.card_budget_bytes - sum(worker.card_weight for worker in self.workers if not _ending(worker))

    def expired(self, now: float, keep_alive: float) -> list[Worker]:
        """Marks the idle workers whose time is over as ending, and gives them."""
        over = [worker for worker in self.workers if _expiry(worker, keep_alive) <= now]
        for worker in over:
            worker.state = WorkerState.ENDING
        return over

    def next_expiry(self, keep_alive: float) -> float:
        """When the next idle worker expires; ``math.inf`` where none does."""
        return min((_expiry(worker, keep_alive) for worker in self.workers), default=math.inf)

    def _idle(self, home: Home) -> Worker | None:
        """The idle worker of ``home`` that worked last: its caches are warmest, and the others may expire."""
        idle = [worker for worker in self.of(home.name) if worker.state is WorkerState.IDLE and not worker.retiring]
        return max(idle, key=lambda worker: worker.since, default=None)

    def _start(self, wish: Wish, now: float) -> bool:
        evicted = self._evictable(wish.home)
        if evicted is None:
            return False
        for worker in evicted:
            worker.state = WorkerState.ENDING
        wish.evicted = evicted
        worker = Worker(wish.home, now, WorkerState.IDLE, since=now)
        self.workers.append(worker)
        self._grant(wish, worker, now)
        return True

    def _has_room(self, home: Home) -> bool:
        return home.need_bytes <= self.free_bytes() and home.card_bytes <= max(0, self.free_card_bytes())

    def _evictable(self, home: Home) -> tuple[Worker, ...] | None:
        """The idle workers, least recently used first, that have to go for one of ``home``; None if that is too few.

        Where only the card is full, only those go that hold some of it.
        """
        lacking = home.need_bytes - self.free_bytes()
        lacking_card = home.card_bytes - max(0, self.free_card_bytes()) if home.card_bytes else 0
        chosen: list[Worker] = []
        for worker in self._idle_by_use():
            if (lacking > 0 and worker.weight) or (lacking_card > 0 and worker.card_weight):
                chosen.append(worker)
                lacking -= worker.weight
                lacking_card -= worker.card_weight
        return tuple(chosen) if lacking <= 0 and lacking_card <= 0 else None

    def _idle_by_use(self) -> list[Worker]:
        """The workers that could go, least recently used first."""
        idle = (worker for worker in self.workers if worker.state is WorkerState.IDLE and worker.process is not None)
        return sorted(idle, key=lambda worker: worker.since)

    def rivals(self, home: Home) -> list[Worker]:
        """Marks every idle worker of another home that holds memory of the same kind as ending, and gives them."""
        others = [worker for worker in self._idle_by_use() if worker.home.name != home.name]
        found = [worker for worker in others if worker.card_weight or not home.card_bytes]
        for worker in found:
            worker.state = WorkerState.ENDING
        return found

    @staticmethod
    def _grant(wish: Wish, worker: Worker, now: float) -> None:
        worker.state, worker.since, worker.task = WorkerState.BUSY, now, wish.task
        wish.granted = worker


def _ending(worker: Worker) -> bool:
    return worker.state is WorkerState.ENDING


def _expiry(worker: Worker, keep_alive: float) -> float:
    if worker.state is not WorkerState.IDLE or worker.process is None:
        return math.inf
    return worker.since + (0.0 if worker.retiring else keep_alive)
