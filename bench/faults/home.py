"""A home: the folders of one user's daemon, and the daemon in them, which is started, killed and started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sonique.runtime_file import RuntimeFile

REPOSITORY = Path(__file__).resolve().parents[2]
ENGINES = "bench.faults.engines:patient"
"""Names the registry of engines that take their time and do little; see ``engines``."""

PATIENT = ("--registry", ENGINES)
"""Options of a daemon with these engines."""

_LOOK_SECONDS = 0.005


@dataclass
class Home:
    """Folders, options and environment of one daemon, and its process.

    Attributes:
        folder: an existing folder; runtime files and log go to ``run``, the store to ``store``.
        options: of ``soniqued``.
        before: a command that runs the daemon as its own arguments, as strace does.
        environment: variables besides those of this process.
        process: the daemon, or what runs it; None before the first start.
    """

    folder: Path
    options: tuple[str, ...] = PATIENT
    before: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def runtime(self) -> Path:
        """The runtime folder."""
        return self.folder / "run"

    @property
    def store(self) -> Path:
        """The store's folder."""
        return self.folder / "store"

    @property
    def output(self) -> Path:
        """What the daemon wrote besides its log."""
        return self.folder / "daemon.out"

    @property
    def variables(self) -> dict[str, str]:
        """The whole environment; also for commands that are to find this daemon."""
        own = {
            "SONIQUE_RUNTIME_DIR": str(self.runtime),
            "SONIQUE_STORE": str(self.store),
            "SONIQUE_LOG_DIR": str(self.folder / "log"),
            "SONIQUE_CONFIG": os.devnull,  # not the settings of who runs this
            "PYTHONPATH": os.pathsep.join((str(REPOSITORY), *filter(None, (os.environ.get("PYTHONPATH"),)))),
        }
        return {**os.environ, **own, **self.environment}

    def spawn(self) -> "subprocess.Popen[bytes]":
        """Starts the daemon and does not wait for it."""
        command = [*self.before, sys.executable, "-m", "sonique_daemon.app.main", *self.options]
        with self.output.open("ab") as output:
            self.process = subprocess.Popen(
                command, env=self.variables, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=self.folder
            )
        return self.process

    def start(self, seconds: float = 60.0) -> RuntimeFile:
        """Starts the daemon and waits until it listens."""
        return self.listening(self.spawn(), seconds)

    def listening(self, process: "subprocess.Popen[bytes]", seconds: float = 60.0) -> RuntimeFile:
        """What the runtime file says, as soon as it is that of ``process`` or a child of it.

        Raises:
            RuntimeError: it ended or took too long; carries what it wrote.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and process.poll() is None:
            found = self.told()
            if found is not None and (found.pid == process.pid or (self.before and psutil.pid_exists(found.pid))):
                return found
            time.sleep(_LOOK_SECONDS)
        raise RuntimeError(f"the daemon did not listen (exit {process.poll()}): {self.said()}")

    def told(self) -> RuntimeFile | None:
        """What the runtime file says now; None where there is none."""
        try:
            return RuntimeFile.from_json((self.runtime / "daemon.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def said(self) -> str:
        """The end of what the daemon wrote besides its log."""
        return self.output.read_text(encoding="utf-8", errors="replace")[-3000:] if self.output.exists() else ""

    def logged(self) -> str:
        """All logs of the daemon."""
        texts = (
            path.read_text(encoding="utf-8", errors="replace") for path in sorted((self.folder / "log").rglob("*.log*"))
        )
        return "".join(texts)

    def kill(self) -> None:
        """Ends the daemon as a power failure would."""
        told = self.told()
        if self.before and told is not None:  # what is traced outlives its tracer
            with suppress(psutil.Error):
                psutil.Process(told.pid).kill()
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(60)

    def stop(self, seconds: float = 60.0) -> int:
        """Tells the daemon to end in order, and gives its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds)

    def workers(self) -> list[psutil.Process]:
        """The daemon's child processes."""
        told = self.told()
        with suppress(psutil.Error):
            return psutil.Process(told.pid).children(recursive=True) if told is not None else []
        return []

    def memory(self) -> int:
        """Resident bytes of the daemon and its workers together."""
        told = self.told()
        processes = [*self.workers(), *([psutil.Process(told.pid)] if told is not None else [])]
        return sum(resident(process) for process in processes)


def resident(process: psutil.Process) -> int:
    """Resident bytes of one process; 0 where it is gone."""
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


@contextmanager
def home(folder: Path, *options: str, **variables: str) -> Iterator[Home]:
    """A home in ``folder`` (made where it is not there); the daemon and its workers are ended at the end.

    Args:
        folder: where.
        options: of ``soniqued``; without any, those of the patient engines.
        variables: of its environment.
    """
    folder.mkdir(parents=True, exist_ok=True)
    here = Home(folder, options or PATIENT, environment=variables)
    try:
        yield here
    finally:
        end(here)


def end(here: Home) -> None:
    """Kills the daemon of a home and what it left."""
    left = here.workers()
    here.kill()
    for process in left:
        with suppress(psutil.Error):
            process.kill()
