import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest
from sonique_daemon.domain.codec import encode_one_of
from sonique_daemon.domain.events import Done, Stage, TakeReady
from sonique_daemon.domain.request import DescribeJob, Timeline
from sonique_daemon.domain.take import FileKind, Take
from sonique_daemon.errors import TakeNotFound
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.jobs.store.values import PruneOrder, Remembered, StoredJob, StoreKind

MakeJob = Callable[..., StoredJob]
Say = Callable[..., None]
Deliver = Callable[..., Take]
Finish = Callable[..., None]
KB = 1000


class Clock(Protocol):
    now: float


def key(name: object) -> bytes:
    return hashlib.sha256(str(name).encode()).digest()


def kinds(*wanted: StoreKind) -> frozenset[StoreKind]:
    return frozenset(wanted)


def audio(store: Store) -> set[bytes]:
    return {file.read_bytes()[:1] for file in store.audio.iterdir()}


def upload(store: Store, content: bytes, age: float = 0, suffix: str = "") -> str:
    digest = hashlib.sha256(content).hexdigest()
    path = store.uploads / (digest + suffix)
    path.write_bytes(content)
    os.utime(path, (time.time() - age, time.time() - age))
    return digest


def looks_at(digest: str) -> bytes:
    return encode_one_of(DescribeJob(Timeline(f'{{"target_url": "sonique-upload:{digest}"}}')))


def counts(store: Store) -> dict[str, int]:
    return {holding.kind.value: holding.count for holding in store.usage().holdings if holding.count}


def test_an_empty_store_holds_nothing(store: Store) -> None:
    usage = store.usage()
    assert {holding.kind for holding in usage.holdings} == set(StoreKind)
    assert usage.bytes == 0
    assert usage.free_bytes > 0


def test_every_kind_is_counted(store: Store, clock: Clock, make_job: MakeJob, deliver: Deliver, finish: Finish) -> None:
    take = deliver(store, "take-1", b"a" * 10 * KB, b"b" * 20 * KB)
    finish(store, "one", take)
    store.add(make_job("two", request=b"r" * 7 * KB))
    own = deliver(store, "unused", b"c" * 30 * KB)
    store.remember([Remembered(key(1), Stage.GENERATE, b"v" * KB, tuple(file.sha256 for file in own.files))])
    upload(store, b"u" * 40 * KB)
    upload(store, b"p" * 5 * KB, suffix=".part")
    (store.scratch / "deep").mkdir()
    (store.scratch / "deep" / "x.wav").write_bytes(b"s" * 3 * KB)
    deliver(store, "loose", b"d" * 2 * KB)
    usage = store.usage()
    found = {holding.kind: (holding.count, round(holding.bytes / KB)) for holding in usage.holdings}
    assert found == {
        StoreKind.RESULTS: (1, 31),
        StoreKind.TAKES: (1, 31),  # with what says when its beats are
        StoreKind.UPLOADS: (2, 45),
        StoreKind.JOBS: (2, 9),
        StoreKind.SCRATCH: (2, 5),
    }
    clock.now += 100
    assert store.trim(usage.bytes).holdings == ()
    assert store.trim(usage.bytes - 1).bytes > 0


def test_a_file_that_a_take_and_a_result_share_counts_once_as_the_takes(
    store: Store, deliver: Deliver, finish: Finish
) -> None:
    take = deliver(store, "take-1", b"a" * 10 * KB)
    finish(store, "one", take)
    store.remember([Remembered(key(1), Stage.GENERATE, b"", (take.files[0].sha256,))])
    assert store.usage().of(StoreKind.TAKES).bytes > 10 * KB
    assert store.usage().of(StoreKind.RESULTS).bytes < KB


