"""A session with the daemon: found or started, one job run and shown, its files saved; Ctrl-C cancels the job."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import grpc
from sonique.v1 import (
    description_pb2,
    engines_pb2,
    events_pb2,
    scoring_pb2,
    tags_pb2,
    take_pb2,
    time_pb2,
)
from sonique_client import scoring
from sonique_client.connection import Connection, connect
from sonique_client.errors import ClientError, JobCancelled, from_rpc
from sonique_client.fetch import Existing, fetch

from sonique_cli.display import Display
from sonique_cli.exits import CommandError, Exit, exit_for

Request = scoring_pb2.DescribeRequest | scoring_pb2.TagRequest | scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest


@dataclass(slots=True)
class Result:
    """What a job made, as far as its kind makes it.

    Attributes:
        start: the range's start in seconds after the timeline's beginning on the record clock.
        description: what the range shows.
        tags: what was played.
        takes: the finished takes in order.
    """

    start: Fraction = Fraction(0)
    description: description_pb2.Description | None = None
    tags: tags_pb2.Tags | None = None
    takes: list[take_pb2.Take] = field(default_factory=list)

    def take_in(self, event: events_pb2.JobEvent) -> None:
        """Keeps what the event brings."""
        kind = event.WhichOneof("event")
        if kind == "conformed":
            self.start = _seconds(event.conformed.range.start)
        elif kind == "description":
            self.description = event.description
        elif kind == "tags":
            self.tags = event.tags
        elif kind == "take_ready":
            self.takes.append(event.take_ready.take)


@dataclass(frozen=True, slots=True)
class Session:
    """An open session."""

    connection: Connection
    display: Display

    def run(self, request: Request) -> Result:
        """Runs one job to its end and shows its events.

        Raises:
            CommandError: it failed, or was cancelled.
        """
        request.job_id = scoring.new_job_id()
        result = Result()
        try:
            for event in scoring.run(self.connection, request):
                self.display.show(event)
                result.take_in(event)
        except KeyboardInterrupt:
            scoring.cancel(self.connection, request.job_id)
            raise CommandError("Cancelled; nothing was written.", Exit.CANCELLED) from None
        return result

    def save(self, take: take_pb2.Take, name: str, path: Path, *, force: bool) -> None:
        """Saves one file of a take."""
        fetch(self.connection, take, name, path, Existing.REPLACE if force else Existing.KEEP)

    def engines(self) -> engines_pb2.ListEnginesResponse:
        """What can describe, tag and generate here."""
        return self.connection.engines.List(engines_pb2.ListEnginesRequest())

    def vocabulary(self) -> engines_pb2.ListVocabularyResponse:
        """The words that a brief may use."""
        return self.connection.engines.ListVocabulary(engines_pb2.ListVocabularyRequest())


@contextmanager
def open_session(display: Display) -> Iterator[Session]:
    """A session with the user's daemon, which is started where none runs.

    Raises:
        CommandError: whatever goes wrong between here and the daemon, as one sentence with its exit code.
    """
    try:
        with connect() as connection:
            yield Session(connection, display)
    except JobCancelled as error:
        raise CommandError("The job was cancelled; nothing was written.", Exit.CANCELLED) from error
    except ClientError as error:
        raise CommandError(error.sentence, exit_for(error.code)) from error
    except grpc.RpcError as error:
        refused = from_rpc(error)
        raise CommandError(refused.sentence, exit_for(refused.code)) from error


def _seconds(time: time_pb2.RationalTime) -> Fraction:
    if not time.rate_numerator:
        return Fraction(0)
    return Fraction(time.value * (time.rate_denominator or 1), time.rate_numerator)
