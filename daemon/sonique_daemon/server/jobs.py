"""The Jobs service: watching, polling and cancelling."""

# ruff: noqa: ARG002, N802 - gRPC names the methods, and hands each what not all of them need

from collections.abc import AsyncIterator

from sonique.v1 import events_pb2, jobs_pb2, jobs_pb2_grpc

from sonique_daemon.jobs.service import JobService
from sonique_daemon.server.status import Context
from sonique_daemon.server.wire.events import write_event, write_job
from sonique_daemon.server.wire.fields import job_id


class Jobs(jobs_pb2_grpc.JobsServicer):
    """Speaks of jobs."""

    def __init__(self, jobs: JobService) -> None:
        self._jobs = jobs

    async def List(self, request: jobs_pb2.ListRequest, context: Context) -> jobs_pb2.ListResponse:
        """All jobs, the newest first."""
        return jobs_pb2.ListResponse(jobs=[write_job(job) for job in self._jobs.all()])

    async def Get(self, request: jobs_pb2.GetRequest, context: Context) -> jobs_pb2.GetResponse:
        """One job."""
        return jobs_pb2.GetResponse(job=write_job(self._jobs.get(job_id(request.job_id))))

    async def Watch(self, request: jobs_pb2.WatchRequest, context: Context) -> AsyncIterator[events_pb2.JobEvent]:
        """The events that were and those to come."""
        async for entry in self._jobs.watch(job_id(request.job_id), request.after_seq):
            yield write_event(request.job_id, entry)

    async def Poll(self, request: jobs_pb2.PollRequest, context: Context) -> jobs_pb2.PollResponse:
        """The events that are there."""
        entries, job = self._jobs.poll(job_id(request.job_id), request.after_seq)
        return jobs_pb2.PollResponse(events=[write_event(job.id, entry) for entry in entries], job=write_job(job))

    async def Cancel(self, request: jobs_pb2.CancelRequest, context: Context) -> jobs_pb2.CancelResponse:
        """Cancels, and returns when the job has ended."""
        return jobs_pb2.CancelResponse(job=write_job(await self._jobs.cancel(job_id(request.job_id))))

    async def Delete(self, request: jobs_pb2.DeleteRequest, context: Context) -> jobs_pb2.DeleteResponse:
        """Forgets an ended job with its takes."""
        await self._jobs.delete(job_id(request.job_id))
        return jobs_pb2.DeleteResponse()
