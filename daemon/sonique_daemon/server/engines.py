"""The Engines service: what can describe, tag and generate here, and in which processes."""

# ruff: noqa: ARG002, N802 - gRPC names the methods, and hands each what not all of them need

import asyncio
from collections.abc import Sequence
from typing import Protocol

from sonique.v1 import engines_pb2, engines_pb2_grpc

from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.engine import Descriptor
from sonique_daemon.server.memory import resident_bytes
from sonique_daemon.server.status import Context
from sonique_daemon.server.vocabulary import write_vocabulary
from sonique_daemon.server.wire.events import read_stage
from sonique_daemon.server.wire.fields import limited, present, sendable
from sonique_daemon.server.wire.planned import STAGE_NUMBERS

_NAME_LIMIT = 100
_AT_ONCE = 4
"""Engines that are loaded or let go at a time; more wait, and hold no thread meanwhile."""

_STATES = {
    "starting": engines_pb2.WORKER_STATE_STARTING,
    "idle": engines_pb2.WORKER_STATE_IDLE,
    "busy": engines_pb2.WORKER_STATE_BUSY,
}


class Catalogue(Protocol):
    """What the service needs of the registry of engines."""

    def descriptors(self) -> tuple[Descriptor, ...]:
        """What every engine is, by stage, then name."""

    def descriptor(self, stage: Stage, name: str) -> Descriptor:
        """What that engine is; raises ``EngineNotFound``."""


class WorkerInfo(Protocol):
    """What the service needs to know of a worker process."""

    @property
    def name(self) -> str:
        """An engine's, or that of the process in which small engines live together."""

    @property
    def pid(self) -> int:
        """Process id."""

    @property
    def state(self) -> str:
        """``starting``, ``idle`` or ``busy``; whatever else it says, it is on its way out."""

    @property
    def task(self) -> str:
        """The work that it does now, or ""."""

    @property
    def memory_bytes(self) -> int:
        """Resident memory."""

    @property
    def card_bytes(self) -> int:
        """What it held of the cards' memory when it last gave a result; 0 where it computes on none."""

    @property
    def age(self) -> float:
        """Seconds since it was started."""

    @property
    def expires(self) -> float | None:
        """Seconds after which it is let go, or None."""

    @property
    def calls(self) -> int:
        """Calls that it has answered."""


class Workers(Protocol):
    """What the service needs of the pool of workers; its methods may take seconds and are safe from any thread."""

    def workers(self) -> Sequence[WorkerInfo]:
        """The worker processes, by name, then process id."""

    def loaded(self, descriptor: Descriptor) -> bool:
        """Whether that engine stands ready in a worker."""

    def load(self, descriptor: Descriptor) -> None:
        """Makes that engine ready in a worker."""

    def unload(self, descriptor: Descriptor) -> None:
        """Ends the idle workers of that engine."""


class Engines(engines_pb2_grpc.EnginesServicer):
    """Speaks of engines and workers.

    Args:
        catalogue: which engines there are.
        workers: where they run.
        memory_budget_bytes: what all workers may hold together.
    """

    def __init__(self, catalogue: Catalogue, workers: Workers, memory_budget_bytes: int) -> None:
        self._catalogue, self._workers, self._budget = catalogue, workers, memory_budget_bytes
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def List(self, request: engines_pb2.ListEnginesRequest, context: Context) -> engines_pb2.ListEnginesResponse:
        """All engines with what they can do."""
        return await asyncio.to_thread(self._all)

    async def Load(self, request: engines_pb2.LoadRequest, context: Context) -> engines_pb2.LoadResponse:
        """Makes an engine ready."""
        descriptor = self._named(request)
        async with self._turn:
            await asyncio.to_thread(self._workers.load, descriptor)
        return engines_pb2.LoadResponse(engine=self._write(descriptor))

    async def Unload(self, request: engines_pb2.UnloadRequest, context: Context) -> engines_pb2.UnloadResponse:
        """Lets an engine go."""
        descriptor = self._named(request)
        async with self._turn:
            await asyncio.to_thread(self._workers.unload, descriptor)
        return engines_pb2.UnloadResponse(engine=self._write(descriptor))

    async def ListWorkers(
        self, request: engines_pb2.ListWorkersRequest, context: Context
    ) -> engines_pb2.ListWorkersResponse:
        """The worker processes."""
        found = await asyncio.to_thread(self._workers.workers)
        return engines_pb2.ListWorkersResponse(
            workers=[_write_worker(worker) for worker in found if worker.state in _STATES],
            memory_in_use_bytes=_together(found),
            memory_budget_bytes=self._budget,
        )

    async def ListVocabulary(
        self, request: engines_pb2.ListVocabularyRequest, context: Context
    ) -> engines_pb2.ListVocabularyResponse:
        """The words that a brief may use."""
        return await asyncio.to_thread(write_vocabulary)

    def _named(self, request: engines_pb2.LoadRequest | engines_pb2.UnloadRequest) -> Descriptor:
        present(bool(request.name), "name")
        return self._catalogue.descriptor(read_stage(request.stage), limited(request.name, "name", _NAME_LIMIT))

    def _all(self) -> engines_pb2.ListEnginesResponse:
        engines = [self._write(descriptor) for descriptor in self._catalogue.descriptors()]
        return engines_pb2.ListEnginesResponse(engines=engines, memory_in_use_bytes=_together(self._workers.workers()))

    def _write(self, engine: Descriptor) -> engines_pb2.Engine:
        return engines_pb2.Engine(
            name=engine.name,
            stage=STAGE_NUMBERS[engine.stage],
            summary=engine.summary,
            licence=engine.licence,
            version=engine.version,
            shortest_seconds=engine.shortest,
            longest_seconds=engine.longest,
            sample_rate=engine.sample_rate,
            channels=engine.channels,
            stems=engine.stems,
            midi=engine.midi,
            tempo_control=engine.tempo_control,
            negatives=engine.negatives,
            memory_bytes=engine.memory_bytes,
            weights_present=engine.weights_present,
            loaded=self._workers.loaded(engine),
            melody=engine.melody,
            inpainting=engine.inpainting,
            batch=engine.batch,
            options=engine.options,
        )


def _together(workers: Sequence[WorkerInfo]) -> int:
    return resident_bytes() + sum(worker.memory_bytes for worker in workers)


def _write_worker(worker: WorkerInfo) -> engines_pb2.Worker:
    return engines_pb2.Worker(
        name=sendable(worker.name),
        pid=worker.pid,
        state=_STATES[worker.state],
        task=sendable(worker.task),
        memory_bytes=worker.memory_bytes,
        age_seconds=worker.age,
        expires_seconds=worker.expires,
        calls=worker.calls,
        card_bytes=worker.card_bytes,
    )
