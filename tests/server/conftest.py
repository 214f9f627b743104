"""A server on loopback in a thread, whose jobs play a script, and values to ask it with."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
import pytest
from sonique.v1 import brief_pb2, scoring_pb2
from sonique_daemon.catalogue.keeper import Keeper
from sonique_daemon.catalogue.weights import Weights
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.request import Job
from sonique_daemon.domain.take import FileKind, Measures, Take, TakeFile
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.engines.engine import Descriptor
from sonique_daemon.engines.fake import fakes
from sonique_daemon.engines.pretend import MODELS, PROFILES
from sonique_daemon.errors import EngineNotFound, WeightsRefused
from sonique_daemon.jobs.runner import FakeRunner, Script, Step
from sonique_daemon.jobs.service import JobService
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.server.activity import Activity
from sonique_daemon.server.daemon import Identity
from sonique_daemon.server.ending import Ending
from sonique_daemon.server.server import Parts, build
from sonique_daemon.server.uploads import Uploads
from sonique_daemon.stages.casting import Casting
from sonique_daemon.timeline.roots import Roots

TOKEN = "a-token-for-tests"  # noqa: S105 - it opens nothing
OTHER_TOKEN = "another-token-for-tests"  # noqa: S105 - the same
Call = Callable[[str], grpc.Channel]


def refuse(source: Path, target: Path) -> None:
    raise WeightsRefused(f"“{source.name}” carries code; it does not become “{target.name}”.")


def silent(_: Job) -> Iterable[Step]:
    return ()


@dataclass(frozen=True)
class FakeWorker:
    """A worker process that there is not."""

    name: str
    pid: int
    state: str
    task: str = ""
    memory_bytes: int = 1_000_000
    age: float = 2.5
    expires: float | None = None
    calls: int = 3
    card_bytes: int = 0


@dataclass
class FakeEngines:
    """One engine of each stage, none loaded, and three workers. A catalogue and a pool in one."""

    held: set[str] = field(default_factory=set)

    def descriptors(self) -> tuple[Descriptor, ...]:
        stages = (Stage.DESCRIBE, Stage.TAG, Stage.GENERATE)
        return tuple(Descriptor(f"fake {stage}", stage, "Fakes.", "MIT", "1") for stage in stages)

    def descriptor(self, stage: Stage, name: str) -> Descriptor:
        for found in self.descriptors():
            if (found.stage, found.name) == (stage, name):
                return found
        raise EngineNotFound(f"No engine “{name}” can {stage}.")

    def workers(self) -> tuple[FakeWorker, ...]:
        return (
            FakeWorker("desk", 11, "idle", expires=12.0),
            FakeWorker("fake describe", 12, "busy", "describe", card_bytes=4_000_000_000),
            FakeWorker("old", 13, "ending"),
        )

    def loaded(self, descriptor: Descriptor) -> bool:
        return descriptor.name in self.held

    def load(self, descriptor: Descriptor) -> None:
        self.held.add(descriptor.name)

    def unload(self, descriptor: Descriptor) -> None:
        self.held.discard(descriptor.name)


@dataclass
class Served:
    """A running server: its store as a folder and open, the script of its jobs, and how it was told to stop."""

    store: Path
    media: Path
    kept: Store
    script: Script = silent
    address: str = ""
    drain_seconds: float | None = None
    told_to_stop: threading.Event = field(default_factory=threading.Event)
    at_once: int = 2
    waiting_limit: int = 64
    activity: Activity = field(default_factory=Activity)
    keeper: Keeper | None = None

    @property
    def weights(self) -> Path:
        return self.store.parent / "weights"

    def play(self, job: Job) -> Iterable[Step]:
        return self.script(job)

    async def serve(self, ready: threading.Event, end: threading.Event) -> None:
        jobs = JobService(
            FakeRunner(self.play), self.kept, at_once=self.at_once, waiting_limit=self.waiting_limit, client_limit=64
        )
        ending, engines = Ending(10.0), FakeEngines()
        identity = Identity("9.9.9", self.store, (self.media,), self.media / "a.log", 8 * 10**9, 20 * 10**9)
        roots, uploads = Roots((self.media,)), Uploads(self.kept.uploads)
        casting, keeper = Casting(fakes(), PROFILES), Keeper(MODELS, Weights(self.weights), refuse)
        self.keeper = keeper
        parts = Parts(
            (TOKEN, OTHER_TOKEN),
            identity,
            jobs,
            self.kept,
            uploads,
            roots,
            engines,
            engines,
            ending,
            self.activity,
            keeper,
            casting,
        )
        front = await build(parts)
        self.address = f"127.0.0.1:{front.server.add_insecure_port('127.0.0.1:0')}"
        await front.server.start()
        stopping = asyncio.ensure_future(self._heed(ending))
        ready.set()
        await asyncio.to_thread(end.wait)
        stopping.cancel()
        await jobs.close()
        await front.server.stop(0.2)

    async def _heed(self, ending: Ending) -> None:
        await ending.wait()
        self.drain_seconds = ending.drain_seconds
        self.told_to_stop.set()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The server."""
    media = tmp_path / "media"
    media.mkdir()
    here, ready, end = (
        Served(tmp_path / "store", media, Store.open(tmp_path / "store")),
        threading.Event(),
        threading.Event(),
    )
    thread = threading.Thread(target=lambda: asyncio.run(here.serve(ready, end)))
    thread.start()
    assert ready.wait(60)
    yield here
    end.set()
    thread.join(60)
    here.kept.close()


