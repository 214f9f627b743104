"""The registry: which engine serves which stage, found by name and imported where it is first run."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from threading import Lock
from typing import Generic, Protocol, TypeVar

from sonique_daemon.catalogue.catalogue import NO_MODELS, Catalogue, read_catalogue
from sonique_daemon.catalogue.profiles import JUST_EMBEDDED, Profiles, read_profiles
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.embedded import LEXICON, SIGNAL, composer
from sonique_daemon.engines.engine import DescribeEngine, Descriptor, GenerateEngine, TagEngine
from sonique_daemon.errors import EngineNotFound


class HasDescriptor(Protocol):
    """Anything that tells what it is."""

    @property
    def descriptor(self) -> Descriptor:
        """What it is and can do."""


EngineKind = TypeVar("EngineKind", bound=HasDescriptor)
Made_co = TypeVar("Made_co", bound=HasDescriptor, covariant=True)


class Offered(Protocol[Made_co]):
    """An engine that can be had."""

    @property
    def descriptor(self) -> Descriptor:
        """What it is now: weights come and go."""

    @property
    def make(self) -> Callable[[], Made_co]:
        """Makes it, which may import much and take seconds; raises ``SoniqueError`` where it cannot be had."""

    def require(self) -> None:
        """Raises ``WeightsMissing`` where its weights are not there; a quick look that loads nothing."""


@dataclass(frozen=True, slots=True)
class Offer(Generic[EngineKind]):
    """An engine that is always the same: what it is, and how it is made."""

    descriptor: Descriptor
    make: Callable[[], EngineKind]

    def require(self) -> None:
        """Nothing can be missing."""


class _Composer:
    """The composer, whose version the user's own styles make: they are looked for when it is first asked what it is."""

    @property
    def descriptor(self) -> Descriptor:
        return composer()

    def make(self) -> GenerateEngine:
        from sonique_daemon.engines.composer.engine import ComposerEngine

        return ComposerEngine()

    def require(self) -> None:
        """Nothing can be missing."""


@dataclass(slots=True)
class Shelf(Generic[EngineKind]):
    """The engines of one stage, by every name that they have. The first is the profile's."""

    stage: Stage
    offers: Mapping[str, Offered[EngineKind]]
    _made: dict[str, EngineKind] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def descriptor(self, name: str) -> Descriptor:
        """What the engine of that name is; makes nothing. "" is the profile's.

        Raises:
            EngineNotFound: no engine of that name serves this stage.
        """
        return self._offer(name).descriptor

    def get(self, name: str) -> EngineKind:
        """The engine of that name, made where it was not; raises ``EngineNotFound`` like ``descriptor``."""
        offer = self._offer(name)
        key = offer.descriptor.name
        with self._lock:
            if key not in self._made:
                self._made[key] = offer.make()
            return self._made[key]

    def require(self, name: str) -> None:
        """Raises ``WeightsMissing`` where the weights of the engine of that name are not there."""
        self._offer(name).require()

    def _offer(self, name: str) -> Offered[EngineKind]:
        chosen = name or next(iter(self.offers))
        if chosen not in self.offers:
            raise EngineNotFound(f"No engine “{name}” can {self.stage}; there is {self._choices()}.")
        return self.offers[chosen]

    def _choices(self) -> str:
        """The names that a user may choose from; those of models are many, and listed elsewhere."""
        plain = [name for name in self.offers if ":" not in name]
        models = ", and what `sonique models list` shows" if len(plain) < len(self.offers) else ""
        return ", ".join(plain) + models


