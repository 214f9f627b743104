from collections.abc import Callable
from pathlib import Path

import pytest
from sonique_daemon.domain.take import FileKind, Take
from sonique_daemon.errors import TakeNotFound
from sonique_daemon.jobs.takes import TakeIndex, remove_files

MakeTake = Callable[..., Take]


def test_a_file_is_found_by_take_name_and_kind(make_take: MakeTake) -> None:
    index = TakeIndex()
    take = make_take("t1", "mix", "drums")
    index.add("j1", take)
    assert index.file("t1", "drums", FileKind.WAV) == take.files[1]


@pytest.mark.parametrize(
    ("take_id", "name", "kind"),
    [("other", "mix", FileKind.WAV), ("t1", "flute", FileKind.WAV), ("t1", "mix", FileKind.MIDI)],
)
def test_what_is_not_there_is_said_to_be_missing(make_take: MakeTake, take_id: str, name: str, kind: FileKind) -> None:
    index = TakeIndex()
    index.add("j1", make_take("t1"))
    with pytest.raises(TakeNotFound):
        index.file(take_id, name, kind)


def test_a_take_that_two_jobs_made_goes_with_the_second(make_take: MakeTake) -> None:
    index = TakeIndex()
    take = make_take("t1")
    index.add("j1", take)
    index.add("j2", take)
    assert index.remove("j1") == ()
    assert index.file("t1", "mix", FileKind.WAV) == take.files[0]
    assert index.remove("j2") == (take.files[0].path,)


def test_removed_files_take_their_empty_folder_along(make_take: MakeTake, tmp_path: Path) -> None:
    take = make_take("t1", "mix", "drums")
    remove_files(tuple(file.path for file in take.files))
    assert not (tmp_path / "takes" / "t1").exists()
    assert (tmp_path / "takes").exists() is False or not any((tmp_path / "takes").iterdir())


def test_a_folder_that_holds_more_stays(make_take: MakeTake) -> None:
    take = make_take("t1")
    other = take.files[0].path.with_name("notes.txt")
    other.write_text("mine")
    remove_files((take.files[0].path,))
    assert other.read_text() == "mine"
    remove_files((take.files[0].path,))
