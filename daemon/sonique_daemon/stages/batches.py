"""Batches: renderings of one engine, as many in one call as it makes at once and as memory allows."""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sonique_daemon.domain.take import Rendering
from sonique_daemon.engines.engine import Descriptor, GenerateRequest
from sonique_daemon.errors import EngineFailed, OutOfMemory
from sonique_daemon.stages.report import StageReport
from sonique_daemon.workers.executor import Executor
from sonique_daemon.workers.task import GENERATE, GENERATE_BATCH, Batch

Part = Sequence[GenerateRequest]
"""What is asked for one take: one request, or one for each candidate."""


@dataclass(slots=True)
class Batches:
    """Makes renderings for one job.

    Attributes:
        executor: runs the work.
        engine: makes them.
        report: of the stage generate; hears of all of them together.
        most: how many go together; half as many each time that memory runs out.
    """

    executor: Executor
    engine: Descriptor
    report: StageReport
    most: int

    def parts(self, parts: Sequence[Part]) -> Iterator[tuple[Rendering, ...]]:
        """The renderings of each of ``parts``, in order; all parts together, where none of them fails.

        Where the engine fails at a batch of several takes, its halves are made one after the other, so that every take
        before the one that it fails at is there before that is told.

        Raises:
            OutOfMemory: it does not fit, one rendering at a time.
            EngineFailed: the engine failed at the part whose turn it is.
        """
        try:
            made = iter(self.make([request for part in parts for request in part]))
        except OutOfMemory:
            raise
        except EngineFailed as error:
            if len(parts) == 1:
                raise
            self.report.warn(f"{error.sentence} The takes of that batch are made in smaller ones.")
            middle = len(parts) // 2
            yield from self.parts(_fresh_parts(parts[:middle]))
            yield from self.parts(_fresh_parts(parts[middle:]))
            return
        yield from (tuple(next(made) for _ in part) for part in parts)

    def make(self, requests: Sequence[GenerateRequest]) -> list[Rendering]:
        """A rendering for each of ``requests``, in order, in as few calls as may be.

        Raises:
            OutOfMemory: it does not fit, one at a time.
        """
        made: list[Rendering] = []
        while len(made) < len(requests):
            some = requests[len(made) : len(made) + self.most]
            try:
                made += self._together(some)
            except OutOfMemory:
                if len(some) == 1:
                    raise
                self.most = len(some) // 2
                self.report.warn(_halved(self.engine, len(some), self.most))
                for request in some:
                    _fresh(request)
        return made

    def _together(self, requests: Sequence[GenerateRequest]) -> tuple[Rendering, ...]:
        if len(requests) == 1:
            return (self.executor.run(GENERATE, self.engine.name, requests[0], self.report),)
        return self.executor.run(GENERATE_BATCH, self.engine.name, Batch(tuple(requests)), self.report).items


def _halved(engine: Descriptor, count: int, fewer: int) -> str:
    return f"“{engine.name}” ran out of memory with {count} at once; it goes on with {fewer} at a time."


def _fresh_parts(parts: Sequence[Part]) -> Sequence[Part]:
    for part in parts:
        for request in part:
            _fresh(request)
    return parts


def _fresh(request: GenerateRequest) -> None:
    """Empties the workspace of ``request`` for another try."""
    shutil.rmtree(request.workspace, ignore_errors=True)
    request.workspace.mkdir(mode=0o700)
