"""What a user is told of a worker."""

from dataclasses import dataclass

from sonique_daemon.workers.roster import WorkerState


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """A worker, told to a user.

    Attributes:
        name: an engine's, or that of the process in which small engines live together.
        pid: process id.
        state: what it is at.
        task: the work that it does now, or "".
        memory_bytes: resident memory.
        age: seconds since it was started.
        expires: seconds after which it is let go unless it is needed; None while it is busy or kept for good.
        calls: how many it has answered.
        card_bytes: what it held of the cards' memory when it last gave a result; 0 where it computes on none.
    """

    name: str
    pid: int
    state: WorkerState
    task: str
    memory_bytes: int
    age: float
    expires: float | None
    calls: int
    card_bytes: int = 0
