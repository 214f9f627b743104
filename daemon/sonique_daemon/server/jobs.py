"""The Jobs service: watching, polling and cancelling."""

# ruff: noqa: ARG002, N802 - gRPC names the methods, and hands each what not all of them need

from collections.abc import AsyncIterator, Iterable

from sonique.v1 import events_pb2, jobs_pb2, jobs_pb2_grpc

from sonique_daemon.errors import InvalidRequest, LimitExceeded
from sonique_daemon.jobs.log import Entry
from sonique_daemon.jobs.service import JobService
from sonique_daemon.server.messages import Messages
from sonique_daemon.server.status import Context
from sonique_daemon.server.wire.events import read_states, write_job
from sonique_daemon.server.wire.fields import counted, job_id

_PAGE, _LARGEST_PAGE = 100, 1000
_STATES_LIMIT = 20
_POLL_BYTES = 8 * 2**20
"""What the events of one answer to Poll may have together; one alone may have more."""


class Jobs(jobs_pb2_grpc.JobsServicer):
    """Speaks of jobs."""

    def __init__(self, jobs: JobService, messages: Messages) -> None:
        self._jobs, self._messages = jobs, messages

    async def List(self, request: jobs_pb2.ListRequest, context: Context) -> jobs_pb2.ListResponse:
        """A page of jobs, the newest first."""
        limit = _limit(request.limit)
        before = job_id(request.before_job_id) if request.before_job_id else ""
        counted(request.states, "states", _STATES_LIMIT)
        jobs, more = await self._jobs.page(limit, before, read_states(request.states))
        return jobs_pb2.ListResponse(jobs=[write_job(job) for job in jobs], more=more)

    async def Get(self, request: jobs_pb2.GetRequest, context: Context) -> jobs_pb2.GetResponse:
        """One job."""
        return jobs_pb2.GetResponse(job=write_job(await self._jobs.get(job_id(request.job_id))))

    async def Watch(self, request: jobs_pb2.WatchRequest, context: Context) -> AsyncIterator[events_pb2.JobEvent]:
        """The events that were and those to come."""
        async for entry in self._jobs.watch(job_id(request.job_id), request.after_seq):
            yield await self._messages.in_turn(request.job_id, entry)

    async def Poll(self, request: jobs_pb2.PollRequest, context: Context) -> jobs_pb2.PollResponse:
        """The events that are there."""
        entries, job = await self._jobs.poll(job_id(request.job_id), request.after_seq)
        return jobs_pb2.PollResponse(events=await self._bounded(job.id, entries), job=write_job(job))

    async def Cancel(self, request: jobs_pb2.CancelRequest, context: Context) -> jobs_pb2.CancelResponse:
        """Tells the job to stop, and returns at once."""
        return jobs_pb2.CancelResponse(job=write_job(await self._jobs.cancel(job_id(request.job_id))))

    async def Delete(self, request: jobs_pb2.DeleteRequest, context: Context) -> jobs_pb2.DeleteResponse:
        """Forgets an ended job with its takes."""
        await self._jobs.delete(job_id(request.job_id))
        return jobs_pb2.DeleteResponse()

    async def _bounded(self, identity: str, entries: Iterable[Entry]) -> list[events_pb2.JobEvent]:
        """The first messages that fit one answer; the client asks for the others."""
        messages: list[events_pb2.JobEvent] = []
        room = _POLL_BYTES
        for entry in entries:
            message = await self._messages.of(identity, entry)
            room -= message.ByteSize()
            if messages and room < 0:
                break
            messages.append(message)
        return messages


def _limit(number: int) -> int:
    if number < 0:
        raise InvalidRequest(f"limit is {number}; it counts jobs, and 0 asks for {_PAGE}.")
    if number > _LARGEST_PAGE:
        raise LimitExceeded(f"limit is {number}; at most {_LARGEST_PAGE} jobs come in one page.")
    return number or _PAGE
