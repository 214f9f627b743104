"""Values that the tests of jobs share."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.request import TagJob
from sonique_daemon.domain.take import FileKind, Measures, Take, TakeFile
from sonique_daemon.domain.tempo import Section, TempoMap

MakeTake = Callable[..., Take]


@pytest.fixture
def job() -> TagJob:
    """A request; what it asks is all the same to the service."""
    return TagJob(Brief(prompt="calm"))


@pytest.fixture
def make_take(tmp_path: Path) -> MakeTake:
    """Makes a take with files on the disk."""

    def make(take_id: str, *names: str) -> Take:
        folder = tmp_path / "takes" / take_id
        folder.mkdir(parents=True, exist_ok=True)
        files = []
        for name in names or ("mix",):
            path = folder / f"{name}.wav"
            path.write_bytes(name.encode())
            files.append(TakeFile(name, FileKind.WAV, path, path.stat().st_size, "0" * 64))
        grid = TempoMap(Fraction(2), (0.0, 1.0, 2.0), (0,), 60.0, (Section(0, 1, 0.5),))
        return Take(take_id, 1, "composer", 96_000, tuple(files), grid, Measures(-20.0, -1.0))

    return make
