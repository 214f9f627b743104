"""Leftovers of renders: their folders are removed once nobody writes into them, and never by Blender within a tick."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from .job import Leftover


class Leftovers:
    """What is left of renders, until it is removed.

    Args:
        remove: has somebody remove a folder; False where nobody is there who could, now.
    """

    def __init__(self, remove: Callable[[Path], bool]) -> None:
        self._remove = remove
        self._left: list[Leftover] = []

    def take(self, leftover: Leftover) -> None:
        """Takes one in."""
        self._left.append(leftover)

    def step(self) -> None:
        """Has those removed that may be; waits for nothing."""
        self._left = [each for each in self._left if not (each.gone and self._remove(each.folder))]

    def close(self) -> None:
        """Removes them all; may wait."""
        self.step()
        for each in self._left:
            with suppress(OSError):
                each.remove()
        self._left = []
