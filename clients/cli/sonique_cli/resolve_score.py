"""``sonique resolve score`` and ``selftest``: their runs."""

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Literal, TypeAlias

import typer
from sonique_client.connection import Connection
from sonique_client.errors import JobCancelled
from sonique_resolve import selftest
from sonique_resolve.calls import Desk
from sonique_resolve.choosing import Chosen, Which
from sonique_resolve.placement import Placed
from sonique_resolve.session import Display as Told
from sonique_resolve.session import Wishes, score
from sonique_resolve.timeline import ReadTimeline
from sonique_resolve.transports import open_desk

from sonique_cli.display import Display, open_display
from sonique_cli.exits import CommandError, Exit
from sonique_cli.outputs import require_free, write_text
from sonique_cli.resolve_errors import telling
from sonique_cli.session import open_session

if TYPE_CHECKING:
    from sonique.v1.events_pb2 import JobEvent

Transport: TypeAlias = Literal["auto", "external", "menu", "mailbox"]
_TRANSPORTS: dict[str, Transport] = {"auto": "auto", "external": "external", "mailbox": "mailbox"}


def which_range(text: str) -> Which | str:
    """The range that ``--range`` says: one of the words, or what was typed."""
    words = {which.value: which for which in Which}
    return words.get(text.strip().casefold() or "auto", text)


def run_score(wishes: Wishes, transport: str, *, json_lines: bool, quiet: bool) -> None:
    """Scores the range and tells what was placed. Ctrl-C cancels; a second one leaves at once.

    Raises:
        CommandError: whatever went wrong, with its exit code; the timeline is as it was then.
    """
    with open_display(json_lines=json_lines, quiet=quiet) as display:
        with telling(), _desk(transport) as desk, open_session(display) as session, _cancelling(display) as cancelled:
            placed = _scored(desk, session.connection, wishes, _told(display, cancelled))
        if json_lines:
            typer.echo(json.dumps({"placed": _facts(placed)}, ensure_ascii=False))
        elif not quiet:
            display.say(_placed(placed))


def run_selftest(transport: str, out: Path | None, *, force: bool) -> bool:
    """Tries Resolve and prints the report, or writes it to ``out``; returns whether all passed."""
    require_free([out] if out else [], force=force)
    with telling(), _desk(transport) as desk:
        report = selftest.run(desk, transport, lambda sentence: typer.echo(sentence, err=True))
    text = json.dumps(report.to_data(), ensure_ascii=False, indent=1)
    if out is None:
        typer.echo(text)
    else:
        write_text(out, text + "\n", force=force)
    failed = sum(not check["passed"] for check in report.checks)
    summary = f"{len(report.checks)} checks, {failed} failed, {len(report.notes)} notes"
    typer.echo(
        summary + ("." if report.passed else "; send the report back, it says what this Resolve does."), err=True
    )
    return report.passed


def _told(display: Display, cancelled: Callable[[], bool]) -> Told:
    def show(event: "JobEvent") -> None:
        display.show(event)

    def chosen(read: ReadTimeline, range_: Chosen) -> None:
        display.say(f"“{read.name}” in {read.host.title}: {range_.sentence}.")

    return Told(say=display.say, show=show, chosen=chosen, cancelled=cancelled, working=display.working)


def _scored(desk: Desk, connection: Connection, wishes: Wishes, told: Told) -> Placed:
    try:
        return score(desk, connection, wishes, told)
    except JobCancelled as error:
        raise CommandError(error.sentence, Exit.CANCELLED) from error


def _facts(placed: Placed) -> dict[str, object]:
    """What was placed, for a program."""
    items = [
        {"track": item.track, "start_frame": item.start_frame, "frames": item.frames, "file": str(item.file)}
        for item in placed.items
    ]
    return {"timeline": placed.timeline_id, "replaced": placed.replaced, "items": items, "notes": list(placed.notes)}


def _placed(placed: Placed) -> str:
    tracks = ", ".join(f"“{item.track}”" for item in placed.items)
    how = "replaced what stood there" if placed.replaced else "placed"
    return f"Music {how}: track {tracks}, {placed.frames} frames from frame {placed.start_frame}."


@contextmanager
def _desk(transport: str) -> Iterator[Desk]:
    desk = open_desk(_TRANSPORTS[transport])
    try:
        yield desk
    finally:
        desk.close()


@contextmanager
def _cancelling(display: Display) -> Iterator[Callable[[], bool]]:
    """Ctrl-C asks the job to stop, so that nothing is left half placed; a second one leaves at once.

    A terminal that is closed and a request to end come but once, and leave at once as well: what is under way on the
    timeline is undone.
    """
    asked = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        del number, frame
        if asked:
            raise KeyboardInterrupt
        asked = True
        display.say("Cancelling; Ctrl-C again leaves at once.")

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise KeyboardInterrupt

    known = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    ends = [number for number in known if signal.getsignal(number) is signal.SIG_DFL]  # nohup's stays ignored
    before = {signal.SIGINT: signal.signal(signal.SIGINT, interrupt)}
    before |= {number: signal.signal(number, end) for number in ends}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
