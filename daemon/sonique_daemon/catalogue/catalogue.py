"""The catalogue itself: the models that ship with Sonique, and the user's own."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from sonique_daemon.catalogue.entries import read_entries
from sonique_daemon.catalogue.model import Model
from sonique_daemon.catalogue.places import models_file
from sonique_daemon.errors import CatalogueUnreadable, ModelNotFound

_SHIPPED = Path(__file__).resolve().parent / "models"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Models by name, in the order in which they are listed."""

    models: Mapping[str, Model]

    @classmethod
    def of(cls, models: Iterable[Model]) -> "Catalogue":
        """A catalogue of ``models``; raises ``CatalogueUnreadable`` where two have one name."""
        found: dict[str, Model] = {}
        for model in models:
            if model.name in found:
                raise CatalogueUnreadable(f"Two models are called “{model.name}”; give one of them another name.")
            found[model.name] = model
        return cls(MappingProxyType(found))

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models.values())

    def model(self, name: str) -> Model:
        """The model of that name; raises ``ModelNotFound``."""
        if name not in self.models:
            near = difflib.get_close_matches(name, self.models, 1)
            hint = f"did you mean “{near[0]}”?" if near else "`sonique models list` shows them."
            raise ModelNotFound(f"There is no model “{name[:80]}”; {hint}")
        return self.models[name]


NO_MODELS = Catalogue.of(())
"""For engines that need none."""


def shipped() -> Catalogue:
    """The models that ship with Sonique."""
    return Catalogue.of(model for path in sorted(_SHIPPED.glob("*.toml")) for model in read_entries(path))


def read_catalogue() -> Catalogue:
    """The models that ship with Sonique and those of the user's own file, where there is one.

    Raises:
        CatalogueUnreadable: the user's file makes no sense.
    """
    own = models_file()
    return Catalogue.of((*shipped(), *(read_entries(own) if own.is_file() else ())))
