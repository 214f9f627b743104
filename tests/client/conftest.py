"""A daemon's services on loopback in a thread, found by a runtime file of the test's own."""

import asyncio
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import grpc
import pytest
from sonique.runtime_file import CONTRACT, RuntimeFile, runtime_path
from sonique.v1 import brief_pb2, scoring_pb2
from sonique_daemon.domain.request import Job
from sonique_daemon.domain.take import FileKind, Measures, Take, TakeFile
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.engines.registry import Registry, embedded
from sonique_daemon.jobs.runner import FakeRunner, Script, Step
from sonique_daemon.jobs.service import JobService
from sonique_daemon.server.daemon import Identity
from sonique_daemon.server.server import Parts, build
from sonique_daemon.server.uploads import Uploads

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

    async def serve(self, ready: threading.Event, end: threading.Event) -> None:
        jobs = JobService(FakeRunner(self.play))

        async def registry() -> Registry:
            return embedded()

        identity = Identity("1.0", self.folder, ())
        parts = Parts(TOKEN, identity, jobs, Uploads(self.folder / "uploads"), registry, end.set)
        server: grpc.aio.Server = (await build(parts)).server
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        self.runtime = replace(self.runtime, address=f"127.0.0.1:{port}")
        ready.set()
        await asyncio.to_thread(end.wait)
        await jobs.close(5)
        await server.stop(0.2)


@pytest.fixture
def runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's daemon is looked for."""
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setenv("SONIQUE_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("SONIQUE_STORE", str(tmp_path / "store"))
    return folder


@pytest.fixture
def served(tmp_path: Path, runtime_folder: Path) -> Iterator[Served]:
    """The server, found by its runtime file."""
    assert runtime_folder.is_dir()
    here, ready, end = Served(tmp_path), threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(here.serve(ready, end)))
    thread.start()
    assert ready.wait(20)
    runtime_path().write_text(here.runtime.to_json(), encoding="utf-8")
    yield here
    end.set()
    thread.join(20)


@pytest.fixture
def ask() -> Callable[[str], scoring_pb2.TagRequest]:
    """A small valid request."""

    def make(job_id: str) -> scoring_pb2.TagRequest:
        return scoring_pb2.TagRequest(job_id=job_id, brief=brief_pb2.Brief(prompt="calm"))

    return make


@pytest.fixture
def take(tmp_path: Path) -> Take:
    """A take with a mix of two megabytes and a score on the disk."""
    files = []
    for name, kind, data in (("mix", FileKind.WAV, bytes(range(256)) * 8_192), ("score", FileKind.MIDI, b"MThd")):
        path = tmp_path / f"stored-{name}"
        path.write_bytes(data)
        files.append(TakeFile(name, kind, path, len(data), sha256(data).hexdigest()))
    grid = TempoMap(Fraction(2), (0.0, 1.0, 2.0), (0,), 60.0, (Section(0, 1, 0.5),))
    return Take("take-1", 7, "composer", 96_000, tuple(files), grid, Measures(-20.0, -1.5))
