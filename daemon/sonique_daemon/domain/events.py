"""Events: what a job says while it runs. The log gives each its sequence number and time."""

from dataclasses import dataclass
from enum import StrEnum

from sonique_daemon.domain.description import Description, ShotDescription
from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.take import Measures, Take
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
    """A stage begins.

    Attributes:
        stage: which.
        engine: runs it; "" where none does.
        cached: whether its result was known already.
        takes: how many takes it makes at once.
        take: which take of the job it is about, counted from 0; None where it is about none, or about several.
        job_takes: how many takes the job makes; 0 for a stage that is about none.
    """

    stage: Stage
    engine: str = ""
    cached: bool = False
    takes: int = 1
    take: int | None = None
    job_takes: int = 0


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
class Resumed:
    """The daemon ended while the job ran, and runs it again from ``stage`` on; what was finished before stays."""

    stage: Stage


@dataclass(frozen=True, slots=True)
class ShotDescribed:
    """One shot was described; ``cached`` where its media was not looked at again."""

    index: int
    shot: ShotDescription
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """Text that a model is writing, as far as it is; the next of the same shot holds it again, and more.

    Attributes:
        stage: whose text it is.
        shot: index of the shot that it is about, or None.
        text: all of it so far.
    """

    stage: Stage
    shot: int | None
    text: str


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
    """The tempo map of a take is fitted; ``take`` counts the takes of the job from 0."""

    tempo_map: TempoMap
    take: int = 0


@dataclass(frozen=True, slots=True)
class TakeReady:
    """A take stands finished in the store; ``index`` counts the takes of the job from 0."""

    index: int
    take: Take


@dataclass(frozen=True, slots=True)
class PlannedEngine:
    """One engine of a job, and where it is in memory.

    Attributes:
        stage: which it runs.
        engine: its full name.
        memory_bytes: what it needs.
        resident: whether it stays when its stage is over.
        weights_present: whether its weights are on this machine.
    """

    stage: Stage
    engine: str
    memory_bytes: int
    resident: bool
    weights_present: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """What will be in memory when, told before anything begins.

    Attributes:
        place: ``card`` or ``machine``: whose memory it is.
        total_bytes: how much there is.
        kept_bytes: of that, what is left to other programs.
        peak_bytes: what is held at the fullest moment.
        engines: one for each stage that an engine runs, in their order.
        sentences: what will happen, a sentence each.
        fits: whether all of it fits, one after another at the least.
    """

    place: str
    total_bytes: int
    kept_bytes: int
    peak_bytes: int
    engines: tuple[PlannedEngine, ...]
    sentences: tuple[str, ...]
    fits: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """The cue that was to be checked is measured against the picture."""

    measures: Measures


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
    | Resumed
    | StageStarted
    | Progress
    | Conformed
    | ShotDescribed
    | Wording
    | Described
    | Tagged
    | Fitted
    | TakeReady
    | Planned
    | Measured
    | Warned
    | Terminal
)

EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        Queued,
        Resumed,
        StageStarted,
        Progress,
        Conformed,
        ShotDescribed,
        Wording,
        Described,
        Tagged,
        Fitted,
        TakeReady,
        Planned,
        Measured,
        Warned,
        Done,
        Failed,
        JobCancelled,
    )
}
"""Every kind of event by its name."""
