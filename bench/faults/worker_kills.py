"""Kills of workers: at random moments, while jobs run on them."""

import random
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sonique.v1 import engines_pb2, events_pb2

from bench.faults import asks
from bench.faults.calls import Caller, kind
from bench.faults.home import Home, home
from bench.faults.ledger import Ledger
from bench.table import Row

KILLS = 200
_LONGEST_SECONDS = 0.8
_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a daemon holds of the system.

    Attributes:
        processes: names of its living children, sorted.
        zombies: children that ended and were not let go.
        descriptors: of the daemon.
        threads: of the daemon.
        files: what lies in its scratch and temporary folders.
    """

    processes: tuple[str, ...]
    zombies: int
    descriptors: int
    threads: int
    files: tuple[str, ...]


@dataclass
class Killing:
    """What the kills came to.

    Attributes:
        hits: kills by which one job failed.
        misses: kills by which none did, because the worker had nothing to do.
        breaches: what should not have happened.
        codes: the codes of the jobs that failed.
        ledger: what was seen of the jobs.
    """

    hits: int = 0
    misses: int = 0
    breaches: list[str] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)
    ledger: Ledger = field(default_factory=Ledger)


def rows(folder: Path, kills: int = KILLS) -> Iterator[Row]:
    """At least ``kills`` kills of a worker, each with two jobs under way, or with none.

    More than one in ten has to hit a worker at work; where chance has it otherwise, it goes on, to four times as many.
    """
    folder.mkdir(parents=True, exist_ok=True)
    film = asks.make_film(folder / "film.mp4", [4.5])
    temporary = folder / "tmp"
    temporary.mkdir()
    with home(folder / "workers", TMPDIR=str(temporary)) as here, Caller(here.start()) as caller:
        assert here.process is not None
        pid = here.process.pid
        _all_workers_at_work(caller, film, "warm")
        before = belongings(here, temporary)
        killing = Killing()
        done = 0
        while done < kills or (killing.hits <= kills // 10 and done < 4 * kills):
            _kill_one(here, caller, film, killing, number=done)
            done += 1
        _all_workers_at_work(caller, film, "last")
        after = belongings(here, temporary)
        breaches = [*killing.breaches, *killing.ledger.breaches, *_leaked(before, after)]
        same = here.process.poll() is None and here.process.pid == pid
        yield Row(
            f"{done} kills of a worker at random moments",
            f"{killing.hits} failed one job ({', '.join(sorted(killing.codes))}), {killing.misses} hit an idle one; "
            f"descriptors {before.descriptors} → {after.descriptors}, threads {before.threads} → {after.threads}",
            "daemon up, at most one job each, nothing leaked",
            same and not breaches and killing.hits > kills // 10,
            "; ".join(breaches[:3]),
        )


def _kill_one(here: Home, caller: Caller, film: Path, killing: Killing, *, number: int) -> None:
    dice = random.Random(number)  # noqa: S311 - moments, and no secret
    requests = [
        dice.choice((asks.score(f"k{number}-a", film, seed=number), asks.describe(f"k{number}-a", film))),
        asks.generate(f"k{number}-b", dice.randint(2, 6), seed=number),
    ]
    for request in requests:
        caller.submit(request)
    time.sleep(dice.uniform(0, _LONGEST_SECONDS))
    victims, victim, pid = here.workers(), "nobody", 0
    if victims:
        with suppress(psutil.Error):
            chosen = dice.choice(victims)
            victim, pid = _name(chosen), chosen.pid
            chosen.kill()
    ends = [_end(caller, request.job_id, killing.ledger) for request in requests]
    _wait_until_known(caller, pid)
    failures = [end.failed for end in ends if kind(end) == "failed"]
    killing.codes.update(failure.code for failure in failures)
    killing.hits += len(failures) == 1
    killing.misses += not failures
    if len(failures) > 1:
        told = "; ".join(f"{end.job_id} (event {end.seq}): {end.failed.sentence}" for end in ends)
        killing.breaches.append(f"kill {number} of {victim} failed {len(failures)} jobs: {told}")
    for failure in failures:
        if failure.code != "WORKER_CRASHED":
            killing.breaches.append(f"kill {number}: {failure.code}: {failure.sentence}")


def _wait_until_known(caller: Caller, pid: int) -> None:
    """Until the daemon knows that a worker is gone, so that no job of the next kill can meet the death of this one."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        workers = caller.engines.ListWorkers(engines_pb2.ListWorkersRequest(), timeout=30).workers
        if all(worker.pid != pid for worker in workers):
            return
        time.sleep(0.005)


def _end(caller: Caller, job_id: str, ledger: Ledger) -> events_pb2.JobEvent:
    events = list(caller.watch(job_id, seconds=_PATIENCE))
    ledger.verify(job_id, events)
    return events[-1]


def _all_workers_at_work(caller: Caller, film: Path, name: str) -> None:
    """Runs jobs that need every kind of worker, so that all are there and idle after."""
    for number in range(3):
        requests = [asks.score(f"{name}-{number}-{index}", film, seed=number) for index in range(2)]
        for request in requests:
            caller.submit(request)
        for request in requests:
            end = list(caller.watch(request.job_id, seconds=_PATIENCE))[-1]
            assert kind(end) == "done", end


def belongings(here: Home, temporary: Path, seconds: float = 2.0) -> Belongings:
    """What the daemon holds once it holds no more than before for a moment, at the latest after ``seconds``."""
    deadline, held = time.monotonic() + seconds, _held(here, temporary)
    while time.monotonic() < deadline:
        time.sleep(0.1)
        held, earlier = _held(here, temporary), held
        if held == earlier and not held.files and not held.zombies:
            break
    return held


def _held(here: Home, temporary: Path) -> Belongings:
    assert here.process is not None
    daemon = psutil.Process(here.process.pid)
    children = daemon.children(recursive=True)
    ended = [child for child in children if child.status() == psutil.STATUS_ZOMBIE]
    names = sorted(_name(child) for child in children if child not in ended)
    left = (path for folder in (here.store / "scratch", temporary) for path in folder.rglob("*"))
    return Belongings(
        tuple(names), len(ended), daemon.num_fds(), daemon.num_threads(), tuple(sorted(str(path) for path in left))
    )


def _name(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        words = process.cmdline()
        return words[words.index("--name") + 1] if "--name" in words else " ".join(words[1:4])
    return "gone"


def _leaked(before: Belongings, after: Belongings) -> Iterator[str]:
    if len(after.processes) > len(before.processes):
        yield f"processes: {before.processes} before, {after.processes} after"
    if after.zombies:
        yield f"{after.zombies} ended children were not let go"
    if after.descriptors > before.descriptors + 4:
        yield f"descriptors: {before.descriptors} before, {after.descriptors} after"
    if after.threads > before.threads + 4:
        yield f"threads: {before.threads} before, {after.threads} after"
    if after.files:
        yield f"left behind: {after.files[:3]}"
