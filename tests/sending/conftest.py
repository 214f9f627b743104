"""``far``: a daemon elsewhere; ``send(document)``: conforms it there and here; ``trip``, ``long_trip``: films."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from sonique.v1 import timeline_pb2
from sonique_daemon.domain.picture import Picture
from sonique_sending.sending import prepared

from tests.sending.showing import Far, Send, Shown, read, write_film


@pytest.fixture
def far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Far:
    """The daemon, and a cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("sonique_sending.sending._SMALL_BYTES", 0)
    monkeypatch.setattr("sonique_sending.sending._SMALL_RATE", 0)
    (tmp_path / "uploads").mkdir()
    return Far(tmp_path / "uploads")


@pytest.fixture
def send(far: Far, tmp_path: Path) -> Send:
    """Conforms a timeline twice: as it is where its media are, and as it was sent."""

    def conformed(document: Any, range_text: str = "") -> tuple[Picture, Picture]:
        text = document if isinstance(document, str) else document.to_json_string()
        message = timeline_pb2.Timeline(otio_json=text, range_text=range_text, folder=str(tmp_path))
        sent = prepared(far, message, Shown())  # type: ignore[arg-type]
        assert str(tmp_path) not in sent.otio_json + sent.folder
        return read(message, tmp_path / "uploads"), read(sent, tmp_path / "uploads")

    return conformed


@pytest.fixture
def trip(tmp_path: Path) -> Path:
    """Ten seconds at 25 fps."""
    return write_film(tmp_path / "trip.mp4", 250)


@pytest.fixture(scope="session")
def long_trip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty seconds at 23.976 fps whose timecode begins at one hour."""
    folder = tmp_path_factory.mktemp("long")
    return write_film(folder / "long.mov", 960, Fraction(24_000, 1001), timecode="01:00:00:00")
