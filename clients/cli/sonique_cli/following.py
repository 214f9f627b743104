"""Following one job to its end: shown as it goes, over the end of a daemon too; Ctrl-C cancels it or merely leaves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from sonique.v1 import description_pb2, events_pb2, scoring_pb2, tags_pb2, take_pb2, time_pb2
from sonique_client import scoring
from sonique_client.connection import Connection
from sonique_client.errors import CallFailed, ClientError, DaemonGone, JobCancelled, JobFailed
from sonique_client.upload import TARGET_URL
from sonique_sending.sending import prepared, sent_file

from sonique_cli.exits import CommandError, Exit
from sonique_cli.manner import Manner
from sonique_cli.quantities import span_text
from sonique_cli.session import Session

Request = scoring_pb2.DescribeRequest | scoring_pb2.TagRequest | scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest
Stream = Iterator[events_pb2.JobEvent]

_ENDED = ("DAEMON_GONE", "DAEMON_STOPPING")
"""Codes by which a daemon that ends is told."""


@dataclass(slots=True)
class Result:
    """What a job made, as far as its kind makes it.

    Attributes:
        start: the range's start in seconds after the timeline's beginning on the record clock.
        description: what the range shows.
        tags: what was played.
        takes: the finished takes in order.
        measures: of the cue that was checked.
    """

    start: Fraction = Fraction(0)
    description: description_pb2.Description | None = None
    tags: tags_pb2.Tags | None = None
    takes: list[take_pb2.Take] = field(default_factory=list)
    measures: take_pb2.Measures | None = None

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
        elif kind == "measures":
            self.measures = event.measures


@dataclass(slots=True)
class Following:
    """One job that is followed.

    Attributes:
        session: with the daemon.
        job_id: which job.
        request: what it was asked, where it is this command's own; None for another's, which is only watched.
        patience: how long a full queue is tried again.
        seq: the last event seen.
        result: what came so far.
    """

    session: Session
    job_id: str
    request: Request | None = None
    patience: scoring.Patience = field(default_factory=scoring.Patience)
    seq: int = 0
    result: Result = field(default_factory=Result)

    def to_the_end(self) -> Result:
        """Shows all events to the terminal one; where the daemon ends, it is started again once.

        Raises:
            CommandError: the daemon ended again, or cannot be started.
            ClientError: the job failed or was cancelled, or the daemon refused it.
        """
        while not self._followed():
            pass
        return self.result

    def until_cancelled(self) -> str:
        """Cancels the job, shows what it still says, and returns how it ended: "done", "failed" or "cancelled"."""
        scoring.request_cancel(self.session.connection, self.job_id)
        try:
            for event in scoring.watch(self.session.connection, self.job_id, self.seq):
                self.seq = event.seq
                self.session.display.show(event)
        except JobCancelled:
            return "cancelled"
        except JobFailed:
            return "failed"
        return "done"

    def begin(self) -> None:
        """Hands the request in, and leaves once the job has told its first event."""
        for event in self._open(self.session.connection):
            self.seq = event.seq
            return

    def _followed(self) -> bool:
        """Whether the job was followed to its end; False where the daemon ended and was started again."""
        try:
            for event in self._open(self.session.connection):
                self.seq = event.seq
                self.result.take_in(event)
                self.session.display.show(event)
        except (DaemonGone, CallFailed) as error:
            if error.code not in _ENDED:
                raise
            self.session.revive(error, self.job_id)
            return False
        return True

    def _open(self, connection: Connection) -> Stream:
        """The events that are still to come. A request may be handed in twice: the same one is the same job."""
        if self.request is not None and self.seq == 0:
            return scoring.run(connection, self.request, self.patience)
        return scoring.watch(connection, self.job_id, self.seq)


def run(session: Session, request: Request, manner: Manner) -> Result:
    """Runs one job to its end and shows its events. Ctrl-C cancels it; a second one leaves at once.

    Raises:
        CommandError: it was cancelled, or the daemon ended twice.
        ClientError: it failed, or the daemon refused it.
    """
    following = submitted(session, request, manner)
    try:
        return following.to_the_end()
    except KeyboardInterrupt:
        raise _cancelled(following) from None


def submitted(session: Session, request: Request, manner: Manner) -> Following:
    """A job of this command's own, not handed in yet: with an id and a ticket, its media where the daemon sees it."""
    if isinstance(request, scoring_pb2.DescribeRequest | scoring_pb2.ScoreRequest):
        request.timeline.CopyFrom(prepared(session.connection, request.timeline, session.display))
    _send_files(session, request)
    request.job_id = scoring.new_job_id()
    request.ticket.CopyFrom(manner.ticket())
    patience = scoring.Patience(manner.wait_seconds, lambda refusal, delay: _full(session, refusal, delay))
    return Following(session, request.job_id, request, patience)


