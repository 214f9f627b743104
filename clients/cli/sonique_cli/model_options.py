"""The options that speak of how a model makes music, each with its help, and what they become in a request."""

from pathlib import Path
from typing import Annotated

import typer
from sonique.v1 import options_pb2, scoring_pb2

from sonique_cli.exits import CommandError, Exit
from sonique_cli.inputs import readable

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


def put_options(
    request: scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest,
    *,
    steps: int | None,
    guidance: float | None,
    guidance_rescale: float | None,
    sampler: str,
    sigma_min: float | None,
    sigma_max: float | None,
) -> None:
    """Puts what is given of the options into ``request``; the daemon checks it."""
    options = options_pb2.EngineOptions(
        steps=steps,
        guidance=guidance,
        guidance_rescale=guidance_rescale,
        sampler=sampler,
        sigma_min=sigma_min,
        sigma_max=sigma_max,
    )
    if options != options_pb2.EngineOptions():
        request.options.CopyFrom(options)


def put_melody(
    request: scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest, melody: Path | None, noise: float | None
) -> None:
    """Puts the melody into ``request``.

    Raises:
        CommandError: there is no such file, or a noise without a melody.
    """
    if melody is None and noise is not None:
        raise CommandError("--melody-noise needs a --melody to speak of.", Exit.USAGE)
    if melody is None:
        return
    request.melody.CopyFrom(options_pb2.Melody(path=readable(request, melody), noise=noise))


def put_soundfont(request: scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest, soundfont: Path | None) -> None:
    """Puts the SoundFont into ``request``; like a melody it may be read wherever it lies, for the user named it.

    Raises:
        CommandError: there is no such file.
    """
    if soundfont is not None:
        request.soundfont = readable(request, soundfont)
