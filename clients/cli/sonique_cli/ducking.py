"""Ducking from the command line: the options, each with its help, and what they ask of the daemon."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sonique.v1 import take_pb2

_SPEECH = "Under speech"

Duck = Annotated[
    bool | None,
    typer.Option(
        "--duck/--no-duck",
        help="Turn the music down under speech: in the sound file itself, or with -o NAME.otio as gain keyframes. "
        "By default with -o NAME.otio alone.",
        show_default=False,
        rich_help_panel=_SPEECH,
    ),
]
Depth = Annotated[
    float | None,
    typer.Option(
        "--duck-depth", metavar="DB", min=0, max=60, help="How far down.", show_default="9", rich_help_panel=_SPEECH
    ),
]
LookAhead = Annotated[
    float | None,
    typer.Option(
        "--duck-look-ahead",
        metavar="SECONDS",
        min=0,
        max=5,
        help="How long before the first word it begins to go down.",
        show_default="0.25",
        rich_help_panel=_SPEECH,
    ),
]
Attack = Annotated[
    float | None,
    typer.Option(
        "--duck-attack",
        metavar="SECONDS",
        min=0.01,
        max=5,
        help="How long it takes to go down.",
        show_default="0.2",
        rich_help_panel=_SPEECH,
    ),
]
Hold = Annotated[
    float | None,
    typer.Option(
        "--duck-hold",
        metavar="SECONDS",
        min=0,
        max=10,
        help="How long it stays down after the last word.",
        show_default="0.4",
        rich_help_panel=_SPEECH,
    ),
]
Release = Annotated[
    float | None,
    typer.Option(
        "--duck-release",
        metavar="SECONDS",
        min=0.05,
        max=10,
        help="How long it takes to come back; pauses too short for that are passed over.",
        show_default="0.8",
        rich_help_panel=_SPEECH,
    ),
]


def read_ducking(
    duck: bool | None,
    depth: float | None,
    look_ahead: float | None,
    attack: float | None,
    hold: float | None,
    release: float | None,
    *,
    keyframes: bool,
) -> "take_pb2.Ducking | None":
    """How the options want the music to make room for speech; None where it keeps its level.

    Args:
        duck: whether it makes room; None for yes where ``keyframes``, or where another option says how.
        depth: in dB.
        look_ahead: in seconds, as all that follow; None everywhere for the daemon's own figure.
        attack: how long it takes to go down.
        hold: how long it stays down.
        release: how long it takes to come back.
        keyframes: whether the command writes the gain as keyframes, so that the file keeps its level.
    """
    from sonique.v1 import take_pb2

    figures = (depth, look_ahead, attack, hold, release)
    wanted = keyframes or any(figure is not None for figure in figures) if duck is None else duck
    if not wanted:
        return None
    return take_pb2.Ducking(
        depth_db=depth,
        look_ahead_seconds=look_ahead,
        attack_seconds=attack,
        hold_seconds=hold,
        release_seconds=release,
        manner=take_pb2.DUCKING_MANNER_ENVELOPE if keyframes else take_pb2.DUCKING_MANNER_BAKED,
    )
