"""``world``: a fake with marks; ``studio``: a scoring that a test holds; ``presenter``: a mind over both."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.panel_presenter import Presenter

from tests.resolve.paneling import Studio, connected


@pytest.fixture
def world(cutting_room: Callable[..., World]) -> World:
    made = cutting_room(project_rate="25")
    made.mark(25, 124)
    return made


@pytest.fixture
def studio(wav: Callable[..., Path]) -> Studio:
    return Studio([wav(5, name=f"take{number}.wav") for number in range(3)])


@pytest.fixture
def presenter(world: World, studio: Studio) -> Iterator[Presenter]:
    made = Presenter(lambda: FakeDesk(world), connected, studio.score)
    made.start()
    yield made
    studio.go.set()
    made.close()
