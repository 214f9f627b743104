"""The options that speak of how a model makes music, each with its help, and what they become in a request."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sonique_cli.exits import CommandError, Exit

if TYPE_CHECKING:
    from sonique.v1 import options_pb2, scoring_pb2

_MODEL = "How a model makes it (docs/generating.md)"

Generator = Annotated[
    str,
    typer.Option(
        "--generate-engine",
        help="The engine that makes the music, as diffusers:stable-audio-3-small. Else the profile's.",
        rich_help_panel=_MODEL,
    ),
]
Steps = Annotated[
    int | None,
    typer.Option("--steps", help="Steps of denoising; more is slower.", min=1, max=1000, rich_help_panel=_MODEL),
]
Guidance = Annotated[
    float | None,
    typer.Option(
        "--guidance", help="How closely the tags are followed; 1 is none.", min=0.0, max=50.0, rich_help_panel=_MODEL
    ),
]
GuidanceRescale = Annotated[
    float | None,
    typer.Option(
        "--guidance-rescale",
        help="How far guidance's loudness is taken back.",
        min=0.0,
        max=1.0,
        rich_help_panel=_MODEL,
    ),
]
Sampler = Annotated[str, typer.Option("--sampler", help="A sampler, as dpmpp-3m-sde.", rich_help_panel=_MODEL)]
SigmaMin = Annotated[
    float | None, typer.Option("--sigma-min", help="Noise level at which it ends.", rich_help_panel=_MODEL)
]
SigmaMax = Annotated[
    float | None, typer.Option("--sigma-max", help="Noise level at which it begins.", rich_help_panel=_MODEL)
]
MelodyFile = Annotated[
    Path | None,
    typer.Option(
        "--melody",
        metavar="FILE",
        readable=False,
        help="A recording that the music starts from.",
        rich_help_panel=_MODEL,
    ),
]
MelodyNoise = Annotated[
    float | None,
    typer.Option(
        "--melody-noise",
        help="0 keeps the recording, 1 keeps nothing of it.",
        min=0.0,
        max=1.0,
        show_default="0.7",
        rich_help_panel=_MODEL,
    ),
]


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """How a model makes music; None and empty for its own way.

    Attributes:
        steps: of denoising.
        guidance: how closely the tags are followed.
        guidance_rescale: how far guidance's loudness is taken back, 0 to 1.
        sampler: its name.
        sigma_min: the noise level at which it ends.
        sigma_max: the noise level at which it begins.
        melody: a recording that the music starts from.
        melody_noise: how little of the recording is kept, 0 to 1.
    """

    steps: Steps = None
    guidance: Guidance = None
    guidance_rescale: GuidanceRescale = None
    sampler: Sampler = ""
    sigma_min: SigmaMin = None
    sigma_max: SigmaMax = None
    melody: MelodyFile = None
    melody_noise: MelodyNoise = None

    def put(self, request: "scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest") -> None:
        """Puts what is given into ``request``; the daemon checks it. The melody may be read wherever it lies.

        Raises:
            CommandError: there is no such melody, or a noise without one.
        """
        from sonique.v1 import options_pb2

        from sonique_cli.named_files import readable

        if self._given() != options_pb2.EngineOptions():
            request.options.CopyFrom(self._given())
        if self.melody is not None:
            melody = options_pb2.Melody(path=readable(request, self.melody), noise=self.melody_noise)
            request.melody.CopyFrom(melody)
        elif self.melody_noise is not None:
            raise CommandError("--melody-noise needs a --melody to speak of.", Exit.USAGE)

    def _given(self) -> "options_pb2.EngineOptions":
        from sonique.v1 import options_pb2

        return options_pb2.EngineOptions(
            steps=self.steps,
            guidance=self.guidance,
            guidance_rescale=self.guidance_rescale,
            sampler=self.sampler,
            sigma_min=self.sigma_min,
            sigma_max=self.sigma_max,
        )
