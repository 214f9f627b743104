"""``sonique report`` and ``sonique cuesheet``: what a cue is, for the eye and for the deliverables."""

import secrets
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from sonique_cli import options
from sonique_cli.exits import CommandError, Exit
from sonique_cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sonique_cli.report.facts import Facts
    from sonique_cli.session import Session

_USAGE = "BI"
"""Background instrumental, as cue sheets spell it."""

Usage = Annotated[
    str, typer.Option("--usage", help="What the music is used for: BI, background instrumental; VI; TO, theme open …")
]


def report(
    cue: Annotated[str, typer.Argument(metavar="CUE.wav|JOB", help="A cue that Sonique made, or a job's id.")],
    against: Annotated[
        Path | None,
        typer.Option(
            "--against",
            metavar="FILE",
            readable=False,
            help="The film or timeline that it was made for, for its pictures.",
        ),
    ] = None,
    take: Annotated[int, typer.Option("--take", min=1, help="Which take of a job.")] = 1,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE", readable=False, help="Where to: an .html file; a .png goes beside it."
        ),
    ] = None,
    media_root: options.MediaRoot = [],
    rate: options.Rate = None,
    force: options.Force = False,
    quiet: options.QuietOption = False,
) -> None:
    """Write a page and a picture about a cue: its shots, cuts, beats, hits met and missed, speech, tags, origin.

    The page is one file with the music in it, to be opened in any browser or mailed.

      sonique report trip.wav --against trip.mp4
    """
    from sonique_cli.display import open_display
    from sonique_cli.outputs import require_free, write_text
    from sonique_cli.report.drawing import Drawing, draw
    from sonique_cli.session import open_session

    target = out or _named(cue, ".report.html")
    if target.suffix.lower() not in (".html", ".htm"):
        raise CommandError(f"“{target}” does not end in .html, which is what a report is.", Exit.USAGE)
    picture = target.with_suffix(".png")
    require_free((target, picture), force=force)
    with ExitStack() as stack:
        display = stack.enter_context(open_display(json_lines=False, quiet=quiet))
        session = stack.enter_context(open_session(display))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="sonique-report-")))
        facts = _of_file(session, Path(cue), media_root) if Path(cue).is_file() else _of_job(session, cue, take, folder)
        drawing: Drawing = draw(facts, against, media_root, rate)
    write_text(target, drawing.html, force=force)
    _write_bytes(picture, drawing.png)
    if against is not None and not drawing.pictures:
        sentence = "can be read, so shots are shown in their main colour; --media-root says where its media is."
        typer.echo(f"Note: No picture of “{printable(str(against))}” {sentence}", err=True)
    if not quiet:
        typer.echo(f"{target}\n{picture}", err=True)


def cuesheet(
    cues: Annotated[list[Path], typer.Argument(metavar="CUE.wav", readable=False, help="Cues that Sonique made.")],
    out: options.Out = None,
    usage: Usage = _USAGE,
    force: options.Force = False,
) -> None:
    """Write a cue sheet as CSV: for every cue its title, in and out, duration, engine, licence, usage.

    sonique cuesheet reel1/*.wav -o reel1.csv
    """
    from sonique_cli.outputs import write_text
    from sonique_cli.report.cuesheet import facts_of_file, sheet, sheet_row
    from sonique_cli.results import print_result

    every = sorted((facts_of_file(cue) for cue in cues), key=lambda facts: (facts.start, facts.title))
    text = sheet(sheet_row(facts, number, usage) for number, facts in enumerate(every, 1))
    if out is None:
        print_result(text.rstrip("\r\n"))
    else:
        write_text(out, text, force=force)


def _of_file(session: "Session", wav: Path, media_root: "Sequence[Path]") -> "Facts":
    """The facts of a cue's file: the daemon knows the take by its recipe, or makes it again."""
    import hashlib

    from sonique_client.recipe import read_provenance

    from sonique_cli.following import run
    from sonique_cli.manner import Manner
    from sonique_cli.recipes import read_recipe
    from sonique_cli.report.facts import Facts, rate_of, seconds_of

    request = read_recipe(wav)
    request.media_roots.extend(str(root.resolve()) for root in media_root)
    result = run(session, request, Manner(quiet=True))
    made = result.takes[0]
    with wav.open("rb") as file:
        same = hashlib.file_digest(file, "sha256").hexdigest() == made.files[0].sha256
    note = "The file differs from the take that its recipe makes here; beats and measures are that take's."
    described = request.description if request.HasField("description") else None
    start = seconds_of(request.delivery.record_start)
    notes = () if same else (note,)
    return Facts(wav, made, request.tags, described, read_provenance(wav), start, rate_of(described), notes)


def _of_job(session: "Session", job: str, number: int, folder: Path) -> "Facts":
    """The facts of a job's take, whose sound is fetched into ``folder``."""
    from sonique_client.fetch import fetch
    from sonique_client.recipe import read_provenance

    from sonique_cli.choosing import find_job
    from sonique_cli.following import watch
    from sonique_cli.recipes import read_recipe
    from sonique_cli.report.facts import Facts, rate_of, seconds_of

    chosen = find_job(session.connection, job)
    result = watch(session, chosen.id)
    if number > len(result.takes):
        many = "one take" if len(result.takes) == 1 else f"{len(result.takes)} takes"
        raise CommandError(f"The job “{chosen.id}” made {many}; there is no take {number}.", Exit.USAGE)
    made = result.takes[number - 1]
    wav = fetch(session.connection, made, "mix", folder / f"{chosen.id[:8]}.take{number}.wav")
    request = read_recipe(wav)
    described = request.description if request.HasField("description") else None
    facts = Facts(wav, made, request.tags, described, read_provenance(wav))
    return replace(facts, start=seconds_of(request.delivery.record_start), rate=rate_of(described))


def _named(cue: str, suffix: str) -> Path:
    path = Path(cue)
    return path.with_name(path.stem + suffix) if path.is_file() else Path(f"{path.name[:8]}{suffix}")


def _write_bytes(path: Path, data: bytes) -> None:
    part = path.with_name(f".sonique-{secrets.token_hex(6)}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CommandError(f"“{path}” cannot be written: {error.strerror}.", Exit.OUTPUT) from error
