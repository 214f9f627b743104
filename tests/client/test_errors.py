from typing import Any

import grpc
import pytest
from google.protobuf import duration_pb2
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from sonique_client.errors import DaemonGone, OutputExists, from_rpc, speaks_for_itself


class Refused(grpc.RpcError):
    """A failed call."""

    def __init__(self, code: grpc.StatusCode, details: str, trailers: tuple[tuple[str, bytes], ...] = ()) -> None:
        self._code, self._details, self._trailers = code, details, trailers

    def code(self) -> grpc.StatusCode:
        return self._code

    def details(self) -> str:
        return self._details

    def trailing_metadata(self) -> Any:
        return self._trailers


def status(reason: str, *, padding: int = 0, retry: float = 0.0) -> bytes:
    message = status_pb2.Status(code=5, message="x" * padding)
    delay = duration_pb2.Duration()
    delay.FromNanoseconds(round(retry * 1e9))
    message.details.add().Pack(error_details_pb2.RetryInfo(retry_delay=delay))
    message.details.add().Pack(error_details_pb2.ErrorInfo(reason=reason, domain="sonique", metadata={"a": "b"}))
    return bytes(message.SerializeToString())


@given(st.text("ABC_", min_size=1, max_size=40), st.integers(0, 300))
def test_the_reason_is_found_in_the_details(reason: str, padding: int) -> None:
    trailers = (("x", b""), ("grpc-status-details-bin", status(reason, padding=padding)))
    error = from_rpc(Refused(grpc.StatusCode.NOT_FOUND, "Gone.", trailers))
    assert (error.code, error.status, error.sentence) == (reason, "NOT_FOUND", "Gone.")


@given(st.floats(0, 3600))
def test_the_time_after_which_to_try_again_is_found(seconds: float) -> None:
    trailers = (("grpc-status-details-bin", status("QUEUE_FULL", retry=seconds)),)
    error = from_rpc(Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "Full.", trailers))
    assert error.retry_seconds == pytest.approx(seconds, abs=1e-6)


@pytest.mark.parametrize(("told", "heeded"), [(-5.0, 0.0), (10**7, 3600.0)])
def test_a_time_that_makes_no_sense_is_bounded(told: float, heeded: float) -> None:
    trailers = (("grpc-status-details-bin", status("QUEUE_FULL", retry=told)),)
    assert from_rpc(Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "Full.", trailers)).retry_seconds == heeded


def test_where_no_time_is_told_none_is_made_up() -> None:
    assert from_rpc(Refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "Full.")).retry_seconds is None


@given(st.binary(max_size=200))
def test_details_that_are_none_do_no_harm(data: bytes) -> None:
    error = from_rpc(Refused(grpc.StatusCode.INTERNAL, "", (("grpc-status-details-bin", data),)))
    assert error.sentence == "The call to the daemon failed (INTERNAL)."


def test_a_broken_connection_does_not_speak_for_itself() -> None:
    assert not speaks_for_itself(Refused(grpc.StatusCode.UNAVAILABLE, "Socket closed"))
    trailers = (("grpc-status-details-bin", status("DAEMON_STOPPING")),)
    assert speaks_for_itself(Refused(grpc.StatusCode.UNAVAILABLE, "Stopping.", trailers))


def test_errors_of_the_clients_own_have_codes_of_their_own() -> None:
    assert (DaemonGone("x").code, OutputExists("x").code) == ("DAEMON_GONE", "OUTPUT_EXISTS")
