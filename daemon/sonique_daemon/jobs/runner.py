"""The seam to the stages: what runs one job, and a fake that plays a script instead."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Event as Gate
from typing import Protocol

from sonique_daemon.domain.events import Event
from sonique_daemon.domain.request import Job
from sonique_daemon.stages.finished import Finished

Emit = Callable[[Event], None]
"""Takes what a job says; safe to call from any thread."""

Check = Callable[[], None]
"""Raises ``Cancelled`` once the job was told to stop."""


class Runner(Protocol):
    """Runs one job after the other, or several at once in threads of their own."""

    def run(self, job: Job, emit: Emit, check: Check, *, finished: Finished) -> None:
        """Runs ``job`` to its end; blocks. Emits everything but ``Queued``, ``Resumed`` and the terminal event.

        Args:
            job: what is asked.
            emit: takes what the job says.
            check: is called now and then.
            finished: what a former daemon had finished of it; neither computed nor emitted again.

        Raises:
            SoniqueError: the job failed.
            Cancelled: ``check`` said so.
        """


@dataclass(frozen=True, slots=True)
class Hold:
    """A step of a script: wait until ``gate`` opens, or until the job is cancelled."""

    gate: Gate = field(default_factory=Gate)


Step = Event | Exception | Hold
Script = Callable[[Job], Iterable[Step]]


def _nothing(_: Job) -> Iterable[Step]:
    return ()


@dataclass(frozen=True, slots=True)
class FakeRunner:
    """A runner that plays a script: emits events, raises exceptions and waits at holds, in the order given.

    It knows nothing of what was finished before; the job service keeps what is told twice out of the log.
    """

    script: Script = _nothing

    def run(self, job: Job, emit: Emit, check: Check, *, finished: Finished) -> None:  # noqa: ARG002
        """Plays the script for ``job``."""
        for step in self.script(job):
            check()
            if isinstance(step, Exception):
                raise step
            if isinstance(step, Hold):
                _wait(step.gate, check)
            else:
                emit(step)


def _wait(gate: Gate, check: Check) -> None:
    while not gate.wait(0.005):
        check()
