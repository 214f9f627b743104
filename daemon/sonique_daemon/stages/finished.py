"""What a job finished before the daemon that ran it ended: read back from its log, so that it goes on from there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from sonique_daemon.domain.description import Description
from sonique_daemon.domain.events import Conformed, Described, Event, Fitted, Measured, Stage, Tagged, TakeReady
from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.request import DescribeJob, GenerateJob, Job, ScoreJob, TagJob
from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.take import Measures, Take
from sonique_daemon.domain.tempo import TempoMap


@dataclass(frozen=True, slots=True)
class Finished:
    """The results that a job has told already; they are neither made nor told again.

    Attributes:
        picture: what the range shows, or None.
        description: of it, or None.
        tags: or None.
        tempo_maps: by the index of their take; of finished takes, and of those that were being made.
        takes: by index.
        measures: of the cue that was to be checked, or None.
    """

    picture: Picture | None = None
    description: Description | None = None
    tags: Tags | None = None
    tempo_maps: Mapping[int, TempoMap] = field(default_factory=dict)
    takes: Mapping[int, Take] = field(default_factory=dict)
    measures: Measures | None = None

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """What the events of one job's log, in order, say that is finished."""
        folding = _Folding()
        for event in events:
            folding.take(event)
        return cls(
            folding.picture,
            folding.description,
            folding.tags,
            folding.tempo_maps,
            folding.takes,
            folding.measures,
        )

    def next_stage(self, job: Job) -> Stage | None:
        """The stage from which ``job`` goes on; None where nothing is left to do."""
        match job:
            case DescribeJob():
                left = Stage.DESCRIBE if job.cue is not None and self.measures is None else None
                return self._until_described() or left
            case TagJob():
                return Stage.TAG if self.tags is None else None
            case GenerateJob():
                return self._of_takes(job.takes)
            case ScoreJob():
                if self.tags is None:
                    return self._until_described() or Stage.TAG
                return self._of_takes(job.takes)

    def _until_described(self) -> Stage | None:
        if self.description is not None:
            return None
        return Stage.CONFORM if self.picture is None else Stage.DESCRIBE

    def _of_takes(self, wanted: int) -> Stage | None:
        index = next((index for index in range(wanted) if index not in self.takes), None)
        if index is None:
            return None
        return Stage.GENERATE if index in self.tempo_maps else Stage.FIT


@dataclass(slots=True)
class _Folding:
    """Results as they come; a later one stands for an earlier one."""

    picture: Picture | None = None
    description: Description | None = None
    tags: Tags | None = None
    tempo_maps: dict[int, TempoMap] = field(default_factory=dict)
    takes: dict[int, Take] = field(default_factory=dict)
    measures: Measures | None = None

    def take(self, event: Event) -> None:
        match event:
            case Conformed(picture):
                self.picture = picture
            case Described(description):
                self.description = description
            case Tagged(tags):
                self.tags = tags
            case Fitted(tempo_map, index):
                self.tempo_maps[index] = tempo_map
            case Measured(measures):
                self.measures = measures
            case TakeReady(index, take):
                self.takes[index] = take
            case _:
                pass
