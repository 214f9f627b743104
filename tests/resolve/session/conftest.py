"""``served``: the server, found by a runtime file of the test's own; ``connection``: one to it."""

import asyncio
import fcntl
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sonique.runtime_file import lock_path
from sonique_client.connection import Connection, connect
from sonique_daemon.jobs.store.store import Store

from tests.resolve.serving import Served


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The server, found by a runtime file of the test's own."""
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("SONIQUE_RUNTIME_DIR", str(folder))
    monkeypatch.setenv("SONIQUE_STORE", str(tmp_path / "store"))
    for variable in ("SONIQUE_DAEMON", "SONIQUE_TOKEN_FILE", "SONIQUE_TLS_CA"):
        monkeypatch.delenv(variable, raising=False)
    held = os.open(lock_path(folder), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(held, fcntl.LOCK_EX)
    here, ready, kept = Served(tmp_path), threading.Event(), Store.open(tmp_path / "store")
    thread = threading.Thread(target=lambda: asyncio.run(here.serve(kept, ready)))
    thread.start()
    assert ready.wait(60)
    path = folder / "daemon.json"
    path.touch(mode=0o600)
    path.write_text(here.runtime.to_json(), encoding="utf-8")
    yield here
    here.ending.set()
    thread.join(60)
    kept.close()
    os.close(held)


@pytest.fixture
def connection(served: Served) -> Iterator[Connection]:
    assert served.runtime.address
    with connect(start=None) as opened:
        yield opened
