"""A process that writes into a store until it is killed; the tests run it."""

import hashlib
import os
import signal
import sys
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

from sonique_daemon.domain.events import Done, Event, Failed, JobCancelled, Progress, Stage, TakeReady, Warned
from sonique_daemon.domain.take import FileKind, Measures, Take, TakeFile
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.jobs.job import JobKind
from sonique_daemon.jobs.log import Entry
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.jobs.store.values import Appended, PruneOrder, StoredJob, StoreKind
from sonique_daemon.stages.cache import Remembered

GRID = TempoMap(Fraction(2), (0.0, 1.0, 2.0), (0,), 60.0, (Section(0, 1, 0.5),))
ENDS = (Done(), Failed("INTERNAL", "INTERNAL", "broke"), JobCancelled())


def make_take(store: Store, identity: str) -> Take:
    """A take whose audio and cached result are in the store."""
    content = identity.encode() * 3000
    sha256 = hashlib.sha256(content).hexdigest()
    file = store.scratch / identity
    with file.open("wb") as writing:
        writing.write(content)
        writing.flush()
        os.fsync(writing.fileno())
    path = store.admit(file, FileKind.WAV, sha256)
    key = hashlib.sha256(identity.encode()).digest()
    store.remember([Remembered(key, Stage.GENERATE, identity.encode(), (sha256,))])
    files = (TakeFile("mix", FileKind.WAV, path, len(content), sha256),)
    return Take(identity, 1, "composer", 1, files, GRID, Measures(-20.0, -1.0))


def run(store: Store, name: str, number: int, steps: int, told: Callable[[str], object]) -> None:
    """One job from its beginning to its end, which every fifth never meets; every fourth clears some others."""
    job = f"{name}-{number}"
    store.add(StoredJob(job, b"d" * 32, JobKind.SCORE, b"request" * 100, created_ns=1))
    told(f"added {job}")
    store.begin_attempt(job)
    seq = 0
    for step in range(steps):
        ready = TakeReady(step, make_take(store, f"{job}-{step}"))
        events: list[Event] = [Progress(Stage.GENERATE, step, 4, "bars"), Warned("x" * 50 * step), ready]
        lines = [Appended(job, Entry(seq + place, seq + place, event)) for place, event in enumerate(events, 1)]
        store.append(lines[:2])
        store.append(lines[2:])
        seq += 3
        told(f"wrote {job} {seq}")
    if number % 5:
        store.append([Appended(job, Entry(seq + 1, seq + 1, ENDS[number % 3]), title="the end")])
        told(f"wrote {job} {seq + 1}")
    if number % 4 == 3:
        store.delete(f"{name}-{number - 1}" if (number - 1) % 5 else f"{name}-{number - 2}")
        store.prune(PruneOrder(frozenset({StoreKind.RESULTS}), keep_bytes=100_000))


def write(folder: str, name: str) -> None:
    """Writes until somebody kills it, and says what it wrote."""
    say(f"opens {os.getpid()}")
    store = Store.open(Path(folder))
    for number in count():
        run(store, name, number, 4, say)


def write_and_die(folder: str, moment: int) -> None:
    """Writes three jobs and kills itself at the given line of Python; where it lives, prints how many lines it had."""
    journal = os.open(f"{folder}.said", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    passed = 0

    def trace(_frame: FrameType, event: str, _value: Any) -> Any:
        nonlocal passed
        if event == "line":
            passed += 1
            if passed == moment:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    store = Store.open(Path(folder))
    for number in (1, 2, 3):
        run(store, "job", number, 1, lambda line: os.write(journal, line.encode() + b"\n"))
    store.close()
    sys.settrace(None)
    say(str(passed))


def say(line: str) -> None:
    """Tells who runs this."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def apart(work: Callable[[], None]) -> None:
    """Does ``work`` in a process of its own, and waits for that to end."""
    child = os.fork()
    if not child:
        work()
        os._exit(0)
    os.waitpid(child, 0)


def main() -> None:
    """Writes into the folders, and under the names, that stand on the lines of the input; or dies by itself."""
    if sys.argv[1] == "write":
        for line in sys.stdin:
            folder, name = line.split()
            apart(partial(write, folder, name))
            say("dead")
    for moment in sys.argv[3:]:
        apart(partial(write_and_die, f"{sys.argv[2]}{moment}", int(moment)))


if __name__ == "__main__":
    main()
