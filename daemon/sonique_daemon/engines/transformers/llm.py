"""The llm engine: a language model that chats, or one that sees as well, decides on the music."""

from pathlib import Path

from sonique_daemon.catalogue.model import Model, Quantisation
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.tags import Tags
from sonique_daemon.engines.engine import Descriptor, Report, TagRequest
from sonique_daemon.engines.families import FAMILIES
from sonique_daemon.engines.models import descriptor_of
from sonique_daemon.engines.transformers.advising import advised_tags
from sonique_daemon.engines.transformers.author import ModelAuthor
from sonique_daemon.engines.transformers.fitting import MOST_READ
from sonique_daemon.engines.transformers.libraries import make_ready
from sonique_daemon.engines.transformers.loading import Holding, require_chat


class LlmEngine:
    """Tags with any chat model of transformers, and with a describing model too; see ``engine.TagEngine``."""

    def __init__(self, model: Model, folder: Path, quantisation: Quantisation, device: str) -> None:
        """Imports the libraries; the model is loaded at the first run. See ``families.ModelEngine``."""
        make_ready()
        self._model, self._quantisation = model, quantisation
        self._holding = Holding(model, folder, quantisation, device)
        self._spared = 0

    @property
    def descriptor(self) -> Descriptor:
        """What the catalogue says of it."""
        return descriptor_of(self._model, Stage.TAG, self._quantisation, FAMILIES[self._model.family])

    def rehearse(self) -> None:
        """Loads the model."""
        self._holding.loaded()

    def spare(self, count: int) -> None:
        """Reads half as much of the description with each of the first ``count`` of the family's savings."""
        self._spared = count

    def run(self, request: TagRequest, report: Report) -> Tags:
        """Asks the model, checks its answer, and merges it with the brief; the user's word always wins.

        Raises:
            InvalidBrief, LimitExceeded: the brief itself is wrong.
            UnusableOutput: the model gave no tags.
            SoniqueError: why the model cannot be loaded; see ``Holding.loaded``.
        """
        report.check()
        held = self._holding.loaded(report)
        require_chat(held)
        tags = advised_tags(request, ModelAuthor(held, MOST_READ >> self._spared), report)
        report.progress(100.0, 100.0, "%")
        return tags
