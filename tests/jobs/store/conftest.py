"""A store in a folder of its own, with a clock that is set by hand, and what is put into it."""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.codec import encode_one_of
from sonique_daemon.domain.events import Done, Event, TakeReady
from sonique_daemon.domain.request import TagJob
from sonique_daemon.domain.take import FileKind, Measures, Take, TakeFile
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.jobs.job import JobKind
from sonique_daemon.jobs.log import Entry
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.jobs.store.values import Appended, StoredJob

MakeJob = Callable[..., StoredJob]
Deliver = Callable[..., Take]
Say = Callable[..., None]


@dataclass(slots=True)
class Clock:
    """Seconds since 1970, set by hand; it begins now, because files carry the system's time."""

    now: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the store is."""
    return tmp_path / "store"


@pytest.fixture
def store(folder: Path, clock: Clock) -> Iterator[Store]:
    opened = Store.open(folder, clock)
    yield opened
    opened.close()


@pytest.fixture
def make_job() -> MakeJob:
    """A job that waits."""

    def make(job_id: str = "one", request: bytes | None = None, **more: object) -> StoredJob:
        request = encode_one_of(TagJob(Brief(prompt="calm"))) if request is None else request
        values = {"created_ns": 1_700_000_000_000_000_000, **more}
        return StoredJob(job_id, b"d" * 32, JobKind.TAG, request, **values)  # type: ignore[arg-type]

    return make


@pytest.fixture
def say() -> Say:
    """Appends events to a job, with the numbers that follow."""

    def append(store: Store, job_id: str, *events: Event) -> None:
        found = store.job(job_id)
        assert found is not None
        start = found.last_seq + 1
        store.append([Appended(job_id, Entry(seq, 10**9 * seq, event)) for seq, event in enumerate(events, start)])

    return append


@pytest.fixture
def deliver() -> Deliver:
    """Makes a take of files with the given contents, which are admitted to the store; the first is the mix."""

    def make(store: Store, take_id: str, *contents: bytes) -> Take:
        files = []
        for place, content in enumerate(contents or (take_id.encode(),)):
            file = store.scratch / f"{take_id}-{place}.wav"
            file.write_bytes(content)
            sha256 = hashlib.sha256(content).hexdigest()
            path = store.admit(file, FileKind.WAV, sha256)
            name = f"stem {place}" if place else "mix"
            files.append(TakeFile(name, FileKind.WAV, path, len(content), sha256))
        grid = TempoMap(Fraction(2), (0.0, 1.0, 2.0), (0,), 60.0, (Section(0, 1, 0.5),))
        return Take(take_id, 1, "composer", 96_000, tuple(files), grid, Measures(-20.0, -1.0))

    return make


@pytest.fixture
def finish(make_job: MakeJob, say: Say) -> Callable[..., None]:
    """Runs a job that made the given takes to its end."""

    def run(store: Store, job_id: str, *takes: Take) -> None:
        store.add(make_job(job_id))
        say(store, job_id, *(TakeReady(index, take) for index, take in enumerate(takes)), Done())

    return run
