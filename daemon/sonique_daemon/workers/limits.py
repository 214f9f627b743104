"""The limits of a pool: what its workers may hold together and alone, and how long each is waited for."""

from dataclasses import dataclass, field
from pathlib import Path

import psutil

from sonique_daemon.workers.room import CARD, MACHINE, Room

_GIB = 2**30
_KEPT_BYTES = 4 * _GIB
_KEPT_SHARE = 0.35
_WORKER_BYTES = 4 * _GIB
_GROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def machine_memory() -> int:
    """Bytes of main memory of this machine, or of the container that this process runs in."""
    found = [psutil.virtual_memory().total, *(limit for path in _GROUP_LIMITS if (limit := _number(path)))]
    return int(min(found))


def default_budget() -> int:
    """Bytes that workers may hold together: all but 4 GiB or 35 %, which are the editor's, and half at the least."""
    total = machine_memory()
    kept = max(_KEPT_BYTES, int(total * _KEPT_SHARE))
    return max(total - kept, total // 2)


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """What the workers of one daemon may take.

    Attributes:
        memory_budget_bytes: resident memory that all workers may hold together.
        card_bytes: memory of the card that models are computed on; 0 where there is none, and they share the machine's.
        card_budget_bytes: what all of them may hold of it together.
        card_bfloat: whether it computes bfloat16 by itself.
        worker_bytes: what a worker may hold even where its engine says that it needs little; an engine that needs more
            may hold twice its need and half of this.
        keep_alive_seconds: how long an idle worker stays; 0 ends it at once, ``math.inf`` keeps it for good.
        stall_seconds: how long a busy worker may be silent before it counts as hung.
        start_seconds: how long a worker may take to listen, and again how long a call may be silent that may still
            load a model.
        cancel_seconds: how long a worker that was told to stop may take to stop before it is ended.
        shared_copies: how many there may be of a worker that several engines and tasks share.
        watch_seconds: how often busy workers are looked at.
    """

    memory_budget_bytes: int = field(default_factory=default_budget)
    card_bytes: int = 0
    card_budget_bytes: int = 0
    card_bfloat: bool = True
    worker_bytes: int = _WORKER_BYTES
    keep_alive_seconds: float = 300.0
    stall_seconds: float = 60.0
    start_seconds: float = 120.0
    cancel_seconds: float = 2.0
    shared_copies: int = 2
    watch_seconds: float = 0.5

    @property
    def room(self) -> Room:
        """The memory in which models are computed."""
        if self.card_bytes:
            return Room(CARD, self.card_bytes, self.card_budget_bytes, self.card_bfloat)
        return Room(MACHINE, machine_memory(), self.memory_budget_bytes)

    def ceiling(self, need_bytes: int) -> int:
        """Bytes that one worker may hold whose engine says that it needs ``need_bytes``."""
        return min(max(self.worker_bytes, 2 * need_bytes + self.worker_bytes // 2), self.memory_budget_bytes)
