"""The registry: which engine serves which stage, found by name and imported when it is first needed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, Protocol, TypeVar

from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.engine import DescribeEngine, Descriptor, GenerateEngine, TagEngine
from sonique_daemon.errors import EngineNotFound


class HasDescriptor(Protocol):
    """Anything that tells what it is."""

    @property
    def descriptor(self) -> Descriptor:
        """What it is and can do."""


EngineKind = TypeVar("EngineKind", bound=HasDescriptor)


@dataclass(slots=True)
class Shelf(Generic[EngineKind]):
    """The engines of one stage: how each is made, and those that are made already. The first is the profile's."""

    stage: Stage
    makers: Mapping[str, Callable[[], EngineKind]]
    _made: dict[str, EngineKind] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, name: str) -> EngineKind:
        """The engine of that name, made where it was not; "" is the profile's.

        Raises:
            EngineNotFound: no engine of that name serves this stage.
        """
        chosen = name or next(iter(self.makers))
        if chosen not in self.makers:
            choices = ", ".join(self.makers)
            raise EngineNotFound(f"No engine “{name}” can {self.stage}; there is {choices}.")
        with self._lock:
            if chosen not in self._made:
                self._made[chosen] = self.makers[chosen]()
            return self._made[chosen]

    def loaded(self, name: str) -> bool:
        """Whether the engine is made."""
        return name in self._made

    def drop(self, name: str) -> None:
        """Lets the engine go; whoever runs it keeps it until it ends."""
        self.get(name)
        with self._lock:
            self._made.pop(name, None)


@dataclass(frozen=True, slots=True)
class Registry:
    """All engines, a shelf for each stage."""

    describers: Shelf[DescribeEngine]
    taggers: Shelf[TagEngine]
    generators: Shelf[GenerateEngine]

    def describe_engine(self, name: str) -> DescribeEngine:
        """The describe engine of that name; "" is the profile's."""
        return self.describers.get(name)

    def tag_engine(self, name: str) -> TagEngine:
        """The tag engine of that name; "" is the profile's."""
        return self.taggers.get(name)

    def generate_engine(self, name: str) -> GenerateEngine:
        """The generate engine of that name; "" is the profile's."""
        return self.generators.get(name)

    def descriptors(self) -> tuple[Descriptor, ...]:
        """What every engine is, by stage, then name."""
        describers = [self.describers.get(name).descriptor for name in sorted(self.describers.makers)]
        taggers = [self.taggers.get(name).descriptor for name in sorted(self.taggers.makers)]
        generators = [self.generators.get(name).descriptor for name in sorted(self.generators.makers)]
        return (*describers, *taggers, *generators)

    def loaded(self, stage: Stage, name: str) -> bool:
        """Whether that engine is in memory."""
        return self._shelf(stage).loaded(name)

    def load(self, stage: Stage, name: str) -> Descriptor:
        """Makes that engine ready.

        Raises:
            EngineNotFound: no engine of that name serves that stage.
        """
        return self._shelf(stage).get(name).descriptor

    def unload(self, stage: Stage, name: str) -> Descriptor:
        """Lets that engine go.

        Raises:
            EngineNotFound: no engine of that name serves that stage.
        """
        descriptor = self._shelf(stage).get(name).descriptor
        self._shelf(stage).drop(name)
        return descriptor

    def _shelf(self, stage: Stage) -> Shelf[DescribeEngine] | Shelf[TagEngine] | Shelf[GenerateEngine]:
        shelves = {shelf.stage: shelf for shelf in (self.describers, self.taggers, self.generators)}
        if stage not in shelves:
            raise EngineNotFound(f"No engine runs the stage “{stage}”; engines describe, tag and generate.")
        return shelves[stage]


def embedded() -> Registry:
    """The engines that are always there: signal, lexicon and composer, each imported when first asked for."""
    return Registry(
        Shelf(Stage.DESCRIBE, {"signal": _signal}),
        Shelf(Stage.TAG, {"lexicon": _lexicon}),
        Shelf(Stage.GENERATE, {"composer": _composer}),
    )


def _signal() -> DescribeEngine:
    from sonique_daemon.engines.signal.engine import SignalEngine

    return SignalEngine()


def _lexicon() -> TagEngine:
    from sonique_daemon.engines.lexicon.engine import LexiconEngine

    return LexiconEngine()


def _composer() -> GenerateEngine:
    from sonique_daemon.engines.composer.engine import ComposerEngine

    return ComposerEngine()
