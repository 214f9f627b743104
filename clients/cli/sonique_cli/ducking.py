"""Ducking from the command line: the options, each with its help, and what they ask of the daemon."""

from dataclasses import astuple, dataclass
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


@dataclass(frozen=True, slots=True)
class Ducking:
    """How music makes room for speech.

    Attributes:
        duck: whether it does; None for yes where keyframes can carry it, or where another option says how.
        depth: in dB; None, as in all that follow, for the daemon's own figure.
        look_ahead: seconds before the first word at which it begins.
        attack: seconds that it takes to go down.
        hold: seconds that it stays down after the last word.
        release: seconds that it takes to come back.
    """

    duck: Duck = None
    depth: Depth = None
    look_ahead: LookAhead = None
    attack: Attack = None
    hold: Hold = None
    release: Release = None

    def asked(self, *, keyframes: bool) -> "take_pb2.Ducking | None":
        """What is asked of the daemon; None where the music keeps its level.

        Args:
            keyframes: whether the command writes the gain as keyframes, so that the file keeps its level.
        """
        from sonique.v1 import take_pb2

        _, *figures = astuple(self)
        wanted = keyframes or any(figure is not None for figure in figures) if self.duck is None else self.duck
        if not wanted:
            return None
        return take_pb2.Ducking(
            depth_db=self.depth,
            look_ahead_seconds=self.look_ahead,
            attack_seconds=self.attack,
            hold_seconds=self.hold,
            release_seconds=self.release,
            manner=take_pb2.DUCKING_MANNER_ENVELOPE if keyframes else take_pb2.DUCKING_MANNER_BAKED,
        )
