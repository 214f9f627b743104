"""The panel's views: the terminal, the system's window, and which of them is taken."""

import io
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sonique_resolve import panel, panel_text
from sonique_resolve.errors import ResolveBusy, ResolveRefused
from sonique_resolve.panel_presenter import Presenter

from tests.resolve.paneling import Studio


def test_without_a_window_the_terminal_asks_and_tells(presenter: Presenter, studio: Studio) -> None:
    studio.go.set()
    answers = iter(["warm and slow", "place 2", "quit"])
    out = io.StringIO()
    panel_text.show(presenter, lambda: next(answers), out)
    told = out.getvalue()
    assert "01:00:01:00-01:00:05:00" in told
    assert "* 1: Take 1, seed 0" in told
    assert "* 2: Take 2, seed 1" in told
    assert studio.wishes[0].prompt == "warm and slow"


def test_the_terminal_ends_with_its_input(presenter: Presenter) -> None:
    def ended() -> str:
        raise EOFError

    out = io.StringIO()
    panel_text.show(presenter, ended, out)
    assert "DaVinci Resolve Studio" in out.getvalue()


def test_with_neither_a_window_nor_a_terminal_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel, "_window", lambda: None)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(ResolveRefused, match="tkinter"):
        panel.open_panel()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a screen")
def test_from_the_menu_without_a_screen_it_ends_with_the_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sonique_resolve.panel", "--bridge"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "SONIQUE_RESOLVE_BRIDGE": "pipe"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 1
    assert "GetProductName" in done.stdout  # the bridge's own; nobody answered
    assert "python3-tk" in done.stderr


def test_the_command_knows_the_bridge_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert panel.main(["--what"]) == 2
    assert "--bridge" in capsys.readouterr().err


def test_a_resolve_that_does_not_answer_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def busy(_: object) -> None:
        raise ResolveBusy("DaVinci Resolve does not answer.")

    monkeypatch.setattr(panel, "open_desk", busy)
    assert panel.main(["--window", "resolve"]) == 1
    assert capsys.readouterr().err == "DaVinci Resolve does not answer.\n"


def on_a_screen(script: Path) -> list[str]:
    """What a script prints that opens windows."""
    pytest.importorskip("tkinter")
    read, write = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "800x800x24"], pass_fds=[write], stderr=subprocess.DEVNULL
    )
    os.close(write)
    try:
        with os.fdopen(read) as told:
            number = told.readline().strip()
        done = subprocess.run(
            [sys.executable, str(script)],
            env={**os.environ, "DISPLAY": f":{number}"},
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
    finally:
        screen.terminate()
        screen.wait()
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return done.stdout.split()


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs a screen, or Xvfb")
def test_the_window_draws_every_phase(tmp_path: Path) -> None:
    script = tmp_path / "window.py"
    script.write_text(_WINDOW)
    assert on_a_screen(script) == ["CONNECTING", "READY", "WORKING", "CANCELLING", "LOST", "wishes"]


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs a screen, or Xvfb")
def test_long_sentences_take_the_windows_width_and_rows_the_letters_height(tmp_path: Path) -> None:
    script = tmp_path / "large.py"
    script.write_text(_LARGE)
    assert on_a_screen(script) == ["narrow", "wide", "rows"]


_WINDOW = """
import tkinter as tk
from types import SimpleNamespace
from sonique_resolve.panel_tk import Window
from sonique_resolve.panel_view import Phase, TakeRow, View

root = tk.Tk()
root.report_callback_exception = lambda *error: (_ for _ in ()).throw(error[1])
fake = SimpleNamespace(view=View(), score=print, cancel=print, place=print, look=print, reach=print)
window = Window(root, fake)
for phase in Phase:
    rows = (TakeRow(0, "Take 1", True), TakeRow(1, "Take 2", False))
    fake.view = View(phase, "Resolve", "a range", True, "Making", 0.5, "7 s left", rows, ("folk",), ("A sentence.",))
    window.follow()
    root.update()
    able = "disabled" not in window._score.state()
    assert able == (phase is Phase.READY), phase
    print(phase.name)
window._prompt.insert("1.0", " warm \\n")
window._bpm.set("92,5")
window._takes.set("x")
window._which.set("10-42")
asked = window.wishes()
assert (asked.prompt, asked.bpm, asked.takes, asked.which, asked.genres) == ("warm", 92.5, 1, "10-42", ())
print("wishes")
"""

_LARGE = """
import tkinter as tk
from tkinter import font, ttk
from types import SimpleNamespace
from sonique_resolve.panel_tk import Window
from sonique_resolve.panel_view import Phase, TakeRow, View

root = tk.Tk()
root.tk.call("tk", "scaling", 3.0)
fake = SimpleNamespace(view=View(), score=print, cancel=print, place=print, look=print, reach=print)
window = Window(root, fake)
rows = tuple(TakeRow(number, f"Take {number}", False) for number in range(5))
fake.view = View(Phase.READY, "Long " * 40, "a range", True, takes=rows, messages=("A long sentence. " * 40,))
window.follow()
root.update()
wide = root.winfo_reqwidth()
assert wide < 1.3 * 460 * root.winfo_fpixels("1i") / 96, wide
print("narrow")
high = root.winfo_reqheight()
root.geometry(f"{2 * wide}x700")
root.update()
root.update()
assert root.winfo_reqheight() < high - 2 * font.nametofont("TkDefaultFont").metrics("linespace")
print("wide")
assert int(ttk.Style(root).lookup("Treeview", "rowheight")) >= font.nametofont("TkDefaultFont").metrics("linespace")
assert int(window._rows["height"]) == 5
print("rows")
"""
