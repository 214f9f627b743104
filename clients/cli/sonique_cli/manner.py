"""How a command runs its job: what it shows of it, its place in the queue, and whether it stays until the end."""

import os
from dataclasses import dataclass
from typing import Self

from sonique.v1 import ticket_pb2

from sonique_cli.options import PriorityChoice
from sonique_cli.quantities import read_span

_PRIORITIES = {
    PriorityChoice.LOW: ticket_pb2.PRIORITY_LOW,
    PriorityChoice.NORMAL: ticket_pb2.PRIORITY_NORMAL,
    PriorityChoice.HIGH: ticket_pb2.PRIORITY_HIGH,
}


@dataclass(frozen=True, slots=True)
class Manner:
    """How a job is run.

    Attributes:
        json_lines: whether its events go to standard output as JSON.
        quiet: whether only notes are shown.
        priority: how soon it is wanted.
        wait_seconds: how long a full queue is tried again.
        detach: whether the command leaves once the job is taken in.
    """

    json_lines: bool = False
    quiet: bool = False
    priority: PriorityChoice = PriorityChoice.NORMAL
    wait_seconds: float = 600.0
    detach: bool = False

    @classmethod
    def read(cls, *, json_lines: bool, quiet: bool, priority: PriorityChoice, wait: str, detach: bool) -> Self:
        """The manner that the options say.

        Raises:
            CommandError: the wait is no span of time.
        """
        return cls(json_lines, quiet, priority, read_span(wait), detach)

    def ticket(self) -> ticket_pb2.Ticket:
        """The ticket that goes with the request; its client is this process."""
        return ticket_pb2.Ticket(client=f"cli-{os.getpid()}", priority=_PRIORITIES[self.priority])
