"""Murmurs: what a worker's libraries write to its standard error goes to the daemon's log, bounded."""

import logging
from collections import deque
from io import BufferedReader
from threading import Thread
from time import monotonic

_LONGEST = 1000
_KEPT = 20
_SPAN_SECONDS = 10.0
_LINES_IN_SPAN = 100


class Murmurs:
    """Reads a worker's standard error to its end in a thread of its own.

    Of a flood it logs the first hundred lines of every ten seconds and the number of those that it leaves out.
    """

    def __init__(self, name: str, file: BufferedReader) -> None:
        self._logger = logging.getLogger(f"sonique_daemon.workers.{name}")
        self._file = file
        self._last: deque[str] = deque(maxlen=_KEPT)
        self._span, self._told, self._left_out = 0.0, 0, 0
        self._thread = Thread(target=self._listen, name=f"murmurs of {name}", daemon=True)

    def begin(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def end(self, patience: float) -> tuple[str, ...]:
        """The last lines, after all was read or ``patience`` seconds went by."""
        self._thread.join(patience)
        return tuple(self._last)

    def _listen(self) -> None:
        with self._file as file:
            while line := file.readline(_LONGEST):
                self._take(line.decode("utf-8", "replace").rstrip())
        self._tell_left_out()

    def _take(self, line: str) -> None:
        if not line:
            return
        self._last.append(line)
        now = monotonic()
        if now - self._span > _SPAN_SECONDS:
            self._tell_left_out()
            self._span, self._told = now, 0
        if self._told < _LINES_IN_SPAN:
            self._told += 1
            self._logger.info("%s", line)
        else:
            self._left_out += 1

    def _tell_left_out(self) -> None:
        if self._left_out:
            self._logger.info("… and %d lines more", self._left_out)
        self._left_out = 0