def test_pruning_clears_all_that_is_not_needed(
    store: Store, make_job: MakeJob, deliver: Deliver, finish: Finish, say: Say
) -> None:
    finish(store, "ended", deliver(store, "take-1", b"a"))
    store.add(make_job("runs"))
    say(store, "runs", TakeReady(0, deliver(store, "take-2", b"b")))
    store.add(make_job("waits", request=looks_at(upload(store, b"needed"))))
    upload(store, b"free")
    own = deliver(store, "own", b"c")
    store.remember([Remembered(key(1), Stage.GENERATE, b"", (own.files[0].sha256,))])
    say(store, "runs", TakeReady(1, own))
    before = store.usage()
    gone = store.prune(PruneOrder())
    after = store.usage()
    assert {holding.kind.value: holding.count for holding in gone.holdings} == {
        "results": 1,
        "takes": 1,
        "uploads": 1,
        "jobs": 1,
    }
    assert before.bytes - after.bytes == gone.bytes
    assert counts(store) == {"takes": 2, "uploads": 1, "jobs": 2}
    assert audio(store) == {b"b", b"c"}
    assert [file.read_bytes() for file in store.uploads.iterdir()] == [b"needed"]
    assert [job.id for job in store.jobs(9)] == ["waits", "runs"]


def test_a_rehearsal_says_what_would_go_and_clears_nothing(store: Store, deliver: Deliver, finish: Finish) -> None:
    take = deliver(store, "take-1", b"a" * KB)
    finish(store, "one", take)
    store.remember([Remembered(key(1), Stage.GENERATE, b"v", (take.files[0].sha256,))])
    upload(store, b"u")
    before = store.usage().holdings
    rehearsed = store.prune(PruneOrder(rehearse=True))
    assert store.usage().holdings == before
    assert store.prune(PruneOrder()).holdings == rehearsed.holdings
    assert store.usage().bytes == 0
    assert audio(store) == set()


def test_results_go_before_uploads_and_uploads_before_jobs(
    store: Store, clock: Clock, deliver: Deliver, finish: Finish
) -> None:
    finish(store, "one", deliver(store, "take-1", b"a" * 10 * KB))
    upload(store, b"u" * 10 * KB)
    clock.now += 10
    store.remember([Remembered(key(1), Stage.TAG, b"v" * 10 * KB)])
    store.prune(PruneOrder(keep_bytes=25 * KB))
    assert counts(store) == {"takes": 1, "uploads": 1, "jobs": 1}
    store.prune(PruneOrder(keep_bytes=15 * KB))
    assert counts(store) == {"takes": 1, "jobs": 1}
    store.prune(PruneOrder(keep_bytes=5 * KB))
    assert counts(store) == {}


def test_the_longest_unused_goes_first(store: Store, clock: Clock, deliver: Deliver, finish: Finish) -> None:
    for name in "abc":
        finish(store, name, deliver(store, f"take-{name}", name.encode() * 10 * KB))
        clock.now += 100
    store.take_file("take-a", "mix", FileKind.WAV)
    store.prune(PruneOrder(keep_bytes=25 * KB))
    assert audio(store) == {b"a", b"c"}
    store.prune(PruneOrder(keep_bytes=15 * KB))
    assert audio(store) == {b"a"}


def test_what_was_used_lately_is_kept(store: Store, clock: Clock, deliver: Deliver, finish: Finish) -> None:
    finish(store, "old", deliver(store, "take-old", b"o"))
    store.remember([Remembered(key("old"), Stage.TAG, b"")])
    clock.now += 1000
    finish(store, "new", deliver(store, "take-new", b"n"))
    store.remember([Remembered(key("new"), Stage.TAG, b"")])
    clock.now += 100
    store.prune(PruneOrder(keep_seconds=500))
    assert [job.id for job in store.jobs(9)] == ["new"]
    assert set(store.recall([key("old"), key("new")])) == {key("new")}
    assert audio(store) == {b"n"}


@pytest.mark.parametrize(
    ("kind", "left"),
    [
        (StoreKind.RESULTS, {"takes": 1, "uploads": 1, "jobs": 1}),
        (StoreKind.UPLOADS, {"results": 1, "takes": 1, "jobs": 1}),
        (StoreKind.TAKES, {"results": 1, "uploads": 1, "jobs": 1}),
        (StoreKind.JOBS, {"results": 1, "uploads": 1}),
        (StoreKind.SCRATCH, {"results": 1, "takes": 1, "uploads": 1, "jobs": 1}),
    ],
)
def test_only_the_kinds_that_were_named_go(
    store: Store, deliver: Deliver, finish: Finish, kind: StoreKind, left: dict[str, int]
) -> None:
    finish(store, "one", deliver(store, "take-1", b"a"))
    store.remember([Remembered(key(1), Stage.TAG, b"")])
    upload(store, b"u")
    store.prune(PruneOrder(kinds(kind)))
    assert counts(store) == left


