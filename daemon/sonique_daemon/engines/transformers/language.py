"""What the engines of language models share: one model, held from its first use on."""

from pathlib import Path
from typing import ClassVar

from sonique_daemon.catalogue.model import Model, Quantisation
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.engine import Descriptor
from sonique_daemon.engines.families import FAMILIES
from sonique_daemon.engines.models import descriptor_of
from sonique_daemon.engines.transformers.libraries import make_ready
from sonique_daemon.engines.transformers.loading import Holding


class LanguageEngine:
    """An engine that runs a language model; see ``families.ModelEngine``. A subclass says for which stage, and runs it.

    Attributes:
        stage: what it runs in.
        holding: the model.
        spared: how many of the family's savings are taken to, from the first.
    """

    stage: ClassVar[Stage]

    def __init__(self, model: Model, folder: Path, quantisation: Quantisation, device: str) -> None:
        """Imports the libraries; the model is loaded at the first run. See ``families.ModelEngine``."""
        make_ready()
        self._model, self._quantisation = model, quantisation
        self.holding = Holding(model, folder, quantisation, device)
        self.spared = 0

    @property
    def descriptor(self) -> Descriptor:
        """What the catalogue says of it."""
        return descriptor_of(self._model, self.stage, self._quantisation, FAMILIES[self._model.family])

    def rehearse(self) -> None:
        """Loads the model."""
        self.holding.loaded()

    def spare(self, count: int) -> None:
        """Takes to the first ``count`` of the family's savings."""
        self.spared = count
