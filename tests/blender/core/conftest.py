"""A book of jobs between a daemon and a Blender in memory."""

from pathlib import Path

import pytest
from sonique_blender.core.rehearsal import Rehearsal


@pytest.fixture
def rehearsal(tmp_path: Path) -> Rehearsal:
    """The book, and all that is around it."""
    return Rehearsal(tmp_path)
