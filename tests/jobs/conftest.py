"""Values that the tests of jobs share."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.request import TagJob
from sonique_daemon.domain.take import FileKind, Measures, Take, TakeFile
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.jobs.runner import Runner
from sonique_daemon.jobs.service import JobService
from sonique_daemon.jobs.store.store import Store

MakeTake = Callable[..., Take]
Serve = Callable[..., AbstractAsyncContextManager[JobService]]


@pytest.fixture
def job() -> TagJob:
    """A request; what it asks is all the same to the service."""
    return TagJob(Brief(prompt="calm"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = Store.open(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def serve(store: Store) -> Serve:
    """Makes a service on the store, or another one; closes it at the end."""

    @asynccontextmanager
    async def opened(runner: Runner, where: Store = store, **settings: Any) -> AsyncIterator[JobService]:
        service = JobService(runner, where, **settings)
        try:
            yield service
        finally:
            await service.close()

    return opened


@pytest.fixture
def killed(store: Store, tmp_path: Path) -> Iterator[Callable[[], Store]]:
    """Opens the store as a daemon finds it that starts after another one was killed at this moment."""
    opened: list[Store] = []

    def reopen() -> Store:
        image = tmp_path / f"killed-{len(opened)}"
        shutil.copytree(opened[-1].folder if opened else store.folder, image)
        opened.append(Store.open(image))
        return opened[-1]

    yield reopen
    for each in opened:
        each.close()


@pytest.fixture
def make_take(store: Store) -> MakeTake:
    """Makes a take with files in the store."""

    def make(take_id: str, *names: str) -> Take:
        files = []
        for name in names or ("mix",):
            content = f"{take_id} {name}".encode()
            made = store.scratch / f"{take_id}-{name}"
            made.write_bytes(content)
            digest = sha256(content).hexdigest()
            path = store.admit(made, FileKind.WAV, digest)
            files.append(TakeFile(name, FileKind.WAV, path, len(content), digest))
        grid = TempoMap(Fraction(2), (0.0, 1.0, 2.0), (0,), 60.0, (Section(0, 1, 0.5),))
        return Take(take_id, 1, "composer", 96_000, tuple(files), grid, Measures(-20.0, -1.0))

    return make
