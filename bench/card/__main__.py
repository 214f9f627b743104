"""``python -m bench.card MODEL …``: what full-size models hold of a card's memory at the most, counted without one.

The engines run as on a card, on the stand-in beside this file, with random weights: a describing model looks at 30 s in
32 frames, a music model makes a take of each of ``--lengths``. Counted is what tensors hold, which is what their kinds
and shapes say, whoever computes them. A real card holds more: the room that its kernels and libraries take for
themselves, and what lies between tensors. A processor takes from minutes to an hour for each.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from sonique_daemon.domain.events import Stage

from bench.card.building import environment_with_card
from bench.gpu.subjects import entry

REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> None:
    """Counts what is named, and prints a table."""
    options = _parser().parse_args()
    print("| model | what it does | at the most | afterwards | planned |\n|---|---|---|---|---|", flush=True)
    with TemporaryDirectory(prefix="sonique-bench-", dir=options.folder) as folder:
        card = environment_with_card(Path(folder))
        for name in options.models:
            lengths = map(str, options.lengths) if Stage.GENERATE in entry(name)[0].stages else ()
            command = [sys.executable, "-m", "bench.card.holding", name, folder, *lengths]
            command += ["--tiny"] if options.tiny else []
            subprocess.run(command, cwd=REPOSITORY, env=card, check=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.card", description=__doc__)
    parser.add_argument("models", nargs="+", metavar="MODEL", help="as stable-audio-3-medium@bf16")
    parser.add_argument("--lengths", nargs="+", type=int, default=[30, 120], metavar="SECONDS", help="of the takes")
    parser.add_argument("--folder", type=Path, help="where models are written meanwhile; the system's if not said")
    parser.add_argument("--tiny", action="store_true", help="tiny models, to see that it runs")
    return parser


if __name__ == "__main__":
    main()
