import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from sonique_daemon.domain.events import Done, Stage, TakeReady
from sonique_daemon.domain.take import FileKind, Take
from sonique_daemon.errors import JobNotFound, JobRunning, TakeNotFound
from sonique_daemon.jobs.store.store import Store
from sonique_daemon.jobs.store.values import Remembered, StoredJob

MakeJob = Callable[..., StoredJob]
Say = Callable[..., None]
Deliver = Callable[..., Take]
Finish = Callable[..., None]
KEY = b"k" * 32


def audio(store: Store) -> set[bytes]:
    return {file.read_bytes() for file in store.audio.iterdir()}


def result(take: Take, key: bytes = KEY) -> Remembered:
    return Remembered(key, Stage.GENERATE, take.id.encode(), tuple(file.sha256 for file in take.files), 2.5)


def test_admitted_audio_stands_under_its_digest(store: Store) -> None:
    file = store.scratch / "mix.wav"
    file.write_bytes(b"sound")
    sha256 = hashlib.sha256(b"sound").hexdigest()
    path = store.admit(file, FileKind.WAV, sha256)
    assert path == store.audio / f"{sha256}.wav"
    assert path.read_bytes() == b"sound"
    assert not file.exists()


def test_the_same_audio_is_kept_once(store: Store) -> None:
    sha256 = hashlib.sha256(b"sound").hexdigest()
    for name in ("one.mid", "two.mid"):
        file = store.scratch / name
        file.write_bytes(b"sound")
        assert store.admit(file, FileKind.MIDI, sha256).name == f"{sha256}.mid"
        assert not file.exists()
    assert audio(store) == {b"sound"}


def test_a_file_that_was_cut_short_gives_way_to_the_whole(store: Store, deliver: Deliver) -> None:
    take = deliver(store, "one", b"whole")
    take.files[0].path.write_bytes(b"wh")
    deliver(store, "one", b"whole")
    assert audio(store) == {b"whole"}


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "/x"])
def test_a_digest_that_looks_like_a_path_is_refused(store: Store, digest: str) -> None:
    file = store.scratch / "mix.wav"
    file.write_bytes(b"sound")
    with pytest.raises(ValueError, match="no SHA-256"):
        store.admit(file, FileKind.WAV, digest)
    with pytest.raises(ValueError, match="no SHA-256"):
        store.remember([Remembered(KEY, Stage.GENERATE, b"", (digest,))])
    assert audio(store) == set()


def test_a_take_is_found_by_name_and_kind(store: Store, deliver: Deliver, finish: Finish) -> None:
    take = deliver(store, "take-1", b"mix", b"drums")
    finish(store, "one", take)
    assert store.take_file("take-1", "stem 1", FileKind.WAV) == take.files[1]
    with pytest.raises(TakeNotFound, match=r"no midi file “mix”; it has mix \(wav\), stem 1 \(wav\)"):
        store.take_file("take-1", "mix", FileKind.MIDI)
    with pytest.raises(TakeNotFound, match="no take “take-2”"):
        store.take_file("take-2", "mix", FileKind.WAV)


def test_takes_are_found_after_the_store_moved(folder: Path, deliver: Deliver, finish: Finish) -> None:
    first = Store.open(folder)
    finish(first, "one", deliver(first, "take-1", b"mix"))
    first.close()
    second = Store.open(folder.rename(folder.with_name("elsewhere")))
    file = second.take_file("take-1", "mix", FileKind.WAV)
    assert file.path.parent == second.audio
    assert file.path.read_bytes() == b"mix"
    second.close()


def test_a_take_whose_file_is_gone_or_cut_short_is_told_so(store: Store, deliver: Deliver, finish: Finish) -> None:
    take = deliver(store, "take-1", b"mix", b"drums")
    finish(store, "one", take)
    take.files[0].path.unlink()
    take.files[1].path.write_bytes(b"dr")
    for name in ("mix", "stem 1"):
        with pytest.raises(TakeNotFound, match="is gone from the store"):
            store.take_file("take-1", name, FileKind.WAV)


def test_a_deleted_job_takes_its_audio_along(store: Store, deliver: Deliver, finish: Finish) -> None:
    finish(store, "one", deliver(store, "take-1", b"mix", b"drums"), deliver(store, "take-2", b"other"))
    finish(store, "two", deliver(store, "take-3", b"third"))
    store.delete("one")
    assert store.job("one") is None
    assert store.events("one", 0, 9) == ()
    assert audio(store) == {b"third"}
    with pytest.raises(TakeNotFound):
        store.take_file("take-1", "mix", FileKind.WAV)
    with pytest.raises(JobNotFound):
        store.delete("one")


def test_a_job_that_has_not_ended_is_not_deleted(store: Store, make_job: MakeJob) -> None:
    store.add(make_job())
    with pytest.raises(JobRunning, match="cancel it first"):
        store.delete("one")
    assert store.job("one") is not None


def test_a_take_of_two_jobs_goes_with_the_second(store: Store, deliver: Deliver, finish: Finish) -> None:
    finish(store, "one", deliver(store, "take-1", b"mix"))
    finish(store, "two", deliver(store, "take-1", b"mix"))
    store.delete("one")
    assert store.take_file("take-1", "mix", FileKind.WAV).path.read_bytes() == b"mix"
    store.delete("two")
    assert audio(store) == set()


def test_a_file_of_two_takes_goes_with_the_second(store: Store, deliver: Deliver, finish: Finish) -> None:
    finish(store, "one", deliver(store, "take-1", b"mix", b"shared"))
    finish(store, "two", deliver(store, "take-2", b"other", b"shared"))
    store.delete("one")
    assert audio(store) == {b"other", b"shared"}
    store.delete("two")
    assert audio(store) == set()


def test_a_deleted_job_takes_along_results_that_name_its_audio(store: Store, deliver: Deliver, finish: Finish) -> None:
    first, second = deliver(store, "take-1", b"mix", b"shared"), deliver(store, "take-2", b"other", b"shared")
    store.remember([result(first), result(second, b"l" * 32), Remembered(b"m" * 32, Stage.TAG, b"tags")])
    finish(store, "one", first)
    finish(store, "two", second)
    store.delete("one")
    assert set(store.recall([KEY, b"l" * 32, b"m" * 32])) == {b"l" * 32, b"m" * 32}
    assert audio(store) == {b"other", b"shared"}


def test_audio_on_its_way_into_a_log_survives_the_deletion_of_its_twin(
    store: Store, make_job: MakeJob, deliver: Deliver, finish: Finish, say: Say
) -> None:
    finish(store, "one", deliver(store, "take-1", b"mix"))
    store.add(make_job("two"))
    twin = deliver(store, "take-2", b"mix")
    store.delete("one")
    assert audio(store) == {b"mix"}
    say(store, "two", TakeReady(0, twin), Done())
    assert store.take_file("take-2", "mix", FileKind.WAV).path.read_bytes() == b"mix"
    store.delete("two")
    assert audio(store) == set()


def test_audio_of_a_recalled_result_survives_until_its_take_is_in_the_log(
    store: Store, make_job: MakeJob, deliver: Deliver, finish: Finish, say: Say
) -> None:
    take = deliver(store, "take-1", b"mix")
    store.remember([result(take)])
    finish(store, "one", take)
    store.add(make_job("two"))
    assert store.recall([KEY]) == {KEY: b"take-1"}
    store.delete("one")
    assert store.recall([KEY]) == {}
    say(store, "two", TakeReady(0, take), Done())
    assert store.take_file("take-1", "mix", FileKind.WAV).path.read_bytes() == b"mix"
