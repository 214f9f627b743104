"""``python -m bench.gpu [SECTION …]``: measures models on a card, and prints the tables of docs/performance.md.

Sections: describe, tag, chain, generate, batch, compile; without any, all of them. Models are built at full size with
random weights, for speed and memory do not depend on the values, and written in their real formats into a folder that
is removed at the end. Each is measured in a process of its own with a limit of time, so that what is missing or hangs
costs the others nothing; it is told and why. ``--tiny`` builds tiny models instead and runs anywhere: its numbers mean
nothing, but that it all runs.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from sonique_daemon.engines.devices import chosen_device
from sonique_daemon.engines.transformers.libraries import make_ready
from sonique_daemon.errors import SoniqueError

from bench.gpu.errands import FIGURES, SECTIONS, Errand, errands
from bench.gpu.gauges import machine
from bench.gpu.rows import Row, details, figures
from bench.gpu.sending import Sender

_FULL, _TINY = (30, 120), (4, 8)
"""Seconds of the audio that is made."""
_PATIENCE = 4
"""How many times longer things may take on a processor, and on a stand-in for a card, where tiny models run."""


def main() -> None:
    """Measures what is named, and prints tables."""
    options = _parser().parse_args()
    make_ready()
    try:
        device = chosen_device(options.device)
    except SoniqueError as error:
        sys.exit(error.sentence)
    patience = 1 if device.startswith("cuda") and not options.tiny else _PATIENCE
    table = FIGURES if options.least else SECTIONS
    chosen = list(errands(options.sections or list(SECTIONS), options.models, patience, table))
    lengths = tuple(options.lengths or (_TINY if options.tiny else _FULL))
    print(f"On {machine(device)}; {'tiny' if options.tiny else 'full-size'} models of random weights.\n", flush=True)
    with TemporaryDirectory(prefix="sonique-bench-", dir=options.folder, ignore_cleanup_errors=True) as shelf:
        sender = Sender(Path(shelf), device, tiny=options.tiny, lengths=lengths)
        rows = []
        try:
            for row in _measured(sender, chosen, 60 * options.minutes):
                _tell(row)
                rows.append(row)
        except KeyboardInterrupt:
            print("Stopped; what was measured so far:", file=sys.stderr)
    judged = device.startswith("cuda") and not options.tiny
    tables = f"{figures(rows, judged=judged)}\n\n{details(rows)}"
    print(tables)
    if options.out:
        options.out.write_text(f"{tables}\n", encoding="utf-8")


def _measured(sender: Sender, chosen: list[Errand], seconds: float) -> Iterator[Row]:
    """The rows of those errands, within so many seconds together; 0 is without a limit."""
    end = monotonic() + seconds if seconds else float("inf")
    most = sum(errand.seconds for errand in chosen)
    print(f"At most {min(most, seconds or most) / 60:.0f} minutes.", file=sys.stderr)
    for place, errand in enumerate(chosen):
        later = chosen[place + 1 :]
        yield from sender.send(errand, later, min(errand.seconds, end - monotonic()))


def _tell(row: Row) -> None:
    value = f"{row.value:.3g} {row.unit}" if row.value is not None else "not measured"
    print(f"{row.section} {row.subject}: {row.what}: {value} {row.why}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.gpu", description=__doc__)
    parser.add_argument("sections", nargs="*", choices=[[], *SECTIONS], metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--models", nargs="+", default=[], metavar="MODEL", help="others, as smolvlm2-500m@fp32")
    parser.add_argument(
        "--least", action="store_true", help="only what has a figure, of the models of the profile 14gb: ten minutes"
    )
    parser.add_argument("--tiny", action="store_true", help="tiny models, to see that it all runs")
    parser.add_argument("--device", default="auto", help="auto, cpu, or a card as cuda:0")
    parser.add_argument(
        "--lengths", nargs="+", type=int, metavar="SECONDS", help="of the audio; 30 and 120 if not said"
    )
    parser.add_argument(
        "--minutes", type=float, default=0.0, help="when to end, whatever is left; the tables are printed"
    )
    parser.add_argument("--folder", type=Path, help="where models are written meanwhile; the system's if not said")
    parser.add_argument("--out", type=Path, help="a file for the tables")
    return parser


if __name__ == "__main__":
    main()
