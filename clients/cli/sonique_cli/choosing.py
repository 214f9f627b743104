"""Which job the user means: an id, the beginning of one, or the newest."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import grpc
from sonique.v1 import jobs_pb2
from sonique_client.connection import Connection
from sonique_client.errors import from_rpc

from sonique_cli.exits import CommandError, Exit

LIVE = (jobs_pb2.JOB_STATE_RUNNING, jobs_pb2.JOB_STATE_CANCELLING, jobs_pb2.JOB_STATE_QUEUED)
"""States of a job that has not ended."""

_PAGE = 1000
_SHORTEST = 8


def pages(
    connection: Connection, states: "Iterable[jobs_pb2.JobState.ValueType]" = (), page: int = _PAGE
) -> Iterator[jobs_pb2.Job]:
    """All jobs in one of those states (all where none is named), the newest first, fetched a page at a time."""
    before, wanted = "", list(states)
    while True:
        asked = jobs_pb2.ListRequest(limit=page, before_job_id=before, states=wanted)
        found = connection.jobs.List(asked)
        yield from found.jobs
        if not found.more or not found.jobs:
            return
        before = found.jobs[-1].id


def find_job(connection: Connection, text: str) -> jobs_pb2.Job:
    """The job of that id, or the only one whose id begins so.

    Raises:
        CommandError: several begin so.
        CallFailed: none does, or it cannot be an id.
    """
    try:
        return connection.jobs.Get(jobs_pb2.GetRequest(job_id=text)).job
    except grpc.RpcError as error:
        refused = from_rpc(error)
        if refused.code != "JOB_NOT_FOUND":
            raise
        matches = [job for job in pages(connection) if job.id.startswith(text)]
        if not matches:
            raise refused from None
    if len(matches) > 1:
        raise CommandError(_ambiguous(text, matches), Exit.USAGE)
    return matches[0]


def newest(connection: Connection) -> jobs_pb2.Job:
    """The newest job that runs; where none does, the newest that waits; where none does either, the newest that ended.

    Raises:
        CommandError: there is no job at all.
    """
    for states in (LIVE[:2], LIVE[2:], ()):
        for job in pages(connection, states, page=1):
            return job
    raise CommandError("There is no job yet; sonique score begins one.", Exit.FAILED)


def short_ids(ids: Iterable[str]) -> dict[str, str]:
    """For each id its shortest beginning, of eight letters at least, that no other of them has."""
    ordered = sorted(set(ids))
    if not ordered:
        return {}
    shared = [_shared(first, second) for first, second in pairwise(ordered)]
    around = zip([0, *shared], [*shared, 0], strict=True)
    return {
        name: name[: max(_SHORTEST, before + 1, after + 1)]
        for name, (before, after) in zip(ordered, around, strict=True)
    }


def _shared(first: str, second: str) -> int:
    """How many letters two ids share at their beginning."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(first), len(second)))


def _ambiguous(text: str, matches: list[jobs_pb2.Job]) -> str:
    names = list(short_ids(job.id for job in matches).values())
    shown = ", ".join(names[:5]) + (" …" if len(names) > 5 else "")
    return f"{len(matches)} jobs begin with “{text}” ({shown}); give more of the id."
