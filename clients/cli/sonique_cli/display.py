"""What a person sees while a job runs: on a terminal a line that moves, elsewhere a line for each stage."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.text import Text
from sonique.v1 import events_pb2
from sonique_client.stages import begun_text, stage_text

from sonique_cli.documents import to_line
from sonique_cli.printable import printable
from sonique_cli.quantities import span_text


class Display(Protocol):
    """Shows a job's events as they come, and what the command itself has to say meanwhile."""

    def show(self, event: events_pb2.JobEvent) -> None:
        """Shows one event."""

    def say(self, sentence: str) -> None:
        """Shows a sentence of the command's own."""

    def working(self, title: str, share: float) -> None:
        """Shows the command's own work before or after the job, and how far it is, 0 to 1; may be called often."""


class Lines:
    """Prints every event as one line of JSON on standard output (``--json``); sentences go to standard error."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, event: events_pb2.JobEvent) -> None:
        """Prints the event."""
        sys.stdout.write(to_line(event) + "\n")
        sys.stdout.flush()

    def say(self, sentence: str) -> None:
        """Prints the sentence."""
        _print(self._console, sentence)

    def working(self, title: str, share: float) -> None:
        """Prints nothing."""


class Quiet:
    """Shows warnings and sentences alone."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def show(self, event: events_pb2.JobEvent) -> None:
        """Prints a warning."""
        if event.WhichOneof("event") == "warning":
            sentence = escape(printable(event.warning.sentence))
            self._console.print(f"[yellow]Note:[/] {sentence}", highlight=False, soft_wrap=True)

    def say(self, sentence: str) -> None:
        """Prints the sentence."""
        _print(self._console, sentence)

    def working(self, title: str, share: float) -> None:
        """Prints nothing."""


@dataclass(slots=True)
class Looked:
    """Counts the shots that were looked at and those that were known already."""

    fresh: int = 0
    known: int = 0

    def count(self, event: events_pb2.JobEvent) -> str:
        """Counts the event; when the description is complete, what there is to say of shots known already, else ""."""
        kind = event.WhichOneof("event")
        if kind == "shot_described":
            self.known += event.shot_described.cached
            self.fresh += not event.shot_described.cached
        if kind != "description" or not self.known or not self.fresh:
            return ""
        return f"{self.known} of {self.known + self.fresh} shots were known already."


class Plain:
    """Prints a line when a stage begins; for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._notes = Quiet(console)
        self._looked = Looked()
        self._titled = ""

    def show(self, event: events_pb2.JobEvent) -> None:
        """Prints that the job waits, that a stage begins, what was known already, or a warning."""
        self._notes.show(event)
        kind = event.WhichOneof("event")
        if kind == "stage_started":
            known = event.stage_started.cached
            self.say(begun_text(event.stage_started) + (": known already" if known else " …"))
        elif kind == "queued":
            self.say(waiting_text(event.queued))
        elif kind == "resumed":
            self.say(resumed_text(event.resumed))
        elif kind == "planned":
            self.say(planned_text(event.planned))
        counted = self._looked.count(event)
        if counted:
            self.say(counted)

    def say(self, sentence: str) -> None:
        """Prints the sentence."""
        self._notes.say(sentence)

    def working(self, title: str, share: float) -> None:  # noqa: ARG002 - a line tells what begins and not how far it is
        """Prints a title when it is new."""
        if title != self._titled:
            self._titled = title
            self.say(f"{title} …")


class Talking(Progress):
    """A bar with a line below it: the end of what a model is writing just now.

    Attributes:
        words: that line; "" for none.
    """

    words = ""

    def get_renderables(self) -> Iterable[RenderableType]:
        """The bar, and the line where there is one."""
        yield from super().get_renderables()
        if self.words:
            yield Text(self.words, style="dim", no_wrap=True, overflow="crop")


class Bar:
    """A bar on a terminal: the stage, its share, the time left, and the words of a model as it writes them."""

    def __init__(self, console: Console, bar: Talking, task: TaskID) -> None:
        self._bar, self._task = bar, task
        self._notes = Quiet(console)
        self._width = console.width
        self._looked = Looked()

    def show(self, event: events_pb2.JobEvent) -> None:
        """Moves the bar, or prints a warning or what was known already above it."""
        self._notes.show(event)
        kind = event.WhichOneof("event")
        if kind == "stage_started":
            self._begin(event.stage_started)
        elif kind == "queued":
            self._title(waiting_text(event.queued))
        elif kind == "resumed":
            self.say(resumed_text(event.resumed))
        elif kind == "planned":
            self.say(planned_text(event.planned))
        elif kind == "progress":
            self._move(event.progress)
        elif kind == "wording":
            self._bar.words = wording_text(event.wording, self._width)
        counted = self._looked.count(event)
        if counted:
            self.say(counted)

    def say(self, sentence: str) -> None:
        """Prints the sentence above the bar."""
        self._notes.say(sentence)

    def working(self, title: str, share: float) -> None:
        """Moves the bar."""
        self._bar.update(self._task, description=escape(printable(title)), completed=share, total=1.0, left="")

    def _begin(self, started: events_pb2.StageStarted) -> None:
        title = begun_text(started)
        if started.cached:
            self.say(f"{title}: known already")
        self._title(title)

    def _title(self, title: str) -> None:
        self._bar.words = ""
        self._bar.update(self._task, description=escape(printable(title)), completed=0, total=None, left="")

    def _move(self, progress: events_pb2.Progress) -> None:
        left = f"{span_text(progress.seconds_left)} left" if progress.HasField("seconds_left") else ""
        self._bar.update(self._task, completed=progress.done, total=progress.total or None, left=left)


def wording_text(wording: events_pb2.Wording, width: int) -> str:
    """The end of what a model writes, on one line of that width, with the shot that it is about."""
    shot = f"Shot {wording.shot + 1}: " if wording.HasField("shot") else ""
    text = " ".join(printable(wording.text).split())
    room = max(10, width - len(shot) - 1)
    return shot + (text if len(text) <= room else f"…{text[1 - room :]}")


def waiting_text(queued: events_pb2.Queued) -> str:
    """That the job waits: its place and why."""
    place = "next in line" if queued.position <= 0 else f"{queued.position} before it"
    return f"Waiting ({place}): {queued.reason}"


def planned_text(planned: events_pb2.Planned) -> str:
    """What will be in memory when."""
    return " ".join(planned.sentences)


def resumed_text(resumed: events_pb2.Resumed) -> str:
    """That the job goes on after the daemon ended, and where."""
    return f"The daemon ended meanwhile; the job goes on: {stage_text(resumed.stage).lower()}."


@contextmanager
def open_display(*, json_lines: bool, quiet: bool) -> Iterator[Display]:
    """The display that fits: JSON lines, warnings alone, a bar on a terminal, or plain lines."""
    console = Console(stderr=True)
    if json_lines:
        yield Lines(console)
    elif quiet:
        yield Quiet(console)
    elif not console.is_terminal or console.is_dumb_terminal:
        yield Plain(console)
    else:
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[left]}"))
        with Talking(*columns, console=console, transient=True) as bar:
            yield Bar(console, bar, bar.add_task("Starting", total=None, left=""))


def _print(console: Console, sentence: str) -> None:
    console.print(printable(sentence), highlight=False, soft_wrap=True, markup=False)
