"""One contract for the store and for what stands in for it."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.take import FileKind, Take
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.jobs.store.values import MeasuredRun, PruneOrder, StoreKind
from sonique_daemon.stages.cache import Cache, FolderLibrary, Library, MemoryCache, Remembered

Deliver = Callable[..., Take]


def key(name: object) -> bytes:
    return hashlib.sha256(str(name).encode()).digest()


@pytest.fixture(params=["store", "memory"])
def cache(request: pytest.FixtureRequest, store: Store) -> Cache:
    return store if request.param == "store" else MemoryCache()


@pytest.fixture(params=["store", "folder"])
def library(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> Library:
    return store if request.param == "store" else FolderLibrary(tmp_path / "library")


def test_results_are_found_by_their_keys(cache: Cache) -> None:
    cache.remember([Remembered(key(n), Stage.DESCRIBE, str(n).encode()) for n in range(5)])
    assert cache.recall([key(3), key(9), key(1), key(3)]) == {key(1): b"1", key(3): b"3"}
    assert cache.recall([]) == {}


def test_the_latest_result_of_a_key_counts(cache: Cache) -> None:
    cache.remember([Remembered(key(1), Stage.TAG, b"old"), Remembered(key(1), Stage.TAG, b"new")])
    assert cache.recall([key(1)]) == {key(1): b"new"}
    cache.remember([Remembered(key(1), Stage.TAG, b"newest")])
    assert cache.recall([key(1)]) == {key(1): b"newest"}


def test_thousands_of_keys_are_looked_up_at_once(cache: Cache) -> None:
    cache.remember([Remembered(key(n), Stage.DESCRIBE, b"x") for n in range(0, 3000, 2)])
    assert set(cache.recall([key(n) for n in range(3000)])) == {key(n) for n in range(0, 3000, 2)}


def test_a_library_takes_files_over_from_its_scratch(library: Library) -> None:
    sha256 = hashlib.sha256(b"notes").hexdigest()
    for _ in range(2):
        file = library.scratch / "score.mid"
        file.write_bytes(b"notes")
        path = library.admit(file, FileKind.MIDI, sha256)
        assert path.name == f"{sha256}.mid"
        assert path.read_bytes() == b"notes"
        assert list(library.scratch.iterdir()) == []


def test_results_are_there_after_the_store_was_closed(folder: Path) -> None:
    first = Store.open(folder)
    first.remember([Remembered(key(1), Stage.TAG, b"tags", (), 0.2)])
    first.close()
    second = Store.open(folder)
    assert second.recall([key(1)]) == {key(1): b"tags"}
    second.close()


def test_a_result_whose_file_is_gone_is_no_hit_and_is_dropped(store: Store, deliver: Deliver) -> None:
    take = deliver(store, "take-1", b"mix", b"drums")
    files = tuple(file.sha256 for file in take.files)
    store.remember([Remembered(key(1), Stage.GENERATE, b"one", files), Remembered(key(2), Stage.GENERATE, b"two")])
    assert store.recall([key(1), key(2)]) == {key(1): b"one", key(2): b"two"}
    take.files[1].path.unlink()
    assert store.recall([key(1), key(2)]) == {key(2): b"two"}
    assert store.usage().of(StoreKind.RESULTS).count == 1


def test_a_key_of_another_length_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        store.remember([Remembered(b"short", Stage.TAG, b"")])


def test_what_is_recalled_is_not_the_first_to_go(folder: Path) -> None:
    now = 1_000.0
    store = Store.open(folder, lambda: now)
    store.remember([Remembered(key(1), Stage.TAG, b"x" * 5000)])
    now += 100
    store.remember([Remembered(key(2), Stage.TAG, b"x" * 5000)])
    now += 100
    store.recall([key(1)])
    store.prune(PruneOrder(frozenset({StoreKind.RESULTS}), keep_bytes=6000))
    assert set(store.recall([key(1), key(2)])) == {key(1)}
    store.close()


def test_uses_are_remembered_when_the_store_is_closed(folder: Path) -> None:
    now = 1_000.0
    first = Store.open(folder, lambda: now)
    first.remember([Remembered(key(1), Stage.TAG, b"x")])
    now += 100
    first.recall([key(1)])
    first.close()
    now += 10
    second = Store.open(folder, lambda: now)
    assert second.prune(PruneOrder(keep_seconds=50)).holdings == ()
    now += 50
    assert second.prune(PruneOrder(keep_seconds=50)).of(StoreKind.RESULTS).count == 1
    second.close()


def test_the_latest_runs_of_each_engine_are_kept(store: Store) -> None:
    for n in range(205):
        store.note_run(MeasuredRun(Stage.GENERATE, "composer", "1", float(n), 0.5))
    store.note_run(MeasuredRun(Stage.GENERATE, "other", "2", 7.0, 0.25))
    runs = store.runs()
    assert [run.length for run in runs if run.engine == "composer"] == [float(n) for n in range(5, 205)]
    assert runs[-1] == MeasuredRun(Stage.GENERATE, "other", "2", 7.0, 0.25)
