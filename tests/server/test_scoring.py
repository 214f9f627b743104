import threading
from collections.abc import Callable
from typing import Any, Protocol

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]
from sonique.v1 import events_pb2, jobs_pb2, jobs_pb2_grpc, scoring_pb2, scoring_pb2_grpc, ticket_pb2, timeline_pb2
from sonique_daemon.domain.events import Progress, Stage, StageStarted, Warned
from sonique_daemon.errors import MediaNotFound
from sonique_daemon.jobs.runner import Hold, Script

Ask = Callable[..., scoring_pb2.TagRequest]


class Served(Protocol):
    """What these tests use of the server fixture."""

    script: Script


def kinds(events: list[events_pb2.JobEvent]) -> list[str | None]:
    return [event.WhichOneof("event") for event in events]


def test_a_call_streams_the_jobs_events_from_the_first_to_the_end(
    served: Served, channel: grpc.Channel, ask: Ask
) -> None:
    served.script = lambda _: (StageStarted(Stage.TAG, "lexicon", cached=True), Warned("Hm."))
    events = list(scoring_pb2_grpc.ScoringStub(channel).Tag(ask("a")))
    assert kinds(events) == ["stage_started", "warning", "done"]
    assert [event.seq for event in events] == [1, 2, 3]
    assert {event.job_id for event in events} == {"a"}
    tagging = events_pb2.StageStarted(stage=events_pb2.STAGE_TAG, engine="lexicon", cached=True, takes=1)
    assert events[0].stage_started == tagging
    times = [event.time.ToNanoseconds() for event in events]
    assert times == sorted(times)
    assert times[0] > 1_600_000_000 * 10**9


def test_a_second_client_attaches_to_the_same_job(served: Served, channel: grpc.Channel, ask: Ask) -> None:
    hold = Hold()
    served.script = lambda _: (Warned("one"), hold, Warned("two"))
    stub = scoring_pb2_grpc.ScoringStub(channel)
    first = stub.Tag(ask("a"))
    assert next(first).WhichOneof("event") == "warning"
    second = stub.Tag(ask("a"))
    assert next(second).seq == 1
    hold.gate.set()
    assert list(first) == list(second)


def test_another_request_with_the_same_id_is_refused(channel: grpc.Channel, ask: Ask) -> None:
    stub = scoring_pb2_grpc.ScoringStub(channel)
    list(stub.Tag(ask("a")))
    timeline = timeline_pb2.Timeline(otio_json="{}")
    for other in (
        stub.Tag(ask("a", prompt="tense")),
        stub.Describe(scoring_pb2.DescribeRequest(job_id="a", timeline=timeline)),
    ):
        with pytest.raises(grpc.RpcError) as caught:
            list(other)
        assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS


