"""What a person sees while a job runs: on a terminal a line that moves, elsewhere a line for each stage."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from sonique.v1 import events_pb2

from sonique_cli.documents import to_line

_STAGES = {
    events_pb2.STAGE_CONFORM: "Reading the timeline",
    events_pb2.STAGE_DESCRIBE: "Looking at the picture",
    events_pb2.STAGE_TAG: "Choosing the music",
    events_pb2.STAGE_FIT: "Fitting the beats to the cuts",
    events_pb2.STAGE_GENERATE: "Making the music",
    events_pb2.STAGE_DELIVER: "Finishing the sound",
}


class Display(Protocol):
    """Shows a job's events as they come."""

    def show(self, event: events_pb2.JobEvent) -> None:
        """Shows one event."""


class Lines:
    """Prints every event as one line of JSON on standard output (``--json``)."""

    def show(self, event: events_pb2.JobEvent) -> None:
        """Prints the event."""
        sys.stdout.write(to_line(event) + "\n")
        sys.stdout.flush()


class Quiet:
    """Shows warnings alone."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, event: events_pb2.JobEvent) -> None:
        """Prints a warning."""
        if event.WhichOneof("event") == "warning":
            self._console.print(f"[yellow]Note:[/] {event.warning.sentence}", highlight=False, soft_wrap=True)


class Plain:
    """Prints a line when a stage begins; for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._notes = Quiet(console)

    def show(self, event: events_pb2.JobEvent) -> None:
        """Prints the beginning of a stage, or a warning."""
        self._notes.show(event)
        if event.WhichOneof("event") == "stage_started":
            self._console.print(f"{_STAGES[event.stage_started.stage]} …", highlight=False, soft_wrap=True)
        elif event.WhichOneof("event") == "queued":
            self._console.print(f"Waiting: {event.queued.reason}", highlight=False, soft_wrap=True)


class Bar:
    """A bar on a terminal: the stage, its share, and the time left."""

    def __init__(self, console: Console, bar: Progress, task: TaskID) -> None:
        self._bar, self._task = bar, task
        self._notes = Quiet(console)

    def show(self, event: events_pb2.JobEvent) -> None:
        """Moves the bar, or prints a warning above it."""
        self._notes.show(event)
        kind = event.WhichOneof("event")
        if kind == "stage_started":
            title = _STAGES[event.stage_started.stage]
            cached = " (known already)" if event.stage_started.cached else ""
            self._bar.update(self._task, description=title + cached, completed=0, total=None, left="")
        elif kind == "queued":
            self._bar.update(self._task, description=f"Waiting: {event.queued.reason}", left="")
        elif kind == "progress":
            self._move(event.progress)

    def _move(self, progress: events_pb2.Progress) -> None:
        left = f"{progress.seconds_left:.0f} s left" if progress.HasField("seconds_left") else ""
        self._bar.update(self._task, completed=progress.done, total=progress.total or None, left=left)


@contextmanager
def open_display(*, json_lines: bool, quiet: bool) -> Iterator[Display]:
    """The display that fits: JSON lines, nothing but warnings, a bar on a terminal, or plain lines."""
    console = Console(stderr=True)
    if json_lines:
        yield Lines()
    elif quiet:
        yield Quiet(console)
    elif not console.is_terminal:
        yield Plain(console)
    else:
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[left]}"))
        with Progress(*columns, console=console, transient=True) as bar:
            yield Bar(console, bar, bar.add_task("Starting", total=None, left=""))
