"""A worker runs in an interpreter of its own, which sees this package and nothing else that is installed here."""

import os
import signal
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.codec import decode, encode
from sonique_daemon.domain.tags import Tags
from sonique_daemon.engines.engine import RecordedReport, TagRequest
from sonique_daemon.engines.hazards import HAZARDS
from sonique_daemon.errors import EngineFailed
from sonique_daemon.workers.conversation import Errand, Untaken, converse
from sonique_daemon.workers.home import Home
from sonique_daemon.workers.nursery import Nursery
from sonique_daemon.workers.process import WorkerProcess

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")

PATIENCE = 60.0
ERRAND = Errand("tag", "literal", encode(TagRequest(Brief(bpm=90.0), None)))


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has msgspec, and numpy for the fakes."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    (site,) = folder.glob("lib/python*/site-packages")
    for name in ("msgspec", "numpy"):
        spec = find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        package = Path(spec.origin).parent
        for part in package.parent.glob(f"{name}*"):
            (site / part.name).symlink_to(part)
    return folder / "bin" / "python"


@contextmanager
def started(interpreter: str) -> Iterator[WorkerProcess]:
    """A worker of that interpreter, "" for this one, which is gone at the end."""
    nursery = Nursery(HAZARDS)
    home = Home("foreign", interpreter, 1, 1_000_000_000)
    worker = WorkerProcess(home.name, nursery.start(home), lambda: None)
    try:
        yield worker
    finally:
        worker.kill()
        assert worker.ended.wait(PATIENCE)
        nursery.close()


def test_a_task_runs_there_and_finds_nothing_else(interpreter: Path) -> None:
    with started(str(interpreter)) as worker:
        assert worker.ready.wait(PATIENCE)
        result = converse(worker, ERRAND, RecordedReport(), 1.0)
        assert decode(Tags, result).tempo.bpm == 90.0
        with pytest.raises(EngineFailed, match="ModuleNotFoundError"):  # its environment has no SciPy
            converse(worker, Errand("load", "", encode("fit")), RecordedReport(), 1.0)


def test_a_worker_that_never_came_up_is_not_said_to_have_worked(tmp_path: Path) -> None:
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\nexit 7\n")
    script.chmod(0o700)
    with started(str(script)) as worker, pytest.raises(Untaken) as caught:
        converse(worker, ERRAND, RecordedReport(), 1.0)
    said = caught.value.fate.sentence
    assert said.startswith("The worker “foreign” cannot be started (it ended with exit code 7); ")


def test_a_worker_that_was_killed_before_it_took_its_work_is_not_said_to_have_begun() -> None:
    with started("") as worker:
        assert worker.ready.wait(PATIENCE)
        os.kill(worker.pid, signal.SIGSTOP)
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(Untaken) as caught:
            converse(worker, ERRAND, RecordedReport(), 1.0)
    assert caught.value.fate.sentence.startswith("The engine “literal” did not begin, for its worker was killed, from")
