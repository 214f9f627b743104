"""``sonique jobs`` and ``sonique cancel``: what the daemon has to do, did, and is told to leave."""

import time
from collections.abc import Sequence
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sonique_cli import options
from sonique_cli.exits import CommandError, Exit
from sonique_cli.printable import printable

if TYPE_CHECKING:
    from google.protobuf.timestamp_pb2 import Timestamp
    from rich.text import Text
    from sonique.v1 import jobs_pb2

    from sonique_cli.session import Session


class StateChoice(StrEnum):
    """What a job is at."""

    QUEUED = "queued"
    RUNNING = "running"
    CANCELLING = "cancelling"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


_STYLES = {
    StateChoice.QUEUED: "yellow",
    StateChoice.RUNNING: "cyan",
    StateChoice.CANCELLING: "magenta",
    StateChoice.DONE: "green",
    StateChoice.FAILED: "red",
    StateChoice.CANCELLED: "dim",
}


def jobs(
    every: Annotated[bool, typer.Option("--all", "-a", help="All jobs, however many.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000_000, help="How many, the newest.")] = 20,
    state: Annotated[list[StateChoice], typer.Option("--state", help="Only such jobs. May be given again.")] = [],
    full: Annotated[bool, typer.Option("--full", help="Whole ids rather than their beginnings.")] = False,
    json_lines: options.JsonRows = False,
) -> None:
    """List jobs, the newest first: those that wait and run, and those that ended.

    Wherever a command asks for a JOB, the beginning of its id is enough.

      sonique jobs

      sonique jobs --state running --state queued

      sonique jobs --all --json
    """
    from sonique_cli.choosing import pages
    from sonique_cli.display import open_display
    from sonique_cli.documents import to_line
    from sonique_cli.results import print_result
    from sonique_cli.session import open_session

    with open_display(json_lines=False, quiet=True) as display, open_session(display) as session:
        found = pages(
            session.connection, [_number(choice) for choice in state], page=1000 if every else min(1000, limit)
        )
        listed = list(found if every else islice(found, limit))
    if json_lines:
        for job in listed:
            print_result(to_line(job))
    else:
        _print_jobs(listed, full=full)


def cancel(
    job: Annotated[list[str] | None, typer.Argument(metavar="JOB", help="Jobs by id, or its beginning.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that wait or run, of every client.")] = False,
) -> None:
    """Cancel jobs, and wait until they have ended. One that has ended already stays as it is.

    sonique cancel 3f2a91bc
    """
    from sonique_cli.display import open_display
    from sonique_cli.session import open_session

    if bool(job) == every:
        raise CommandError("Which jobs? Name them (sonique jobs lists them), or give --all.", Exit.USAGE)
    with open_display(json_lines=False, quiet=True) as display, open_session(display) as session:
        chosen = _chosen(session, job or [])
        told = {name: _cancel(session, name) for name in chosen}
        for name, last_seq in told.items():
            typer.echo(f"{printable(name)}: {_outcome(session, name, last_seq)}")
    if not chosen:
        typer.echo("No job waits or runs.")


def _chosen(session: "Session", named: Sequence[str]) -> list[str]:
    """The ids of the jobs that were named; where none was, of all that have not ended, those that wait first."""
    from sonique_cli.choosing import LIVE, find_job, pages

    if named:
        return list(dict.fromkeys(find_job(session.connection, text).id for text in named))
    queued = LIVE[2]
    live = list(pages(session.connection, LIVE))
    return [job.id for job in sorted(live, key=lambda job: job.state != queued)]


def _cancel(session: "Session", job_id: str) -> int | None:
    """Tells the job to stop; returns its last event's number, or None where it had ended before."""
    from sonique_client.scoring import request_cancel

    from sonique_cli.choosing import LIVE

    told = request_cancel(session.connection, job_id)
    return told.last_seq if told.state in LIVE else None


def _outcome(session: "Session", job_id: str, last_seq: int | None) -> str:
    from sonique.v1 import jobs_pb2
    from sonique_client.scoring import ending

    if last_seq is not None:
        return ending(session.connection, job_id, max(0, last_seq - 1))
    job = session.connection.jobs.Get(jobs_pb2.GetRequest(job_id=job_id)).job
    return f"{state_of(job)}"


def _print_jobs(listed: Sequence["jobs_pb2.Job"], *, full: bool) -> None:
    from sonique_cli.choosing import short_ids
    from sonique_cli.tables import Column, print_line, print_table

    if not listed:
        print_line("No jobs.")
        return
    ids = {job.id: job.id for job in listed} if full else short_ids(job.id for job in listed)
    columns = (
        Column("JOB"),
        Column("KIND"),
        Column("TITLE", gives=True),
        Column("STATE"),
        Column("CLIENT", gives=True),
        Column("AGE", right=True),
        Column("TOOK", right=True),
        Column("LEFT", right=True),
    )
    now = time.time()
    print_table(columns, [_row(job, ids[job.id], now) for job in listed])


def _row(job: "jobs_pb2.Job", name: str, now: float) -> "tuple[str | Text, ...]":
    from rich.text import Text

    from sonique_cli.quantities import short_span

    state = state_of(job)
    age = short_span(now - _seconds(job.created)) if job.HasField("created") else ""
    shown = Text(state, _STYLES.get(StateChoice(state), "")) if state in list(StateChoice) else Text(state)
    return name, kind_of(job), job.title, shown, job.client, age, _took(job, now), _left(job)


def _took(job: "jobs_pb2.Job", now: float) -> str:
    """How long it ran, or runs already."""
    from sonique_cli.quantities import short_span

    if not job.HasField("started"):
        return ""
    return short_span((_seconds(job.ended) if job.HasField("ended") else now) - _seconds(job.started))


def _left(job: "jobs_pb2.Job") -> str:
    """How much longer it takes, or how many jobs come before it."""
    from sonique_cli.quantities import short_span

    if state_of(job) == StateChoice.QUEUED:
        return "next" if job.position <= 0 else f"after {job.position}"
    return short_span(job.seconds_left) if job.HasField("seconds_left") else ""


def kind_of(job: "jobs_pb2.Job") -> str:
    """What was asked, in a word: "score"."""
    from sonique.v1 import jobs_pb2

    return _word(jobs_pb2.JobKind, job.kind, "JOB_KIND_")


def state_of(job: "jobs_pb2.Job") -> str:
    """What the job is at, in a word: "running"."""
    from sonique.v1 import jobs_pb2

    return _word(jobs_pb2.JobState, job.state, "JOB_STATE_")


def _number(choice: StateChoice) -> "jobs_pb2.JobState.ValueType":
    from sonique.v1 import jobs_pb2

    return jobs_pb2.JobState.Value(f"JOB_STATE_{choice.name}")


def _word(kinds: Any, number: int, prefix: str) -> str:
    """A value of an enumeration as a word; one that this release does not know as its number."""
    try:
        return str(kinds.Name(number)).removeprefix(prefix).lower()
    except ValueError:
        return str(number)


def _seconds(time_of: "Timestamp") -> float:
    return time_of.seconds + time_of.nanos / 1e9