class Signing(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    """Sends what it is given as ``authorization``."""

    def __init__(self, value: str) -> None:
        self.value = value

    def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        metadata = (("authorization", self.value),) if self.value else ()
        return continuation(client_call_details._replace(metadata=metadata), request)

    intercept_unary_stream = intercept_unary_unary

    def intercept_stream_unary(self, continuation: Any, client_call_details: Any, request_iterator: Any) -> Any:
        return self.intercept_unary_unary(continuation, client_call_details, request_iterator)

    intercept_stream_stream = intercept_stream_unary


@pytest.fixture
def open_channel(served: Served) -> Iterator[Call]:
    """Opens a channel that sends the ``authorization`` that it is given with every call; "" sends none."""
    opened: list[grpc.Channel] = []

    def call(value: str) -> grpc.Channel:
        options = (("grpc.use_local_subchannel_pool", 1), ("grpc.max_send_message_length", -1))
        channel = grpc.intercept_channel(grpc.insecure_channel(served.address, options=options), Signing(value))
        opened.append(channel)
        return channel

    yield call
    for channel in opened:
        channel.close()


@pytest.fixture
def channel(open_channel: Call) -> grpc.Channel:
    """A channel with the right token."""
    return open_channel(f"Bearer {TOKEN}")


@pytest.fixture
def ask() -> Callable[..., scoring_pb2.TagRequest]:
    """A small valid request."""

    def make(job_id: str, prompt: str = "calm") -> scoring_pb2.TagRequest:
        return scoring_pb2.TagRequest(job_id=job_id, brief=brief_pb2.Brief(prompt=prompt))

    return make


@pytest.fixture
def take(served: Served) -> Take:
    """A take with a mix of three megabytes and a score in the server's store."""
    files = []
    for name, kind, data in (
        ("mix", FileKind.WAV, bytes(range(256)) * 12_288 + b"end"),
        ("score", FileKind.MIDI, b"MThd"),
    ):
        part, digest = served.kept.scratch / name, sha256(data).hexdigest()
        part.write_bytes(data)
        files.append(TakeFile(name, kind, served.kept.admit(part, kind, digest), len(data), digest))
    grid = TempoMap(Fraction(2), (0.0, 1.0, 2.0), (0,), 60.0, (Section(0, 1, 0.5),))
    return Take("take-1", 7, "composer", 96_000, tuple(files), grid, Measures(-20.0, -1.5, 0.9, 0.3))