def _send_files(session: Session, request: Request) -> None:
    """Puts the files that ``request`` names besides its timeline where the daemon sees them."""
    if isinstance(request, scoring_pb2.TagRequest):
        return
    named = [Path(root) for root in request.media_roots]
    if not session.connection.local:  # what the daemon sees there it allows, and the rest is sent
        del request.media_roots[:]
    if isinstance(request, scoring_pb2.DescribeRequest):
        if request.HasField("cue"):
            request.cue.path = _sent(session, request.cue.path, named)
        return
    if request.HasField("melody"):
        request.melody.path = _sent(session, request.melody.path, named)
    if request.soundfont:
        request.soundfont = _sent(session, request.soundfont, named)


def _sent(session: Session, path: str, named: Sequence[Path]) -> str:
    """The path as the daemon can read it. To one elsewhere nothing goes but what lies in a folder that the user named.

    A cue carries the paths of what it was made from, and a stranger's may carry any.

    Raises:
        CommandError: the file lies in none of ``named``.
    """
    inside = any(Path(path).resolve().is_relative_to(folder.resolve()) for folder in named)
    if not (session.connection.local or inside or path.startswith(TARGET_URL)):
        sentence = f"The cue names “{path}”, which is on this computer; --media-root with its folder lets it be sent."
        raise CommandError(sentence, Exit.INPUT)
    return sent_file(session.connection, path, session.display)


def watch(session: Session, job_id: str, after_seq: int = 0) -> Result:
    """Shows a job's events to its end, whoever began it. Ctrl-C leaves; the job goes on.

    Raises:
        CommandError: it was left.
        ClientError: the job failed or was cancelled, or there is none of that id.
    """
    following = Following(session, job_id, seq=after_seq)
    try:
        return following.to_the_end()
    except KeyboardInterrupt:
        sentence = f"Left; the job goes on (“sonique watch {job_id}” shows it, “sonique cancel {job_id}” ends it)."
        raise CommandError(sentence, Exit.CANCELLED) from None


def _full(session: Session, refusal: ClientError, delay: float) -> None:
    session.display.say(f"Waiting: {refusal.sentence} The next try is in {span_text(max(1.0, delay))}.")


def _cancelled(following: Following) -> CommandError:
    """Cancels the job and says how that went."""
    job_id = following.job_id
    following.session.display.say("Cancelling; Ctrl-C again leaves at once.")
    try:
        how = following.until_cancelled()
    except KeyboardInterrupt:
        return CommandError("Left; the job is being cancelled.", Exit.CANCELLED)
    except CallFailed as error:
        if error.code != "JOB_NOT_FOUND":
            raise
        how = "cancelled"  # it was never taken in
    if how == "done":
        sentence = f"The job was done already; “sonique fetch {job_id} -o cue.wav” saves its takes."
        return CommandError(sentence, Exit.CANCELLED)
    return CommandError("Cancelled; nothing was written.", Exit.CANCELLED)


def _seconds(time: time_pb2.RationalTime) -> Fraction:
    if not time.rate_numerator:
        return Fraction(0)
    return Fraction(time.value * (time.rate_denominator or 1), time.rate_numerator)