@dataclass(frozen=True, slots=True)
class Registry:
    """All engines, a shelf for each stage.

    Attributes:
        describers: turn pictures into descriptions.
        taggers: turn descriptions into tags.
        generators: turn tags into audio.
        catalogue: the models that some of them run.
        profiles: name one engine for each stage.
    """

    describers: Shelf[DescribeEngine]
    taggers: Shelf[TagEngine]
    generators: Shelf[GenerateEngine]
    catalogue: Catalogue = NO_MODELS
    profiles: Profiles = JUST_EMBEDDED

    def describe_engine(self, name: str) -> DescribeEngine:
        """The describe engine of that name, made where it was not; "" is the profile's."""
        return self.describers.get(name)

    def tag_engine(self, name: str) -> TagEngine:
        """The tag engine of that name, made where it was not; "" is the profile's."""
        return self.taggers.get(name)

    def generate_engine(self, name: str) -> GenerateEngine:
        """The generate engine of that name, made where it was not; "" is the profile's."""
        return self.generators.get(name)

    def descriptor(self, stage: Stage, name: str) -> Descriptor:
        """What that engine is; makes nothing. "" is the profile's.

        Raises:
            EngineNotFound: no engine of that name serves that stage, or no engine serves it at all.
        """
        for shelf in self._shelves():
            if shelf.stage is stage:
                return shelf.descriptor(name)
        raise EngineNotFound(f"No engine runs the stage “{stage}”; engines describe, tag and generate.")

    def require(self, stage: Stage, name: str) -> None:
        """Raises ``WeightsMissing`` where the weights of that engine are not there, else as ``descriptor``."""
        for shelf in self._shelves():
            if shelf.stage is stage:
                shelf.require(name)

    def descriptors(self) -> tuple[Descriptor, ...]:
        """What every engine is, once, by stage, then name; makes nothing."""
        every = (shelf.descriptor(name) for shelf in self._shelves() for name in sorted(shelf.offers))
        return tuple(dict.fromkeys(every))

    def _shelves(self) -> "Iterator[Shelf[DescribeEngine] | Shelf[TagEngine] | Shelf[GenerateEngine]]":
        yield from (self.describers, self.taggers, self.generators)


def embedded() -> Registry:
    """The engines that are always there: signal, lexicon and composer."""
    return Registry(
        Shelf(Stage.DESCRIBE, {"signal": Offer(SIGNAL, _signal)}),
        Shelf(Stage.TAG, {"lexicon": Offer(LEXICON, _lexicon)}),
        Shelf(Stage.GENERATE, {"composer": _Composer()}),
    )


def everything() -> Registry:
    """The embedded engines, which come first, and those of the catalogue's models.

    Raises:
        CatalogueUnreadable: the user's own models or profiles make no sense.
    """
    return with_models(read_catalogue())


def with_models(catalogue: Catalogue) -> Registry:
    """The embedded engines, which come first, and those of the models of ``catalogue``."""
    from sonique_daemon.catalogue.weights import Weights
    from sonique_daemon.engines.families import FAMILIES
    from sonique_daemon.engines.models import offers

    plain, weights = embedded(), Weights.here()
    return Registry(
        Shelf(Stage.DESCRIBE, {**plain.describers.offers, **offers(Stage.DESCRIBE, catalogue, weights, FAMILIES)}),
        Shelf(Stage.TAG, {**plain.taggers.offers, **offers(Stage.TAG, catalogue, weights, FAMILIES)}),
        Shelf(Stage.GENERATE, {**plain.generators.offers, **offers(Stage.GENERATE, catalogue, weights, FAMILIES)}),
        catalogue,
        read_profiles(),
    )


EVERYTHING = "sonique_daemon.engines.registry:everything"
"""Names ``everything`` for ``registry_named``: what a daemon has."""

EMBEDDED = "sonique_daemon.engines.registry:embedded"
"""Names ``embedded`` for ``registry_named``."""


def registry_named(source: str) -> Registry:
    """The registry that the function ``module:function`` gives: how a worker is told which engines there are."""
    module, _, function = source.partition(":")
    registry = getattr(import_module(module), function)()
    assert isinstance(registry, Registry)
    return registry


def _signal() -> DescribeEngine:
    from sonique_daemon.engines.signal.engine import SignalEngine

    return SignalEngine()


def _lexicon() -> TagEngine:
    from sonique_daemon.engines.lexicon.engine import LexiconEngine

    return LexiconEngine()
