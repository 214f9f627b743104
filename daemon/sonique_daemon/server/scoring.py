"""The Scoring service: takes requests in as jobs and answers with their events, or with the job."""

# ruff: noqa: ARG002, N802 - gRPC names the methods, and hands each what not all of them need

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from sonique.v1 import events_pb2, jobs_pb2, scoring_pb2, scoring_pb2_grpc

from sonique_daemon.domain.request import Job, Ticket
from sonique_daemon.jobs.service import JobService
from sonique_daemon.server.messages import Messages
from sonique_daemon.server.status import Context
from sonique_daemon.server.wire import requests
from sonique_daemon.server.wire.events import write_job
from sonique_daemon.server.wire.fields import job_id, present
from sonique_daemon.server.wire.ticket import read_ticket

Events = AsyncIterator[events_pb2.JobEvent]
Request = TypeVar(
    "Request",
    scoring_pb2.DescribeRequest,
    scoring_pb2.TagRequest,
    scoring_pb2.GenerateRequest,
    scoring_pb2.ScoreRequest,
)

_READERS: dict[str, Callable[[Any], Job]] = {
    "describe": requests.read_describe,
    "tag": requests.read_tag,
    "generate": requests.read_generate,
    "score": requests.read_score,
}
"""By the names of ``SubmitRequest``'s fields."""

_LARGE_BYTES = 64 * 2**10
"""Requests from this size on are read beside the event loop: a timeline may have 16 MiB."""


class Scoring(scoring_pb2_grpc.ScoringServicer):
    """Each call submits or attaches; all but Submit follow the job then, and when the caller goes, the job goes on."""

    def __init__(self, jobs: JobService, messages: Messages) -> None:
        self._jobs, self._messages = jobs, messages

    def Describe(self, request: scoring_pb2.DescribeRequest, context: Context) -> Events:
        """Video to what happens."""
        return self._follow(request, requests.read_describe)

    def Tag(self, request: scoring_pb2.TagRequest, context: Context) -> Events:
        """Description and brief to musical tags."""
        return self._follow(request, requests.read_tag)

    def Generate(self, request: scoring_pb2.GenerateRequest, context: Context) -> Events:
        """Tags to audio."""
        return self._follow(request, requests.read_generate)

    def Score(self, request: scoring_pb2.ScoreRequest, context: Context) -> Events:
        """The whole chain."""
        return self._follow(request, requests.read_score)

    async def Submit(self, request: scoring_pb2.SubmitRequest, context: Context) -> jobs_pb2.Job:
        """Any of them, without its events."""
        asked = request.WhichOneof("request") or ""
        present(bool(asked), "request")
        identity = await self._submit(getattr(request, asked), _READERS[asked])
        return write_job(await self._jobs.get(identity))

    async def _follow(self, request: Request, read: Callable[[Request], Job]) -> Events:
        identity = await self._submit(request, read)
        async for entry in self._jobs.watch(identity):
            yield await self._messages.in_turn(identity, entry)

    async def _submit(self, request: Request, read: Callable[[Request], Job]) -> str:
        """Takes the request in, and returns its job's id."""
        identity = job_id(request.job_id)
        job, digest, ticket = await _read(request, read)
        await self._jobs.submit(identity, job, digest, ticket)
        return identity


async def _read(request: Request, read: Callable[[Request], Job]) -> tuple[Job, bytes, Ticket]:
    def whole() -> tuple[Job, bytes, Ticket]:
        return read(request), requests.digest(request), read_ticket(request.ticket)

    return await asyncio.to_thread(whole) if request.ByteSize() >= _LARGE_BYTES else whole()
