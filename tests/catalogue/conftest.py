"""A hub that publishes one model, and a folder for its weights."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sonique_daemon.catalogue.hub import Hub
from sonique_daemon.catalogue.model import Model
from sonique_daemon.catalogue.pull import Puller, Step
from sonique_daemon.catalogue.weights import Weights
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.pretend import pretend_model

from tests.catalogue.hub_server import FakeHub, Repository, hub_running

WEIGHT = bytes(range(256)) * 40_000  # some 10 MB
FILES = {"config.json": b"{}", "model.safetensors": WEIGHT, "README.md": b"no", "tokenizer.json": b"[]", "x.py": b"1"}


def never(source: Path, target: Path) -> None:
    raise AssertionError((source, target))


@pytest.fixture
def seer() -> Model:
    """A model of which nothing is known beforehand."""
    return replace(pretend_model("seer", Stage.TAG), files=())


@pytest.fixture
def weight() -> bytes:
    return WEIGHT


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with hub_running(FakeHub({"nobody/seer": Repository(dict(FILES))})) as running:
        yield running


@pytest.fixture
def weights(tmp_path: Path) -> Weights:
    return Weights(tmp_path / "weights")


@pytest.fixture
def puller(hub: FakeHub, weights: Weights) -> Puller:
    return Puller(weights, Hub(hub.address), never)


@pytest.fixture
def steps() -> list[Step]:
    return []
