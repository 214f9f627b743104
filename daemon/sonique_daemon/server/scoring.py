"""The Scoring service: takes requests in as jobs and answers with their events."""

# ruff: noqa: ARG002, N802 - gRPC names the methods, and hands each what not all of them need

from collections.abc import AsyncIterator

from sonique.v1 import events_pb2, scoring_pb2, scoring_pb2_grpc

from sonique_daemon.domain.request import Job
from sonique_daemon.jobs.service import JobService
from sonique_daemon.server.status import Context
from sonique_daemon.server.wire import requests
from sonique_daemon.server.wire.events import write_event
from sonique_daemon.server.wire.fields import job_id

Events = AsyncIterator[events_pb2.JobEvent]


class Scoring(scoring_pb2_grpc.ScoringServicer):
    """Each call submits or attaches, then follows the job; when the caller goes, the job goes on."""

    def __init__(self, jobs: JobService) -> None:
        self._jobs = jobs

    def Describe(self, request: scoring_pb2.DescribeRequest, context: Context) -> Events:
        """Video to what happens."""
        return self._follow(job_id(request.job_id), requests.read_describe(request), requests.digest(request))

    def Tag(self, request: scoring_pb2.TagRequest, context: Context) -> Events:
        """Description and brief to musical tags."""
        return self._follow(job_id(request.job_id), requests.read_tag(request), requests.digest(request))

    def Generate(self, request: scoring_pb2.GenerateRequest, context: Context) -> Events:
        """Tags to audio."""
        return self._follow(job_id(request.job_id), requests.read_generate(request), requests.digest(request))

    def Score(self, request: scoring_pb2.ScoreRequest, context: Context) -> Events:
        """The whole chain."""
        return self._follow(job_id(request.job_id), requests.read_score(request), requests.digest(request))

    async def _follow(self, identity: str, job: Job, digest: bytes) -> Events:
        self._jobs.submit(identity, job, digest)
        async for entry in self._jobs.watch(identity):
            yield write_event(identity, entry)
