"""The confines of a worker: what the system lets its process have, set by the process itself before anything else."""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

_FILES = 1024
_POLITENESS = 5
"""Added to the process's niceness: where processors are short, the editor's program and the daemon come first."""
_SESSION_POLITENESS = 10
"""Added to the session's: more, because a session that uses all processors has only a part of its weight on each."""
_AUTOGROUP = Path("/proc/self/autogroup")
"""Where Linux groups processes by session: the niceness of all of a session against the other sessions."""
_ATTEMPTS, _PAUSE_SECONDS = 10, 0.05
"""The system takes such a change only once in a tenth of a second, of all users together."""
_SACRIFICE = "500"
"""Of 1000: where the machine runs out of memory, a worker goes before the daemon or the editor's program."""


def confine(data_bytes: int) -> None:
    """Limits this process: last in line for processors, no core dumps, few and private files, ``data_bytes`` of memory.

    Args:
        data_bytes: most private memory that it may map, or 0 for no limit. Past it, allocation fails.
    """
    os.umask(0o077)
    _share_processors()
    if sys.platform == "win32":
        return
    import resource

    with suppress(OSError):
        os.nice(_POLITENESS)
    _stand_back()
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, _FILES)
    if data_bytes:
        _lower(resource.RLIMIT_DATA, data_bytes)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_SACRIFICE, encoding="ascii")


def _share_processors() -> None:
    """Leaves half of the processors to the editor's program; linear algebra on one is quick and sums in one order."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // 2)))


def _stand_back() -> None:
    """Makes the session polite too: where Linux makes autogroups, a process's niceness counts only within its own."""
    alone = os.getsid(0) == os.getpid()  # else others of the session would be made polite too
    for _ in range(_ATTEMPTS if alone else 0):
        try:
            _AUTOGROUP.write_text(str(_SESSION_POLITENESS), encoding="ascii")
        except BlockingIOError:
            time.sleep(_PAUSE_SECONDS)
        except OSError:  # another system, or a Linux without autogroups
            return
        else:
            return


def _lower(kind: int, most: int) -> None:
    import resource

    _, hard = resource.getrlimit(kind)
    soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (soft, hard))
