"""A scoring that a test holds in its hands, and waiting for what a panel shows."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sonique.v1 import engines_pb2, events_pb2
from sonique_client.errors import JobCancelled
from sonique_resolve import choosing, placer, reader
from sonique_resolve.calls import Desk
from sonique_resolve.panel_presenter import Presenter
from sonique_resolve.panel_view import Phase, View
from sonique_resolve.placement import Placed, Placement, Take
from sonique_resolve.session import Display, Wishes

E = events_pb2


class Engines:
    def ListVocabulary(self, request: object) -> Any:  # noqa: N802 - the contract's name
        del request
        return engines_pb2.ListVocabularyResponse(styles=[engines_pb2.Style(id="folk"), engines_pb2.Style(id="jazz")])


def connected() -> Any:
    return SimpleNamespace(engines=Engines(), daemon_lives=True, close=lambda: None)


class Studio:
    """A scoring that a test holds in its hands.

    Attributes:
        began: set once a cue is being made.
        go: lets it end.
        wishes: what was wished for.
        failure: what it ends with instead of music.
    """

    def __init__(self, music: list[Path]) -> None:
        self.began, self.go = threading.Event(), threading.Event()
        self.wishes: list[Wishes] = []
        self.failure: Exception | None = None
        self.music = music
        self.thread = ""

    def score(self, desk: Desk, connection: Any, wishes: Wishes, display: Display) -> Placed:
        del connection
        self.wishes.append(wishes)
        self.thread = threading.current_thread().name
        read = reader.read(desk)
        chosen = choosing.choose(desk, read, wishes.which)
        display.chosen(read, chosen)
        told = E.Progress(stage=E.STAGE_GENERATE, done=2, total=4, seconds_left=7)
        display.show(E.JobEvent(progress=told))
        display.show(E.JobEvent(warning=E.Warning(sentence="A clip is offline.")))
        self.began.set()
        while not self.go.wait(0.005):
            if display.cancelled():
                raise JobCancelled("The job was cancelled.")
        if self.failure is not None:
            raise self.failure
        takes = tuple(Take(path, seed=number) for number, path in enumerate(self.music))
        return placer.place(desk, read, Placement(chosen.range, takes, "job-1"))


def until(presenter: Presenter, wanted: Callable[[View], bool]) -> View:
    """The first view that is as wanted."""
    deadline = time.monotonic() + 60
    while not wanted(view := presenter.view):
        assert time.monotonic() < deadline, view
        time.sleep(0.002)
    return view


def ready(view: View) -> bool:
    return view.phase is Phase.READY and view.range_found
