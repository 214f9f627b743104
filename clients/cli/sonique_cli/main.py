"""The command ``sonique``. Libraries are imported by the commands that need them, so that ``--help`` is quick."""

import errno
import os
import sys
from pathlib import Path

import typer

from sonique_cli import (
    again,
    check,
    daemon,
    demo,
    engines,
    jobs,
    logs,
    models,
    profiles,
    resolve,
    score,
    stages,
    storage,
    vocabulary,
    watching,
    workers,
)
from sonique_cli.blender import command as blender
from sonique_cli.command_line import CommandLine
from sonique_cli.doctor import command as doctor
from sonique_cli.exits import CommandError, Exit
from sonique_cli.printable import printable
from sonique_cli.report import command as reporting

_HELP = """Background music for a range of your timeline: exactly as long, on the cuts, made on your own machine.

[bold]sonique score trip.mp4[/] makes music for a film. [bold]sonique COMMAND --help[/] teaches each command.

Exit codes: 0 done, 1 failed, 2 makes no sense, 3 cannot be read, 4 cannot be written, 5 daemon, 130 cancelled.
"""

app = CommandLine(
    name="sonique", help=_HELP, no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False
)
NO_HOME = "nobody knows the home folder of this user; set HOME to the folder under which Sonique may keep its files."
_FULL = (errno.ENOSPC, errno.EDQUOT)
"""What the system says where a disk, or a user's share of it, is full."""

_BARRED = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP)
"""What the system says of a path that it does not follow."""

_MAKE, _JOBS, _CARE = "Making music", "Jobs", "The daemon and its store"
_COMMANDS = (
    (_MAKE, (score.score, stages.describe, stages.tag, stages.generate, again.again, demo.demo, vocabulary.styles)),
    (_MAKE, (check.check, reporting.report, reporting.cuesheet)),
    (_JOBS, (jobs.jobs, watching.watch, watching.fetch, jobs.cancel)),
    (_CARE, (profiles.profiles, workers.ps, storage.du, storage.prune, logs.logs, doctor.doctor)),
)
for _panel, _commands in _COMMANDS:
    for _command in _commands:
        app.command(rich_help_panel=_panel)(_command)
app.add_typer(resolve.app, name="resolve", rich_help_panel=_MAKE)
app.add_typer(blender.app, name="blender", rich_help_panel=_MAKE)
app.add_typer(models.app, name="models", rich_help_panel=_CARE)
app.add_typer(engines.app, name="engines", rich_help_panel=_CARE)
app.add_typer(daemon.app, name="daemon", rich_help_panel=_CARE)


@app.callback(invoke_without_command=True)
def version(
    show: bool = typer.Option(False, "--version", help="Say which release this is, and stop."),
) -> None:
    """Background music for a range of your timeline."""
    if show:
        from importlib.metadata import version as release

        typer.echo(f"sonique {release('sonique')}")
        raise typer.Exit


def run() -> None:
    """Runs the command line; ends the process with a documented exit code and one sentence where it ends badly."""
    _open_what_is_closed()
    try:
        _run_to_the_end()
    except CommandError as error:
        sys.stderr.write(f"sonique: {printable(error.sentence)}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("sonique: cancelled.\n")
        sys.exit(Exit.CANCELLED)
    except SystemExit as end:
        sys.exit(_ending(end))
    except BrokenPipeError:
        _leave_unwritten()
        sys.exit(Exit.UNREAD)
    except Exception as error:
        _leave_unwritten()
        if os.environ.get("SONIQUE_TRACEBACK"):
            raise
        sentence, code = _told(error)
        sys.stderr.write(f"sonique: {sentence}\n")
        sys.exit(code)


def _open_what_is_closed() -> None:
    """Drops what is written where the caller closed the outputs (``>&-``), for which Python has nothing at all."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - it is open to the end


def _run_to_the_end() -> None:
    """Runs the command; what it wrote is out when this returns, and not only when Python ends, which tells no user."""
    try:
        app()
    finally:
        sys.stdout.flush()


def _leave_unwritten() -> None:
    """Drops what standard output could not take, which Python would try once more at its end, and complain of."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _told(error: Exception) -> tuple[str, Exit]:
    """What an error says of which no command made a sentence, and the exit code."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return f"no room is left for what was to be written ({os.strerror(error.errno)}); make some.", Exit.OUTPUT
    if isinstance(error, OSError) and error.errno in _BARRED and error.filename:
        name, reason = printable(str(error.filename)), os.strerror(error.errno).lower()
        return f"“{name}” cannot be reached ({reason}); change its permissions, or name another.", Exit.INPUT
    if not _has_home():
        return NO_HOME, Exit.USAGE
    what = f"something broke that should not have ({type(error).__name__}: {printable(str(error))})."
    return f"{what}\nWith SONIQUE_TRACEBACK=1 in the environment it says where.", Exit.FAILED


def _has_home() -> bool:
    """Whether the system knows a home folder of this user, under which most of Sonique's own folders are."""
    try:
        return bool(Path.home())
    except RuntimeError:
        return False


def _ending(end: SystemExit) -> str | int | None:
    """The exit code; Typer has 1 for a reader who left, and for Ctrl-C where something was asked, else says nothing."""
    reason = end.__context__
    if isinstance(reason, BrokenPipeError):
        return Exit.UNREAD
    if isinstance(reason, typer.Exit) and isinstance(reason.__cause__, KeyboardInterrupt):
        sys.stderr.write("sonique: cancelled.\n")
    return Exit.CANCELLED if isinstance(reason, typer.Abort) else end.code


if __name__ == "__main__":
    run()
