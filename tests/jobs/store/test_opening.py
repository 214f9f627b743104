import logging
import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.take import FileKind, Take
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.jobs.store.values import PruneOrder, Remembered, StoredJob, StoreKind, StoreLocked, StoreTooNew

MakeJob = Callable[..., StoredJob]
Deliver = Callable[..., Take]
Finish = Callable[..., None]

HOLD = """
import sys
from pathlib import Path
from sonique_daemon.jobs.store.store import Store
store = Store.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


def filled(folder: Path, deliver: Deliver, finish: Finish, jobs: int = 1) -> None:
    store = Store.open(folder)
    for place in range(jobs):
        finish(store, f"job-{place}", deliver(store, f"take-{place}", f"sound {place}".encode()))
    store.close()


def audio(folder: Path) -> set[bytes]:
    return {file.read_bytes() for file in (folder / "audio").iterdir()}


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_all_of_it_is_this_users_alone(folder: Path, make_job: MakeJob) -> None:
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    store = Store.open(folder)
    store.add(make_job())
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    store.close()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {name for name, mode in modes.items() if mode == 0o700} == {"audio", "uploads", "scratch"}
    assert {name for name, mode in modes.items() if mode == 0o600} >= {"sonique.db", "sonique.db-wal", "store.lock"}
    assert set(modes.values()) == {0o700, 0o600}


def test_the_store_is_held_by_one_at_a_time(folder: Path) -> None:
    store = Store.open(folder)
    with pytest.raises(StoreLocked, match="in use by another"):
        Store.open(folder)
    store.close()
    Store.open(folder).close()


def test_another_process_finds_it_locked_until_this_one_is_killed(folder: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "open\n"
        with pytest.raises(StoreLocked):
            Store.open(folder)
        child.kill()
        child.wait()
    Store.open(folder).close()


def test_closing_twice_is_closing_once(folder: Path) -> None:
    store = Store.open(folder)
    store.close()
    store.close()


def test_scratch_is_emptied_and_nothing_outside_it(folder: Path, tmp_path: Path) -> None:
    Store.open(folder).close()
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine.wav").write_bytes(b"mine")
    (folder / "scratch" / "cue-1" / "deep").mkdir(parents=True)
    (folder / "scratch" / "cue-1" / "deep" / "x.wav").write_bytes(b"x")
    (folder / "scratch" / "loose.part").write_bytes(b"x")
    (folder / "scratch" / "link").symlink_to(outside, target_is_directory=True)
    store = Store.open(folder)
    assert list(store.scratch.iterdir()) == []
    assert (outside / "mine.wav").read_bytes() == b"mine"
    store.close()


def test_only_audio_that_nothing_needs_is_swept(folder: Path, deliver: Deliver, finish: Finish) -> None:
    store = Store.open(folder)
    finish(store, "one", deliver(store, "take-1", b"take"))
    cached = deliver(store, "take-2", b"cached")
    store.remember([Remembered(b"k" * 32, Stage.GENERATE, b"", (cached.files[0].sha256,))])
    deliver(store, "take-3", b"left behind")
    (folder / "audio" / "readme.txt").write_bytes(b"note")
    (folder / "takes" / "old").mkdir(parents=True)
    (folder / "takes" / "old" / "mix.wav").write_bytes(b"of the release before")
    store.close()
    Store.open(folder).close()
    assert audio(folder) == {b"take", b"cached", b"note"}
    assert (folder / "takes" / "old" / "mix.wav").read_bytes() == b"of the release before"


def garbage(file: Path) -> None:
    file.write_bytes(b"this is no database\n" * 500)


def half(file: Path) -> None:
    with file.open("r+b") as database:
        database.truncate(file.stat().st_size // 2)


def stump(file: Path) -> None:
    with file.open("r+b") as database:
        database.truncate(1000)


def holes(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[4096 : len(data)] = os.urandom(len(data) - 4096)
    file.write_bytes(data)


def foreign(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE photos (name TEXT)")
    database.close()


@pytest.mark.parametrize("damage", [garbage, half, stump, holes, foreign])
def test_a_broken_database_is_set_aside_and_no_audio_is_lost(
    folder: Path, deliver: Deliver, finish: Finish, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], None]
) -> None:
    filled(folder, deliver, finish, jobs=30)
    sounds = audio(folder)
    (folder / "scratch" / "x.wav").write_bytes(b"x")
    damage(folder / "sonique.db")
    broken = (folder / "sonique.db").read_bytes()
    with caplog.at_level(logging.WARNING):
        store = Store.open(folder)
    assert "set aside" in caplog.text
    (aside,) = folder.glob("sonique.broken-*.db")
    assert aside.read_bytes()[4096:] == broken[4096:]  # the head counts how often it was opened
    assert store.jobs(10) == ()
    assert (folder / "scratch" / "x.wav").exists()
    store.close()
    for _ in range(2):
        store = Store.open(folder)
        store.prune(PruneOrder())
        store.close()
    assert audio(folder) == sounds
    assert len(list(folder.glob("sonique.broken-*"))) == 1


def test_audio_stays_where_the_database_is_gone(folder: Path, deliver: Deliver, finish: Finish) -> None:
    filled(folder, deliver, finish)
    (folder / "sonique.db").unlink()
    Store.open(folder).close()
    store = Store.open(folder)
    assert audio(folder) == {b"sound 0"}
    assert store.usage().of(StoreKind.TAKES).bytes == len(b"sound 0")
    assert store.trim(1).holdings == ()
    finish(store, "again", deliver(store, "take-again", b"sound 0"))
    store.delete("again")
    assert audio(folder) == {b"sound 0"}
    store.close()


def test_the_store_of_a_newer_release_is_left_alone(folder: Path, deliver: Deliver, finish: Finish) -> None:
    filled(folder, deliver, finish)
    with sqlite3.connect(folder / "sonique.db") as database:
        database.execute("PRAGMA user_version = 999")
    database.close()
    for _ in range(2):
        with pytest.raises(StoreTooNew, match=r"newer release.*999.*update Sonique"):
            Store.open(folder)
    assert audio(folder) == {b"sound 0"}
    assert list(folder.glob("*broken*")) == []
    with sqlite3.connect(folder / "sonique.db") as database:
        database.execute("PRAGMA user_version = 1")
    database.close()
    store = Store.open(folder)
    assert store.take_file("take-0", "mix", FileKind.WAV).path.is_file()
    store.close()


def test_an_empty_file_is_a_database_that_was_never_begun(folder: Path) -> None:
    folder.mkdir()
    (folder / "sonique.db").touch()
    Store.open(folder).close()
    assert list(folder.glob("*broken*")) == []
