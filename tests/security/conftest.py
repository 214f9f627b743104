"""A daemon for all tests of this folder, with engines that look at nothing and a log that tells everything."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench.faults.asks import make_film
from bench.faults.calls import Caller
from bench.faults.home import PATIENT, Home, home


@dataclass(frozen=True)
class Secured:
    """A running daemon, a caller that has its token, and a film that it may open."""

    here: Home
    caller: Caller
    film: Path


@pytest.fixture(scope="session")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """The daemon."""
    folder = tmp_path_factory.mktemp("sec")
    film = make_film(folder / "film.mp4", [4.5])
    with home(folder / "d", *PATIENT, "--log-level", "debug") as here, Caller(here.start()) as caller:
        yield Secured(here, caller, film)
