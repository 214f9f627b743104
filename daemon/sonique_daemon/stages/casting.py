"""Casting: which engine plays which stage of a job, what goes on in its place, and what memory all of it takes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from sonique_daemon.catalogue.profiles import EMBEDDED, JUST_EMBEDDED, Profile, Profiles
from sonique_daemon.domain.events import Planned, Stage, Warned
from sonique_daemon.domain.options import NO_OPTIONS
from sonique_daemon.domain.request import DescribeJob, GenerateJob, Job, ScoreJob, TagJob
from sonique_daemon.domain.terms import Commercial, Licensed
from sonique_daemon.engines.engine import Descriptor
from sonique_daemon.engines.registry import Registry
from sonique_daemon.errors import (
    EngineFailed,
    EngineNotFound,
    EngineUnavailable,
    LicenceRefused,
    ModelNotFound,
    OutOfMemory,
    SoniqueError,
    WeightsDamaged,
    WeightsMissing,
    WeightsRefused,
)
from sonique_daemon.stages.demands import unheeded
from sonique_daemon.stages.report import Emit
from sonique_daemon.workers.plan import plan, spare
from sonique_daemon.workers.room import CARD, Room

Result = TypeVar("Result")
AnyJob = TypeVar("AnyJob", bound=Job)

STAGES = (Stage.DESCRIBE, Stage.TAG, Stage.GENERATE)

OF_ENGINES = (
    EngineFailed,
    EngineNotFound,
    EngineUnavailable,
    LicenceRefused,
    ModelNotFound,
    WeightsDamaged,
    WeightsMissing,
    WeightsRefused,
)
"""What is an engine's own fault, and no request's: another engine may do better."""

ENDLESS = Room(CARD, 2**62, 2**62)
"""Where nobody counts: as on a card without end."""


def keep(_: Descriptor) -> None:
    """Lets nothing go."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """A profile, and what it would do here.

    Attributes:
        profile: the profile.
        chosen: whether it is what a request without one gets.
        plan: what would be in memory when.
        missing: what it lacks here, a sentence each.
    """

    profile: Profile
    chosen: bool
    plan: Planned
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """What the other stages of a job leave to its cues.

    Attributes:
        words: the models that described and tagged.
        spare_bytes: memory that is free while one take is made, for others to be made in the same call.
        candidates: how many each take is chosen from where nobody says it; 0 leaves it to the engine.
    """

    words: tuple[Licensed, ...] = ()
    spare_bytes: int = ENDLESS.budget_bytes
    candidates: int = 0


ALONE = Company()
"""Of a cue where nobody counts."""


@dataclass(slots=True)
class Cast:
    """The engines of one job.

    Attributes:
        registry: tells what they are.
        job: the job, every engine named in it.
        fallback: whether the embedded engine of a stage may go on.
        plan: what will be in memory when; None where no model runs.
        left: what is left to the cues, but for the models that turn out to have described and tagged.
        release: lets an engine go that is not needed any more.
        warnings: what went otherwise than it was asked.
        playing: the engine of each stage, as it turned out.
    """

    registry: Registry
    job: Job
    fallback: bool
    plan: Planned | None
    left: Company
    release: Callable[[Descriptor], None]
    warnings: tuple[str, ...]
    playing: dict[Stage, str]

    def play(self, stage: Stage, work: Callable[[str], Result], emit: Emit) -> Result:
        """What ``work`` makes with the stage's engine, or where that fails and may be replaced, with the embedded one.

        An engine that the plan does not keep is let go once its last stage is over.
        """
        engine = self.registry.descriptor(stage, self.playing[stage])
        try:
            return work(engine.name)
        except OF_ENGINES as error:
            if not self.fallback or not engine.model:
                raise
            self.playing[stage] = ""
            emit(Warned(_instead(error, self.registry.descriptor(stage, ""))))
            return work("")
        finally:
            self._let_go(engine)

    def company(self) -> Company:
        """What describing and tagging leave to the cues, as it turned out."""
        wrote = (self.registry.descriptor(stage, self.playing.get(stage, "")) for stage in (Stage.DESCRIBE, Stage.TAG))
        words = tuple(dict.fromkeys(licensed(engine) for engine in wrote if engine.model))
        return replace(self.left, words=words)

    def _let_go(self, engine: Descriptor) -> None:
        later = STAGES[STAGES.index(engine.stage) + 1 :]
        needed = {
            self.registry.descriptor(stage, self.playing[stage]).worker for stage in later if stage in self.playing
        }
        planned = () if self.plan is None else self.plan.engines
        leaves = any(each.engine == engine.name and not each.resident for each in planned)
        if leaves and engine.worker not in needed:
            self.release(engine)


@dataclass(frozen=True, slots=True)
class Casting:
    """Chooses engines.

    Attributes:
        registry: tells what they are.
        profiles: name those that a request leaves open.
        chosen: the profile of a request that names none.
        room: memory for models.
        release: lets an engine go.
    """

    registry: Registry
    profiles: Profiles = JUST_EMBEDDED
    chosen: str = EMBEDDED.name
    room: Room = ENDLESS
    release: Callable[[Descriptor], None] = keep

    def cast(self, job: Job) -> Cast:
        """The engines of ``job``, before any work is done for it.

        Raises:
            ProfileNotFound: it names an unknown profile.
            EngineNotFound: it names an unknown engine.
            WeightsMissing: an engine's weights are not here.
            LicenceRefused: it may not be used commercially, as the job asks.
            OutOfMemory: it can never have a place in memory.
        """
        choosing = job.choosing
        profile = self.profiles.profile(choosing.profile or self.chosen)
        room, playing, warnings = self.room.within(profile.memory), {}, []
        engines: list[Descriptor] = []
        for stage, named in engines_of(job):
            try:
                engine = self._fit(stage, named or profile.engine(stage), room, choosing.commercial_only)
            except OF_ENGINES as error:
                if not choosing.fallback:
                    raise
                engine = self.registry.descriptor(stage, "")
                warnings.append(_instead(error, engine))
                if stage is Stage.GENERATE:
                    warnings += left_out(job, engine)
                    job = as_embedded(job)
            playing[stage] = engine.name
            engines.append(engine)
            warnings += _conditions(engine) if choosing.commercial_only else ()
        return Cast(
            self.registry,
            _with_engines(job, playing),
            choosing.fallback,
            plan(engines, room) if any(engine.model for engine in engines) else None,
            _left(engines, room),
            self.release,
            tuple(warnings),
            playing,
        )

    def outlooks(self) -> tuple[Outlook, ...]:
        """All profiles."""
        return tuple(self._outlook(profile) for profile in self.profiles)

    def _fit(self, stage: Stage, name: str, room: Room, commercial_only: bool) -> Descriptor:
        engine = self.registry.descriptor(stage, name)
        if commercial_only and engine.terms.commercial in {Commercial.NO, Commercial.UNKNOWN}:
            raise LicenceRefused(
                f"“{engine.name}” is not for commercial use ({engine.terms.licence}); choose another engine or "
                "profile, or leave out --commercial-only."
            )
        self.registry.require(stage, name)
        planned = plan((engine,), room)
        if not planned.fits:
            raise OutOfMemory(f"{planned.sentences[0]} Choose a smaller engine or profile.")
        return engine

    def _outlook(self, profile: Profile) -> Outlook:
        engines, missing = [], []
        for stage in STAGES:
            try:
                engines.append(self.registry.descriptor(stage, profile.engine(stage)))
                self.registry.require(stage, profile.engine(stage))
            except SoniqueError as error:
                missing.append(error.sentence)
        planned = plan(engines, self.room.within(profile.memory))
        if not planned.fits:
            missing += [sentence for sentence in planned.sentences if "does not fit" in sentence]
        return Outlook(profile, profile.name == self.chosen, planned, tuple(dict.fromkeys(missing)))


def _left(engines: Sequence[Descriptor], room: Room) -> Company:
    """What is left to the cues. A card makes several candidates in little more time than one, a processor does not."""
    return Company(spare_bytes=spare(engines, room), candidates=0 if room.place == CARD else 1)


def engines_of(job: Job) -> Iterator[tuple[Stage, str]]:
    """The engines that ``job`` names, by stage, in order; "" is the profile's."""
    match job:
        case DescribeJob():
            yield Stage.DESCRIBE, job.engine
        case TagJob():
            yield Stage.TAG, job.engine
        case GenerateJob():
            yield Stage.GENERATE, job.engine
        case ScoreJob():
            yield Stage.DESCRIBE, job.describe_engine
            yield Stage.TAG, job.tag_engine
            yield Stage.GENERATE, job.generate_engine


