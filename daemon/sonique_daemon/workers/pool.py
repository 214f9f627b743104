"""The pool: warm workers within a memory budget, leased for one call at a time."""

import logging
import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Condition, Event, Thread
from time import monotonic

from sonique_daemon.domain.codec import encode
from sonique_daemon.engines.engine import Descriptor, RecordedReport, Report
from sonique_daemon.engines.registry import EMBEDDED, registry_named
from sonique_daemon.errors import EngineNotFound, SoniqueError
from sonique_daemon.workers import mishap
from sonique_daemon.workers.conversation import Errand, Untaken, converse
from sonique_daemon.workers.home import Home, Item, homes, item_of
from sonique_daemon.workers.info import WorkerInfo
from sonique_daemon.workers.limits import PoolLimits
from sonique_daemon.workers.nursery import Nursery
from sonique_daemon.workers.process import WorkerProcess
from sonique_daemon.workers.roster import Roster, Wish, Worker, WorkerState
from sonique_daemon.workers.watch import resident_bytes, verdict

_logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.01
"""How often whoever waits for a worker looks whether the job was cancelled."""
_REST_SECONDS = 5.0
"""How often the watchdog looks while nothing works."""
_DEATH_SECONDS = 2.0
"""How long ended processes may take to be gone."""
_LAST_WORDS_SECONDS = 0.2
"""How long a worker that hangs has to write where."""
_WARM_AT_ONCE = 2
"""How many workers are made ready side by side."""
_WARM_SECONDS = 60.0

Check = Callable[[], None]
"""Raises ``Cancelled`` where the caller should stop waiting."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A worker that is the caller's for one call."""

    process: WorkerProcess
    learn: Callable[[Item], None]
    """Says what the worker is ready for since this call."""


