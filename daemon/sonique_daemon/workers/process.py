"""A worker process, seen from the daemon: spoken to, listened to, ended, and buried without a trace."""

import logging
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from io import BufferedReader, FileIO
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic, sleep
from typing import cast

from sonique_daemon.workers import mishap
from sonique_daemon.workers.home import Item
from sonique_daemon.workers.mishap import Doom
from sonique_daemon.workers.murmurs import Murmurs
from sonique_daemon.workers.waiting import Waiting
from sonique_daemon.workers.wire import (
    Answer,
    BrokenFrame,
    Call,
    Cancel,
    Ended,
    FrameReader,
    FrameWriter,
    Message,
    Ready,
    Returned,
    Telling,
    Warm,
    Warmed,
    frame,
)

_logger = logging.getLogger(__name__)

_LAST_WORDS_SECONDS = 0.5
_DEATH_SECONDS = 5.0
_MOST_UNHEARD = 10_000
_LOOK_SECONDS = 0.01


class WorkerProcess:
    """A running worker. Safe to call from several threads; ``hear`` is for the one that made the call.

    Attributes:
        name: the worker's.
        pid: its process id.
        ready: set once it listens, and once it is gone.
        came_up: whether it ever listened.
        warmed: set once it is ready for what it was told to make ready for.
        warm_items: that.
        ended: set once it is gone and buried.
        code: its exit code then; negative for the signal that ended it.
        doom: why the daemon ended it; None where it ended by itself.
        calls: the number of its latest call.
        card_bytes: what it held of a card's memory when it last gave a result.
        heard: when its last frame came, in seconds of the monotonic clock; ``math.inf`` while it owes no answer.
        waiting: for how long it had no processor.
    """

    def __init__(self, name: str, process: "subprocess.Popen[bytes]", on_end: Callable[[], None]) -> None:
        self.name, self.pid = name, process.pid
        self.ready, self.warmed, self.ended = Event(), Event(), Event()
        self.came_up = False
        self.warm_items: tuple[Item, ...] = ()
        self.doom: Doom | None = None
        self.calls, self.code, self.card_bytes = 0, 0, 0
        self.heard = self._shot = math.inf
        self.waiting = Waiting(process.pid)
        self._process, self._on_end = process, on_end
        self._writer = FrameWriter(cast("FileIO", process.stdin))
        self._reader = FrameReader(BufferedReader(cast("FileIO", process.stdout), 2**16))
        self._murmurs = Murmurs(name, BufferedReader(cast("FileIO", process.stderr), 2**16))
        self._inbox: SimpleQueue[Telling | Answer | Ended] = SimpleQueue()
        self._buried = False
        self._lock = Lock()
        self._murmurs.begin()
        Thread(target=self._listen, name=f"listener to {name}", daemon=True).start()

    def call(self, task: str, engine: str, request: bytes, savings: int = 0) -> int:
        """Sends a call, and gives its number.

        Raises:
            FrameTooLong: the request is too large.
        """
        whole = frame(Call(self.calls + 1, task, engine, request, savings))
        with self._lock:
            self.calls += 1
            self.heard = monotonic()
        self._send(whole)
        return self.calls

    def cancel(self, number: int) -> None:
        """Tells it to stop that call."""
        self._send(frame(Cancel(number)))

    def warm(self, items: Sequence[Item]) -> None:
        """Tells it to make ready for ``items`` whenever it has nothing else to do."""
        self._send(frame(Warm(tuple(items))))

    def hear(self, seconds: float) -> Telling | Answer | Ended | None:
        """The next thing that it says; None where nothing comes in ``seconds``."""
        try:
            return self._inbox.get(timeout=seconds)
        except Empty:
            return None

    @property
    def dying(self) -> bool:
        """Whether it was told to end, or has."""
        return self._shot < math.inf

    @property
    def lost(self) -> bool:
        """Whether it does not even end when the system is told to end it: it waits for a disk that does not answer."""
        return monotonic() - self._shot > _DEATH_SECONDS

    def condemn(self, number: int, doom: Doom) -> bool:
        """Marks it as dying for its call ``number`` and has it write where it is; ``kill`` has to follow.

        Nothing happens and this is False where the call was answered by now. What the worker writes comes from a
        handler of signals that needs no lock of the interpreter.
        """
        with self._lock:
            if self.calls != number or self.dying or (self.ready.is_set() and self.heard == math.inf):
                return False
            self.doom, self._shot = doom, monotonic()
            if sys.platform != "win32" and self.ready.is_set():
                os.kill(self.pid, signal.SIGUSR2)
            return True

    def kill(self, doom: Doom | None = None) -> None:
        """Ends it and whatever it started, at once. ``doom`` says why to whoever waits for an answer of it."""
        with self._lock:
            self.doom = self.doom or doom
            if not self._buried:
                self._shoot()

    def look(self) -> None:
        """Notices its death even where something that it started holds its pipes open."""
        with self._lock:
            if not self._buried and _is_dead(self.pid):
                self._shoot()

    def _send(self, whole: bytes) -> None:
        try:
            self._writer.send(whole)
        except OSError:  # it is gone, which whoever listens is told
            _logger.debug("Worker %s (%d) takes no more", self.name, self.pid)

    def _shoot(self) -> None:
        self._shot = min(self._shot, monotonic())
        if sys.platform == "win32":
            self._process.kill()
            return
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):  # macOS refuses for a group of the dead
            self._process.kill()

    def _listen(self) -> None:
        try:
            while (message := self._reader.receive()) is not None:
                self._take(message)
        except BrokenFrame as error:
            _logger.error("Worker %s (%d) cannot be understood: %s", self.name, self.pid, error)  # noqa: TRY400
            self.kill(mishap.misunderstood)
        self._bury()

    def _take(self, message: Message) -> None:
        if isinstance(message, Ready):
            self.came_up = True
            self.ready.set()
        elif isinstance(message, Warmed):
            self.warm_items = message.items
            self.warmed.set()
        elif isinstance(message, Call | Cancel | Warm):
            raise BrokenFrame("A worker sends no orders.")
        else:
            self._await_room()
            with self._lock:
                self.heard = math.inf if isinstance(message, Answer) else monotonic()
                self.card_bytes = message.card_bytes if isinstance(message, Returned) else self.card_bytes
            self._inbox.put(message)

    def _await_room(self) -> None:
        """Reads no further while nobody keeps up with what it says, so that a flood is the worker's burden."""
        while self._inbox.qsize() >= _MOST_UNHEARD and not self.dying:
            with self._lock:
                self.heard = monotonic()
            sleep(_LOOK_SECONDS)

    def _bury(self) -> None:
        """Waits for its end, which is here or near since its pipe is closed, and gives all back that it held."""
        self.kill()
        _await_death(self.pid)
        with self._lock:
            self.code = self._process.wait()
            self._buried = True
        self._writer.close()
        self._reader.close()
        self._murmurs.end(_LAST_WORDS_SECONDS)
        self._on_end()
        for event in (self.ended, self.ready, self.warmed):
            event.set()
        self._inbox.put(Ended(self.code))


def _is_dead(pid: int) -> bool:
    """Whether the child waits to be buried."""
    if sys.platform != "linux":
        return False
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _await_death(pid: int) -> None:
    """Waits until the child is dead and leaves it unburied, so that its process id is nobody else's meanwhile."""
    if sys.platform == "linux":
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
