"""Fixtures of this folder.

``bridges``            the module ``bridge_desks`` one folder up.
``sit_down(name, ...)``  opens the desk of that name over a fake, and closes it at the end.
"""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sonique_resolve.fake.world import World


def _load() -> ModuleType:
    name = "bridge_desks"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent.parent / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def bridges() -> Any:
    return _load()


@pytest.fixture
def sit_down(bridges: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    opened = []

    def sit(name: str, world: World, **more: Any) -> Any:
        desk = bridges.DESKS[name](world, tmp_path, **more)
        opened.append((desk, world))
        return desk

    yield sit
    for desk, world in opened:
        world.close_dialog()
        desk.close()
