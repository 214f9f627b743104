"""How long a bridge may take before it is told that Resolve does not answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from sonique_resolve.calls import Call, Step

_SLOW = frozenset(
    {
        "AppendToTimeline",
        "CreateProject",
        "Export",
        "ImportMedia",
        "ImportTimelineFromFile",
        "LoadProject",
        "OpenPage",
        "SaveProject",
        "StartRendering",
    }
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds.

    Attributes:
        start: until a bridge has found Resolve.
        batch: for a batch of quick calls.
        slow: for a batch with calls that read or write files, or change what the window shows.
        answering: until a script that waits in Resolve has taken up its first request.
        alive: between two looks whether Resolve still runs, while it is waited for.
    """

    start: float = 30.0
    batch: float = 20.0
    slow: float = 60.0
    answering: float = 5.0
    alive: float = 1.0

    def of(self, steps: Sequence[Step]) -> float:
        """For ``steps``."""
        return self.slow if any(isinstance(step, Call) and step.method in _SLOW for step in steps) else self.batch
