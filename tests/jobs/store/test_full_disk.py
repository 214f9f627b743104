import hashlib
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sonique_daemon.domain.events import Done, Failed, Stage, TakeReady, Warned
from sonique_daemon.domain.take import FileKind, Take
from sonique_daemon.errors import StoreFull
from sonique_daemon.jobs.job import JobState
from sonique_daemon.jobs.log import Entry
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.jobs.store.values import Appended, PruneOrder, Remembered, StoredJob, StoreKind

MakeJob = Callable[..., StoredJob]
Say = Callable[..., None]
Deliver = Callable[..., Take]
Finish = Callable[..., None]
FULL = Failed("STORE_FULL", "RESOURCE_EXHAUSTED", "The disk is full.")
BIG = "x" * 20_000


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or subprocess.run([mount, "-t", "tmpfs", "-o", "size=3m", "none", place], check=False).returncode:
        pytest.skip("a small disk can be mounted by the administrator of a Linux system alone")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


@pytest.fixture
def small(disk: Path) -> Iterator[Store]:
    """A store on the small disk."""
    store = Store.open(disk / "store")
    yield store
    store.close()


def fill(disk: Path, left: int = 0) -> None:
    """Leaves only so many bytes free."""
    with (disk / "ballast").open("ab", buffering=0) as ballast:
        free = shutil.disk_usage(disk).free - left
        while free > 0:
            try:
                free -= ballast.write(b"b" * min(free, 1 << 16))
            except OSError:
                return


def make_room(disk: Path) -> None:
    (disk / "ballast").unlink()


def count_up(store: Store, job_id: str, text: str, most: int = 500) -> int:
    """Appends events until the disk is full; the number of the last that was written."""
    job = store.job(job_id)
    assert job is not None
    for seq in range(job.last_seq + 1, most):
        try:
            store.append([Appended(job_id, Entry(seq, seq, Warned(text)))])
        except StoreFull:
            return seq - 1
    raise AssertionError("the disk was never full")


def numbers(store: Store, job_id: str) -> list[int]:
    return [entry.seq for entry in store.events(job_id, 0, 10_000)]


def test_a_full_database_is_told_and_works_again_with_room(store: Store, make_job: MakeJob, say: Say) -> None:
    store.add(make_job())
    say(store, "one", Warned("before"))
    writer: sqlite3.Connection = store._database._writer
    pages = writer.execute("PRAGMA page_count").fetchone()[0]
    writer.execute(f"PRAGMA max_page_count = {pages + 20}")
    last = count_up(store, "one", BIG)
    assert 1 <= last < 6
    with pytest.raises(StoreFull, match=r"The store “.*” is full or cannot be written \(database or disk is full\)"):
        store.append([Appended("one", Entry(last + 1, 1, Warned("kept back"))), Appended("one", title=BIG * 5)])
    with pytest.raises(StoreFull):
        store.add(make_job("two", request=b"r" * 200_000))
    with pytest.raises(StoreFull):
        store.remember([Remembered(b"k" * 32, Stage.TAG, b"v" * 200_000)])
    assert (numbers(store, "one"), [job.id for job in store.jobs(9)]) == (list(range(1, last + 1)), ["one"])
    writer.execute("PRAGMA max_page_count = 1000000")
    say(store, "one", Warned(BIG), Done())
    store.remember([Remembered(b"k" * 32, Stage.TAG, b"v" * 200_000)])
    assert numbers(store, "one") == list(range(1, last + 3))
    assert writer.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_full_disk_is_told_and_the_store_works_again_with_room(
    disk: Path, small: Store, make_job: MakeJob, say: Say
) -> None:
    small.add(make_job())
    last = 0
    for left in (0, 5_000, 40_000, 41_000, 90_000, 200_000):
        fill(disk, left)
        last = count_up(small, "one", "x" * 3000)
        assert numbers(small, "one") == list(range(1, last + 1))
        with pytest.raises(StoreFull, match="make room there"):
            small.remember([Remembered(b"k" * 32, Stage.TAG, b"v" * 400_000)])
        make_room(disk)
        say(small, "one", Warned("room again"))
    say(small, "one", Done())
    small.close()
    opened = Store.open(disk / "store")
    assert numbers(opened, "one") == list(range(1, last + 3))
    opened.close()


def test_the_end_of_a_job_is_written_on_a_full_disk(disk: Path, small: Store, make_job: MakeJob, say: Say) -> None:
    for name in ("one", "two", "three"):
        small.add(make_job(name))
    fill(disk)
    with pytest.raises(StoreFull):
        say(small, "one", Warned(BIG * 100))
    for name in ("one", "two", "three"):
        say(small, name, FULL)
        fill(disk)
    assert [(job.state, job.failure) for job in small.jobs(9)] == [(JobState.FAILED, FULL)] * 3
    make_room(disk)


def test_a_full_disk_can_be_pruned(disk: Path, small: Store, deliver: Deliver, finish: Finish) -> None:
    for place in range(6):
        finish(small, f"job-{place}", deliver(small, f"take-{place}", bytes([place]) * 150_000))
    small.remember([Remembered(bytes([n]) * 32, Stage.DESCRIBE, b"v" * 10_000) for n in range(20)])
    fill(disk)
    gone = small.prune(PruneOrder())
    assert gone.of(StoreKind.JOBS).count == 6
    assert shutil.disk_usage(disk).free > 250_000
    assert (small.usage().bytes, list(small.audio.iterdir())) == (0, [])
    finish(small, "again", deliver(small, "take-again", b"s" * 50_000))


def test_a_job_can_be_deleted_on_a_full_disk(disk: Path, small: Store, deliver: Deliver, finish: Finish) -> None:
    finish(small, "one", deliver(small, "take-1", b"s" * 50_000))
    fill(disk)
    small.delete("one")
    assert list(small.audio.iterdir()) == []
    assert small.job("one") is None


def test_audio_that_is_written_already_is_admitted_on_a_full_disk(disk: Path, small: Store, make_job: MakeJob) -> None:
    small.add(make_job())
    file = small.scratch / "mix.wav"
    file.write_bytes(b"s" * 50_000)
    fill(disk)
    path = small.admit(file, FileKind.WAV, hashlib.sha256(b"s" * 50_000).hexdigest())
    assert path.stat().st_size == 50_000


def test_a_store_on_a_full_disk_is_opened_and_loses_nothing(disk: Path, deliver: Deliver, finish: Finish) -> None:
    store = Store.open(disk / "store")
    take = deliver(store, "take-1", b"s" * 50_000)
    finish(store, "one", take)
    store.close()
    fill(disk)
    store = Store.open(disk / "store")
    assert [entry.event for entry in store.events("one", 0, 9)] == [TakeReady(0, take), Done()]
    assert store.take_file("take-1", "mix", FileKind.WAV) == take.files[0]
    store.close()
    assert list(disk.glob("store/*broken*")) == []


def test_a_store_that_cannot_be_begun_for_want_of_room_says_so(disk: Path) -> None:
    fill(disk)
    with pytest.raises(StoreFull, match="make room there"):
        Store.open(disk / "store")
    make_room(disk)
    store = Store.open(disk / "store")
    assert store.jobs(9) == ()
    store.close()
    assert list(disk.glob("store/*broken*")) == []
