"""Events: what a job says while it runs. The log gives each its sequence number and time."""

from dataclasses import dataclass
from enum import StrEnum

from sonique_daemon.domain.description import Description, ShotDescription
from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.take import Take
from sonique_daemon.domain.tempo import TempoMap


class Stage(StrEnum):
    """A stage of the chain."""

    CONFORM = "conform"
    DESCRIBE = "describe"
    TAG = "tag"
    FIT = "fit"
    GENERATE = "generate"
    DELIVER = "deliver"


@dataclass(frozen=True, slots=True)
class Queued:
    """The job waits: its place (0 runs next) and why."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage begins, on that engine; ``cached`` where its result was known already."""

    stage: Stage
    engine: str = ""
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is: ``done`` of ``total`` in ``unit``; seconds left where they can be told, else None."""

    stage: Stage
    done: float
    total: float
    unit: str
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Conformed:
    """The timeline was read."""

    picture: Picture


@dataclass(frozen=True, slots=True)
class ShotDescribed:
    """One shot was described."""

    index: int
    shot: ShotDescription


@dataclass(frozen=True, slots=True)
class Described:
    """The description is complete."""

    description: Description


@dataclass(frozen=True, slots=True)
class Tagged:
    """The tags are decided."""

    tags: Tags


@dataclass(frozen=True, slots=True)
class Fitted:
    """The tempo map is fitted."""

    tempo_map: TempoMap


@dataclass(frozen=True, slots=True)
class TakeReady:
    """A take stands finished in the store; ``index`` counts the takes of the job from 0."""

    index: int
    take: Take


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that the user should know, and that stopped nothing."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Done:
    """Terminal: all that was asked for is there."""


@dataclass(frozen=True, slots=True)
class Failed:
    """Terminal: the job failed, with the error's code, gRPC status name and sentence."""

    code: str
    status: str
    sentence: str


@dataclass(frozen=True, slots=True)
class JobCancelled:
    """Terminal: the job was cancelled."""


Terminal = Done | Failed | JobCancelled
Event = (
    Queued
    | StageStarted
    | Progress
    | Conformed
    | ShotDescribed
    | Described
    | Tagged
    | Fitted
    | TakeReady
    | Warned
    | Terminal
)
