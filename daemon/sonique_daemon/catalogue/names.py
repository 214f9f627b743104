"""Names of engines: ``family:model[@quantisation]`` as ``vlm:qwen3-vl-4b@nf4``; an embedded engine has a plain name."""

import re
from dataclasses import dataclass

from sonique_daemon.catalogue.model import Model, Quantisation

MODEL = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")
"""A model's name, all of it. It names folders, so it is checked wherever one comes in."""

PROFILE = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,30}[a-z0-9])?")
"""A profile's name, all of it."""

ENGINE = re.compile(
    rf"[a-z0-9](?:[a-z0-9_-]{{0,30}}[a-z0-9])?"
    rf"(?::(?:{MODEL.pattern})(?:@(?:{'|'.join(Quantisation)}))?)?"
)
"""An engine's name, all of it; whether there is such an engine is the registry's matter."""

ENGINE_RULE = "a name as “composer”, or family:model or family:model@quantisation as “vlm:qwen3-vl-4b@nf4”"
"""The pattern in words."""


@dataclass(frozen=True, slots=True)
class EngineName:
    """The name of a model engine, taken apart."""

    family: str
    model: str
    quantisation: Quantisation

    def __str__(self) -> str:
        return f"{self.family}:{self.home}"

    @property
    def home(self) -> str:
        """The worker that it lives in: one for a model held in one way, whatever the stage."""
        return f"{self.model}@{self.quantisation}"

    @classmethod
    def of(cls, model: Model, quantisation: Quantisation | None = None) -> "EngineName":
        """The name of the engine that runs ``model``, held in that way or the usual one."""
        return cls(model.family, model.name, quantisation or model.usual)