def test_cleared_takes_leave_their_job_and_take_results_along(store: Store, deliver: Deliver, finish: Finish) -> None:
    take = deliver(store, "take-1", b"a" * KB)
    store.remember([Remembered(key(1), Stage.GENERATE, b"", (take.files[0].sha256,))])
    finish(store, "one", take)
    gone = store.prune(PruneOrder(kinds(StoreKind.TAKES)))
    assert {holding.kind: holding.count for holding in gone.holdings} == {StoreKind.TAKES: 1, StoreKind.RESULTS: 1}
    assert (counts(store), audio(store)) == ({"jobs": 1}, set())
    assert len(store.events("one", 0, 9)) == 2
    with pytest.raises(TakeNotFound):
        store.take_file("take-1", "mix", FileKind.WAV)


def test_a_take_that_a_running_job_shares_is_not_cleared(
    store: Store, make_job: MakeJob, deliver: Deliver, finish: Finish, say: Say
) -> None:
    take = deliver(store, "take-1", b"a")
    finish(store, "ended", take)
    store.add(make_job("runs"))
    say(store, "runs", TakeReady(0, take))
    store.prune(PruneOrder(kinds(StoreKind.TAKES)))
    store.prune(PruneOrder())
    assert store.take_file("take-1", "mix", FileKind.WAV).path.is_file()
    assert [job.id for job in store.jobs(9)] == ["runs"]


def test_an_upload_on_its_way_is_not_cleared(store: Store) -> None:
    upload(store, b"arriving", suffix=".part")
    upload(store, b"forgotten", age=3600, suffix=".part")
    store.prune(PruneOrder())
    assert [file.read_bytes() for file in store.uploads.iterdir()] == [b"arriving"]


def test_a_job_that_names_an_upload_makes_it_the_latest(store: Store, make_job: MakeJob, say: Say) -> None:
    older, newer = upload(store, b"o" * 10 * KB, age=5000), upload(store, b"n" * 10 * KB, age=4000)
    store.add(make_job(request=looks_at(older)))
    say(store, "one", Done())
    store.prune(PruneOrder(kinds(StoreKind.UPLOADS), keep_bytes=15 * KB))
    assert (store.uploads / older).is_file()
    assert not (store.uploads / newer).exists()


def test_a_budget_is_held(store: Store, clock: Clock, deliver: Deliver, finish: Finish) -> None:
    for name in "abcd":
        take = deliver(store, f"take-{name}", name.encode() * 10 * KB)
        store.remember([Remembered(key(name), Stage.GENERATE, b"", (take.files[0].sha256,))])
        finish(store, name, take)
        clock.now += 100
    upload(store, b"u" * 10 * KB)
    assert store.trim(100 * KB).holdings == ()
    store.trim(35 * KB)
    assert audio(store) == {b"c", b"d"}
    assert store.usage().bytes <= 35 * KB
    assert counts(store)["uploads"] == 1


def test_a_budget_leaves_what_was_made_just_now(store: Store, clock: Clock, deliver: Deliver, finish: Finish) -> None:
    finish(store, "one", deliver(store, "take-1", b"a" * 10 * KB))
    assert store.trim(KB).holdings == ()
    clock.now += 100
    store.trim(KB)
    assert audio(store) == set()


def test_audio_that_a_broken_off_job_left_goes_in_time(
    store: Store, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(store, "take-1", b"a")
    store.prune(PruneOrder())
    assert audio(store) == {b"a"}
    later = time.monotonic() + 2 * 3600
    monkeypatch.setattr(store._shelf, "_clock", lambda: later)
    assert store.prune(PruneOrder()).of(StoreKind.SCRATCH).count == 1
    assert audio(store) == set()


def test_cleared_rows_give_their_room_back(store: Store, folder: Path) -> None:
    store.remember([Remembered(key(n), Stage.DESCRIBE, bytes(KB) * 100) for n in range(40)])
    store.prune(PruneOrder())
    assert sum(file.stat().st_size for file in folder.glob("sonique.db*")) < 500 * KB
