"""The nursery: where worker processes are started."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sonique_daemon.workers.home import Home

_PACKAGE = Path(__file__).resolve().parent.parent
_SECRETS = "SONIQUE_TOKEN"


class Nursery:
    """One thread that starts every worker and stays: Linux ends a worker with the thread that started it."""

    def __init__(self, registry: str) -> None:
        self._registry = registry
        self._thread = ThreadPoolExecutor(1, "nursery")

    def start(self, home: Home) -> "subprocess.Popen[bytes]":
        """A worker of ``home`` with pipes for its standard streams, in a group of its own.

        Raises:
            OSError: it cannot be started.
            RuntimeError: the nursery is closed.
        """
        return self._thread.submit(_start, _command(home, self._registry), _environment(home)).result()

    def close(self) -> None:
        """Ends the thread, and on Linux whatever it started that still runs."""
        self._thread.shutdown()


def _command(home: Home, registry: str) -> tuple[str, ...]:
    """The command line of a worker.

    An interpreter of its own sees this package and nothing else that is installed here, so that it keeps its own pins.
    """
    limit = home.ceiling_bytes if home.confined else 0
    options = ("--registry", registry, "--name", home.name, "--daemon", str(os.getpid()), "--data-bytes", str(limit))
    if home.interpreter:
        return (home.interpreter, "-P", str(_PACKAGE / "workers" / "aboard.py"), *options)
    return (sys.executable, "-P", "-m", "sonique_daemon.workers.main", *options)


def _start(command: Sequence[str], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    windows = sys.platform == "win32"
    return subprocess.Popen(  # noqa: S603 - the daemon's own interpreter, or one that an engine's descriptor names
        command,
        bufsize=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        start_new_session=not windows,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) if windows else 0,
    )


def _environment(home: Home) -> dict[str, str]:
    """The daemon's own, without its secrets, and without what would lead another interpreter to the daemon's own."""
    kept_back = (_SECRETS, "PYTHON") if home.interpreter else (_SECRETS,)
    return {name: value for name, value in os.environ.items() if not name.startswith(kept_back)}