@pytest.mark.parametrize("job_id", ["", "a b", "ä", "../x", "a" * 65, "a\n", "a.b"])
def test_a_job_id_that_is_none_is_refused(channel: grpc.Channel, ask: Ask, job_id: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        list(scoring_pb2_grpc.ScoringStub(channel).Tag(ask(job_id)))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert not jobs_pb2_grpc.JobsStub(channel).List(jobs_pb2.ListRequest()).jobs


def test_a_job_outlives_the_call_that_began_it(served: Served, channel: grpc.Channel, ask: Ask) -> None:
    hold = Hold()
    served.script = lambda _: (Warned("one"), hold, Warned("two"))
    call = scoring_pb2_grpc.ScoringStub(channel).Tag(ask("a"))
    next(call)
    call.cancel()
    hold.gate.set()
    events = list(jobs_pb2_grpc.JobsStub(channel).Watch(jobs_pb2.WatchRequest(job_id="a", after_seq=1)))
    assert kinds(events) == ["warning", "done"]
    assert [event.seq for event in events] == [2, 3]


def test_a_failed_job_ends_its_stream_with_the_reason_and_not_with_a_status(
    served: Served, channel: grpc.Channel, ask: Ask
) -> None:
    served.script = lambda _: (MediaNotFound("“A003.mov” is not there."),)
    events = list(scoring_pb2_grpc.ScoringStub(channel).Tag(ask("a")))
    failed = events_pb2.Failed(code="MEDIA_NOT_FOUND", status="NOT_FOUND", sentence="“A003.mov” is not there.")
    assert events[-1].failed == failed
    job = jobs_pb2_grpc.JobsStub(channel).Get(jobs_pb2.GetRequest(job_id="a")).job
    assert (job.state, job.failure) == (jobs_pb2.JOB_STATE_FAILED, failed)


def test_cancelling_ends_the_job_and_everyone_who_watches_learns_of_it(
    served: Served, channel: grpc.Channel, ask: Ask
) -> None:
    served.script = lambda _: (Warned("one"), Hold())
    call = scoring_pb2_grpc.ScoringStub(channel).Tag(ask("a"))
    next(call)
    jobs = jobs_pb2_grpc.JobsStub(channel)
    job = jobs.Cancel(jobs_pb2.CancelRequest(job_id="a")).job
    assert job.state in {jobs_pb2.JOB_STATE_CANCELLING, jobs_pb2.JOB_STATE_CANCELLED}
    assert kinds(list(call)) == ["cancelled"]
    assert jobs.Cancel(jobs_pb2.CancelRequest(job_id="a")).job.state == jobs_pb2.JOB_STATE_CANCELLED


def test_polling_never_waits(served: Served, channel: grpc.Channel, ask: Ask) -> None:
    hold = Hold()
    served.script = lambda _: (Warned("one"), hold)
    jobs = jobs_pb2_grpc.JobsStub(channel)
    call = scoring_pb2_grpc.ScoringStub(channel).Tag(ask("a"))
    next(call)
    first = jobs.Poll(jobs_pb2.PollRequest(job_id="a"))
    assert kinds(list(first.events)) == ["warning"]
    assert first.job.state == jobs_pb2.JOB_STATE_RUNNING
    assert not jobs.Poll(jobs_pb2.PollRequest(job_id="a", after_seq=1)).events
    hold.gate.set()
    list(call)
    last = jobs.Poll(jobs_pb2.PollRequest(job_id="a", after_seq=1))
    assert kinds(list(last.events)) == ["done"]
    assert last.job.last_seq == 2


def test_jobs_are_listed_with_the_newest_first_and_deleted_by_id(channel: grpc.Channel, ask: Ask) -> None:
    stub, jobs = scoring_pb2_grpc.ScoringStub(channel), jobs_pb2_grpc.JobsStub(channel)
    for name in ("a", "b"):
        list(stub.Tag(ask(name)))
    answer = jobs.List(jobs_pb2.ListRequest())
    assert [job.id for job in answer.jobs] == ["b", "a"]
    assert {job.kind for job in answer.jobs} == {jobs_pb2.JOB_KIND_TAG}
    assert not answer.more
    jobs.Delete(jobs_pb2.DeleteRequest(job_id="b"))
    assert [job.id for job in jobs.List(jobs_pb2.ListRequest()).jobs] == ["a"]


def test_jobs_come_a_page_at_a_time(channel: grpc.Channel, ask: Ask) -> None:
    stub, jobs = scoring_pb2_grpc.ScoringStub(channel), jobs_pb2_grpc.JobsStub(channel)
    for name in ("a", "b", "c"):
        list(stub.Tag(ask(name)))
    first = jobs.List(jobs_pb2.ListRequest(limit=2))
    assert ([job.id for job in first.jobs], first.more) == (["c", "b"], True)
    second = jobs.List(jobs_pb2.ListRequest(limit=2, before_job_id="b"))
    assert ([job.id for job in second.jobs], second.more) == (["a"], False)


def test_jobs_are_listed_by_their_state(served: Served, channel: grpc.Channel, ask: Ask) -> None:
    stub, jobs = scoring_pb2_grpc.ScoringStub(channel), jobs_pb2_grpc.JobsStub(channel)
    list(stub.Tag(ask("a")))
    hold = Hold()
    served.script = lambda _: (Warned("one"), hold)
    call = stub.Tag(ask("b"))
    next(call)
    done, running = jobs_pb2.JOB_STATE_DONE, jobs_pb2.JOB_STATE_RUNNING
    assert [job.id for job in jobs.List(jobs_pb2.ListRequest(states=[done])).jobs] == ["a"]
    assert [job.id for job in jobs.List(jobs_pb2.ListRequest(states=[running])).jobs] == ["b"]
    assert len(jobs.List(jobs_pb2.ListRequest(states=[running, done])).jobs) == 2
    hold.gate.set()
    list(call)


@pytest.mark.parametrize(
    "request_",
    [
        jobs_pb2.ListRequest(limit=-1),
        jobs_pb2.ListRequest(limit=1001),
        jobs_pb2.ListRequest(before_job_id="../x"),
        jobs_pb2.ListRequest(states=[jobs_pb2.JOB_STATE_UNSPECIFIED]),
        jobs_pb2.ListRequest(states=[jobs_pb2.JOB_STATE_DONE] * 21),
    ],
)
def test_a_page_that_is_none_is_refused(channel: grpc.Channel, request_: jobs_pb2.ListRequest) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        jobs_pb2_grpc.JobsStub(channel).List(request_)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_ticket_is_told_and_is_no_part_of_what_is_asked(channel: grpc.Channel, ask: Ask) -> None:
    stub = scoring_pb2_grpc.ScoringStub(channel)
    request = ask("a")
    request.ticket.CopyFrom(ticket_pb2.Ticket(client="blender-4711", priority=ticket_pb2.PRIORITY_HIGH))
    first = list(stub.Tag(request))
    request.ticket.client = "resolve-1"
    assert list(stub.Tag(request)) == first
    job = jobs_pb2_grpc.JobsStub(channel).Get(jobs_pb2.GetRequest(job_id="a")).job
    assert (job.client, job.priority) == ("blender-4711", ticket_pb2.PRIORITY_HIGH)


@pytest.mark.parametrize(
    "ticket",
    [ticket_pb2.Ticket(client="x" * 101), ticket_pb2.Ticket(client="a\nb"), ticket_pb2.Ticket(priority=9)],  # type: ignore[arg-type]
)
def test_a_ticket_that_is_none_is_refused(channel: grpc.Channel, ask: Ask, ticket: ticket_pb2.Ticket) -> None:
    request = ask("a")
    request.ticket.CopyFrom(ticket)
    with pytest.raises(grpc.RpcError) as caught:
        list(scoring_pb2_grpc.ScoringStub(channel).Tag(request))
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_full_queue_says_when_to_try_again(served: Served, channel: grpc.Channel, ask: Ask) -> None:
    hold = Hold()
    served.script = lambda _: (Warned("one"), hold)
    stub = scoring_pb2_grpc.ScoringStub(channel)
    calls = [stub.Tag(ask(f"j{number}")) for number in range(66)]
    for call in calls:
        next(call)
    with pytest.raises(grpc.RpcError) as caught:
        list(stub.Tag(ask("one-more")))
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    trailers: dict[str, Any] = {entry.key: entry.value for entry in caught.value.trailing_metadata() or ()}
    status = status_pb2.Status.FromString(trailers["grpc-status-details-bin"])
    reason, retry = error_details_pb2.ErrorInfo(), error_details_pb2.RetryInfo()
    assert status.details[0].Unpack(reason)
    assert status.details[1].Unpack(retry)
    assert reason.reason == "QUEUE_FULL"
    assert 0 < retry.retry_delay.ToMilliseconds() <= 120_000
    hold.gate.set()
    for call in calls:
        list(call)


def test_a_running_job_cannot_be_deleted(served: Served, channel: grpc.Channel, ask: Ask) -> None:
    served.script = lambda _: (Warned("one"), Hold())
    next(scoring_pb2_grpc.ScoringStub(channel).Tag(ask("a")))
    with pytest.raises(grpc.RpcError) as caught:
        jobs_pb2_grpc.JobsStub(channel).Delete(jobs_pb2.DeleteRequest(job_id="a"))
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION


def test_a_client_that_does_not_read_holds_up_nobody(served: Served, channel: grpc.Channel, ask: Ask) -> None:
    text = "x" * 100_000
    served.script = lambda _: (Warned(text) for _ in range(300))
    idle = scoring_pb2_grpc.ScoringStub(channel).Tag(ask("a"))
    next(idle)
    assert len(list(jobs_pb2_grpc.JobsStub(channel).Watch(jobs_pb2.WatchRequest(job_id="a")))) == 301
    assert len(list(idle)) == 300


def test_sixty_four_clients_read_the_same_log(served: Served, channel: grpc.Channel, ask: Ask) -> None:
    hold = Hold()
    served.script = lambda _: (*(Warned(str(n)) for n in range(20)), hold, *(Warned(str(n)) for n in range(20)))
    logs: list[list[bytes]] = []
    began = threading.Barrier(65)

    def watch() -> None:
        stream = scoring_pb2_grpc.ScoringStub(channel).Tag(ask("a"))
        first = next(stream)
        began.wait(60)
        logs.append([event.SerializeToString(deterministic=True) for event in (first, *stream)])

    threads = [threading.Thread(target=watch) for _ in range(64)]
    for thread in threads:
        thread.start()
    began.wait(60)
    hold.gate.set()
    for thread in threads:
        thread.join(60)
    assert len(logs) == 64
    assert all(log == logs[0] for log in logs)
    assert len(logs[0]) == 41


def test_progress_says_how_far_it_is(served: Served, channel: grpc.Channel, ask: Ask) -> None:
    served.script = lambda _: (Progress(Stage.GENERATE, 3, 12, "s of audio", 4.5),)
    event = next(scoring_pb2_grpc.ScoringStub(channel).Tag(ask("a")))
    assert event.progress == events_pb2.Progress(
        stage=events_pb2.STAGE_GENERATE, done=3, total=12, unit="s of audio", seconds_left=4.5
    )
