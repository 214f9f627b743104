"""The options of what is made for DaVinci Resolve, each with its help."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

_PLACE = "In Resolve"


class RangeChoice(StrEnum):
    """Where the range comes from."""

    AUTO = "auto"
    MARKS = "marks"
    CLIP = "clip"
    WHOLE = "whole"


class TransportChoice(StrEnum):
    """How Resolve is reached."""

    AUTO = "auto"
    EXTERNAL = "external"
    MAILBOX = "mailbox"


class WindowChoice(StrEnum):
    """Where the panel shows itself."""

    AUTO = "auto"
    RESOLVE = "resolve"
    SYSTEM = "system"
    TERMINAL = "terminal"


class EditionChoice(StrEnum):
    """Resolve's editions."""

    FREE = "free"
    STUDIO = "studio"


ResolveRange = Annotated[
    str,
    typer.Option(
        "--range",
        metavar="WHICH",
        help="auto (the marks, else all), marks, clip (under the playhead), whole; or typed: 01:00:10:00-01:00:42:12.",
        rich_help_panel=_PLACE,
    ),
]
Transport = Annotated[
    TransportChoice,
    typer.Option(
        "--transport",
        help="How Resolve is reached: external (Studio), mailbox (Free from 21.1 on, with the menu's script running).",
        rich_help_panel=_PLACE,
    ),
]
Volume = Annotated[
    float, typer.Option("--volume", metavar="DB", help="Of the clip.", min=-100, max=30, rich_help_panel=_PLACE)
]
FadeIn = Annotated[int, typer.Option("--fade-in", metavar="FRAMES", min=0, rich_help_panel=_PLACE)]
FadeOut = Annotated[int, typer.Option("--fade-out", metavar="FRAMES", min=0, rich_help_panel=_PLACE)]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        metavar="FOLDER",
        help="Where the sound files stay; Resolve plays them from there. Without it, in your folder of music.",
        rich_help_panel=_PLACE,
    ),
]
StemsToo = Annotated[
    bool, typer.Option("--stems", help="Place the stems, each on a track of its own.", rich_help_panel=_PLACE)
]

ProxyRender = Annotated[
    bool,
    typer.Option(
        "--proxy-render",
        help="Let Resolve render the range first, small, so that titles and nested timelines are seen.",
        rich_help_panel=_PLACE,
    ),
]

Window = Annotated[
    WindowChoice,
    typer.Option(
        "--window",
        help="The panel's window: Resolve's own (Studio), the system's, or the terminal; auto is the first of them.",
    ),
]
Home = Annotated[Path | None, typer.Option("--home", metavar="FOLDER", help="Another home than yours.")]
Edition = Annotated[
    EditionChoice | None, typer.Option("--edition", help="Which Resolve it is for. Without it, for any.")
]
Release = Annotated[str, typer.Option("--release", metavar="21.1", help="Which release of Resolve it is for.")]
