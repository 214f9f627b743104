from collections.abc import Callable, Iterable
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]
from grpc_health.v1 import health_pb2, health_pb2_grpc  # type: ignore[import-untyped]
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc  # type: ignore[import-untyped]
from sonique.v1 import daemon_pb2, daemon_pb2_grpc, jobs_pb2, jobs_pb2_grpc, scoring_pb2, scoring_pb2_grpc

Call = Callable[[str], grpc.Channel]
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


def refusals(channel: grpc.Channel) -> Iterable[Callable[[], object]]:
    def reflect() -> object:
        asked = reflection_pb2.ServerReflectionRequest(list_services="")
        return list(reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([asked])))

    yield lambda: daemon_pb2_grpc.DaemonStub(channel).Info(daemon_pb2.InfoRequest())
    yield lambda: list(scoring_pb2_grpc.ScoringStub(channel).Tag(scoring_pb2.TagRequest(job_id="a")))
    yield lambda: health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest())
    yield lambda: raw(channel, "Nothing/AtAll")(b"")
    yield reflect


@pytest.mark.parametrize("value", WRONG)
def test_every_call_without_the_token_is_refused_health_and_reflection_too(open_channel: Call, value: str) -> None:
    for refused in refusals(open_channel(value)):
        with pytest.raises(grpc.RpcError) as caught:
            refused()
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
        assert "token-for-tests" not in str(caught.value.details())


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
    asked = reflection_pb2.ServerReflectionRequest(list_services="")
    answers = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([asked]))
    names = {service.name for answer in answers for service in answer.list_services_response.service}
    own = {f"sonique.v1.{name}" for name in ("Scoring", "Jobs", "Takes", "Media", "Engines", "Daemon")}
    assert own | {"grpc.health.v1.Health"} <= names


def test_the_daemon_says_who_it_is(channel: grpc.Channel) -> None:
    info = daemon_pb2_grpc.DaemonStub(channel).Info(daemon_pb2.InfoRequest())
    assert (info.version, info.contract, info.running_jobs) == ("9.9.9", 1, 0)
    assert info.media_roots[0].endswith("media")
