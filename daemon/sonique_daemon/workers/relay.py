"""The relay: what an engine says in its worker, on its way to the job's report in the daemon."""

from collections.abc import Callable
from threading import Lock
from time import monotonic

from sonique_daemon.domain.description import ShotDescription
from sonique_daemon.domain.note import Note
from sonique_daemon.errors import Cancelled
from sonique_daemon.workers.wire import Advanced, Alive, Message, Noted, Shown, Warned, Worded

_PROGRESS_SECONDS = 0.05
_WORDING_SECONDS = 0.25
_ALIVE_SECONDS = 0.5


class Relay:
    """A ``Report`` that sends what it is told; safe to call from any thread of the worker.

    Progress goes out twenty times a second at most, and the wording about each shot four times. What was held back goes
    out before whatever follows it, so the last of a row always arrives.

    Args:
        number: the call's.
        say: sends a message; never blocks.
        is_cancelled: whether the call was cancelled.
    """

    def __init__(self, number: int, say: Callable[[Message], None], is_cancelled: Callable[[], bool]) -> None:
        self._number, self._say, self._is_cancelled = number, say, is_cancelled
        self._held: Advanced | None = None
        self._words: dict[int | None, Worded] = {}
        self._advanced = self._worded = self._said = 0.0
        self._lock = Lock()

    def progress(self, done: float, total: float, unit: str) -> None:
        """Sends it, or holds it back. Raises ``Cancelled`` like ``check``."""
        self.check()
        with self._lock:
            self._held = Advanced(self._number, float(done), float(total), unit)
            if monotonic() - self._advanced >= _PROGRESS_SECONDS:
                self._flush()

    def shot(self, index: int, shot: ShotDescription) -> None:
        """Sends the shot."""
        self._tell(Shown(self._number, index, shot))

    def wording(self, shot: int | None, text: str) -> None:
        """Sends the text, or holds it back."""
        with self._lock:
            self._words[shot] = Worded(self._number, shot, text)
            if monotonic() - self._worded >= _WORDING_SECONDS:
                self._flush_words()

    def note(self, note: Note) -> None:
        """Sends the note."""
        self._tell(Noted(self._number, note))

    def warn(self, sentence: str) -> None:
        """Sends the sentence."""
        self._tell(Warned(self._number, sentence))

    def check(self) -> None:
        """Raises ``Cancelled`` where the call was cancelled; else says every half second that it goes on."""
        if self._is_cancelled():
            raise Cancelled
        if monotonic() - self._said >= _ALIVE_SECONDS:
            with self._lock:
                self._flush()
                self._send(Alive(self._number))

    def finish(self) -> None:
        """Sends what was held back."""
        with self._lock:
            self._flush()
            self._flush_words()

    def _tell(self, message: Message) -> None:
        with self._lock:
            self._flush()
            self._flush_words()
            self._send(message)

    def _send(self, message: Message) -> None:
        self._say(message)
        self._said = monotonic()

    def _flush(self) -> None:
        if self._held is not None:
            self._say(self._held)
            self._held = None
            self._advanced = self._said = monotonic()

    def _flush_words(self) -> None:
        for message in self._words.values():
            self._send(message)
            self._worded = monotonic()
        self._words.clear()
