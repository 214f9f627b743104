"""Looks at media files in this process: ``python -m bench.faults.looking < PATHS``, paths parted by NUL.

Prints one JSON object for each: what came of it, how long it took, and the highest memory so far.
"""

import json
import sys
import time
from fractions import Fraction
from pathlib import Path

from sonique_daemon.domain.picture import Source
from sonique_daemon.errors import SoniqueError
from sonique_daemon.timeline.frames import sample
from sonique_daemon.timeline.probe import probe
from sonique_daemon.timeline.scan import Damage, scan

_SECOND = Fraction(1)


def main() -> None:
    """Looks at each file."""
    for name in sys.stdin.read().split("\0"):
        if name:
            started = time.perf_counter()
            result = _look(Path(name))
            took = time.perf_counter() - started
            print(json.dumps({"path": name, "result": result, "seconds": took, "peak_bytes": _peak()}), flush=True)


def _peak() -> int:
    """Highest resident memory of this process, in bytes. ``getrusage`` counts that of the process that began it too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def _look(path: Path) -> str:
    """How it went: "seen", the code of the error, or the kind of an exception that should not have come out."""
    try:
        info = probe(path)
        if not info.has_picture:
            return "no picture"
        source = Source(str(path), Fraction(0), _SECOND)
        list(sample(source, (Fraction(0), info.duration / 2), 192))
        for _ in scan(source, Fraction(0), min(info.duration, 4 * _SECOND), Damage()):
            pass
    except SoniqueError as error:
        return error.code
    except Exception as error:  # noqa: BLE001 - that it came out is the finding
        return f"{type(error).__name__}: {error}"
    return "seen"


if __name__ == "__main__":
    main()
