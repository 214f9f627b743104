"""The Engines service: what can describe, tag and generate here."""

# ruff: noqa: ARG002, N802 - gRPC names the methods, and hands each what not all of them need

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from sonique.v1 import engines_pb2, engines_pb2_grpc

from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.engine import Descriptor
from sonique_daemon.server.memory import resident_bytes
from sonique_daemon.server.status import Context
from sonique_daemon.server.vocabulary import write_vocabulary
from sonique_daemon.server.wire.events import STAGE_NUMBERS, read_stage
from sonique_daemon.server.wire.fields import limited, present

_NAME_LIMIT = 100


class Registry(Protocol):
    """What the service needs of the registry of engines; its methods may take seconds."""

    def descriptors(self) -> tuple[Descriptor, ...]:
        """What every engine is, by stage, then name."""

    def loaded(self, stage: Stage, name: str) -> bool:
        """Whether that engine is in memory."""

    def load(self, stage: Stage, name: str) -> Descriptor:
        """Makes that engine ready; raises ``EngineNotFound``."""

    def unload(self, stage: Stage, name: str) -> Descriptor:
        """Lets that engine go; raises ``EngineNotFound``."""


class Engines(engines_pb2_grpc.EnginesServicer):
    """Speaks of engines.

    Args:
        registry: gives the registry; waits where the daemon is still warming up.
    """

    def __init__(self, registry: Callable[[], Awaitable[Registry]]) -> None:
        self._registry = registry

    async def List(self, request: engines_pb2.ListEnginesRequest, context: Context) -> engines_pb2.ListEnginesResponse:
        """All engines with what they can do."""
        engines = await asyncio.to_thread(_all, await self._registry())
        return engines_pb2.ListEnginesResponse(engines=engines, memory_in_use_bytes=resident_bytes())

    async def Load(self, request: engines_pb2.LoadRequest, context: Context) -> engines_pb2.LoadResponse:
        """Makes an engine ready."""
        stage, name = _named(request)
        registry = await self._registry()
        descriptor = await asyncio.to_thread(registry.load, stage, name)
        return engines_pb2.LoadResponse(engine=_write(descriptor, registry))

    async def Unload(self, request: engines_pb2.UnloadRequest, context: Context) -> engines_pb2.UnloadResponse:
        """Lets an engine go."""
        stage, name = _named(request)
        registry = await self._registry()
        descriptor = await asyncio.to_thread(registry.unload, stage, name)
        return engines_pb2.UnloadResponse(engine=_write(descriptor, registry))

    async def ListVocabulary(
        self, request: engines_pb2.ListVocabularyRequest, context: Context
    ) -> engines_pb2.ListVocabularyResponse:
        """The words that a brief may use."""
        return await asyncio.to_thread(write_vocabulary)


def _named(request: engines_pb2.LoadRequest | engines_pb2.UnloadRequest) -> tuple[Stage, str]:
    present(bool(request.name), "name")
    return read_stage(request.stage), limited(request.name, "name", _NAME_LIMIT)


def _all(registry: Registry) -> list[engines_pb2.Engine]:
    return [_write(descriptor, registry) for descriptor in registry.descriptors()]


def _write(engine: Descriptor, registry: Registry) -> engines_pb2.Engine:
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
        loaded=registry.loaded(engine.stage, engine.name),
    )
