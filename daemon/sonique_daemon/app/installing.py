"""``python -m sonique_daemon.app.installing NAME``: makes an engine's environment, and says how it goes.

``sonique engines install`` runs this beside the daemon, which need not be there for it.
"""

import argparse
import sys

from sonique_daemon.engines.environments import RECIPES, make
from sonique_daemon.errors import SoniqueError


def main() -> None:
    """Makes the environment that is named; exit code 1 with one sentence where that fails."""
    parser = argparse.ArgumentParser(prog="sonique engines install", description=__doc__)
    parser.add_argument("name", help=f"which: {', '.join(RECIPES)}")
    name = parser.parse_args().name
    try:
        python = make(name, _say)
    except SoniqueError as error:
        sys.exit(error.sentence)
    except KeyboardInterrupt:
        sys.exit("Cancelled; nothing was left behind.")
    _say(f"Done: {python}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
