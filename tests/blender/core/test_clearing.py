"""Clearing away what this client made, and nothing else."""

from pathlib import Path

from sonique_blender.core.clearing import Written, discard


def noted(path: Path) -> Written:
    """A fetch that wrote ``path``."""
    path.write_bytes(b"music")
    written = Written()
    written.note(str(path), path)
    return written


def test_what_a_fetch_wrote_is_taken_back_once(tmp_path: Path) -> None:
    path = tmp_path / "cue.wav"
    written = noted(path)
    written.take_back(str(path))
    assert not path.exists()
    path.write_bytes(b"of the editor's")
    written.take_back(str(path))
    assert path.exists()


def test_a_file_that_took_its_place_stays(tmp_path: Path) -> None:
    path = tmp_path / "cue.wav"
    written = noted(path)
    other = tmp_path / "other.wav"
    other.write_bytes(b"other")
    other.replace(path)
    written.take_back(str(path))
    assert path.read_bytes() == b"other"


def test_a_file_that_was_changed_since_stays(tmp_path: Path) -> None:
    path = tmp_path / "cue.wav"
    written = noted(path)
    path.write_bytes(b"music, and more")
    written.take_back(str(path))
    assert path.exists()


def test_a_file_that_is_gone_or_was_never_fetched_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "cue.wav"
    written = noted(path)
    path.unlink()
    written.take_back(str(path))
    written.take_back(str(tmp_path / "never.wav"))


def test_the_folder_of_a_render_goes_and_any_other_stays(tmp_path: Path) -> None:
    render, other = tmp_path / "range-1", tmp_path / "films"
    for folder in (render, other):
        folder.mkdir()
        (folder / "film.mp4").write_bytes(b"film")
    (render / "order.json").write_text("{}")
    link = tmp_path / "link"
    link.symlink_to(render)
    for folder in (link, other, tmp_path / "none"):
        discard(folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["films", "link", "range-1"]
    discard(render)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["films", "link"]
