"""The tagger: a brief and a description become tags, by an engine or because they did before."""

from dataclasses import dataclass
from time import monotonic

from sonique_daemon.domain.events import Stage, StageStarted, Tagged, Warned
from sonique_daemon.domain.tags import Tags
from sonique_daemon.engines.engine import TagRequest
from sonique_daemon.engines.registry import Registry
from sonique_daemon.stages.keys import tag_key
from sonique_daemon.stages.report import Check, Emit, StageReport
from sonique_daemon.stages.results import Result, Results, entry
from sonique_daemon.workers.executor import Executor
from sonique_daemon.workers.task import TAG


@dataclass(frozen=True, slots=True)
class Tagger:
    """Makes tags.

    Attributes:
        executor: runs the engines.
        registry: tells what they are.
        results: tags by key.
    """

    executor: Executor
    registry: Registry
    results: Results

    def tag(self, request: TagRequest, engine: str, emit: Emit, check: Check) -> Tags:
        """The answer to ``request`` of the engine of that name."""
        check()
        begun, descriptor = monotonic(), self.registry.descriptor(Stage.TAG, engine)
        key = tag_key(descriptor, request)
        held = self.results.recall(key, Tags)
        emit(StageStarted(Stage.TAG, descriptor.name, cached=held is not None))
        if held is None:
            report = StageReport(Stage.TAG, emit, check)
            tags = self.executor.run(TAG, descriptor.name, request, report)
            held = Result(tags, tuple(report.warnings))
            self.results.remember([entry(key, Stage.TAG, held, monotonic() - begun)])
        else:
            for sentence in held.warnings:
                emit(Warned(sentence))
        for sentence in held.value.notes:
            emit(Warned(sentence))
        emit(Tagged(held.value))
        return held.value