class Pool:
    """The workers of a daemon; safe to call from several threads.

    A worker is started where it is first needed, stays for ``limits.keep_alive_seconds`` after its last call, and goes
    earlier where another needs its memory. One that hangs, holds too much or dies is replaced when it is needed again.

    Args:
        limits: what the workers may take.
        registry: names the function that gives the engines, as ``registry_named`` takes it.
    """

    def __init__(self, limits: PoolLimits | None = None, registry: str = EMBEDDED) -> None:
        self.limits = limits or PoolLimits()
        self.homes = homes(registry_named(registry).descriptors(), self.limits)
        self._roster = Roster(self.limits.memory_budget_bytes, self.limits.card_budget_bytes)
        self._changed = Condition()
        self._nursery = Nursery(registry)
        self._closed = Event()
        self._watchdog = Thread(target=self._watch, name="watchdog of the workers", daemon=True)
        self._watchdog.start()

    @contextmanager
    def lease(self, name: str, task: str, check: Check) -> Iterator[Lease]:
        """The worker ``name`` for the body of a ``with``, for ``task``; waits where it is busy.

        Args:
            name: a home's.
            task: shown in ``workers``.
            check: asked at once, and every 10 ms while this waits.

        Raises:
            OutOfMemory: it can never have a place in the memory budget.
            WorkerCrashed: it cannot be started.
            WorkerHung: it was not ready in time.
            EngineNotFound: there is no such worker.
            DaemonStopping: the pool was closed.
            Cancelled: ``check`` said so.
        """
        check()
        worker = self._take(self._home(name), task, check)
        try:
            yield Lease(self._readied(worker, check), worker.made.add)
        finally:
            self._give_back(worker)

    def run(self, name: str, errand: Errand, item: Item, report: Report) -> bytes:
        """Has the worker ``name`` run ``errand``, after which it is ready for ``item``; gives the encoded result.

        A worker that ended before it took the call, as one does that something else killed while it was idle, is
        replaced once. A call that was taken is never tried again.

        Raises:
            SoniqueError: what ``lease`` raises, what the work raises, or what became of the worker.
            Cancelled: ``report`` said so.
        """
        try:
            return self._run(name, errand, item, report)
        except Untaken as early:
            _logger.warning("%s Another one takes the call.", early.fate.sentence)
        try:
            return self._run(name, errand, item, report)
        except Untaken as again:
            raise again.fate from None

    def _run(self, name: str, errand: Errand, item: Item, report: Report) -> bytes:
        with self.lease(name, errand.task, report.check) as lease:
            result = converse(lease.process, errand, report, self.limits.cancel_seconds)
            lease.learn(item)
        return result

    def warm(self, names: Sequence[str]) -> None:
        """Makes the workers of those names ready, in that order, in the background, as far as memory allows."""
        wanted = deque(self.homes[name] for name in names if name in self.homes)
        for number in range(min(_WARM_AT_ONCE, len(wanted))):
            Thread(target=self._warm_up, args=(wanted,), name=f"warm-up {number}", daemon=True).start()

    def load(self, descriptor: Descriptor, report: Report | None = None) -> None:
        """Makes that engine ready; returns when it is.

        Raises:
            SoniqueError: what ``lease`` raises, or why the engine cannot be made.
            Cancelled: ``report`` said so.
        """
        errand = Errand("load", descriptor.name, encode(descriptor.stage.value))
        self.run(descriptor.worker, errand, item_of(descriptor), report or RecordedReport())

    def unload(self, descriptor: Descriptor) -> None:
        """Ends the worker of that engine: at once where it is idle, else after its call."""
        with self._changed:
            workers = list(self._roster.of(descriptor.worker))
            for worker in workers:
                worker.retiring = True
        self._end_expired()
        for worker in workers:
            if worker.state is WorkerState.ENDING and worker.process is not None:
                worker.process.ended.wait(_DEATH_SECONDS)

    def require(self, name: str) -> None:
        """Raises ``OutOfMemory`` where the worker ``name`` can never have a place, ``EngineNotFound`` without one."""
        self._home(name)

    def evict_rivals(self, name: str) -> int:
        """Ends the idle workers that hold memory of the kind that ``name`` computes in, and gives how many."""
        home = self._home(name)
        with self._changed:
            rivals = self._roster.rivals(home)
            self._serve()
        self._end([rival.process for rival in rivals if rival.process is not None])
        return len(rivals)

    def loaded(self, descriptor: Descriptor) -> bool:
        """Whether a worker is ready to run that engine."""
        with self._changed:
            return any(item_of(descriptor) in _made(worker) for worker in self._roster.of(descriptor.worker))

    def workers(self) -> tuple[WorkerInfo, ...]:
        """All of them, by name, then process id."""
        with self._changed:
            running = [worker for worker in self._roster.workers if worker.process is not None]
        infos = [self._info(worker, worker.process) for worker in running if worker.process is not None]
        return tuple(sorted(infos, key=lambda info: (info.name, info.pid)))

    def memory_in_use(self) -> int:
        """Resident bytes of all workers."""
        return sum(info.memory_bytes for info in self.workers())

    def close(self) -> None:
        """Ends all workers, busy ones too, within two seconds; whoever waits for one gets ``DaemonStopping``."""
        self._closed.set()
        with self._changed:
            processes = [worker.process for worker in self._roster.workers if worker.process is not None]
            self._changed.notify_all()
        for process in processes:
            process.kill(mishap.stopping)
        deadline = monotonic() + _DEATH_SECONDS
        for process in processes:
            process.ended.wait(max(0.0, deadline - monotonic()))
        self._watchdog.join(max(0.1, deadline - monotonic()))
        self._nursery.close()

    def _home(self, name: str) -> Home:
        if name not in self.homes:
            raise EngineNotFound(f"There is no worker “{name}”; there is {', '.join(self.homes)}.")
        home = self.homes[name]
        if home.need_bytes > self.limits.memory_budget_bytes:
            raise mishap.too_heavy(name, home.need_bytes, self.limits.memory_budget_bytes)
        if home.card_bytes > self.limits.card_budget_bytes:
            raise mishap.too_heavy(name, home.card_bytes, self.limits.card_budget_bytes)
        return home

    def _take(self, home: Home, task: str, check: Check) -> Worker:
        wish = Wish(home, task)
        with self._changed:
            self._roster.wishes.append(wish)
            self._serve()
        try:
            while not self._is_granted(wish):
                check()
            return self._manned(wish)
        except BaseException:
            self._abandon(wish)
            raise
        finally:
            with self._changed:
                self._roster.withdraw(wish)
                self._serve()

    def _abandon(self, wish: Wish) -> None:
        """Gives up a wish that was granted, perhaps, a moment ago."""
        worker = wish.granted
        if worker is None:
            return
        self._end([evicted.process for evicted in wish.evicted if evicted.process is not None])
        if worker.process is None:
            self._gone(worker)
        else:
            self._give_back(worker, answered=0)

    def _is_granted(self, wish: Wish) -> bool:
        with self._changed:
            if self._closed.is_set():
                raise mishap.stopping()
            if wish.granted is None:
                self._changed.wait(_LOOK_SECONDS)
            return wish.granted is not None

    def _manned(self, wish: Wish) -> Worker:
        """The granted worker, with a process."""
        worker = wish.granted
        assert worker is not None
        for evicted in wish.evicted:
            _logger.info("Worker %s goes, for %s needs its memory", evicted.home.name, worker.home.name)
        self._end([evicted.process for evicted in wish.evicted if evicted.process is not None])
        if worker.process is None:
            self._start(worker)
        return worker

    def _start(self, worker: Worker) -> None:
        home = worker.home
        try:
            started = self._nursery.start(home)
        except (OSError, RuntimeError) as error:  # no such interpreter, too many processes, or the pool was closed
            self._gone(worker)
            if self._closed.is_set():
                raise mishap.stopping() from None
            raise mishap.not_started(home.name, getattr(error, "strerror", None) or str(error)) from None
        process = WorkerProcess(home.name, started, lambda: self._gone(worker))
        with self._changed:
            worker.process = process
            worker.since = worker.started = monotonic()
            self._serve()
        if self._closed.is_set():
            process.kill(mishap.stopping)
        _logger.info("Worker %s starts as process %d", home.name, process.pid)

    def _readied(self, worker: Worker, check: Check) -> WorkerProcess:
        """The worker's process, as soon as it listens."""
        process = worker.process
        assert process is not None
        while not process.ready.wait(_LOOK_SECONDS):
            check()
        if process.ended.is_set():
            raise mishap.ended_early(process.name, process.code) if process.doom is None else process.doom(process.name)
        return process

    def _give_back(self, worker: Worker, answered: int = 1) -> None:
        with self._changed:
            worker.calls += answered
            if worker.state is WorkerState.BUSY:
                dying = worker.process is not None and worker.process.dying
                worker.state = WorkerState.ENDING if dying else WorkerState.IDLE
                worker.since, worker.task = monotonic(), ""
            self._serve()
        if self.limits.keep_alive_seconds <= 0 or worker.retiring:
            self._end_expired()

    def _gone(self, worker: Worker) -> None:
        with self._changed:
            self._roster.strike(worker)
            worker.state = WorkerState.ENDING
            self._serve()

    def _serve(self) -> None:
        """Grants what can be granted; the lock is held."""
        self._roster.serve(monotonic())
        self._changed.notify_all()

    def _end(self, processes: Sequence[WorkerProcess]) -> None:
        for process in processes:
            process.kill()
        for process in processes:
            process.ended.wait(_DEATH_SECONDS)

    def _end_expired(self) -> None:
        with self._changed:
            expired = self._roster.expired(monotonic(), self.limits.keep_alive_seconds)
            self._serve()
        for worker in expired:
            if worker.process is not None:
                worker.process.kill()

    def _warm_up(self, wanted: "deque[Home]") -> None:
        while not self._closed.is_set():
            try:
                home = wanted.popleft()
            except IndexError:
                return
            with suppress(SoniqueError):  # the first job that needs it will tell more
                self._warm_home(home)

    def _warm_home(self, home: Home) -> None:
        with self._changed:
            worker = self._roster.admit(home, monotonic())
        if worker is None:
            return
        self._start(worker)
        process = worker.process
        assert process is not None
        process.warm(home.items)
        process.warmed.wait(_WARM_SECONDS)

    def _watch(self) -> None:
        last = monotonic()
        while not self._closed.wait(self._watch_pause()):
            now = monotonic()
            self._watch_all(overslept=now - last > _REST_SECONDS + self.limits.watch_seconds + 1.0)
            self._end_expired()
            last = now

    def _watch_pause(self) -> float:
        with self._changed:
            if any(worker.state is WorkerState.BUSY for worker in self._roster.workers):
                return self.limits.watch_seconds
            wait = self._roster.next_expiry(self.limits.keep_alive_seconds) - monotonic()
        return max(0.05, min(_REST_SECONDS, wait, self.limits.watch_seconds * 4))

    def _watch_all(self, overslept: bool) -> None:
        """Looks at every worker. Where this daemon itself stood still, silence of the workers proves nothing."""
        with self._changed:
            workers = [worker for worker in self._roster.workers if worker.process is not None]
        for worker in workers:
            process = worker.process
            assert process is not None
            number = process.calls
            process.look()
            if overslept:
                process.heard = monotonic()
            if worker.state is WorkerState.BUSY:
                worker.memory_bytes = resident_bytes(process.pid)
                doom = verdict(worker, process, self.limits, monotonic())
                if doom is not None and process.condemn(number, doom):
                    process.ended.wait(_LAST_WORDS_SECONDS)
                    process.kill()

    def _info(self, worker: Worker, process: WorkerProcess) -> WorkerInfo:
        now = monotonic()
        worker.memory_bytes = resident_bytes(process.pid)
        state = worker.state if process.ready.is_set() else WorkerState.STARTING
        left = worker.since + self.limits.keep_alive_seconds - now
        expires = None if state is not WorkerState.IDLE or math.isinf(left) else max(0.0, left)
        return WorkerInfo(
            name=worker.home.name,
            pid=process.pid,
            state=state,
            task=worker.task,
            memory_bytes=worker.memory_bytes,
            age=now - worker.started,
            expires=expires,
            calls=worker.calls,
            card_bytes=process.card_bytes,
        )


def _made(worker: Worker) -> set[Item]:
    warmed = () if worker.process is None else worker.process.warm_items
    return worker.made.union(warmed)
