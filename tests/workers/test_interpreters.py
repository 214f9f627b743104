"""A worker runs in an interpreter of its own, which sees this package and nothing else that is installed here."""

import sys
import venv
from importlib.util import find_spec
from pathlib import Path

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.codec import decode, encode
from sonique_daemon.domain.tags import Tags
from sonique_daemon.engines.engine import RecordedReport, TagRequest
from sonique_daemon.engines.hazards import HAZARDS
from sonique_daemon.errors import EngineFailed
from sonique_daemon.workers.conversation import Errand, converse
from sonique_daemon.workers.home import Home
from sonique_daemon.workers.nursery import Nursery
from sonique_daemon.workers.process import WorkerProcess

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="symbolic links")

PATIENCE = 30.0


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


def test_a_task_runs_there_and_finds_nothing_else(interpreter: Path) -> None:
    nursery = Nursery(HAZARDS)
    home = Home("foreign", str(interpreter), 1, 1)
    worker = WorkerProcess(home.name, nursery.start(home), lambda: None)
    try:
        assert worker.ready.wait(PATIENCE)
        request = encode(TagRequest(Brief(bpm=90.0), None))
        result = converse(worker, Errand("tag", "literal", request), RecordedReport(), 1.0)
        assert decode(Tags, result).tempo.bpm == 90.0
        with pytest.raises(EngineFailed, match="ModuleNotFoundError"):  # its environment has no SciPy
            converse(worker, Errand("load", "", encode("fit")), RecordedReport(), 1.0)
    finally:
        worker.kill()
        assert worker.ended.wait(PATIENCE)
        nursery.close()
