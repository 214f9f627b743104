"""Engines of models, as the registry's shelves offer them: what each is, told from the catalogue alone."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from typing import Any

from sonique_daemon.catalogue.catalogue import Catalogue
from sonique_daemon.catalogue.model import PLANNED_SECONDS, Model, Quantisation
from sonique_daemon.catalogue.names import EngineName
from sonique_daemon.catalogue.weights import Weights
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.engine import Descriptor
from sonique_daemon.engines.families import Family
from sonique_daemon.errors import EngineUnavailable

DEVICE = "SONIQUE_DEVICE"
"""The variable of the environment that says where models are computed."""

_LIBRARIES_BYTES = 900_000_000
"""What the libraries hold in a process besides the model."""


def device_choice() -> str:
    """Where models are computed: ``auto``, ``cpu``, or a card as ``cuda:0``."""
    return os.environ.get(DEVICE) or "auto"


def descriptor_of(model: Model, stage: Stage, quantisation: Quantisation, family: Family) -> Descriptor:
    """What the engine is that runs ``model`` for ``stage``, held in that way, whether its weights are there or not."""
    name = EngineName.of(model, quantisation)
    plain = Descriptor(
        name=str(name),
        stage=stage,
        summary=model.summary,
        licence=model.terms.licence,
        version=family.version,
        memory_bytes=model.need(quantisation).total_bytes + _LIBRARIES_BYTES,
        weights_present=False,
        home=name.home,
        model=model.name,
        terms=model.terms,
        savings=family.savings,
        negatives=stage is Stage.TAG,
    )
    return _with_music(plain, model, quantisation, family) if stage is Stage.GENERATE else plain


def _with_music(plain: Descriptor, model: Model, quantisation: Quantisation, family: Family) -> Descriptor:
    music = model.music
    assert music is not None, f"{model.name} generates, and its entry has no [model.music]"
    return replace(
        plain,
        shortest=2.0,
        longest=1800.0,
        sample_rate=music.sample_rate,
        channels=music.channels,
        negatives=music.negatives,
        melody=music.melody,
        inpainting=music.inpainting,
        batch=music.batch,
        take_bytes=model.need(quantisation).working_bytes,
        take_seconds=min(PLANNED_SECONDS, music.window_seconds) if music.variable_length else 0.0,
        piece_seconds=music.window_seconds if music.variable_length else 0.0,
        options=family.options,
    )


@dataclass(frozen=True)
class ModelOffer:
    """An engine of a model.

    Attributes:
        model: what it runs.
        stage: for which stage.
        quantisation: how it is held.
        family: how its family is run.
        weights: where its files stand.
    """

    model: Model
    stage: Stage
    quantisation: Quantisation
    family: Family
    weights: Weights

    @property
    def descriptor(self) -> Descriptor:
        """What it is; its version tells which weights are there, so that a result of others is not taken for its."""
        record, interpreter = self.weights.record(self.model), self.family.interpreter()
        if record is None:
            return replace(self._plain, interpreter=interpreter) if interpreter else self._plain
        version, present = f"{self.family.version}+{record.digest}", self.weights.present(self.model)
        return replace(self._plain, version=version, weights_present=present, interpreter=interpreter)

    def require(self) -> None:
        """Raises ``WeightsMissing`` where its weights are not there."""
        if not self.weights.present(self.model):
            self.weights.require(self.model)

    def make(self) -> Any:
        """The engine, after a look at its weights.

        Raises:
            WeightsMissing: they are not there.
            WeightsDamaged: they are not what was pulled.
            EngineUnavailable: a library that it needs is not installed.
        """
        folder = self.weights.require(self.model)
        module, _, name = self.family.makers[self.stage].partition(":")
        try:
            kind = getattr(import_module(module), name)
            return kind(self.model, folder, self.quantisation, device_choice())
        except ImportError as error:
            raise EngineUnavailable(
                f"The engine “{self._plain.name}” needs a library that is not installed here ({error.name or error}); "
                f"{self.family.install}."
            ) from error

    @cached_property
    def _plain(self) -> Descriptor:
        return descriptor_of(self.model, self.stage, self.quantisation, self.family)


def offers(stage: Stage, catalogue: Catalogue, weights: Weights, families: Mapping[str, Family]) -> dict[str, Any]:
    """The engines of the catalogue's models for ``stage``, by full name, and by the name without the quantisation."""
    return {
        name: offer
        for model in catalogue
        if stage in model.stages and model.family in families and stage in families[model.family].makers
        for name, offer in _of_model(model, stage, weights, families[model.family])
    }


def _of_model(model: Model, stage: Stage, weights: Weights, family: Family) -> Iterator[tuple[str, ModelOffer]]:
    every = [ModelOffer(model, stage, need.quantisation, family, weights) for need in model.needs]
    yield f"{model.family}:{model.name}", every[0]
    yield from ((str(EngineName.of(model, offer.quantisation)), offer) for offer in every)
