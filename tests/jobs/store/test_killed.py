"""A process that writes is killed at moments that nobody chose; what it had written is whole."""

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from sonique_daemon.domain.events import Done, Failed, JobCancelled, TakeReady
from sonique_daemon.jobs.store.store import Store

ROUNDS, MOMENTS = 30, 120
WRITER = Path(__file__).with_name("writer.py")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes that split are POSIX")


@pytest.fixture
def writers() -> Iterator["Writers"]:
    with subprocess.Popen(
        [sys.executable, str(WRITER), "write"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield Writers(process.stdin, process.stdout)
        process.stdin.close()


@dataclass(frozen=True)
class Writers:
    """Processes that write, one after the other."""

    orders: IO[str]
    lines: IO[str]

    def kill_one(self, folder: Path, name: str, lines: int) -> list[list[str]]:
        """What a writer said that was killed as soon as it had said so many lines."""
        self.orders.write(f"{folder} {name}\n")
        self.orders.flush()
        word, pid = self.lines.readline().split()
        assert word == "opens"
        said = [self.lines.readline() for _ in range(lines)]
        os.kill(int(pid), signal.SIGKILL)
        said.extend(iter(self.lines.readline, "dead\n"))
        return [line.split() for line in said if line.endswith("\n")]


def check_job(store: Store, job_id: str) -> None:
    job = store.job(job_id)
    assert job is not None
    entries = store.events(job_id, 0, 1000)
    assert [entry.seq for entry in entries] == list(range(1, job.last_seq + 1))
    ends = [entry.seq for entry in entries if isinstance(entry.event, Done | Failed | JobCancelled)]
    assert ends == ([job.last_seq] if job.state.ended else [])
    assert bool(job.ended_ns) == bool(ends) == (job.request == b"") == (job.title == "the end")
    for entry in entries:
        if isinstance(entry.event, TakeReady):
            file = entry.event.take.files[0]
            found = store.take_file(entry.event.take.id, file.name, file.kind)
            assert hashlib.sha256(found.path.read_bytes()).hexdigest() == file.sha256


def check(folder: Path, said: list[list[str]], name: str) -> None:
    store = Store.open(folder)
    try:
        assert list(store.scratch.iterdir()) == []
        jobs = store.jobs(10_000)
        for job in jobs:
            if job.id.startswith(name):
                check_job(store, job.id)
        assert {job.id for job in store.unfinished()} == {job.id for job in jobs if not job.state.ended}
        known = {job.id: job.last_seq for job in jobs}
        for word, job_id, *seq in said:
            assert word == "added" or job_id not in known or known[job_id] >= int(seq[0]), "an event was lost"
        newest = max((int(job_id.rpartition("-")[2]) for _, job_id, *_ in said), default=None)
        assert newest is None or f"{name}-{newest}" in known, "a job was lost"
        for file in store.audio.iterdir():
            assert hashlib.sha256(file.read_bytes()).hexdigest() == file.stem, "a file is half"
    finally:
        store.close()


def test_whatever_moment_a_writer_is_killed_at_the_store_is_whole(tmp_path: Path, writers: Writers) -> None:
    folder = tmp_path / "store"
    chance = np.random.Generator(np.random.PCG64(np.random.SeedSequence([3])))
    for place in range(ROUNDS):
        name = f"round{place}"
        check(folder, writers.kill_one(folder, name, int(chance.integers(1, 60))), name)


def test_a_store_that_was_never_quite_begun_can_be_opened(tmp_path: Path, writers: Writers) -> None:
    for place in range(6):
        folder = tmp_path / f"store{place}"
        said = writers.kill_one(folder, "early", 0)
        store = Store.open(folder)
        assert len(store.jobs(100)) >= len({words[1] for words in said})
        store.close()
        assert not list(folder.glob("*broken*"))


def test_whatever_line_a_writer_is_killed_at_the_store_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    command = [sys.executable, str(WRITER), "die", str(folder)]
    lines = int(subprocess.check_output([*command, "0"], text=True))
    assert lines > 1000
    chance = np.random.Generator(np.random.PCG64(np.random.SeedSequence([4])))
    moments = [str(moment) for moment in sorted(chance.choice(lines, MOMENTS, replace=False) + 1)]
    assert not subprocess.check_output([*command, *moments]), "a writer lived"
    for moment in moments:
        said = folder.with_name(f"store{moment}.said").read_text(encoding="utf-8")
        check(folder.with_name(f"store{moment}"), [line.split() for line in said.splitlines()], "job")
