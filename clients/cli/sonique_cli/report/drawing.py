"""Drawing a report: a page and a picture. The picture is the page's own figure, so that they cannot differ."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import resvg_py

from sonique_cli.exits import CommandError, Exit
from sonique_cli.groups import Timeline
from sonique_cli.inputs import read_input
from sonique_cli.report.facts import Facts
from sonique_cli.report.figure import figure, moments
from sonique_cli.report.footage import Moment, Reel, pictures, record_start
from sonique_cli.report.page import page
from sonique_cli.report.sheet import PLOT
from sonique_cli.report.sound import UnreadableCue, compressed, outline


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished report.

    Attributes:
        html: the page.
        png: the figure as a picture.
        pictures: how many pictures of the shots are in it.
    """

    html: str
    png: bytes
    pictures: int = 0


def draw(facts: Facts, against: Path | None, media_roots: Sequence[Path], rate: float | None) -> Drawing:
    """Draws the report of ``facts``.

    Args:
        facts: what is told.
        against: the film or timeline whose pictures are shown; None for the shots' colours alone.
        media_roots: folders in which media is looked for by name.
        rate: frame rate of a timeline that does not say it.

    Raises:
        CommandError: the sound or the timeline cannot be read.
    """
    try:
        with ThreadPoolExecutor(1) as beside:
            sound = beside.submit(compressed, facts.wav)
            shown = {} if against is None else _pictures(facts, against, media_roots, rate)
            drawn = figure(facts, outline(facts.wav, PLOT // 2), shown)
            png = bytes(resvg_py.svg_to_bytes(svg_string=drawn))
            return Drawing(page(facts, drawn, sound.result()), png, len(shown))
    except UnreadableCue as error:
        raise CommandError(f"“{facts.wav}” cannot be drawn: {error}.", Exit.INPUT) from error


def _pictures(facts: Facts, against: Path, media_roots: Sequence[Path], rate: float | None) -> Mapping[Moment, str]:
    roots = [root.resolve() for root in media_roots]
    read = read_input(against, Timeline(media_roots=roots, rate=rate))
    begin = facts.start - record_start(read.otio_json)
    return pictures(Reel(read.otio_json, Path(read.folder), roots, begin), moments(facts))
