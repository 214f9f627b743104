"""The first step of the command ``sonique``: all else is imported later, so that Ctrl-C is heard."""

import sys

_CANCELLED = 130
"""``Exit.CANCELLED``, which is not imported yet."""


def run() -> None:
    """Runs the command line; see ``main.run``."""
    try:
        from sonique_cli.main import run as begin
    except KeyboardInterrupt:
        sys.stderr.write("sonique: cancelled.\n")
        sys.exit(_CANCELLED)
    begin()
