"""Reads what a test writes as Final Cut Pro's XML."""

from collections.abc import Callable
from pathlib import Path

import opentimelineio as otio
import pytest
from sonique_cli.groups import Timeline
from sonique_cli.inputs import read_input

from tests.cli.fcpxml.documents import Read, document, project

Cut = Callable[..., Read]


@pytest.fixture
def read(tmp_path: Path) -> Cut:
    """Reads the text of a document."""

    def read(text: str, name: str = "cut.fcpxml") -> Read:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return Read(otio.adapters.read_from_string(read_input(tmp_path / name, Timeline()).otio_json, "otio_json"))

    return read


@pytest.fixture
def cut(read: Cut) -> Cut:
    """Reads a storyline that begins at an hour, at 25 frames per second."""

    def cut(spine: str, resources: str = "", attributes: str = 'tcStart="3600s"') -> Read:
        return read(document(project(spine, attributes), resources))

    return cut
