"""Removals: whether what is known of an ended job still holds, without a look into the books."""

from threading import Lock


class Removals:
    """Counts how many times jobs were taken out of a store. Safe to use from any thread."""

    def __init__(self) -> None:
        self._count = 0
        self._lock = Lock()

    @property
    def count(self) -> int:
        """How many times; a job that had ended and was there is there still, and the same, until this changes."""
        return self._count

    def note(self) -> None:
        """Notes that jobs were taken out; to be called once that is on the disk."""
        with self._lock:
            self._count += 1
