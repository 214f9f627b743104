"""Tiny models of the real classes, made once; nothing in this folder is collected where torch is not installed."""

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import pytest
from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.domain.picture import Picture, Shot, Source
from sonique_daemon.domain.time import TimeRange

from bench.card.building import environment_with_card
from bench.card.sitecustomize import FOLDER

collect_ignore_glob = [] if find_spec("torch") and find_spec("transformers") else ["test_*.py"]
if FOLDER not in os.environ:
    collect_ignore_glob.append("test_on_card.py")  # tests/models/test_card.py runs it, with a card

Tiny = Callable[[str], Path]


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def ready() -> None:
    """The libraries of models as workers import them."""
    from sonique_daemon.engines.transformers.libraries import make_ready

    make_ready()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """The folder of the tiny model of that kind, saved where it was not."""
    from bench.tiny.chatting import CHATTING, save_chatting
    from bench.tiny.seeing import save_seeing

    made: dict[str, Path] = {}

    def folder(kind: str) -> Path:
        if kind not in made:
            place = tmp_path_factory.mktemp(kind)
            made[kind] = save_chatting(kind, place) if kind in CHATTING else save_seeing(kind, place)
        return made[kind]

    return folder


@pytest.fixture(scope="session")
def card(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which a process finds a card, though there is none."""
    if shutil.which("g++") is None:
        pytest.skip("The stand-in for a card is built by a C++ compiler.")
    return environment_with_card(tmp_path_factory.mktemp("card"))


@pytest.fixture
def picture(demo_clip: Path) -> Picture:
    """Two shots of the demo clip, 3 s each."""
    return shots_of(demo_clip, (4, 3), (10, 3))


def shots_of(clip: Path, *spans: tuple[int, int]) -> Picture:
    """A picture of those spans of a film, in seconds: where each begins and how long it is."""
    shots: list[Shot] = []
    for start, length in spans:
        begin = shots[-1].record.end if shots else Fraction(0)
        record = TimeRange(begin, Fraction(length))
        shots.append(Shot(record, "clip", Source(str(clip), Fraction(start))))
    return Picture(Fraction(24), Fraction(0), shots[-1].record.end, tuple(shots))


@pytest.fixture
def trimmed(picture: Picture) -> Picture:
    """The same with its second shot a second shorter."""
    first, second = picture.shots
    shorter = replace(second, record=TimeRange(second.record.start, second.record.duration - 1))
    return replace(picture, shots=(first, shorter), duration=picture.duration - 1)


@pytest.fixture(params=list(Quantisation))
def quantisation(request: pytest.FixtureRequest) -> Quantisation:
    """Every way in which weights are held."""
    held: Quantisation = request.param
    return held
