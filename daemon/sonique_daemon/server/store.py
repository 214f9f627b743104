"""The Store service: what lies on the daemon's disk, and how it is cleared."""

# ruff: noqa: ARG002, N802 - gRPC names the methods, and hands each what not all of them need

import asyncio
from collections.abc import Iterable
from typing import Protocol

from sonique.v1 import store_pb2, store_pb2_grpc

from sonique_daemon.errors import InvalidRequest
from sonique_daemon.jobs.store.values import Holding, PruneOrder, StoreKind, Usage
from sonique_daemon.server.status import Context
from sonique_daemon.server.wire.fields import chosen, counted, within

_KINDS = {
    store_pb2.STORE_KIND_RESULTS: StoreKind.RESULTS,
    store_pb2.STORE_KIND_TAKES: StoreKind.TAKES,
    store_pb2.STORE_KIND_UPLOADS: StoreKind.UPLOADS,
    store_pb2.STORE_KIND_JOBS: StoreKind.JOBS,
    store_pb2.STORE_KIND_SCRATCH: StoreKind.SCRATCH,
}
_NUMBERS = {kind: number for number, kind in _KINDS.items()}
_KINDS_LIMIT = 20
_LONGEST_KEEP = 1e10
"""Seconds; three hundred years."""


class Keeper(Protocol):
    """What the service needs of the store; may take seconds."""

    def usage(self) -> Usage:
        """How much lies there, by kind."""

    def prune(self, order: PruneOrder) -> Usage:
        """Clears, and returns what went."""


class Store(store_pb2_grpc.StoreServicer):
    """Speaks of the store.

    Args:
        keeper: the store.
        budget_bytes: what it may hold; 0 for no limit.
    """

    def __init__(self, keeper: Keeper, budget_bytes: int) -> None:
        self._keeper, self._budget = keeper, budget_bytes
        self._one_at_a_time = asyncio.Lock()

    async def Usage(self, request: store_pb2.UsageRequest, context: Context) -> store_pb2.UsageResponse:
        """How much lies there."""
        found = await asyncio.to_thread(self._keeper.usage)
        return store_pb2.UsageResponse(
            holdings=_write(found.holdings),
            bytes=found.bytes,
            budget_bytes=self._budget,
            free_bytes=found.free_bytes,
        )

    async def Prune(self, request: store_pb2.PruneRequest, context: Context) -> store_pb2.PruneResponse:
        """Clears what is not needed."""
        order = _order(request)
        async with self._one_at_a_time:
            cleared = await asyncio.to_thread(self._keeper.prune, order)
        return store_pb2.PruneResponse(cleared=_write(cleared.holdings), bytes=cleared.bytes)


def _order(request: store_pb2.PruneRequest) -> PruneOrder:
    counted(request.kinds, "kinds", _KINDS_LIMIT)
    kinds = frozenset(chosen(_KINDS, number, "kinds") for number in request.kinds)
    if StoreKind.SCRATCH in kinds:
        raise InvalidRequest("Scratch is what running jobs have not finished, and cannot be cleared; cancel them.")
    if request.keep_bytes < 0:
        raise InvalidRequest(f"keep_bytes is {request.keep_bytes}; it counts bytes, and 0 clears all that may go.")
    seconds = within(request.keep_seconds, "keep_seconds", 0.0, _LONGEST_KEEP)
    return PruneOrder(kinds, request.keep_bytes, seconds, request.rehearse)


def _write(holdings: Iterable[Holding]) -> list[store_pb2.Holding]:
    return [
        store_pb2.Holding(kind=_NUMBERS[holding.kind], count=holding.count, bytes=holding.bytes) for holding in holdings
    ]
