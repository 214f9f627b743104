"""Submit: the same requests for hosts that must not stream."""

from collections.abc import Callable, Iterable
from typing import Protocol

import grpc
import pytest
from sonique.v1 import jobs_pb2, jobs_pb2_grpc, scoring_pb2, scoring_pb2_grpc, timeline_pb2
from sonique_daemon.domain.events import Stage, StageStarted, Warned
from sonique_daemon.domain.request import Job
from sonique_daemon.jobs.runner import Hold, Script, Step

Ask = Callable[..., scoring_pb2.TagRequest]


class Served(Protocol):
    """What these tests use of the server fixture."""

    script: Script


def submit(channel: grpc.Channel, request: scoring_pb2.TagRequest) -> jobs_pb2.Job:
    return scoring_pb2_grpc.ScoringStub(channel).Submit(scoring_pb2.SubmitRequest(tag=request))


def events(channel: grpc.Channel, job_id: str) -> list[str | None]:
    stream = jobs_pb2_grpc.JobsStub(channel).Watch(jobs_pb2.WatchRequest(job_id=job_id))
    return [event.WhichOneof("event") for event in stream]


def test_submit_answers_with_the_job_while_it_runs(served: Served, channel: grpc.Channel, ask: Ask) -> None:
    hold = Hold()
    served.script = lambda _: (StageStarted(Stage.TAG, "lexicon"), hold, Warned("Hm."))
    job = submit(channel, ask("a"))
    assert (job.id, job.kind) == ("a", jobs_pb2.JOB_KIND_TAG)
    assert job.state in (jobs_pb2.JOB_STATE_QUEUED, jobs_pb2.JOB_STATE_RUNNING)
    hold.gate.set()
    assert events(channel, "a") == ["stage_started", "warning", "done"]


def test_a_job_is_on_the_disk_once_submit_has_answered(served: Served, channel: grpc.Channel, ask: Ask) -> None:
    served.script = lambda _: (Hold(),)
    submit(channel, ask("a"))
    listed = jobs_pb2_grpc.JobsStub(channel).List(jobs_pb2.ListRequest()).jobs
    assert [job.id for job in listed] == ["a"]


def test_a_request_submitted_twice_is_one_job(served: Served, channel: grpc.Channel, ask: Ask) -> None:
    played: list[Job] = []

    def script(job: Job) -> Iterable[Step]:
        played.append(job)
        return ()

    served.script = script
    submit(channel, ask("a"))
    events(channel, "a")
    again = submit(channel, ask("a"))
    assert again.state == jobs_pb2.JOB_STATE_DONE
    assert len(played) == 1


def test_a_stream_attaches_to_what_was_submitted_and_the_other_way_round(channel: grpc.Channel, ask: Ask) -> None:
    stub = scoring_pb2_grpc.ScoringStub(channel)
    submit(channel, ask("a"))
    assert [event.seq for event in stub.Tag(ask("a"))] == [1]
    list(stub.Tag(ask("b")))
    assert submit(channel, ask("b")).state == jobs_pb2.JOB_STATE_DONE


def test_every_kind_of_request_can_be_submitted(channel: grpc.Channel, ask: Ask) -> None:
    stub = scoring_pb2_grpc.ScoringStub(channel)
    timeline = timeline_pb2.Timeline(otio_json="{}")
    asked = {
        jobs_pb2.JOB_KIND_TAG: scoring_pb2.SubmitRequest(tag=ask("t")),
        jobs_pb2.JOB_KIND_DESCRIBE: scoring_pb2.SubmitRequest(
            describe=scoring_pb2.DescribeRequest(job_id="d", timeline=timeline)
        ),
        jobs_pb2.JOB_KIND_SCORE: scoring_pb2.SubmitRequest(
            score=scoring_pb2.ScoreRequest(job_id="s", timeline=timeline)
        ),
    }
    for kind, request in asked.items():
        assert stub.Submit(request).kind == kind
    with pytest.raises(grpc.RpcError, match="tags is missing"):
        stub.Submit(scoring_pb2.SubmitRequest(generate=scoring_pb2.GenerateRequest(job_id="g")))


def test_another_request_under_the_same_id_is_refused(channel: grpc.Channel, ask: Ask) -> None:
    submit(channel, ask("a"))
    with pytest.raises(grpc.RpcError) as caught:
        submit(channel, ask("a", prompt="tense"))
    assert caught.value.code() is grpc.StatusCode.ALREADY_EXISTS


def test_nothing_asked_is_refused(channel: grpc.Channel) -> None:
    with pytest.raises(grpc.RpcError, match="request is missing") as caught:
        scoring_pb2_grpc.ScoringStub(channel).Submit(scoring_pb2.SubmitRequest())
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert not jobs_pb2_grpc.JobsStub(channel).List(jobs_pb2.ListRequest()).jobs
