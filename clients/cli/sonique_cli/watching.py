"""``sonique watch`` and ``sonique fetch``: any job from any process, while it runs and after."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sonique_cli import options
from sonique_cli.exits import CommandError, Exit
from sonique_cli.groups import TakeFiles
from sonique_cli.printable import printable

if TYPE_CHECKING:
    from sonique_cli.following import Result

JobOrNewest = Annotated[
    str,
    typer.Argument(
        metavar="JOB", help="A job's id, or its beginning. Without it, the newest that runs, else the newest."
    ),
]


def watch(
    job: JobOrNewest = "",
    after: Annotated[
        int,
        typer.Option("--after", metavar="SEQ", min=0, callback=options.carried, help="Only events after that number."),
    ] = 0,
    json_lines: options.Json = False,
    quiet: options.QuietOption = False,
) -> None:
    """Show how a job goes, whoever began it; of one that has ended, how it went. Ctrl-C leaves; the job goes on.

    The exit code is the job's: 0 done, 130 cancelled, else why it failed.

      sonique watch

      sonique watch 3f2a91bc --json > log.json
    """
    from sonique_cli.choosing import LIVE, find_job, newest
    from sonique_cli.display import open_display
    from sonique_cli.following import watch as follow
    from sonique_cli.session import open_session

    with open_display(json_lines=json_lines, quiet=quiet) as display, open_session(display) as session:
        chosen = find_job(session.connection, job) if job else newest(session.connection)
        if not job and chosen.state not in LIVE:
            session.display.say(f"No job runs; this is how the newest one, {chosen.id}, went.")
        result = follow(session, chosen.id, after)
    if not json_lines and not quiet:
        typer.echo(printable(_told(result, chosen.id)), err=True)


def fetch(
    job: options.JobArgument,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", readable=False, help="Where to: a .wav file.")],
    film: Annotated[
        Path | None,
        typer.Option(
            "--film",
            metavar="FILE",
            readable=False,
            help="The film that it was made for; writes it with the music too.",
        ),
    ] = None,
    files: TakeFiles,
    force: options.Force = False,
    json_lines: options.Json = False,
    quiet: options.QuietOption = False,
) -> None:
    """Save the takes of a job, as the command that began it would have. Waits for one that still runs.

    sonique fetch 3f2a91bc -o cue.wav
    """
    from rich.console import Console

    from sonique_cli.choosing import LIVE, find_job
    from sonique_cli.display import Quiet, open_display
    from sonique_cli.following import watch as follow
    from sonique_cli.manner import Manner
    from sonique_cli.outputs import Outputs, require_free
    from sonique_cli.results import Film, finish_takes, names_of, save_takes
    from sonique_cli.score import scored_name
    from sonique_cli.session import open_session

    outputs = Outputs.beside(out, files)
    carried = None if film is None else Film(film, scored_name(film, out))
    if film is not None and not film.is_file():
        raise CommandError(f"“{film}” is not there.", Exit.INPUT)
    require_free((path for path in names_of(outputs, carried, 1)[0].all()), force=force)
    with open_display(json_lines=json_lines, quiet=quiet) as display, open_session(display) as session:
        chosen = find_job(session.connection, job)
        if chosen.state not in LIVE and not json_lines:  # it must not look as if it were made again
            session.display = Quiet(Console(stderr=True))
        result = follow(session, chosen.id)
        if not result.takes:
            raise CommandError(f"The job “{chosen.id}” made no takes; sonique watch shows what it made.", Exit.FAILED)
        named = names_of(outputs, carried, len(result.takes))
        require_free((path for take in named for path in take.all()), force=force)
        save_takes(session, result, named, force=force)
    finish_takes(result, named, carried, Manner(json_lines=json_lines, quiet=quiet), force=force)


def _told(result: "Result", job_id: str) -> str:
    """What the job made, and how to get it."""
    if result.takes:
        count = "One take is" if len(result.takes) == 1 else f"{len(result.takes)} takes are"
        return f"Done. {count} there: sonique fetch {job_id} -o cue.wav"
    return "Done."