def as_embedded(job: AnyJob) -> AnyJob:
    """``job`` for the embedded generate engine, which takes neither a melody nor what models alone understand."""
    if isinstance(job, GenerateJob | ScoreJob):
        return replace(job, melody=None, options=NO_OPTIONS, guide=None, candidates=0)
    return job


def left_out(job: Job, engine: Descriptor) -> tuple[str, ...]:
    """What ``as_embedded`` leaves out of ``job`` where ``engine`` goes on in another's place, a sentence each."""
    if not isinstance(job, GenerateJob | ScoreJob):
        return ()
    sentences = []
    if job.melody is not None:
        sentences.append(f"The melody plays no part: the engine “{engine.name}” starts from none.")
    if job.guide is not None:
        sentences.append(f"The guide plays no part: the engine “{engine.name}” writes to the cuts itself.")
    if job.candidates:
        sentences.append(f"There are no candidates to choose from: the engine “{engine.name}” plays on the cuts.")
    ignored = unheeded(job.options, engine)
    return (*sentences, ignored) if ignored else tuple(sentences)


def licensed(engine: Descriptor) -> Licensed:
    """What ``engine`` says of rights."""
    return Licensed(engine.name, engine.model, engine.version, engine.terms)


def _with_engines(job: Job, playing: dict[Stage, str]) -> Job:
    if isinstance(job, ScoreJob):
        return replace(
            job,
            describe_engine=playing[Stage.DESCRIBE],
            tag_engine=playing[Stage.TAG],
            generate_engine=playing[Stage.GENERATE],
        )
    return replace(job, engine=next(iter(playing.values())))


def _instead(error: SoniqueError, engine: Descriptor) -> str:
    return f"{error.sentence} The embedded engine “{engine.name}” goes on in its place."


def _conditions(engine: Descriptor) -> list[str]:
    """What has to be kept where ``engine`` may be used commercially under conditions."""
    limited = engine.terms.commercial is Commercial.LIMITED
    return [f"“{engine.name}”: {engine.terms.note}"] if limited and engine.terms.note else []
