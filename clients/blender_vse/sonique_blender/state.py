"""What runs as long as the extension is enabled: the book of jobs, the timer that pumps it, and what Blender tells.

The timer lives through the loading of files. It is taken off when the extension is disabled and when Blender ends.
"""

import os
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import bpy

from . import host, preferences, rows, unfinished, wishing
from .core.book import Book
from .core.doors import OwnDoors
from .core.gateway import Gone, Memory, Refused, Unanswered
from .core.job import JobView
from .core.link import Link, LinkView
from .core.tick import Tick

_SOON, _OFTEN, _SELDOM = 0.03, 0.2, 1.0
"""Seconds between ticks: while an answer is on its way, while jobs run, and else."""

_RUNTIME_VARIABLE = "SONIQUE_RUNTIME_DIR"


class State:
    """The book, and what the panel shows beside it; it draws from here and asks nobody."""

    def __init__(self) -> None:
        doors = OwnDoors(preferences.daemon_command, preferences.daemon_options)
        self.placer = host.BlenderPlacer()
        self.book = Book(Link(doors), self.placer)
        self.memory: Memory | None = None
        self._shown: tuple[tuple[JobView, ...], LinkView] | None = None
        self._knows_words = False

    def tick(self, tick: Tick | None = None) -> float:
        """One tick; says in how many seconds the next one should come."""
        self.book.pump(tick)
        self._learn()
        self._show()
        if self.book.awaiting:
            return _SOON
        return _OFTEN if self.book.live or self.book.link.starting else _SELDOM

    def show_anew(self) -> None:
        """Fills the list again: its rows are those that were saved with the file that was opened."""
        rows.fill(bpy.context.window_manager, self.book.views)
        host.redraw()

    def _learn(self) -> None:
        """The words that fields suggest, once for each daemon."""
        gateway = self.book.link.gateway
        if gateway is None:
            self._knows_words, self.memory = False, None
        elif not self._knows_words and not self.book.live:
            try:
                words = gateway.vocabulary()
            except (Unanswered, Gone, Refused):
                return
            self._knows_words = True
            wishing.know_words(styles=words.styles, moods=words.moods, instruments=words.instruments)

    def _show(self) -> None:
        """Has the panel drawn anew where something changed."""
        shown = (self.book.views, self.book.link_view)
        if shown == self._shown:
            return
        before, self._shown = self._shown, shown
        rows.fill(bpy.context.window_manager, self.book.views)
        host.redraw()
        if before is not None and not bpy.app.background:
            host.tell_ended(before[0], shown[0])
            host.tell_lost(before[1], shown[1])


_held: list[State] = []


def get() -> State:
    """The state; made where it is asked for first."""
    if not _held:
        _held.append(State())
    return _held[0]


def _pump() -> float:
    try:
        return get().tick()
    except Exception:  # noqa: BLE001 - Blender takes a timer off that raises, and nothing would ever be placed again
        traceback.print_exc()
        return _SELDOM


@bpy.app.handlers.persistent  # type: ignore[untyped-decorator]
def _file_opened(*_: Any) -> None:
    unfinished.clear()
    state = get()
    state.placer.opening += 1
    state.book.opened(state.placer.desk())
    state.show_anew()


@bpy.app.handlers.persistent  # type: ignore[untyped-decorator]
def _file_saved(*_: Any) -> None:
    state = get()
    state.book.saved(state.placer.desk())


@bpy.app.handlers.persistent  # type: ignore[untyped-decorator]
def _timeline_changed(*_: Any) -> None:
    """An undo step came back, or a file is about to be written: neither shows music that is only half placed.

    Where some is being placed, that begins anew with the next tick.
    """
    unfinished.clear()


_HANDLERS: Sequence[tuple[str, Callable[..., None]]] = (
    ("load_post", _file_opened),
    ("save_pre", _timeline_changed),
    ("save_post", _file_saved),
    ("undo_post", _timeline_changed),
    ("redo_post", _timeline_changed),
)


def _leave() -> None:
    """Blender ends, or the extension is disabled: no timer stays, and no job of this Blender goes on."""
    if bpy.app.timers.is_registered(_pump):
        bpy.app.timers.unregister(_pump)
    while _held:
        _held.pop().book.close()


class _Address:
    """The daemon's address in the environment, which another one takes the place of while the preferences name one."""

    def __init__(self) -> None:
        self._named, self._before = "", ""

    def name(self, folder: str) -> None:
        """Sets the one that is named; "" brings back what was there before."""
        if folder == self._named:
            return
        if not self._named:
            self._before = os.environ.get(_RUNTIME_VARIABLE, "")
        self._named = folder
        os.environ[_RUNTIME_VARIABLE] = folder or self._before
        if not os.environ[_RUNTIME_VARIABLE]:
            del os.environ[_RUNTIME_VARIABLE]


_address = _Address()


def apply_preferences() -> None:
    """Takes on the address that the preferences name; where they name none, the one that was there before."""
    named = preferences.of(bpy.context).runtime_folder.strip()
    _address.name(bpy.path.abspath(named) if named else "")


def register() -> None:
    """Begins."""
    apply_preferences()
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)
    bpy.app.timers.register(_pump, first_interval=_SELDOM, persistent=True)


def unregister() -> None:
    """Ends."""
    _leave()
    _address.name("")
    for name, handler in _HANDLERS:
        handlers = getattr(bpy.app.handlers, name)
        if handler in handlers:
            handlers.remove(handler)
