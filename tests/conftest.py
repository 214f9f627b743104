"""What several folders of tests need: the repository on the path, one thread, and a clip of many shots."""

import os
import sys
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # the benchmarks' generated timelines serve tests too


@pytest.fixture(scope="session")
def demo_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The clip that ``sonique demo`` scores."""
    from sonique_cli.demo_clip import make_demo_clip

    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    make_demo_clip(path)
    return path
