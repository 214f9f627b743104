"""Sonique in Resolve's menu: starts Sonique's panel and makes its calls into Resolve, until the panel is closed.

Runs in Resolve's own Python, whichever that is from 3.6 on; standard library only. ``resolve``, ``fusion``, ``app`` and
``bmd`` are given by Resolve. What Sonique is made of stands in another Python, whose command was written in here when
Sonique was installed.
"""
# ruff: noqa: UP006, UP035, PTH113, PTH118, T201, S603 - Python 3.6 runs this file; paths are text, prints its console

import contextlib
import importlib.util
import os
import subprocess
import sys
import tempfile
from typing import Any, Dict, List

COMMAND: Any = "@SONIQUE_COMMAND@"
"""The panel's command line."""

BRIDGE = "@SONIQUE_BRIDGE@"
"""The folder of the interpreter."""

AGAIN = "Install Sonique again with: sonique resolve install"
_OTHERS = ("PYTHON", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_", "__PYVENV_LAUNCHER__", "QT_")
_NO_WINDOW = 0x08000000


def main(given: Dict[str, Any]) -> int:
    """Serves one panel; ``given`` are the names that Resolve gives to scripts."""
    problem = _missing()
    if problem:
        return _say(problem)
    resolve = find_resolve(given)
    if resolve is None:
        return _say("Sonique: this script found no DaVinci Resolve. Start it from Workspace > Scripts.")
    print(f"Sonique: opening its panel in {resolve.GetProductName()} {resolve.GetVersionString()}.")
    with tempfile.TemporaryFile() as errors:
        ended = _serve(resolve, given.get("bmd"), errors)
        if ended != 0:
            return _say(f"Sonique: the panel ended with an error ({ended}).\n{_tail(errors)}\n{AGAIN}")
    print("Sonique: the panel was closed.")
    return 0


def find_resolve(given: Dict[str, Any]) -> Any:
    """Resolve, from what a script is given; nothing is started to find it."""
    if given.get("resolve") is not None:
        return given["resolve"]
    if given.get("bmd") is not None:
        found = given["bmd"].scriptapp("Resolve")
        if found is not None:
            return found
    for name in ("app", "fusion", "fu"):
        getter = getattr(given.get(name), "GetResolve", None)
        if callable(getter):
            return getter()
    return None


def _missing() -> str:
    if isinstance(COMMAND, str):
        return f"Sonique: this file was copied by hand and knows no Python. {AGAIN}"
    if not os.path.isfile(COMMAND[0]):
        return f"Sonique: its Python is gone from “{COMMAND[0]}”. {AGAIN}"
    if not all(os.path.isfile(os.path.join(BRIDGE, name + ".py")) for name in ("interpreter", "window")):
        return f"Sonique: its files are gone from “{BRIDGE}”. {AGAIN}"
    return ""


def _serve(resolve: Any, bmd: Any, errors: Any) -> int:
    interpreter, window = _part("interpreter"), _part("window")
    panel = subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env=_environment(),
        creationflags=_NO_WINDOW if sys.platform == "win32" else 0,
    )
    try:
        with contextlib.suppress(OSError):  # the panel ended while it was answered
            calls, windows = interpreter.Interpreter(resolve), window.Windows(resolve, bmd)
            window.serve(calls, windows, panel.stdout, panel.stdin, interpreter.MOST_BYTES)
    finally:
        _let_go(panel)
    return panel.wait()


def _let_go(panel: Any) -> None:
    """Closes the pipes, at which the panel ends; one that does not is ended."""
    for pipe in (panel.stdin, panel.stdout):
        with contextlib.suppress(OSError):
            pipe.close()
    try:
        panel.wait(timeout=10)
    except subprocess.TimeoutExpired:
        panel.kill()


def _part(name: str) -> Any:
    path = os.path.join(BRIDGE, name + ".py")
    spec = importlib.util.spec_from_file_location("sonique_bridge_" + name, path)
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type] # a path that is there has a spec
    spec.loader.exec_module(module)  # type: ignore[union-attr] # and a loader
    return module


def _environment() -> Dict[str, str]:
    """Without what Resolve set for its own libraries and its own Python, which would break another's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OTHERS)}
    kept["SONIQUE_RESOLVE_BRIDGE"] = "pipe"
    return kept


def _tail(errors: Any) -> str:
    errors.seek(0)
    lines = errors.read()[-4000:].decode("utf-8", "replace").splitlines()
    return "\n".join(lines[-6:])


def _say(sentence: str) -> int:
    """In the console, and in a window, since few have a console open."""
    print(sentence)
    try:
        _show(sentence)
    except Exception as problem:  # noqa: BLE001 - the sentence stands in the console in any case
        print(f"(No window could be opened: {problem})")
    return 1


def _show(sentence: str) -> None:
    if os.environ.get("SONIQUE_NO_WINDOW"):
        return
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, sentence, "Sonique", 0x30)
        return
    for command in _dialogs(sentence):
        if _runs(command):
            return


def _dialogs(sentence: str) -> List[List[str]]:
    if sys.platform == "darwin":
        script = 'on run argv\ndisplay alert "Sonique" message (item 1 of argv) as warning\nend run'
        return [["osascript", "-e", script, sentence]]
    return [
        ["zenity", "--warning", "--title=Sonique", "--no-markup", "--text=" + sentence],
        ["kdialog", "--title", "Sonique", "--sorry", sentence],
        ["xmessage", sentence],
    ]


def _runs(command: List[str]) -> bool:
    try:
        return subprocess.call(command, env=_environment()) == 0
    except OSError:
        return False


if __name__ == "__main__":
    main(globals())
