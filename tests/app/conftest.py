"""Real daemons in processes of their own, with an engine that does what it is told, in folders of the test's own."""

import logging
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

ENGINES = """
import time
from dataclasses import dataclass, replace
from pathlib import Path

from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.embedded import DESK, LEXICON
from sonique_daemon.engines.fake import LiteralTagger, fakes
from sonique_daemon.engines.registry import Offer, Registry, Shelf

OBEDIENT = replace(LEXICON, name="obedient")


@dataclass
class Obedient:
    '''Waits where the prompt is "deaf" (without looking up) or names a file, until that is there.'''

    descriptor: object = OBEDIENT

    def run(self, request, report):
        report.warn("begun")
        prompt = request.brief.prompt
        if prompt == "deaf":
            time.sleep(600)
        while prompt.startswith("/") and not Path(prompt).exists():
            report.check()
            time.sleep(0.01)
        return LiteralTagger().run(request, report)


def engines():
    known = fakes()
    return Registry(known.describers, Shelf(Stage.TAG, {"obedient": Offer(OBEDIENT, Obedient)}), known.generators)
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

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def gate(self) -> Path:
        """The file that a job waits for whose prompt is this path."""
        return self.folder / "gate"

    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "SONIQUE_RUNTIME_DIR": str(self.runtime),
            "SONIQUE_LOG_DIR": str(self.runtime),
            "SONIQUE_STORE": str(self.store),
            "SONIQUE_CONFIG": str(self.folder / "config.toml"),
            "PYTHONPATH": str(self.folder),
        }

    def spawn(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        program = [sys.executable, "-m", "sonique_daemon.app.main", "--registry", "test_engines:engines", "--no-warm"]
        process = subprocess.Popen(
            [*program, *arguments],
            env={**self.environment(), **environment},
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
        deadline = time.monotonic() + 60
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
        return process.wait(60)


@pytest.fixture
def root_logger() -> Iterator[None]:
    """Leaves the root logger as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers[:], root.level = handlers, level
    logging.captureWarnings(capture=False)


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A user's folders; daemons that still run at the end are ended."""
    here = Home(tmp_path_factory.mktemp("h"))
    (here.folder / "test_engines.py").write_text(ENGINES, encoding="utf-8")
    (here.folder / "config.toml").write_text("", encoding="utf-8")
    for name, value in here.environment().items():
        if name.startswith("SONIQUE_"):
            monkeypatch.setenv(name, value)
    yield here
    for process in here.started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=60)
