"""``sonique again``: the same take, another one, or a changed one, from a cue's file alone."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sonique_cli import options
from sonique_cli.exits import CommandError, Exit
from sonique_cli.groups import TakeFiles
from sonique_cli.manner import Manner

if TYPE_CHECKING:
    from sonique.v1 import edit_pb2, scoring_pb2

_CHANGES = "What changes"
_BARS = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?", re.ASCII)

Keep = Annotated[
    list[str],
    typer.Option(
        "--keep",
        metavar="BARS",
        help="Bars that stay to the sample, 5-12, counted as a report does; all others are made anew. "
        "May be given again.",
        rich_help_panel=_CHANGES,
    ),
]
Length = Annotated[
    str,
    typer.Option(
        "--length", metavar="LENGTH", help="A new length: 45s, 1:10. Hits stay met.", rich_help_panel=_CHANGES
    ),
]
Swap = Annotated[
    list[str],
    typer.Option(
        "--swap", metavar="OLD=NEW", help="An instrument for another. May be given again.", rich_help_panel=_CHANGES
    ),
]
CalmerFrom = Annotated[
    str, typer.Option("--calmer-from", metavar="TIME", help="Calmer from there on: 0:20.", rich_help_panel=_CHANGES)
]
Calm = Annotated[
    float | None,
    typer.Option("--calm", min=0, max=1, help="How much calmer.", show_default="0.5", rich_help_panel=_CHANGES),
]


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be different; with nothing given, nothing.

    Attributes:
        keep: bars that stay.
        length: a new length.
        swaps: instruments for others.
        calmer_from: where it becomes calmer.
        calm: how much calmer, 0 to 1; None for the daemon's own figure.
    """

    keep: Keep = field(default_factory=list)
    length: Length = ""
    swaps: Swap = field(default_factory=list)
    calmer_from: CalmerFrom = ""
    calm: Calm = None

    def __bool__(self) -> bool:
        """Whether anything is."""
        return bool(self.keep or self.length or self.swaps or self.calmer_from)


def again(
    cue: Annotated[Path, typer.Argument(metavar="CUE.wav", readable=False, help="A cue that Sonique made.")],
    *,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", min=0, callback=options.carried, help="Another seed is another take. Without it, the same take."
        ),
    ] = None,
    changes: Changes,
    media_root: options.MediaRoot = [],
    out: options.Out = None,
    files: TakeFiles,
    force: options.Force = False,
    manner: Manner,
) -> None:
    """Make a cue again from its file alone: the same take, with --seed another, or the take with something changed.

    Every file that Sonique writes carries all that it was made from: tags, cuts, curves, length, seed.

      sonique again cue.wav --keep 5-12

      sonique again cue.wav --length 45s --swap piano=guitar
    """
    from sonique_cli.outputs import Outputs
    from sonique_cli.recipes import read_recipe
    from sonique_cli.results import make_takes

    request = read_recipe(cue)
    change = read_change(request, seed, changes)
    if change is not None:
        request.edit.changes.append(change)
    elif seed is not None:
        request.seed = seed
    request.delivery.stems = files.stems
    request.media_roots.extend(str(root.resolve()) for root in media_root)
    name = "edit" if change is not None else "again" if seed is None else f"seed{seed}"
    outputs = Outputs.beside(out or cue.with_name(f"{cue.stem}.{name}.wav"), files)
    if files.midi and request.edit.changes and _keeps(request.edit.changes[-1]):
        raise CommandError("--midi cannot be had where bars are kept: no score tells what is played there.", Exit.USAGE)
    make_takes(request, outputs, manner, film=None, force=force)


def read_change(request: "scoring_pb2.GenerateRequest", seed: int | None, changes: Changes) -> "edit_pb2.Change | None":
    """What the options change of the take that ``request`` makes; None where that is nothing, or only the seed of all.

    Raises:
        CommandError: bars, a time or a swap are none.
    """
    from sonique.v1 import edit_pb2

    from sonique_cli.wishes import read_length

    edited = bool(request.edit.changes)
    if changes.calm is not None and not changes.calmer_from:
        raise CommandError("--calm says how much; --calmer-from 0:20 says from where.", Exit.USAGE)
    if not changes and not (edited and seed is not None):
        return None
    fresh = _last_seed(request) + 1 if changes.keep and seed is None else seed
    return edit_pb2.Change(
        keep=[_bars(text) for text in changes.keep],
        seed=fresh,
        duration=read_length(changes.length) if changes.length else None,
        swaps=[_swap(text) for text in changes.swaps],
        calm_from=read_length(changes.calmer_from) if changes.calmer_from else None,
        calm=changes.calm,
    )


def _keeps(change: "edit_pb2.Change") -> bool:
    """Whether bars of the take before stand in the changed one."""
    whole = change.HasField("seed") or bool(change.swaps)
    return bool(change.keep) or not whole


def _last_seed(request: "scoring_pb2.GenerateRequest") -> int:
    """The seed that the cue's newest music was made from."""
    seeds = [change.seed for change in request.edit.changes if change.HasField("seed")]
    return seeds[-1] if seeds else request.seed


def _bars(text: str) -> "edit_pb2.BarRange":
    from sonique.v1 import edit_pb2

    match = _BARS.fullmatch(text.strip())
    first = int(match[1]) if match else 0
    last = int(match[2] or match[1]) if match else 0
    if not 1 <= first <= last:
        raise CommandError(f"“{text}” names no bars; write --keep 5-12, or --keep 5.", Exit.USAGE)
    return edit_pb2.BarRange(first=first - 1, last=last - 1)


def _swap(text: str) -> "edit_pb2.Swap":
    from sonique.v1 import edit_pb2

    old, found, new = (part.strip() for part in text.partition("="))
    if not (old and found and new):
        raise CommandError(f"“{text}” is no swap; write --swap piano=guitar.", Exit.USAGE)
    return edit_pb2.Swap(old=old, new=new)
