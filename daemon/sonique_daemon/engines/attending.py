"""Attending: long calls into libraries during which somebody says that the work goes on."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

from sonique_daemon.errors import Cancelled

_ALIVE_SECONDS = 1.0
_LONGEST = 900.0
"""Seconds after which a call that is not over counts as hung: a slow disk or a step on a processor takes minutes."""


@contextmanager
def attended(check: Callable[[], None]) -> Iterator[None]:
    """Calls ``check`` every second from another thread, for the body of a ``with``, a quarter of an hour at most."""
    over = threading.Event()
    thread = threading.Thread(target=_attend, args=(check, over), name="attendant", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _attend(check: Callable[[], None], over: threading.Event) -> None:
    end = monotonic() + _LONGEST
    while not over.wait(_ALIVE_SECONDS) and monotonic() < end:
        with suppress(Cancelled):  # whoever works will be told at the next step
            check()
