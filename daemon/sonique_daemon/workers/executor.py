"""The executor seam: where engines run. Callers name an engine; where the work happens is not their matter."""

from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

from sonique_daemon.domain.description import Description
from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.take import Rendering
from sonique_daemon.engines.engine import (
    DescribeEngine,
    DescribeRequest,
    GenerateEngine,
    GenerateRequest,
    Report,
    TagEngine,
    TagRequest,
)
from sonique_daemon.engines.registry import Registry


class Executor(Protocol):
    """Runs engines. Every method blocks until the engine has ended, and raises what the engine raises."""

    def describe(self, engine: str, request: DescribeRequest, report: Report) -> Description:
        """Runs a describe engine; "" is the profile's."""

    def tag(self, engine: str, request: TagRequest, report: Report) -> Tags:
        """Runs a tag engine; "" is the profile's."""

    def generate(self, engine: str, request: GenerateRequest, report: Report) -> Rendering:
        """Runs a generate engine; "" is the profile's."""


@dataclass(slots=True)
class ThreadExecutor:
    """Runs engines in the caller's thread of the daemon's own process; one engine runs one request at a time."""

    registry: Registry
    _describing: Lock = field(default_factory=Lock)
    _generating: Lock = field(default_factory=Lock)

    def describe(self, engine: str, request: DescribeRequest, report: Report) -> Description:
        """Runs a describe engine."""
        found: DescribeEngine = self.registry.describe_engine(engine)
        with self._describing:
            return found.run(request, report)

    def tag(self, engine: str, request: TagRequest, report: Report) -> Tags:
        """Runs a tag engine."""
        found: TagEngine = self.registry.tag_engine(engine)
        return found.run(request, report)

    def generate(self, engine: str, request: GenerateRequest, report: Report) -> Rendering:
        """Runs a generate engine."""
        found: GenerateEngine = self.registry.generate_engine(engine)
        with self._generating:
            return found.run(request, report)
