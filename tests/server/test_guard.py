import platform
from collections.abc import Callable
from typing import Any, Protocol

import grpc
import pytest
from google.protobuf import descriptor_pool
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc  # type: ignore[import-untyped]
from sonique.v1 import daemon_pb2, daemon_pb2_grpc, jobs_pb2, jobs_pb2_grpc, scoring_pb2, scoring_pb2_grpc
from sonique_daemon.domain.events import Warned
from sonique_daemon.jobs.runner import Hold, Script
from sonique_daemon.server.activity import Activity

Call = Callable[[str], grpc.Channel]
Ask = Callable[..., scoring_pb2.TagRequest]


class Served(Protocol):
    """What these tests use of the server fixture."""

    script: Script
    activity: Activity


WRONG = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer wrong",
    "a-token-for-tests",
    "bearer a-token-for-tests",
    "Bearer a-token-for-testsX",
]


def raw(channel: Any, method: str) -> Callable[[bytes], object]:
    call: Callable[[bytes], object] = channel.unary_unary(f"/sonique.v1.{method}")
    return call


def services(channel: grpc.Channel) -> list[str]:
    """All services that the server says it has."""
    asked = reflection_pb2.ServerReflectionRequest(list_services="")
    answers = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([asked]))
    return [service.name for answer in answers for service in answer.list_services_response.service]


def methods(channel: grpc.Channel) -> list[tuple[str, bool]]:
    """All methods of all services as paths, and whether each takes a stream."""
    pool = descriptor_pool.Default()
    found = [method for name in services(channel) for method in pool.FindServiceByName(name).methods]
    return [(f"/{method.containing_service.full_name}/{method.name}", method.client_streaming) for method in found]


def call_without_a_message(channel: Any, path: str, streaming: bool) -> Callable[[], object]:
    if streaming:
        return lambda: list(channel.stream_stream(path)(iter([b""])))
    return lambda: list(channel.unary_stream(path)(b""))


@pytest.mark.parametrize("value", WRONG)
def test_every_method_of_every_service_refuses_a_call_without_the_token(
    open_channel: Call, channel: grpc.Channel, value: str
) -> None:
    every = methods(channel)
    assert len(every) >= 28
    paths = [*every, ("/sonique.v1.Nothing/AtAll", False)]
    stranger = open_channel(value)
    for path, streaming in paths:
        with pytest.raises(grpc.RpcError) as caught:
            call_without_a_message(stranger, path, streaming)()
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED, path
        assert "token-for-tests" not in str(caught.value.details())


def test_each_of_two_tokens_opens(open_channel: Call) -> None:
    for value in ("Bearer a-token-for-tests", "Bearer another-token-for-tests"):
        assert daemon_pb2_grpc.DaemonStub(open_channel(value)).Info(daemon_pb2.InfoRequest()).version == "9.9.9"


def test_calls_are_counted_once_they_carry_the_token(
    served: Served, open_channel: Call, channel: grpc.Channel, ask: Ask
) -> None:
    hold = Hold()
    served.script = lambda _: (Warned("one"), hold)
    with pytest.raises(grpc.RpcError):
        list(scoring_pb2_grpc.ScoringStub(open_channel("Bearer no")).Tag(ask("a")))
    assert served.activity.calls == 0
    call = scoring_pb2_grpc.ScoringStub(channel).Tag(ask("a"))
    next(call)
    assert (served.activity.calls, served.activity.quiet_seconds) == (1, 0.0)
    hold.gate.set()
    list(call)
    daemon_pb2_grpc.DaemonStub(channel).Info(daemon_pb2.InfoRequest())
    assert served.activity.calls == 0


def test_a_refused_call_makes_no_job(open_channel: Call, channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError):
        list(scoring_pb2_grpc.ScoringStub(open_channel("Bearer no")).Tag(scoring_pb2.TagRequest(job_id="a")))
    assert not jobs_pb2_grpc.JobsStub(channel).List(jobs_pb2.ListRequest()).jobs


def test_an_error_carries_its_sentence_and_its_code(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        jobs_pb2_grpc.JobsStub(channel).Get(jobs_pb2.GetRequest(job_id="nobody"))
    error = caught.value
    assert error.code() is grpc.StatusCode.NOT_FOUND
    assert "“nobody”" in str(error.details())
    trailers: dict[str, Any] = {entry.key: entry.value for entry in error.trailing_metadata() or ()}
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    info = error_details_pb2.ErrorInfo()
    assert status.details[0].Unpack(info)
    assert (info.reason, info.domain) == ("JOB_NOT_FOUND", "sonique")
    assert status.message == error.details()
    assert status.code == grpc.StatusCode.NOT_FOUND.value[0]


def test_an_unknown_method_is_unimplemented(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        raw(channel, "Nothing/AtAll")(b"")
    assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_a_request_over_the_limit_is_refused(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        raw(channel, "Daemon/Info")(bytes(21 * 2**20))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("service", ["", "sonique.v1.Scoring", "sonique.v1.Daemon"])
def test_health_says_that_it_serves(channel: grpc.Channel, service: str) -> None:
    answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service=service))
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_reflection_lists_every_service(channel: grpc.Channel) -> None:
    names = set(services(channel))
    own = {f"sonique.v1.{name}" for name in ("Scoring", "Jobs", "Takes", "Media", "Engines", "Store", "Daemon")}
    assert own | {"grpc.health.v1.Health"} <= names


def test_the_daemon_says_who_it_is(channel: grpc.Channel) -> None:
    info = daemon_pb2_grpc.DaemonStub(channel).Info(daemon_pb2.InfoRequest())
    assert (info.version, info.contract, info.running_jobs) == ("9.9.9", 1, 0)
    assert info.media_roots[0].endswith("media")
    assert info.log.endswith("a.log")
    assert (info.memory_budget_bytes, info.store_budget_bytes) == (8 * 10**9, 20 * 10**9)
    assert info.platform.startswith(platform.python_version())
