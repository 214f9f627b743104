"""One job followed over all that can come between: broken daemons, a full queue, Ctrl-C."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sonique.runtime_file import RuntimeFile
from sonique.v1 import brief_pb2, daemon_pb2, events_pb2, jobs_pb2, scoring_pb2
from sonique_cli import session as sessions
from sonique_cli.exits import CommandError, Exit
from sonique_cli.following import run, submitted, watch
from sonique_cli.manner import Manner
from sonique_cli.options import PriorityChoice
from sonique_cli.session import Session
from sonique_client import scoring
from sonique_client.connection import Connection
from sonique_client.errors import CallFailed, ClientError, DaemonGone, DaemonUnreachable

from tests.sending.showing import Far, Shown

GONE = 2**31 - 5
"""A process id that nobody has."""

Step = events_pb2.JobEvent | BaseException


def event(seq: int, **kind: Any) -> events_pb2.JobEvent:
    return events_pb2.JobEvent(seq=seq, **(kind or {"progress": events_pb2.Progress()}))


def done(seq: int) -> events_pb2.JobEvent:
    return event(seq, done=events_pb2.Done())


@dataclass
class Daemon:
    """A daemon that plays one list of steps for each time that its events are asked for."""

    plays: list[Sequence[Step]]
    pid: int = GONE
    submitted: list[Any] = field(default_factory=list)
    watched: list[int] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    def Tag(self, request: scoring_pb2.TagRequest) -> Iterator[events_pb2.JobEvent]:  # noqa: N802 - as gRPC names it
        self.submitted.append(scoring_pb2.TagRequest.FromString(request.SerializeToString()))
        return self._play()

    Describe = Generate = Score = Tag

    def Watch(self, request: jobs_pb2.WatchRequest) -> Iterator[events_pb2.JobEvent]:  # noqa: N802 - the same
        self.watched.append(request.after_seq)
        return self._play()

    def Cancel(self, request: jobs_pb2.CancelRequest) -> jobs_pb2.CancelResponse:  # noqa: N802 - the same
        self.cancelled.append(request.job_id)
        return jobs_pb2.CancelResponse(job=jobs_pb2.Job(id=request.job_id, state=jobs_pb2.JOB_STATE_CANCELLING))

    def _play(self) -> Iterator[events_pb2.JobEvent]:
        for step in self.plays.pop(0):
            if isinstance(step, BaseException):
                raise step
            yield step

    def connection(self, place: str = "this computer") -> Connection:
        runtime = RuntimeFile("", "", "t", self.pid, "1.0", 1)
        channel, here = _Channel(), self
        nobody: Any = None
        stub: Any = here
        info = daemon_pb2.InfoResponse()
        return Connection(runtime, info, channel, stub, stub, nobody, nobody, nobody, nobody, place)  # type: ignore[arg-type]


class _Channel:
    def close(self) -> None:
        """Closes nothing."""


@dataclass
class Seen:
    """A display that keeps what it is given."""

    events: list[int] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def show(self, event: events_pb2.JobEvent) -> None:
        self.events.append(event.seq)

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def working(self, title: str, share: float) -> None:
        self.sentences.append(f"{title} {share}")


@pytest.fixture
def restarted(monkeypatch: pytest.MonkeyPatch) -> Callable[[Daemon], list[Daemon]]:
    """Makes ``connect`` find that daemon, as if it had been started; returns the list of those that were found."""

    def arrange(*daemons: Daemon) -> list[Daemon]:
        waiting, found = list(daemons), list[Daemon]()

        def connect() -> Connection:
            if not waiting:
                raise DaemonUnreachable("The Sonique daemon is not installed here.")
            found.append(waiting.pop(0))
            return found[-1].connection()

        monkeypatch.setattr(sessions, "connect", connect)
        return found

    return arrange


def request() -> scoring_pb2.TagRequest:
    return scoring_pb2.TagRequest(brief=brief_pb2.Brief(prompt="calm"))


Restarted = Callable[..., list[Daemon]]


def test_a_request_carries_a_ticket_of_this_process() -> None:
    daemon = Daemon([[done(1)]])
    run(Session(daemon.connection(), Seen()), request(), Manner(priority=PriorityChoice.HIGH))
    (sent,) = daemon.submitted
    assert sent.ticket.client.startswith("cli-")
    assert sent.ticket.priority == 3
    assert sent.job_id


@pytest.mark.parametrize("place", ["this computer", "“studio.lan:7543”"])
def test_only_a_daemon_on_this_computer_is_told_where_a_cue_that_is_checked_may_be_read(place: str) -> None:
    asked = scoring_pb2.DescribeRequest(media_roots=["/cues"], cue=scoring_pb2.Cue(path=f"sonique-upload:{'a' * 64}"))
    submitted(Session(Daemon([]).connection(place), Seen()), asked, Manner())
    assert list(asked.media_roots) == (["/cues"] if place == "this computer" else [])


def test_a_daemon_that_dies_is_started_again_and_the_job_goes_on_without_a_gap(restarted: Restarted) -> None:
    second = Daemon([[event(3), done(4)]])
    found = restarted(second)
    seen = Seen()
    run(Session(Daemon([[event(1), event(2), DaemonGone("It stopped.")]]).connection(), seen), request(), Manner())
    assert (found, second.watched, second.submitted) == ([second], [2], [])
    assert seen.events == [1, 2, 3, 4]
    assert seen.sentences == ["The daemon ended, and was started again."]


def test_a_daemon_that_dies_before_it_told_anything_gets_the_same_request_again(restarted: Restarted) -> None:
    first, second = Daemon([[DaemonGone("It stopped.")]]), Daemon([[done(1)]])
    restarted(second)
    run(Session(first.connection(), Seen()), request(), Manner())
    assert first.submitted == second.submitted


def test_a_daemon_that_stops_in_order_is_started_again_too(restarted: Restarted) -> None:
    second = Daemon([[done(2)]])
    restarted(second)
    stopping = CallFailed("The daemon is stopping.", "DAEMON_STOPPING", "UNAVAILABLE")
    seen = Seen()
    run(Session(Daemon([[event(1), stopping]]).connection(), seen), request(), Manner())
    assert (seen.events, second.watched) == ([1, 2], [1])


def test_a_daemon_that_dies_twice_is_left_with_the_way_to_go_on(restarted: Restarted) -> None:
    restarted(Daemon([[DaemonGone("It stopped.")]]), Daemon([[done(2)]]))
    first = Daemon([[event(1), DaemonGone("It stopped.")]])
    with pytest.raises(CommandError, match="sonique watch") as caught:
        run(Session(first.connection(), Seen()), request(), Manner())
    assert caught.value.exit_code is Exit.DAEMON
    assert first.submitted[0].job_id in caught.value.sentence


def test_a_daemon_that_cannot_be_started_again_leaves_the_way_to_go_on(restarted: Restarted) -> None:
    restarted()
    with pytest.raises(CommandError, match=r"not installed here.*sonique watch") as caught:
        run(Session(Daemon([[DaemonGone("It stopped.")]]).connection(), Seen()), request(), Manner())
    assert caught.value.exit_code is Exit.DAEMON


def test_a_daemon_on_another_machine_is_never_started(restarted: Restarted) -> None:
    found = restarted(Daemon([[done(1)]]))
    far = Daemon([[DaemonGone("It no longer answered.")]]).connection("studio:7000")
    with pytest.raises(CommandError, match="It no longer answered"):
        run(Session(far, Seen()), request(), Manner())
    assert found == []


def test_a_job_that_fails_is_raised_and_nothing_is_started(restarted: Restarted) -> None:
    found = restarted(Daemon([[done(1)]]))
    failed = event(1, failed=events_pb2.Failed(code="WORKER_CRASHED", status="INTERNAL", sentence="It broke."))
    with pytest.raises(ClientError, match=r"It broke\."):
        run(Session(Daemon([[failed]]).connection(), Seen()), request(), Manner())
    assert found == []


def test_control_c_cancels_and_waits_for_the_end() -> None:
    ended = event(3, cancelled=events_pb2.Cancelled())
    daemon, seen = Daemon([[event(1), KeyboardInterrupt()], [event(2), ended]]), Seen()
    with pytest.raises(CommandError, match="Cancelled; nothing was written") as caught:
        run(Session(daemon.connection(), seen), request(), Manner())
    assert caught.value.exit_code is Exit.CANCELLED
    assert daemon.cancelled == [daemon.submitted[0].job_id]
    assert (daemon.watched, seen.events) == ([1], [1, 2, 3])


def test_a_second_control_c_leaves_at_once() -> None:
    daemon = Daemon([[event(1), KeyboardInterrupt()], [KeyboardInterrupt()]])
    with pytest.raises(CommandError, match="is being cancelled") as caught:
        run(Session(daemon.connection(), Seen()), request(), Manner())
    assert caught.value.exit_code is Exit.CANCELLED


def test_control_c_as_the_job_ends_keeps_what_it_made() -> None:
    daemon = Daemon([[event(1), KeyboardInterrupt()], [done(2)]])
    with pytest.raises(CommandError, match="sonique fetch"):
        run(Session(daemon.connection(), Seen()), request(), Manner())


def test_control_c_while_watching_leaves_the_job_alone() -> None:
    daemon = Daemon([[event(6), KeyboardInterrupt()]])
    with pytest.raises(CommandError, match="the job goes on") as caught:
        watch(Session(daemon.connection(), Seen()), "a", 5)
    assert (caught.value.exit_code, daemon.watched, daemon.cancelled) == (Exit.CANCELLED, [5], [])


def test_a_full_queue_is_waited_for_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    full = CallFailed("64 jobs wait already.", "QUEUE_FULL", "RESOURCE_EXHAUSTED", 4.0)
    monkeypatch.setattr(scoring.time, "sleep", lambda _: None)  # type: ignore[attr-defined]
    daemon, seen = Daemon([[full], [full], [done(1)]]), Seen()
    run(Session(daemon.connection(), seen), request(), Manner(wait="60s"))
    assert seen.sentences == ["Waiting: 64 jobs wait already. The next try is in 4 s."] * 2
    assert len({sent.job_id for sent in daemon.submitted}) == 1


def test_a_full_queue_is_not_waited_for_longer_than_was_asked() -> None:
    full = CallFailed("64 jobs wait already.", "QUEUE_FULL", "RESOURCE_EXHAUSTED", 4.0)
    with pytest.raises(ClientError, match="64 jobs"):
        run(Session(Daemon([[full]]).connection(), Seen()), request(), Manner(wait="1s"))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Session:
    """A session with a daemon on another machine, which is sent whatever it does not see."""
    (tmp_path / "uploads").mkdir()
    return Session(Far(tmp_path / "uploads"), Shown())  # type: ignore[arg-type]


@pytest.mark.parametrize("way", ["secret.sf2", "sounds/../secret.sf2", "sounds/link.sf2"])
def test_what_a_cue_names_is_sent_to_no_other_machine_unless_its_folder_is_named(
    elsewhere: Session, tmp_path: Path, way: str
) -> None:
    (tmp_path / "secret.sf2").write_text("mine alone")
    (tmp_path / "sounds").mkdir()
    (tmp_path / "sounds" / "link.sf2").symlink_to(tmp_path / "secret.sf2")
    request = scoring_pb2.GenerateRequest(soundfont=str(tmp_path / way), media_roots=[str(tmp_path / "sounds")])
    with pytest.raises(CommandError, match="--media-root with its folder lets it be sent") as told:
        submitted(elsewhere, request, Manner())
    assert told.value.exit_code is Exit.INPUT
    assert not list((tmp_path / "uploads").iterdir())


def test_what_lies_in_a_folder_that_was_named_is_sent(elsewhere: Session, tmp_path: Path) -> None:
    (tmp_path / "band.sf2").write_text("sounds")
    request = scoring_pb2.GenerateRequest(soundfont=str(tmp_path / "band.sf2"), media_roots=[str(tmp_path)])
    submitted(elsewhere, request, Manner())
    (sent,) = (tmp_path / "uploads").iterdir()
    assert request.soundfont == f"sonique-upload:{sent.name}"
    assert not request.media_roots
