"""Options: what a user may tell a model engine of how to make music, besides what the music is to be."""

from dataclasses import dataclass, fields
from enum import StrEnum


class Option(StrEnum):
    """An option by its name in ``EngineOptions``; what an engine heeds stands in its descriptor."""

    STEPS = "steps"
    GUIDANCE = "guidance"
    GUIDANCE_RESCALE = "guidance_rescale"
    SAMPLER = "sampler"
    SIGMA_MIN = "sigma_min"
    SIGMA_MAX = "sigma_max"


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """How a model makes its audio; what is left out is the model's own.

    Attributes:
        steps: of denoising, 1 to 1000; more is slower and, to a point, cleaner.
        guidance: how closely the tags are followed (classifier-free guidance), 0 to 50; 1 is none.
        guidance_rescale: how far the loudness that guidance adds is taken back, 0 to 1.
        sampler: name of a sampler that the model's family knows, or "".
        sigma_min: noise level at which sampling ends, above 0.
        sigma_max: noise level at which it begins, above ``sigma_min``.
    """

    steps: int | None = None
    guidance: float | None = None
    guidance_rescale: float | None = None
    sampler: str = ""
    sigma_min: float | None = None
    sigma_max: float | None = None

    def given(self) -> tuple[Option, ...]:
        """The options that are not left out, in order."""
        return tuple(Option(each.name) for each in fields(self) if getattr(self, each.name) not in {None, ""})


NO_OPTIONS = EngineOptions()
"""The model's own ways."""


@dataclass(frozen=True, slots=True)
class Melody:
    """A recording that the music is to start from: its melody, and with little noise its sound too.

    Attributes:
        path: absolute path of a sound or film file, or ``sonique-upload:SHA256`` of one that was sent.
        noise: 0 keeps the recording, 1 keeps nothing of it.
        sha256: of the file that is meant, lower-case hexadecimal; "" for whatever stands there.
    """

    path: str
    noise: float = 0.7
    sha256: str = ""
