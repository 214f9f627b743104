"""A daemon's services on loopback in a thread, found by a runtime file of the test's own."""

import asyncio
import fcntl
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import grpc
import pytest
from sonique.runtime_file import CONTRACT, RuntimeFile, lock_path
from sonique.v1 import brief_pb2, scoring_pb2
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.request import Job
from sonique_daemon.domain.take import FileKind, Measures, Take, TakeFile
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.engines.engine import Descriptor
from sonique_daemon.errors import EngineNotFound
from sonique_daemon.jobs.runner import FakeRunner, Script, Step
from sonique_daemon.jobs.service import JobService
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.server.activity import Activity
from sonique_daemon.server.daemon import Identity
from sonique_daemon.server.ending import Ending
from sonique_daemon.server.server import Parts, build
from sonique_daemon.server.uploads import Uploads
from sonique_daemon.timeline.roots import Roots

TOKEN = "a-token-for-tests"  # noqa: S105 - it opens nothing


def silent(_: Job) -> Iterable[Step]:
    return ()


@dataclass
class Served:
    """A running server and the script of its jobs."""

    folder: Path
    script: Script = silent
    runtime: RuntimeFile = field(default_factory=lambda: RuntimeFile("", "", TOKEN, os.getpid(), "1.0", CONTRACT))

    def play(self, job: Job) -> Iterable[Step]:
        return self.script(job)

    async def serve(self, kept: Store, ready: threading.Event, end: threading.Event) -> None:
        jobs = JobService(FakeRunner(self.play), kept)
        identity = Identity("1.0", self.folder, (self.folder,), self.folder / "a.log", 10**9, 10**9)
        uploads, roots = Uploads(kept.uploads), Roots((self.folder,))
        nobody = NoEngines()
        parts = Parts((TOKEN,), identity, jobs, kept, uploads, roots, nobody, nobody, Ending(1.0), Activity())
        server: grpc.aio.Server = (await build(parts)).server
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        self.runtime = replace(self.runtime, address=f"127.0.0.1:{port}")
        ready.set()
        await asyncio.to_thread(end.wait)
        await jobs.close()
        await server.stop(0.2)


class NoEngines:
    """A catalogue and a pool without engines and workers."""

    def descriptors(self) -> tuple[Descriptor, ...]:
        return ()

    def descriptor(self, stage: Stage, name: str) -> Descriptor:
        raise EngineNotFound(f"No engine “{name}” can {stage}.")

    def workers(self) -> tuple[()]:
        return ()

    def loaded(self, descriptor: Descriptor) -> bool:
        return bool(descriptor.name)

    def load(self, descriptor: Descriptor) -> None:
        raise EngineNotFound(descriptor.name)

    unload = load


@pytest.fixture
def runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's daemon is looked for."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("SONIQUE_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("SONIQUE_STORE", str(tmp_path / "store"))
    for variable in ("SONIQUE_DAEMON", "SONIQUE_TOKEN_FILE", "SONIQUE_TLS_CA"):
        monkeypatch.delenv(variable, raising=False)
    return folder


@pytest.fixture
def held(runtime_folder: Path) -> Iterator[Path]:
    """The runtime folder, held as by a daemon that lives."""
    descriptor = os.open(lock_path(runtime_folder), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield runtime_folder
    os.close(descriptor)


@pytest.fixture
def found_at(held: Path) -> Callable[[RuntimeFile], None]:
    """Writes the runtime file by which a daemon is found."""

    def write(runtime: RuntimeFile) -> None:
        path = held / "daemon.json"
        path.touch(mode=0o600)
        path.write_text(runtime.to_json(), encoding="utf-8")

    return write


@pytest.fixture
def served(tmp_path: Path, found_at: Callable[[RuntimeFile], None]) -> Iterator[Served]:
    """The server, found by its runtime file."""
    here, ready, end = Served(tmp_path), threading.Event(), threading.Event()
    kept = Store.open(tmp_path / "store")
    thread = threading.Thread(target=lambda: asyncio.run(here.serve(kept, ready, end)))
    thread.start()
    assert ready.wait(60)
    found_at(here.runtime)
    yield here
    end.set()
    thread.join(60)
    kept.close()


@pytest.fixture
def ask() -> Callable[[str], scoring_pb2.TagRequest]:
    """A small valid request."""

    def make(job_id: str) -> scoring_pb2.TagRequest:
        return scoring_pb2.TagRequest(job_id=job_id, brief=brief_pb2.Brief(prompt="calm"))

    return make


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """A take with a mix of two megabytes and a score on the disk."""
    files, audio = [], tmp_path / "store" / "audio"
    audio.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, kind, data in (("mix", FileKind.WAV, bytes(range(256)) * 8_192), ("score", FileKind.MIDI, b"MThd")):
        digest = sha256(data).hexdigest()
        path = audio / f"{digest}.{'wav' if kind is FileKind.WAV else 'mid'}"
        path.write_bytes(data)
        files.append(TakeFile(name, kind, path, len(data), digest))
    grid = TempoMap(Fraction(2), (0.0, 1.0, 2.0), (0,), 60.0, (Section(0, 1, 0.5),))
    return Take("take-1", 7, "composer", 96_000, tuple(files), grid, Measures(-20.0, -1.5))
