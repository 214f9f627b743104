"""Real daemons in processes of their own, whose jobs play a script, in folders of the test's own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sonique.runtime_file import RuntimeFile

PROGRAM = """
import sys
from dataclasses import dataclass

from sonique_daemon.app.main import main
from sonique_daemon.domain.events import Warned
from sonique_daemon.engines.registry import embedded
from sonique_daemon.jobs.runner import FakeRunner, Hold


@dataclass
class Ensemble:
    chain: object
    registry: object

    def warm(self):
        pass


def script(job):
    yield Warned("begun")
    if job.brief.prompt == "deaf":
        Hold().gate.wait(60)
    if job.brief.prompt == "long":
        yield Hold()


sys.exit(main(sys.argv[1:], lambda settings: Ensemble(FakeRunner(script), embedded())))
"""


@dataclass
class Home:
    """Folders and environment of one user's daemon, and the processes that were started in it."""

    folder: Path
    started: list["subprocess.Popen[str]"] = field(default_factory=list)

    @property
    def runtime(self) -> Path:
        return self.folder / "run"

    @property
    def file(self) -> Path:
        return self.runtime / "daemon.json"

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "SONIQUE_RUNTIME_DIR": str(self.runtime),
            "SONIQUE_STORE": str(self.folder / "store"),
        }

    def spawn(self, *arguments: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def start(self, *arguments: str) -> tuple["subprocess.Popen[str]", RuntimeFile]:
        process = self.spawn(*arguments)
        return process, self.listening(process)

    def listening(self, process: "subprocess.Popen[str]") -> RuntimeFile:
        """What the runtime file of ``process`` says, as soon as it is there."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and process.poll() is None:
            try:
                found = RuntimeFile.from_json(self.file.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                found = None
            if found is not None and found.pid == process.pid:
                return found
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.01)
        raise AssertionError(process.communicate(timeout=5))

    def stop(self, process: "subprocess.Popen[str]") -> int:
        process.send_signal(signal.SIGTERM)
        return process.wait(20)


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A user's folders; daemons that still run at the end are ended."""
    here = Home(tmp_path_factory.mktemp("h"))
    for name, value in here.environment().items():
        if name.startswith("SONIQUE_"):
            monkeypatch.setenv(name, value)
    yield here
    for process in here.started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=20)
