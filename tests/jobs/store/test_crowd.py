"""Many threads at once: some make takes, some recall them, some delete and prune."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event as Gate

from sonique_daemon.domain.codec import decode, encode
from sonique_daemon.domain.events import Done, Stage, TakeReady
from sonique_daemon.domain.take import FileKind, Take
from sonique_daemon.errors import JobNotFound, JobRunning, TakeNotFound
from sonique_daemon.jobs.log import Entry
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.jobs.store.values import Appended, PruneOrder, Remembered, StoredJob, StoreKind

MakeJob = Callable[..., StoredJob]
Deliver = Callable[..., Take]

MAKERS, JOBS, TAKES = 3, 25, 4


def key(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


def delete(store: Store, over: Gate) -> None:
    while not over.is_set():
        for job in store.jobs(5):
            with suppress(JobNotFound, JobRunning):
                store.delete(job.id)


def prune(store: Store, over: Gate) -> None:
    while not over.is_set():
        store.prune(PruneOrder(frozenset({StoreKind.RESULTS})))
        store.prune(PruneOrder())
        store.usage()


def test_no_audio_goes_from_under_a_job(folder: Path, make_job: MakeJob, deliver: Deliver) -> None:
    store, over = Store.open(folder), Gate()

    def find(name: str, maker: int) -> Take:
        """The take of that name, from the cache where it is known."""
        known = store.recall([key(name)])
        if known:
            return decode(Take, known[key(name)])
        take = replace(deliver(store, f"{name}-{maker}", name.encode() * 100), id=name)
        store.remember([Remembered(key(name), Stage.GENERATE, encode(take), (take.files[0].sha256,))])
        return take

    def make(maker: int) -> None:
        for number in range(JOBS):
            job, name = f"{maker}-{number}", f"take-{number % TAKES}"
            store.add(make_job(job))
            store.append([Appended(job, Entry(1, 1, TakeReady(0, find(name, maker))))])
            assert store.take_file(name, "mix", FileKind.WAV).path.read_bytes() == name.encode() * 100
            store.append([Appended(job, Entry(2, 2, Done()))])

    with ThreadPoolExecutor(MAKERS + 2) as pool:
        clearing = [pool.submit(delete, store, over), pool.submit(prune, store, over)]
        try:
            for making in [pool.submit(make, maker) for maker in range(MAKERS)]:
                making.result()
        finally:
            over.set()
        for done in clearing:
            done.result()
    store.prune(PruneOrder())
    assert store.jobs(9) == ()
    store.close()
    Store.open(folder).close()
    assert list((folder / "audio").iterdir()) == []


def test_takes_are_read_while_their_jobs_go(store: Store, make_job: MakeJob, deliver: Deliver) -> None:
    take = deliver(store, "take-1", b"mix")
    store.add(make_job())
    store.append([Appended("one", Entry(1, 1, TakeReady(0, take))), Appended("one", Entry(2, 2, Done()))])

    def read() -> int:
        found = 0
        for _ in range(200):
            try:
                found += store.take_file("take-1", "mix", FileKind.WAV).size == 3
            except TakeNotFound:
                break
        return found

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        store.delete("one")
        assert all(reader.result() <= 200 for reader in readers)
    assert store.job("one") is None
