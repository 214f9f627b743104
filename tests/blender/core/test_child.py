"""The child process, played by small scripts in place of Blender."""

import os
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from sonique_blender.core.child import Child, RenderOrder, command
from sonique_blender.core.errors import RenderFailed

DONE = """
import json, pathlib, sys
path = pathlib.Path(sys.argv[1]); order = json.loads(path.read_text())
pathlib.Path(order["film"]).write_bytes(b"film")
path.with_name("progress.json").write_text('{"frames": 60}')
path.with_name("answer.json").write_text('{"done": true}')
"""
WORDLESS = "import sys; print('Out of memory.'); sys.exit(3)"
ANSWERING = """
import pathlib, sys
pathlib.Path(sys.argv[1]).with_name("answer.json").write_text('{"failure": "No codec"}'); sys.exit(1)
"""


def child(folder: Path, script: str) -> Child:
    folder.mkdir()
    order = RenderOrder("copy.blend", "Scene", 1, 121, str(folder / "film.mp4"), "")
    return Child(folder, order, [sys.executable, "-c", script], os.environ)


def ended(started: Child) -> bool:
    while not started.poll():
        time.sleep(0.01)
    return True


def test_it_is_done_once_it_says_so_and_its_film_is_there(tmp_path: Path) -> None:
    started = child(tmp_path / "a", DONE)
    assert ended(started)
    assert started.share == 0.5


@pytest.mark.parametrize(
    ("script", "words"), [(WORDLESS, "Out of memory"), (ANSWERING, "No codec"), ("pass", "ended with 0")]
)
def test_one_that_ends_otherwise_is_a_failure_with_its_last_words(tmp_path: Path, script: str, words: str) -> None:
    with pytest.raises(RenderFailed, match=f"could not render the range: .*{words}"):
        ended(child(tmp_path / "a", script))


def test_one_that_is_stopped_ends_and_leaves_its_folder(tmp_path: Path) -> None:
    started = child(tmp_path / "a", "import time; time.sleep(600)")
    assert not started.poll()
    started.stop()
    assert left(started)
    assert started.folder.is_dir()


def test_one_that_will_not_end_is_waited_for_by_nobody_and_killed_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr("sonique_blender.core.child.time", SimpleNamespace(monotonic=lambda: clock[0]))
    deaf = "import pathlib, signal, sys, time; signal.signal(15, signal.SIG_IGN)\n"
    started = child(tmp_path / "a", deaf + "pathlib.Path(sys.argv[1] + '.deaf').touch(); time.sleep(600)")
    while not (tmp_path / "a" / "order.json.deaf").exists():
        time.sleep(0.01)
    started.stop()
    assert not started.gone
    clock[0] += 3.0
    assert left(started)


def test_where_nobody_else_is_there_it_removes_its_folder_itself(tmp_path: Path) -> None:
    started = child(tmp_path / "a", "import time; time.sleep(600)")
    started.remove()
    assert list(tmp_path.iterdir()) == []


def left(started: Child) -> bool:
    """Whether it ends."""
    end = time.monotonic() + 60
    while not started.gone and time.monotonic() < end:
        time.sleep(0.01)
    return started.gone


def test_a_program_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    order = RenderOrder("copy.blend", "Scene", 1, 121, "", "")
    with pytest.raises(RenderFailed, match="could not be started"):
        Child(tmp_path / "a", order, [str(tmp_path / "none")], os.environ)
    assert list(tmp_path.iterdir()) == []


def test_blender_opens_the_copy_itself_and_a_module_runs_the_script() -> None:
    script = Path("/x/render_child.py")
    assert command("/b/blender", script, "/c.blend")[:4] == [
        "/b/blender",
        "--background",
        "--factory-startup",
        "/c.blend",
    ]
    assert command("", script, "/c.blend") == [sys.executable, "/x/render_child.py", "--"]
