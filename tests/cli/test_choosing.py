from dataclasses import replace
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from sonique.runtime_file import RuntimeFile
from sonique.v1 import daemon_pb2, jobs_pb2
from sonique_cli.choosing import find_job, newest, pages, short_ids
from sonique_cli.exits import CommandError, Exit
from sonique_client.connection import Connection


class Missing(grpc.RpcError):
    """What a daemon says of a job that it does not know."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.NOT_FOUND

    def details(self) -> str:
        return "There is no such job."

    def trailing_metadata(self) -> Any:
        status = status_pb2.Status(code=5)
        status.details.add().Pack(error_details_pb2.ErrorInfo(reason="JOB_NOT_FOUND", domain="sonique"))
        return (("grpc-status-details-bin", bytes(status.SerializeToString())),)


class Shelf:
    """Jobs, the newest first, handed out as the contract says."""

    def __init__(self, *jobs: jobs_pb2.Job) -> None:
        self.jobs, self.lists = jobs, 0

    def Get(self, request: jobs_pb2.GetRequest) -> jobs_pb2.GetResponse:  # noqa: N802 - as gRPC names it
        for job in self.jobs:
            if job.id == request.job_id:
                return jobs_pb2.GetResponse(job=job)
        raise Missing

    def List(self, request: jobs_pb2.ListRequest) -> jobs_pb2.ListResponse:  # noqa: N802 - as gRPC names it
        self.lists += 1
        ids = [job.id for job in self.jobs]
        start = ids.index(request.before_job_id) + 1 if request.before_job_id else 0
        wanted = [job for job in self.jobs[start:] if not request.states or job.state in request.states]
        limit = min(1000, request.limit or 100)
        return jobs_pb2.ListResponse(jobs=wanted[:limit], more=len(wanted) > limit)


def connected(*jobs: jobs_pb2.Job) -> Connection:
    nobody: Any = None
    here = RuntimeFile("", "", "t", 1, "1.0", 1)
    plain = Connection(here, daemon_pb2.InfoResponse(), nobody, nobody, nobody, nobody, nobody, nobody, nobody)
    return replace(plain, jobs=Shelf(*jobs))  # type: ignore[arg-type]


def job(name: str, state: jobs_pb2.JobState.ValueType = jobs_pb2.JOB_STATE_DONE) -> jobs_pb2.Job:
    return jobs_pb2.Job(id=name, state=state)


def test_all_jobs_come_however_many_pages_they_take() -> None:
    names = [f"job-{number}" for number in range(25)]
    assert [found.id for found in pages(connected(*map(job, names)), page=10)] == names


def test_pages_that_nobody_reads_are_not_fetched() -> None:
    connection = connected(*(job(f"job-{number}") for number in range(25)))
    next(pages(connection, page=10))
    assert connection.jobs.lists == 1  # type: ignore[attr-defined]


def test_a_job_is_found_by_its_id_though_others_begin_with_it() -> None:
    assert find_job(connected(job("cue-12"), job("cue-1")), "cue-1").id == "cue-1"


def test_a_job_is_found_by_the_beginning_of_its_id() -> None:
    assert find_job(connected(job("abc1"), job("abd2")), "abd").id == "abd2"


def test_a_beginning_that_several_share_is_refused_with_their_ids() -> None:
    with pytest.raises(CommandError, match="abc1, abd2") as caught:
        find_job(connected(job("abc1"), job("abd2")), "ab")
    assert caught.value.exit_code is Exit.USAGE


def test_a_job_that_is_not_there_is_told_in_the_daemons_words() -> None:
    with pytest.raises(Exception, match="There is no such job") as caught:
        find_job(connected(job("abc1")), "x")
    assert getattr(caught.value, "code", "") == "JOB_NOT_FOUND"


def test_the_newest_running_job_comes_before_one_that_waits() -> None:
    waiting, running = job("new", jobs_pb2.JOB_STATE_QUEUED), job("old", jobs_pb2.JOB_STATE_RUNNING)
    assert newest(connected(job("ended"), waiting, running)).id == "old"
    assert newest(connected(job("ended"), waiting)).id == "new"


def test_where_nothing_runs_or_waits_the_newest_that_ended_is_chosen() -> None:
    assert newest(connected(job("last"), job("before"))).id == "last"


def test_where_no_job_is_there_is_nothing_to_choose() -> None:
    with pytest.raises(CommandError, match="no job yet"):
        newest(connected())


@given(st.sets(st.text("ab", min_size=1, max_size=20)))
def test_short_ids_are_beginnings_that_tell_jobs_apart(names: set[str]) -> None:
    short = short_ids(names)
    assert set(short) == names
    for name, beginning in short.items():
        assert name.startswith(beginning)
        others = [other for other in names if other.startswith(beginning) and other != name]
        assert all(beginning == name for _ in others)
        assert len(beginning) >= min(8, len(name))
