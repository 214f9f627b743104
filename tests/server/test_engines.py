import threading
from typing import Protocol

import grpc
import pytest
from sonique.v1 import daemon_pb2, daemon_pb2_grpc, engines_pb2, engines_pb2_grpc, events_pb2


class Served(Protocol):
    """What these tests use of the server fixture."""

    told_to_stop: threading.Event
    drain_seconds: float | None


@pytest.fixture
def engines(channel: grpc.Channel) -> engines_pb2_grpc.EnginesStub:
    return engines_pb2_grpc.EnginesStub(channel)


def test_engines_are_listed_with_what_they_can_do(engines: engines_pb2_grpc.EnginesStub) -> None:
    answer = engines.List(engines_pb2.ListEnginesRequest())
    assert [engine.stage for engine in answer.engines] == [
        events_pb2.STAGE_DESCRIBE,
        events_pb2.STAGE_TAG,
        events_pb2.STAGE_GENERATE,
    ]
    assert answer.engines[0].licence == "MIT"
    assert answer.engines[0].weights_present
    assert answer.memory_in_use_bytes > 13_000_000


def test_workers_are_listed_with_what_they_do(engines: engines_pb2_grpc.EnginesStub) -> None:
    answer = engines.ListWorkers(engines_pb2.ListWorkersRequest())
    assert [worker.name for worker in answer.workers] == ["desk", "fake describe"]
    desk, busy = answer.workers
    assert (desk.state, desk.expires_seconds, desk.calls) == (engines_pb2.WORKER_STATE_IDLE, 12.0, 3)
    assert (busy.state, busy.task, busy.pid) == (engines_pb2.WORKER_STATE_BUSY, "describe", 12)
    assert not busy.HasField("expires_seconds")
    assert (desk.card_bytes, busy.card_bytes) == (0, 4_000_000_000)
    assert answer.memory_budget_bytes == 8 * 10**9
    assert answer.memory_in_use_bytes > 13_000_000


def test_an_engine_is_loaded_and_let_go(engines: engines_pb2_grpc.EnginesStub) -> None:
    stage, name = events_pb2.STAGE_TAG, "fake tag"
    assert engines.Load(engines_pb2.LoadRequest(stage=stage, name=name)).engine.loaded
    assert not engines.Unload(engines_pb2.UnloadRequest(stage=stage, name=name)).engine.loaded


def test_an_unknown_engine_is_not_found(engines: engines_pb2_grpc.EnginesStub) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        engines.Load(engines_pb2.LoadRequest(stage=events_pb2.STAGE_TAG, name="nobody"))
    assert caught.value.code() is grpc.StatusCode.NOT_FOUND


def test_an_engine_without_stage_or_name_is_refused(engines: engines_pb2_grpc.EnginesStub) -> None:
    for request in (engines_pb2.LoadRequest(name="x"), engines_pb2.LoadRequest(stage=events_pb2.STAGE_TAG)):
        with pytest.raises(grpc.RpcError) as caught:
            engines.Load(request)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_the_vocabulary_names_styles_instruments_and_moods(engines: engines_pb2_grpc.EnginesStub) -> None:
    words = engines.ListVocabulary(engines_pb2.ListVocabularyRequest())
    ids = [style.id for style in words.styles]
    assert "jazz" in ids
    assert ids == sorted(ids)
    assert all(style.slowest_bpm < style.fastest_bpm for style in words.styles)
    assert "piano" in words.instruments
    assert "calm" in words.moods


def test_the_daemon_is_told_to_stop_and_answers_first(served: Served, channel: grpc.Channel) -> None:
    daemon = daemon_pb2_grpc.DaemonStub(channel)
    assert not daemon.Info(daemon_pb2.InfoRequest()).draining
    daemon.Shutdown(daemon_pb2.ShutdownRequest())
    assert served.told_to_stop.wait(60)
    assert served.drain_seconds == 10.0
    assert daemon.Info(daemon_pb2.InfoRequest()).draining


def test_the_caller_says_how_long_jobs_may_go_on(served: Served, channel: grpc.Channel) -> None:
    daemon = daemon_pb2_grpc.DaemonStub(channel)
    for wrong in (-1.0, 3601.0, float("nan"), float("inf")):
        with pytest.raises(grpc.RpcError) as caught:
            daemon.Shutdown(daemon_pb2.ShutdownRequest(drain_seconds=wrong))
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert not served.told_to_stop.is_set()
    daemon.Shutdown(daemon_pb2.ShutdownRequest(drain_seconds=0))
    assert served.told_to_stop.wait(60)
    assert served.drain_seconds == 0.0
