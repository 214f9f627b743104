"""``sonique engines``: the environments of engines whose libraries need one of their own."""

import subprocess
import sys
from typing import Annotated

import typer

from sonique_cli.command_line import CommandLine

app = CommandLine(no_args_is_help=True, help="Install engines whose libraries need an environment of their own.")


@app.command()
def install(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which: stable-audio-tools.")],
) -> None:
    """Make the environment of an engine on this computer: about 1.4 GB, or 3 GB and more for CUDA.

    It is made from a lock file that ships with Sonique, in Sonique's data folder, and nothing else is touched.
    A daemon that runs finds it after [bold]sonique daemon restart[/].

      sonique engines install stable-audio-tools
    """
    from sonique_cli.exits import CommandError, Exit

    command = (sys.executable, "-P", "-m", "sonique_daemon.app.installing", name)
    if subprocess.run(command, check=False).returncode != 0:  # noqa: S603 - this installation's own module
        raise CommandError("The engine was not installed; the lines above say why.", Exit.FAILED)
