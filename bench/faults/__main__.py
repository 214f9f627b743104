"""``python -m bench.faults [PART …]``: breaks a daemon on the machine at hand in many ways, and prints one table.

Ends with 1 where a figure was missed. ``--short`` does a little of everything (a minute or two); all of it in full
takes about an hour on two cores.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.faults import (
    cancelling,
    crowd,
    daemon_kills,
    disk,
    endurance,
    fuzzing,
    laggards,
    overhead,
    promises,
    rescoring,
    worker_kills,
    wrecks,
)
from bench.table import Row, to_markdown

PARTS: dict[str, tuple[Callable[..., Iterator[Row]], dict[str, Any]]] = {
    "daemon-kills": (daemon_kills.rows, {"kills": 12}),
    "worker-kills": (worker_kills.rows, {"kills": 6}),
    "endurance": (endurance.rows, {"jobs": 60, "warm": 20}),
    "crowd": (crowd.rows, {"watchers": 16, "submitters": 4, "jobs_each": 2}),
    "laggards": (laggards.rows, {"each": 4}),
    "full-disk": (disk.rows, {"times": 3}),
    "rescoring": (rescoring.rows, {"clips": 6, "seconds": 12}),
    "cancelling": (cancelling.rows, {"times": 1, "seconds": 20}),
    "fuzzing": (fuzzing.rows, {"count": 2000}),
    "wrecks": (wrecks.rows, {"count": 32, "lures": False, "unfolding": False}),
    "overhead": (overhead.rows, {"shots": 200, "cue_seconds": 20}),
    "promises": (promises.rows, {"examples": 4, "steps": 15}),
}
"""By name: what measures, and the few things that it does for ``--short``."""


def main() -> int:
    """Runs the parts that were named and prints their rows; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--short", action="store_true", help="a little of everything")
    given = parser.parse_args()
    rows: list[Row] = []
    with TemporaryDirectory(prefix="sonique-faults-") as folder:
        for part in given.parts or list(PARTS):
            measure, few = PARTS[part]
            for row in measure(Path(folder) / part, **(few if given.short else {})):
                print(f"{'met' if row.met else 'MISSED'}: {row.what}: {row.figure} ({row.wanted})", file=sys.stderr)
                rows.append(row)
    print(f"{platform.system()}, Python {platform.python_version()}, {os.cpu_count()} cores\n")
    print(to_markdown(rows))
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
