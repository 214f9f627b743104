"""Makes one cue in this process, on one core, and prints what it took: ``python -m bench.one_cue FOLDER SECONDS RUNS``.

Each run has another seed. The first of several does not count, so that what a warm daemon keeps is warm, and of the
others the median does: one seed's cue is a quarter fuller than another's.
"""

import json
import os
import sys
import time
from fractions import Fraction
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import Event, Tagged
from sonique_daemon.domain.request import Delivery, GenerateJob, TagJob

from bench.chains import chain_in


def main(folder: Path, seconds: int, runs: int) -> None:
    """Prints JSON: wall seconds of a run, and the highest resident memory of the process in bytes."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with TemporaryDirectory(dir=folder) as store:
        chain = chain_in(Path(store))
        events: list[Event] = []
        chain.run(TagJob(Brief(prompt="cinematic adventure with drums", bpm=100.0)), events.append, _never)
        tags = next(event.tags for event in events if isinstance(event, Tagged))
        spent = []
        for seed in range(runs):
            job = GenerateJob(tags, Fraction(seconds), seed=seed, delivery=Delivery(stems=True))
            started = time.perf_counter()
            chain.run(job, events.append, _never)
            spent.append(time.perf_counter() - started)
    counted = spent[1:] or spent
    sys.stdout.write(json.dumps({"seconds": median(counted), "runs": spent, "peak_bytes": _peak_bytes()}))


def _never() -> None:
    return None


def _peak_bytes() -> int:
    """Highest resident memory of this process, in bytes; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
