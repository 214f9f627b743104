"""Estimates: how long a stage will take, learned from runs that were measured on this machine.

A line ``seconds = fixed + slope × length`` is fitted to the latest runs of each stage on each version of each engine,
by least squares under ``fixed ≥ 0`` and ``slope ≥ 0`` (Lawson and Hanson, *Solving Least Squares Problems*, 1974,
chapter 23, which for two unknowns comes down to looking at the borders).
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import NamedTuple, Protocol

from sonique_daemon.domain.events import Stage
from sonique_daemon.errors import EngineNotFound
from sonique_daemon.jobs.store.values import MeasuredRun

_RUNS = 200
"""Latest runs that a line is fitted to."""


class EngineVersion(NamedTuple):
    """One version of one engine; both "" for a stage that no engine runs."""

    name: str = ""
    version: str = ""


_SAME = 1e-6
"""Lengths that differ by less are one length."""

Resolve = Callable[[Stage, str], EngineVersion]
"""The engine that a request means by a name ("" is the profile's), or by ``StageStarted.engine``."""


class HasVersion(Protocol):
    """What a registry tells of an engine."""

    @property
    def name(self) -> str:
        """Unique within its stage."""

    @property
    def version(self) -> str:
        """Changes with what it makes."""


def resolving(descriptor: Callable[[Stage, str], HasVersion]) -> Resolve:
    """Looks engines up with ``descriptor`` (``Registry.descriptor``); a stage that no engine runs has ("", "")."""

    def resolve(stage: Stage, name: str) -> EngineVersion:
        try:
            found = descriptor(stage, name)
        except EngineNotFound:
            return EngineVersion(name)
        return EngineVersion(found.name, found.version)

    return resolve


def by_name(_: Stage, name: str) -> EngineVersion:
    """Every name means itself, in a version that nobody knows."""
    return EngineVersion(name)


@dataclass(frozen=True, slots=True)
class Line:
    """Seconds that a stage takes, by the length of what it works on; neither number is negative.

    Attributes:
        fixed: seconds that it takes at least.
        slope: seconds for each second of length.
    """

    fixed: float
    slope: float

    def at(self, length: float) -> float:
        """Seconds for ``length`` seconds."""
        return self.fixed + self.slope * length

    @classmethod
    def through(cls, points: Sequence[tuple[float, float]]) -> "Line":
        """The line that best meets ``points`` (length, seconds), of which there is at least one."""
        mean_x = sum(x for x, _ in points) / len(points)
        mean_y = sum(y for _, y in points) / len(points)
        spread = sum((x - mean_x) ** 2 for x, _ in points)
        if spread < _SAME:
            return cls(0.0, mean_y / mean_x) if mean_x > _SAME else cls(mean_y, 0.0)
        slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
        fixed = mean_y - slope * mean_x
        if slope >= 0.0 and fixed >= 0.0:
            return cls(fixed, slope)
        return min((cls(mean_y, 0.0), cls(0.0, _proportion(points))), key=lambda line: line.misses(points))

    def misses(self, points: Sequence[tuple[float, float]]) -> float:
        """Sum of the squares of what it misses ``points`` by."""
        return sum((self.at(x) - y) ** 2 for x, y in points)


def _proportion(points: Sequence[tuple[float, float]]) -> float:
    return sum(x * y for x, y in points) / sum(x * x for x, _ in points)


class Estimates:
    """What was learned so far. Safe to use from any thread.

    Attributes:
        resolve: tells which engine a name means.
    """

    def __init__(self, runs: Iterable[MeasuredRun] = (), resolve: Resolve = by_name) -> None:
        self.resolve = resolve
        self._runs: dict[tuple[Stage, EngineVersion], deque[tuple[float, float]]] = {}
        self._lines: dict[tuple[Stage, EngineVersion], Line] = {}
        self._lock = Lock()
        for run in runs:
            self.note(run)

    def note(self, run: MeasuredRun) -> None:
        """Learns from one run, given oldest first."""
        key = Stage(run.stage), EngineVersion(run.engine, run.version)
        with self._lock:
            self._runs.setdefault(key, deque(maxlen=_RUNS)).append((run.length, run.seconds))
            self._lines.pop(key, None)

    def seconds(self, stage: Stage, engine: EngineVersion, length: float | None) -> float | None:
        """Seconds that ``stage`` takes for ``length`` seconds; None where that cannot be told."""
        key = stage, engine
        with self._lock:
            if length is None or key not in self._runs:
                return None
            if key not in self._lines:
                self._lines[key] = Line.through(self._runs[key])
            return self._lines[key].at(length)
