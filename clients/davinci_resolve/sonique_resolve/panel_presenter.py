"""The panel without a window: wishes in, a view out. A thread of its own owns Resolve, so that no window ever waits.

A window calls ``look``, ``score``, ``place``, ``cancel`` and ``reach``, all of which return at once, and asks ``view``
a few times a second.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sonique_client.connection import Connection
from sonique_client.errors import ClientError, JobCancelled

from sonique_resolve import choosing, placer, reader, session
from sonique_resolve.calls import Desk
from sonique_resolve.choosing import Chosen, Which
from sonique_resolve.errors import NothingMarked, ResolveError, ResolveGone, ResolveRefused
from sonique_resolve.panel_view import Phase, View, progress_of, rows_of, with_message
from sonique_resolve.placement import Placed
from sonique_resolve.session import Display, Wishes
from sonique_resolve.timeline import ReadTimeline

if TYPE_CHECKING:
    from sonique.v1.events_pb2 import JobEvent, StageStarted

_JOIN_SECONDS = 10.0
"""How long Resolve is waited for when the panel closes."""

Scoring = Callable[[Desk, Connection, Wishes, Display], Placed]


class Presenter:
    """The panel's mind.

    Args:
        open_desk: reaches Resolve; called in the panel's own thread, which alone uses the desk.
        connect: reaches the daemon, started where none runs; called there too.
        score: makes and places a cue.
    """

    def __init__(
        self,
        open_desk: Callable[[], Desk],
        connect: Callable[[], Connection],
        score: Scoring = session.score,
    ) -> None:
        self._open_desk, self._connect, self._score = open_desk, connect, score
        self._view = View()
        self._lock = threading.Lock()
        self._wanted: queue.Queue[Callable[[], None] | None] = queue.Queue()
        self._cancelled = threading.Event()
        self._closing = threading.Event()
        self._desk: Desk | None = None
        self._connection: Connection | None = None
        self._placed: Placed | None = None
        self._begun: StageStarted | None = None
        self._which: Which | str = Which.AUTO
        self._thread = threading.Thread(target=self._work, name="sonique-panel", daemon=True)

    @property
    def view(self) -> View:
        """What is to be seen now; the very same object as long as nothing changed."""
        return self._view

    def start(self) -> None:
        """Begins: reaches Resolve, and looks at its timeline."""
        self._thread.start()
        self.reach()

    def reach(self) -> None:
        """Reaches Resolve anew."""
        self._wanted.put(self._reach)

    def look(self, which: Which | str) -> None:
        """Looks which range that is now."""
        self._wanted.put(lambda: self._look(which))

    def score(self, wishes: Wishes) -> None:
        """Has a cue made and placed; nothing where none can be now, so that a second click makes no second cue."""
        if self._view.can_score:
            self._cancelled.clear()
            self._show(phase=Phase.WORKING, stage="Starting")
            self._wanted.put(lambda: self._make(wishes))

    def place(self, take: int) -> None:
        """Places another take of the last cue where the one before stands; nothing where none can be now."""
        if self._view.can_place:
            self._show(phase=Phase.WORKING, stage=f"Placing take {take + 1}")
            self._wanted.put(lambda: self._swap(take))

    def cancel(self) -> None:
        """Asks what is being made to stop."""
        self._cancelled.set()
        if self._view.phase is Phase.WORKING:
            self._show(phase=Phase.CANCELLING)

    def close(self) -> None:
        """Ends: cancels what is being made, and lets go of Resolve. Waits a while for both."""
        self._closing.set()
        self._cancelled.set()
        self._wanted.put(None)
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)

    def _work(self) -> None:
        while (wanted := self._wanted.get()) is not None and not self._closing.is_set():
            self._guarded(wanted)
        self._let_go()

    def _guarded(self, wanted: Callable[[], None]) -> None:
        """Does one thing; what goes wrong becomes a sentence, and the panel goes on."""
        try:
            wanted()
        except (ResolveGone, ResolveRefused) as error:
            self._lose(error.sentence)
        except JobCancelled as error:
            told = error.sentence if "lies in" in error.sentence else "Cancelled; the timeline is as it was."
            self._say(told, phase=Phase.READY)
        except (ResolveError, ClientError) as error:
            self._say(error.sentence, phase=Phase.LOST if self._desk is None else Phase.READY)
        except Exception as error:  # noqa: BLE001 - a window that vanishes tells nobody what broke
            phase = Phase.LOST if self._desk is None else Phase.READY
            self._say(f"Something broke that should not have ({type(error).__name__}: {error}).", phase=phase)

    def _reach(self) -> None:
        self._let_go()
        self._show(phase=Phase.CONNECTING, host="", range_text="", range_found=False)
        self._desk = self._open_desk()
        self._look(self._which)
        self._learn_styles()

    def _look(self, which: Which | str) -> None:
        self._which = which
        if self._desk is None:
            return
        read = reader.read(self._desk)
        self._show(phase=Phase.READY, host=read.host.title)
        try:
            chosen = choosing.choose(self._desk, read, which)
        except NothingMarked as error:
            self._show(range_text=error.sentence, range_found=False)
            return
        self._choose(read, chosen)

    def _choose(self, read: ReadTimeline, chosen: Chosen) -> None:
        self._show(range_text=f"“{read.name}”, {chosen.sentence}", range_found=True)

    def _learn_styles(self) -> None:
        """The words for styles; without a daemon there are none, and it is told when a cue is asked for."""
        from sonique.v1 import engines_pb2

        try:
            told = self._daemon().engines.ListVocabulary(engines_pb2.ListVocabularyRequest())
        except Exception:  # noqa: BLE001 - the panel works without them
            return
        self._show(styles=tuple(style.id for style in told.styles))

    def _daemon(self) -> Connection:
        """The connection, opened where none is or the daemon behind it ended."""
        if self._connection is not None and not self._connection.daemon_lives:
            self._connection.close()
            self._connection = None
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _make(self, wishes: Wishes) -> None:
        try:
            if self._desk is None or self._cancelled.is_set():
                raise JobCancelled("Cancelled before it began.")
            display = Display(self._say, self._follow, self._choose, self._cancelled.is_set, self._working)
            self._placed = self._score(self._desk, self._daemon(), wishes, display)
        finally:
            self._show(stage="", share=None, left="")
        self._tell(self._placed)

    def _swap(self, take: int) -> None:
        try:
            if self._desk is None or self._placed is None:
                raise JobCancelled("There is nothing to place any more.")
            self._placed = placer.swap(self._desk, reader.read(self._desk), self._placed, take)
        finally:
            self._show(stage="")
        for note in self._placed.notes:
            self._say(note)
        self._tell(self._placed)

    def _tell(self, placed: Placed) -> None:
        tracks = " and ".join(dict.fromkeys(f"“{item.track}”" for item in placed.items))
        sentence = f"Take {placed.placement.chosen + 1} stands on {tracks}, {placed.frames} frames long."
        self._say(sentence, takes=rows_of(placed), phase=Phase.READY)

    def _follow(self, event: "JobEvent") -> None:
        told = progress_of(event, self._begun)
        if event.WhichOneof("event") == "stage_started":
            self._begun = event.stage_started
        if told is not None:
            self._show(stage=told[0], share=told[1], left=told[2])
        elif event.WhichOneof("event") == "warning":
            self._say(event.warning.sentence)

    def _working(self, title: str, share: float) -> None:
        self._show(stage=title, share=share, left="")

    def _say(self, sentence: str, **changes: Any) -> None:
        self._show(messages=with_message(self._view.messages, sentence), **changes)

    def _lose(self, sentence: str) -> None:
        self._let_go()
        self._say(sentence, phase=Phase.LOST, range_found=False)

    def _show(self, **changes: Any) -> None:
        """The next view; both threads make some, and only whole ones are seen."""
        with self._lock:
            self._view = replace(self._view, **changes)

    def _let_go(self) -> None:
        desk, self._desk = self._desk, None
        if desk is not None:
            try:
                desk.close()
            except ResolveError:
                return
