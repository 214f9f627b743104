"""Models that are none: a family whose weights are one small file and whose engines do what the fakes do.

For tests of all that stands around models: weights, names, profiles, plans. Its engines pass the contract tests.
"""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sonique_daemon.catalogue.catalogue import Catalogue
from sonique_daemon.catalogue.model import LanguageFacts, Model, MusicFacts, Need, Quantisation, WeightFile
from sonique_daemon.catalogue.profiles import EMBEDDED, Profile, Profiles
from sonique_daemon.catalogue.weights import Weights
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.tags import Tags
from sonique_daemon.domain.take import Rendering
from sonique_daemon.domain.terms import Commercial, Terms
from sonique_daemon.engines.engine import DescribeRequest, Descriptor, GenerateRequest, Report, TagRequest
from sonique_daemon.engines.fake import LiteralTagger, ToneGenerator, UnseeingDescriber, fakes
from sonique_daemon.engines.families import Family
from sonique_daemon.engines.models import descriptor_of, offers
from sonique_daemon.engines.registry import Registry, Shelf
from sonique_daemon.errors import OutOfMemory, WeightsDamaged

WEIGHT_NAME = "model.safetensors"
WEIGHT = b"PRETEND\n"
"""What the file of such weights holds, all of it."""

HUNGRY = "SONIQUE_PRETEND_HUNGRY"
"""The variable of the environment that says how many savings the tagger needs to have enough memory."""

_HERE = "sonique_daemon.engines.pretend"

PRETEND = {
    "pretend": Family(
        makers={
            Stage.DESCRIBE: f"{_HERE}:PretendDescriber",
            Stage.TAG: f"{_HERE}:PretendTagger",
            Stage.GENERATE: f"{_HERE}:PretendGenerator",
        },
        version="1",
        savings=("half of what it imagines", "next to nothing"),
    ),
    "absent": Family(makers={Stage.TAG: "sonique_nowhere.engine:Engine"}, version="1"),
}
"""The families: one whose engines run, and one whose library is not installed."""


def pretend_model(name: str, *stages: Stage, family: str = "pretend", commercial: Commercial = Commercial.YES) -> Model:
    """A model of that name, held in 2 ways, of 100 or 200 MB."""
    return Model(
        name=name,
        family=family,
        stages=stages,
        summary="Pretends.",
        terms=Terms("MIT", commercial, attribution=f"{name.title()} by nobody"),
        parameters=50_000_000,
        needs=(Need(Quantisation.NF4, 25_000_000, 75_000_000), Need(Quantisation.BF16, 100_000_000, 100_000_000)),
        checked="It is none.",
        hub=f"nobody/{name}",
        files=(WeightFile(WEIGHT_NAME, len(WEIGHT)),),
        language=LanguageFacts(1000) if Stage.DESCRIBE in stages or Stage.TAG in stages else None,
        music=MusicFacts(30.0, 48_000, 2, 4, "caption", 100) if Stage.GENERATE in stages else None,
    )


MODELS = Catalogue.of(
    (
        pretend_model("seer", Stage.DESCRIBE, Stage.TAG),
        pretend_model("player", Stage.GENERATE, commercial=Commercial.NO),
        pretend_model("lost", Stage.TAG, family="absent"),
    )
)


_APART = Profile("apart", "One after another.", "pretend:seer", "pretend:seer", "pretend:player", memory=1_050_000_000)
PROFILES = Profiles({each.name: each for each in (EMBEDDED, replace(_APART, name="together", memory=0), _APART)})
"""The embedded engines, and the models of this module with and without room for both."""


@dataclass(slots=True)
class _Pretender:
    """What the engines of this module have in common."""

    model: Model
    folder: Path
    quantisation: Quantisation
    device: str
    spared: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if (self.folder / WEIGHT_NAME).read_bytes() != WEIGHT:
            raise WeightsDamaged(f"The weights of “{self.model.name}” pretend nothing; pull them again.")

    def spare(self, count: int) -> None:
        """Keeps how many savings are wanted."""
        self.spared = count

    def _describe(self, stage: Stage) -> Descriptor:
        return descriptor_of(self.model, stage, self.quantisation, PRETEND[self.model.family])


class PretendDescriber(_Pretender):
    """Describes as ``UnseeingDescriber`` does."""

    @property
    def descriptor(self) -> Descriptor:
        """What it is."""
        return self._describe(Stage.DESCRIBE)

    def run(self, request: DescribeRequest, report: Report) -> Description:
        """A sentence for each shot."""
        return UnseeingDescriber().run(request, report)


class PretendTagger(_Pretender):
    """Tags as ``LiteralTagger`` does."""

    @property
    def descriptor(self) -> Descriptor:
        """What it is."""
        return self._describe(Stage.TAG)

    def run(self, request: TagRequest, report: Report) -> Tags:
        """The brief's tempo; where ``HUNGRY`` is set, too little memory until it spares as much as that says."""
        if self.spared < int(os.environ.get(HUNGRY) or 0):
            raise OutOfMemory(f"{self.model.name} has too little memory with {self.spared} savings; give it more.")
        return LiteralTagger().run(request, report)


class PretendGenerator(_Pretender):
    """Generates as ``ToneGenerator`` does."""

    @property
    def descriptor(self) -> Descriptor:
        """What it is."""
        return self._describe(Stage.GENERATE)

    def run(self, request: GenerateRequest, report: Report) -> Rendering:
        """A tone."""
        return ToneGenerator().run(request, report)


def pretenders() -> Registry:
    """The fakes, which come first, and the engines of this module's models, whose weights stand in the usual place."""
    plain, weights = fakes(), Weights.here()

    def _models(stage: Stage) -> dict[str, Any]:
        return offers(stage, MODELS, weights, PRETEND)

    return Registry(
        Shelf(Stage.DESCRIBE, {**plain.describers.offers, **_models(Stage.DESCRIBE)}),
        Shelf(Stage.TAG, {**plain.taggers.offers, **_models(Stage.TAG)}),
        Shelf(Stage.GENERATE, {**plain.generators.offers, **_models(Stage.GENERATE)}),
        MODELS,
        PROFILES,
    )


PRETENDERS = "sonique_daemon.engines.pretend:pretenders"
"""Names ``pretenders`` for ``registry.registry_named``."""
