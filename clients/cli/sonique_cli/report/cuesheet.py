"""The cue sheet: what a broadcaster or a festival asks of every piece of music, as CSV."""

import csv
import io
from collections.abc import Iterable, Mapping
from fractions import Fraction
from pathlib import Path

from sonique.v1 import scoring_pb2

from sonique_cli.exits import CommandError, Exit
from sonique_cli.printable import printable
from sonique_cli.report.facts import Facts, rate_of, seconds_of

COLUMNS = (
    "Cue",
    "Title",
    "In",
    "Out",
    "Duration",
    "Usage",
    "Composer",
    "Publisher",
    "Engine licence",
    "Engine",
    "Seed",
    "Style",
    "Tempo",
    "Machine-made",
    "File",
)

_FORMULAS = ("=", "+", "-", "@")


def sheet_row(facts: Facts, number: int, usage: str) -> Mapping[str, str]:
    """One cue by the names of ``COLUMNS``."""
    told, end = facts.provenance, facts.start + Fraction(facts.seconds)
    engine = " ".join(filter(None, (told.get("ENGINE") or facts.take.engine, told.get("ENGINE_VERSION", ""))))
    return {
        "Cue": str(number),
        "Title": facts.title,
        "In": facts.timecode(facts.start),
        "Out": facts.timecode(end),
        "Duration": _clock(facts.seconds),
        "Usage": usage,
        "Composer": f"none: machine-made ({told.get('SOFTWARE') or 'Sonique'})",
        "Publisher": "none",
        "Engine licence": told.get("LICENCE", ""),
        "Engine": engine,
        "Seed": told.get("SEED") or str(facts.take.seed),
        "Style": facts.tags.style if facts.tags is not None else "",
        "Tempo": told.get("TEMPO", ""),
        "Machine-made": told.get("MACHINE_MADE", "yes"),
        "File": facts.wav.name,
    }


def sheet(rows: Iterable[Mapping[str, str]]) -> str:
    """The sheet with its heading. No cell begins like a formula, whatever a cue is called."""
    target = io.StringIO()
    writer = csv.DictWriter(target, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _plain(cell) for name, cell in row.items()} for row in rows)
    return target.getvalue()


def facts_of_file(wav: Path) -> Facts:
    """What a cue's file alone tells of it, without a daemon.

    Raises:
        CommandError: it is no cue of Sonique's.
    """
    import wave

    from sonique.v1 import take_pb2
    from sonique_client.recipe import read_provenance

    from sonique_cli.recipes import read_recipe

    request: scoring_pb2.GenerateRequest = read_recipe(wav)
    try:
        with wave.open(str(wav), "rb") as file:
            samples = file.getnframes()
    except (wave.Error, OSError, EOFError, RuntimeError) as error:  # the last is what it says of a chunk past the end
        raise CommandError(
            f"“{wav}” holds no sound that can be read; name a cue that Sonique wrote.", Exit.INPUT
        ) from error
    take = take_pb2.Take(seed=request.seed, samples=samples)
    described = request.description if request.HasField("description") else None
    start = seconds_of(request.delivery.record_start)
    return Facts(wav, take, request.tags, described, read_provenance(wav), start, rate_of(described))


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _plain(cell: str) -> str:
    """The cell on one line, without what would steer a terminal or a spreadsheet: what a file says may be anything."""
    shown = printable(cell)
    return f"'{shown}" if shown.startswith(_FORMULAS) else shown
