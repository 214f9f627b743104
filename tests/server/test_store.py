from collections.abc import Callable
from typing import Protocol

import grpc
import pytest
from sonique.v1 import (
    jobs_pb2,
    jobs_pb2_grpc,
    scoring_pb2,
    scoring_pb2_grpc,
    store_pb2,
    store_pb2_grpc,
)
from sonique_daemon.domain.events import TakeReady
from sonique_daemon.domain.take import Take
from sonique_daemon.jobs.runner import Script

Ask = Callable[..., scoring_pb2.TagRequest]


class Served(Protocol):
    """What these tests use of the server fixture."""

    script: Script


@pytest.fixture
def store(served: Served, channel: grpc.Channel, ask: Ask, take: Take) -> store_pb2_grpc.StoreStub:
    """A store with one job and its take."""
    served.script = lambda _: (TakeReady(0, take),)
    list(scoring_pb2_grpc.ScoringStub(channel).Tag(ask("a")))
    return store_pb2_grpc.StoreStub(channel)


def by_kind(holdings: "list[store_pb2.Holding]") -> dict[int, tuple[int, int]]:
    return {holding.kind: (holding.count, holding.bytes) for holding in holdings}


def test_the_store_tells_what_lies_there(store: store_pb2_grpc.StoreStub, take: Take) -> None:
    usage = store.Usage(store_pb2.UsageRequest())
    held = by_kind(list(usage.holdings))
    assert set(held) == {
        store_pb2.STORE_KIND_RESULTS,
        store_pb2.STORE_KIND_TAKES,
        store_pb2.STORE_KIND_UPLOADS,
        store_pb2.STORE_KIND_JOBS,
        store_pb2.STORE_KIND_SCRATCH,
    }
    assert held[store_pb2.STORE_KIND_TAKES][1] >= sum(file.size for file in take.files)
    assert held[store_pb2.STORE_KIND_JOBS][0] == 1
    assert usage.bytes == sum(size for _, size in held.values())
    assert (usage.budget_bytes, usage.free_bytes > 0) == (20 * 10**9, True)


def test_pruning_is_rehearsed_and_then_done(store: store_pb2_grpc.StoreStub, channel: grpc.Channel, take: Take) -> None:
    order = store_pb2.PruneRequest(kinds=[store_pb2.STORE_KIND_JOBS, store_pb2.STORE_KIND_TAKES], rehearse=True)
    promised = store.Prune(order)
    assert promised.bytes >= sum(file.size for file in take.files)
    assert take.files[0].path.exists()
    order.rehearse = False
    assert store.Prune(order) == promised
    assert not take.files[0].path.exists()
    assert not jobs_pb2_grpc.JobsStub(channel).List(jobs_pb2.ListRequest()).jobs


def test_what_was_used_of_late_can_be_kept(store: store_pb2_grpc.StoreStub, take: Take) -> None:
    assert store.Prune(store_pb2.PruneRequest(keep_seconds=3600)).bytes == 0
    assert take.files[0].path.exists()


@pytest.mark.parametrize(
    "order",
    [
        store_pb2.PruneRequest(kinds=[store_pb2.STORE_KIND_SCRATCH]),
        store_pb2.PruneRequest(kinds=[store_pb2.STORE_KIND_UNSPECIFIED]),
        store_pb2.PruneRequest(kinds=[store_pb2.STORE_KIND_JOBS] * 21),
        store_pb2.PruneRequest(keep_bytes=-1),
        store_pb2.PruneRequest(keep_seconds=-1),
        store_pb2.PruneRequest(keep_seconds=float("nan")),
    ],
)
def test_an_order_that_makes_no_sense_clears_nothing(
    store: store_pb2_grpc.StoreStub, take: Take, order: store_pb2.PruneRequest
) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        store.Prune(order)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert take.files[0].path.exists()
