"""Waiting: for how long a process could have run while the system had no processor for it."""

import math
from contextlib import suppress
from pathlib import Path


class Waiting:
    """How long a process has waited for a processor since some moment; only Linux tells, elsewhere it never has.

    Its threads wait side by side, so that of the one that waited longest counts.

    Args:
        pid: the process.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._moment, self._before = math.nan, dict[str, float]()

    def since(self, moment: float) -> float:
        """Seconds; counted from the first time that this is asked with that moment, which any number may stand for."""
        waited = dict(_waited(self._pid))
        if moment != self._moment:
            self._moment, self._before = moment, waited
        return max((seconds - self._before.get(thread, 0.0) for thread, seconds in waited.items()), default=0.0)


def _waited(pid: int) -> list[tuple[str, float]]:
    """For each thread of the process, how many seconds it has waited in all (Linux: ``schedstat`` of each task)."""
    found = []
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(OSError, ValueError, IndexError):
                found.append((thread.name, int((thread / "schedstat").read_text(encoding="ascii").split()[1]) / 1e9))
    return found
