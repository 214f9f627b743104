"""How a command runs its job: what it shows of it, its place in the queue, and whether it stays until the end."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sonique_cli import options
from sonique_cli.quantities import read_span

if TYPE_CHECKING:
    from sonique.v1 import ticket_pb2


@dataclass(frozen=True, slots=True)
class Manner:
    """How a job is run.

    Attributes:
        json_lines: whether its events go to standard output as JSON.
        quiet: whether only notes are shown.
        priority: how soon it is wanted.
        wait: how long a full queue is tried again, as people write it.
        detach: whether the command leaves once the job is taken in.

    Raises:
        CommandError: the wait is no span of time.
    """

    json_lines: options.Json = False
    quiet: options.QuietOption = False
    priority: options.Priority = options.PriorityChoice.NORMAL
    wait: options.Wait = options.WAIT
    detach: options.Detach = False

    def __post_init__(self) -> None:
        read_span(self.wait)

    @property
    def wait_seconds(self) -> float:
        """How long a full queue is tried again."""
        return read_span(self.wait)

    def ticket(self) -> "ticket_pb2.Ticket":
        """The ticket that goes with the request; its client is this process."""
        from sonique.v1 import ticket_pb2

        priority = ticket_pb2.Priority.Value(f"PRIORITY_{self.priority.name}")
        return ticket_pb2.Ticket(client=f"cli-{os.getpid()}", priority=priority)
