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
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.request import Job
from sonique_daemon.domain.take import FileKind, Measures, Take, TakeFile
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.engines.engine import Descriptor
from sonique_daemon.errors import EngineNotFound
from sonique_daemon.jobs.runner import FakeRunner, Script, Step
from sonique_daemon.jobs.service import JobService
from sonique_daemon.server.daemon import Identity
from sonique_daemon.server.server import Parts, build
from sonique_daemon.server.uploads import Uploads

TOKEN = "a-token-for-tests"  # noqa: S105 - it opens nothing
Call = Callable[[str], grpc.Channel]


def silent(_: Job) -> Iterable[Step]:
    return ()


@dataclass
class FakeRegistry:
    """One engine of each stage, none loaded."""

    held: set[str] = field(default_factory=set)

    def descriptors(self) -> tuple[Descriptor, ...]:
        return tuple(Descriptor(f"fake {stage}", stage, "Fakes.", "MIT", "1") for stage in self._stages())

    def loaded(self, stage: Stage, name: str) -> bool:
        return f"{stage}/{name}" in self.held

    def load(self, stage: Stage, name: str) -> Descriptor:
        found = self._find(stage, name)
        self.held.add(f"{stage}/{name}")
        return found

    def unload(self, stage: Stage, name: str) -> Descriptor:
        found = self._find(stage, name)
        self.held.discard(f"{stage}/{name}")
        return found

    def _find(self, stage: Stage, name: str) -> Descriptor:
        for descriptor in self.descriptors():
            if (descriptor.stage, descriptor.name) == (stage, name):
                return descriptor
        raise EngineNotFound(f"No engine “{name}” can {stage}.")

    def _stages(self) -> tuple[Stage, ...]:
        return (Stage.DESCRIBE, Stage.TAG, Stage.GENERATE)


@dataclass
class Served:
    """A running server: its address and token, the script of its jobs, and whether it was told to stop."""

    store: Path
    token: str = TOKEN
    script: Script = silent
    address: str = ""
    told_to_stop: threading.Event = field(default_factory=threading.Event)

    def play(self, job: Job) -> Iterable[Step]:
        return self.script(job)

    async def serve(self, ready: threading.Event, end: threading.Event) -> None:
        jobs = JobService(FakeRunner(self.play))
        identity = Identity("9.9.9", self.store, (self.store / "media",))
        registry = FakeRegistry()

        async def give() -> FakeRegistry:
            return registry

        parts = Parts(self.token, identity, jobs, Uploads(self.store / "uploads"), give, self.told_to_stop.set)
        front = await build(parts)
        self.address = f"127.0.0.1:{front.server.add_insecure_port('127.0.0.1:0')}"
        await front.server.start()
        ready.set()
        await asyncio.to_thread(end.wait)
        await jobs.close(5)
        await front.server.stop(0.2)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The server."""
    here, ready, end = Served(tmp_path / "store"), threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(here.serve(ready, end)))
    thread.start()
    assert ready.wait(20)
    yield here
    end.set()
    thread.join(20)


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
def take(tmp_path: Path) -> Take:
    """A take with a mix of three megabytes and a score on the disk."""
    files = []
    for name, kind, data in (
        ("mix", FileKind.WAV, bytes(range(256)) * 12_288 + b"end"),
        ("score", FileKind.MIDI, b"MThd"),
    ):
        path = tmp_path / f"{name}.{kind}"
        path.write_bytes(data)
        files.append(TakeFile(name, kind, path, len(data), sha256(data).hexdigest()))
    grid = TempoMap(Fraction(2), (0.0, 1.0, 2.0), (0,), 60.0, (Section(0, 1, 0.5),))
    return Take("take-1", 7, "composer", 96_000, tuple(files), grid, Measures(-20.0, -1.5, 0.9, 0.3))
