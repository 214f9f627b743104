"""A chain of fake engines over a picture of two shots, with a store of its own."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from sonique_daemon.domain.events import Event, Stage
from sonique_daemon.domain.picture import Picture, Shot
from sonique_daemon.domain.request import Timeline
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.fake import LiteralTagger, ToneGenerator, UnseeingDescriber
from sonique_daemon.engines.registry import Registry, Shelf
from sonique_daemon.stages.chain import Chain
from sonique_daemon.stages.cue import CueMaker
from sonique_daemon.workers.executor import ThreadExecutor


@pytest.fixture
def picture() -> Picture:
    first, second = TimeRange(Fraction(0), Fraction(2)), TimeRange(Fraction(2), Fraction(3))
    shots = (Shot(first, "a", None), Shot(second, "b", None))
    return Picture(Fraction(25), Fraction(3600), Fraction(5), shots, name="edit")


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def chain(tmp_path: Path, picture: Picture) -> Chain:
    registry = Registry(
        Shelf(Stage.DESCRIBE, {"unseeing": UnseeingDescriber}),
        Shelf(Stage.TAG, {"literal": LiteralTagger}),
        Shelf(Stage.GENERATE, {"tone": ToneGenerator}),
    )
    for name in ("takes", "scratch"):
        (tmp_path / name).mkdir()
    executor = ThreadExecutor(registry)
    cues = CueMaker(
        executor,
        lambda name: registry.generate_engine(name).descriptor,
        tmp_path / "takes",
        tmp_path / "scratch",
        lambda job: f"seed {job.seed}".encode(),
    )
    read: Callable[[Timeline], Picture] = lambda _: picture  # noqa: E731
    return Chain(executor, cues, read)
