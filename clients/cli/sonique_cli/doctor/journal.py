"""The daemon's logs: what went wrong last."""

import re
import time
from pathlib import Path

from sonique_cli import places
from sonique_cli.doctor.finding import Findings, note, well
from sonique_cli.printable import printable

_BAD = re.compile(r"\b(ERROR|CRITICAL)\b")
_SHOWN = 3
_TAIL_BYTES = 2 * 2**20


def logs(folder: Path) -> Findings:
    """The last errors of this run, and whether a crash is kept."""
    current = folder / places.LOG
    if not current.exists():
        yield well("Log", f"none yet in “{folder}”")
    else:
        bad = [line for line in read_end(current).splitlines() if _BAD.search(line)]
        if bad:
            shown = " / ".join(printable(line)[:160] for line in bad[-_SHOWN:])
            yield note("Log", f"{len(bad)} errors in “{current}”, the last: {shown}", "sonique logs shows all of it.")
        else:
            yield well("Log", f"no errors in “{current}”")
    if places.has_crash(folder):
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime((folder / places.CRASH).stat().st_mtime))
        yield note("Crash", f"something broke a daemon on {when}", "sonique logs --crash shows it.")


def read_end(path: Path, limit: int = _TAIL_BYTES) -> str:
    """The end of a log, at most ``limit`` bytes; "" where it cannot be read."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - limit))
            return file.read(limit).decode("utf-8", "replace")
    except OSError:
        return ""
