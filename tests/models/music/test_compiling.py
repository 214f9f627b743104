"""Networks of diffusers are compiled where that is asked for, and run as they are where it cannot be done."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.domain.audio import Block
from sonique_daemon.engines.diffusion.base import COMPILE
from sonique_daemon.engines.diffusion.engine import DiffusionEngine
from sonique_daemon.engines.engine import RecordedReport

from tests.models.music.conftest import Ask, Home


def played(home: Home, ask: Ask) -> tuple[Block, list[str]]:
    """A take of the tiny Stable Audio 3, and what was told of it."""
    model, report = home.catalogue.model("tiny-sa3"), RecordedReport()
    engine = DiffusionEngine(model, home.weights.home(model), Quantisation.FP32, "cpu")
    return engine.run(ask(), report).mix.whole(), report.warnings


def fresh_compiler(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Nothing compiled earlier serves."""
    import torch

    torch.compiler.reset()
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(folder))
    monkeypatch.setenv(COMPILE, "1")


@pytest.mark.skipif(shutil.which("g++") is None, reason="compiling needs a C++ compiler")
def test_a_compiled_network_plays_the_same(
    home: Home, ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plain, _ = played(home, ask)
    fresh_compiler(monkeypatch, tmp_path / "cache")
    compiled, told = played(home, ask)
    assert not [sentence for sentence in told if "compiled" in sentence]
    assert np.abs(compiled - plain).max() < 1e-3


def test_a_network_that_cannot_be_compiled_runs_as_it_is_and_that_is_told(
    home: Home, ask: Ask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from torch._inductor import config

    plain, _ = played(home, ask)
    fresh_compiler(monkeypatch, tmp_path / "cache")
    monkeypatch.setattr(config.cpp, "cxx", ("no-such-compiler",))
    left, told = played(home, ask)
    assert np.array_equal(left, plain)
    assert len([sentence for sentence in told if "could not be compiled" in sentence]) == 1
