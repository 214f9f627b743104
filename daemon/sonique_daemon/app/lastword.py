"""The last word: whatever hangs while the daemon ends, its process ends in time."""

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from threading import Timer

_logger = logging.getLogger(__name__)

LATE = 1
"""Exit code of a daemon that could not end in order."""


class LastWord:
    """Ends the process at once when its time has come, in a thread that nothing else can hold up.

    Args:
        clean: does before what must not be left undone; quick.
        leave: ends the process.
    """

    def __init__(self, clean: Callable[[], None], leave: Callable[[int], None] = os._exit) -> None:
        self._clean, self._leave = clean, leave
        self._timer: Timer | None = None

    def within(self, seconds: float) -> None:
        """Ends the process in ``seconds``, whatever was said before."""
        self.never()
        self._timer = Timer(seconds, self._speak)
        self._timer.daemon = True
        self._timer.start()

    def never(self) -> None:
        """Leaves the process alone."""
        if self._timer is not None:
            self._timer.cancel()

    def _speak(self) -> None:
        with suppress(Exception):  # the next daemon recognises what is left
            _logger.error("The daemon does not end by itself, and is ended")
            self._clean()
        self._leave(LATE)
