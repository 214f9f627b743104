"""The inside of a worker: calls come in, the work is done in the main thread, answers go out."""

import ctypes
import gc
import os
import sys
import traceback
from collections import deque
from contextlib import suppress
from functools import cached_property
from queue import Empty, SimpleQueue
from threading import Thread
from typing import NoReturn

from sonique_daemon.domain.codec import decode, encode
from sonique_daemon.engines.registry import registry_named
from sonique_daemon.errors import Cancelled, SoniqueError
from sonique_daemon.workers import mishap
from sonique_daemon.workers.relay import Relay
from sonique_daemon.workers.task import TASKS
from sonique_daemon.workers.wire import (
    Alive,
    Answer,
    Broke,
    BrokenFrame,
    Call,
    Cancel,
    CancelledHere,
    FrameReader,
    FrameTooLong,
    FrameWriter,
    Message,
    Raised,
    Ready,
    Returned,
    Warm,
    Warmed,
    frame,
)
from sonique_daemon.workers.workbench import Workbench

_IDLE_SECONDS = 0.02
"""After so long without a call, memory is tidied up; a call that follows at once does not wait for that."""
_LONGEST_TRACE = 8000


class Child:
    """Serves one daemon.

    A thread reads, so that a call can be cancelled while it runs; where reading ends, the daemon is gone, and the
    process ends at once. A thread writes, so that a daemon that reads slowly never holds up the work.

    Args:
        registry: names the function that gives the engines.
        data_bytes: the memory that this process may have, for the sentence where it is not enough.
        reader: gives what the daemon sends.
        writer: takes what goes to it.
    """

    def __init__(self, registry: str, data_bytes: int, reader: FrameReader, writer: FrameWriter) -> None:
        self._data_bytes = data_bytes
        self._reader, self._writer = reader, writer
        self._registry = registry
        self._inbox: SimpleQueue[Call | Warm] = SimpleQueue()
        self._outbox: SimpleQueue[bytes] = SimpleQueue()
        self._cancelled = 0
        self._cold: deque[tuple[str, str]] = deque()
        self._warm: list[tuple[str, str]] = []

    @cached_property
    def _workbench(self) -> Workbench:
        """Made when it is first needed, for then whoever needs it is told where that fails."""
        return Workbench(registry_named(self._registry))

    def serve(self) -> NoReturn:
        """Works until the daemon is gone."""
        Thread(target=self._read, name="reader", daemon=True).start()
        Thread(target=self._write, name="writer", daemon=True).start()
        self._say(Ready(os.getpid()))
        while True:
            message = self._next()
            if isinstance(message, Call):
                self._answer(message)
            else:
                self._cold.extend(message.items)

    def _read(self) -> NoReturn:
        with suppress(BrokenFrame, OSError):
            while (message := self._reader.receive()) is not None:
                if isinstance(message, Cancel):
                    self._cancelled = message.number
                elif isinstance(message, Call | Warm):
                    self._inbox.put(message)
        os._exit(0)

    def _write(self) -> NoReturn:
        with suppress(OSError):
            while True:
                self._writer.send(self._outbox.get())
        os._exit(0)

    def _say(self, message: Message) -> None:
        self._outbox.put(frame(message))

    def _next(self) -> Call | Warm:
        """What the daemon sent next; makes ready and tidies up while nothing comes."""
        while self._cold:
            with suppress(Empty):
                return self._inbox.get_nowait()
            self._make_ready(self._cold.popleft())
        with suppress(Empty):
            return self._inbox.get(timeout=_IDLE_SECONDS)
        _tidy()
        return self._inbox.get()

    def _make_ready(self, item: tuple[str, str]) -> None:
        try:
            self._workbench.prepare(*item)
        except Exception:  # noqa: BLE001 - whoever needs it will be told
            traceback.print_exc()
        else:
            self._warm.append(item)
        if not self._cold:
            gc.collect()
            gc.freeze()  # what was imported stays, and need not be looked through after each call
            self._say(Warmed(tuple(self._warm)))

    def _answer(self, call: Call) -> None:
        self._say(Alive(call.number))
        relay = Relay(call.number, self._say, lambda: self._cancelled == call.number)
        answer = self._outcome(call, relay)
        relay.finish()
        try:
            self._say(answer)
        except FrameTooLong as error:
            told = mishap.unforeseen(error, mishap.doer(call.task, call.engine))
            self._say(Broke(call.number, told.code, told.sentence, str(error)))

    def _outcome(self, call: Call, relay: Relay) -> Answer:
        try:
            return Returned(call.number, self._done(call, relay), _card_bytes())
        except Cancelled:
            return CancelledHere(call.number)
        except SoniqueError as error:
            return Raised(call.number, error.code, error.sentence)
        except BaseException as error:  # noqa: BLE001 - SystemExit too: no engine ends its worker in good order
            told = mishap.unforeseen(error, mishap.doer(call.task, call.engine), self._data_bytes)
            trace = traceback.format_exc()[-_LONGEST_TRACE:]
            return Broke(call.number, told.code, told.sentence, trace)

    def _done(self, call: Call, relay: Relay) -> bytes:
        if call.task == "load":
            self._workbench.prepare(decode(str, call.request), call.engine)
            return encode(None)
        task = TASKS[call.task]
        return encode(self._workbench.run(task, call.engine, decode(task.request, call.request), relay, call.savings))


def _card_bytes() -> int:
    """What this process holds of the cards' memory, where its engine computes on one; measured by torch itself."""
    torch = sys.modules.get("torch")
    cuda = getattr(torch, "cuda", None)
    if cuda is None or not cuda.is_initialized():
        return 0
    return sum(int(cuda.memory_reserved(number)) for number in range(cuda.device_count()))


def _tidy() -> None:
    """Gives memory back to the system, so that a worker holds no more after a call than before it."""
    gc.collect()
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):  # a system without this function of the GNU library
            ctypes.CDLL(None).malloc_trim(0)
