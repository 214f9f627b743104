"""The Fusion object and the ``bmd`` table, as far as a script needs them to be reached and to answer."""
# ruff: noqa: D102, N802 the names are Resolve's, and what they mean stands in its own documents

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sonique_resolve.fake.host import Host
from sonique_resolve.fake.live import Live
from sonique_resolve.fake.windows import UIDispatcher, UIManager


class Fusion(Live):
    """The Fusion object: preferences, and Resolve through it."""

    def GetResolve(self) -> Any:
        return self._host.resolve

    def GetPrefs(self, name: str = "") -> Any:
        return _at(self._host.prefs, name.split(".") if name else [])

    def SetPrefs(self, name: str, value: Any = None) -> bool:
        *parents, last = name.split(".")
        table = self._host.prefs
        for parent in parents:
            table = table.setdefault(parent, {})
        table[last] = value
        return True

    def SavePrefs(self, path: str = "") -> bool:
        """Writes all preferences as a Lua table."""
        file = Path(path) if path else self._host.prefs_file
        if file is None:
            return False
        file.write_text(_lua(self._host.prefs) + "\n", encoding="utf-8")
        return True

    def UIManager(self) -> UIManager | None:
        """Windows: of Studio in every release, of Free before 19.1; after that a dialog asks the user to buy Studio."""
        settings = self._host.settings
        if settings.edition == "studio" or settings.release < (19, 1, 0):
            return self._host.ui
        if settings.release < (21, 1, 0):
            self._host.upsold += 1
        return None


def _at(table: Any, names: list[str]) -> Any:
    for name in names:
        table = table.get(name) if isinstance(table, dict) else None
    return table


def _lua(value: Any, depth: int = 1) -> str:
    if not isinstance(value, dict):
        return json.dumps(value)
    indent = "\t" * depth
    lines = "".join(f"{indent}{_key(key)} = {_lua(each, depth + 1)},\n" for key, each in value.items())
    return "{\n" + lines + "\t" * (depth - 1) + "}"


def _key(key: str) -> str:
    return key if key.isidentifier() else f"[{json.dumps(key)}]"


class Bmd:
    """The table of helpers that Lua and Python scripts find as ``bmd``."""

    def __init__(self, host: Host, *, wait: Callable[[float], None] = time.sleep) -> None:
        self._host = host
        self._wait = wait

    def scriptapp(self, name: str = "Resolve") -> Any:
        """Resolve, or Fusion, from inside."""
        return self._host.scriptapp(name, outside=False)

    def UIDispatcher(self, ui: UIManager) -> UIDispatcher:
        """What shows the windows of ``ui``."""
        return UIDispatcher(ui)

    def fileexists(self, path: str) -> bool:
        """Whether a file is there; on Windows its path must be in the system's own code page."""
        return self._speakable(path) and Path(path).is_file()

    def _speakable(self, path: str) -> bool:
        try:
            path.encode("cp1252" if self._host.settings.system == "windows" else "utf-8")
        except UnicodeEncodeError:
            return False
        return True

    def wait(self, seconds: float) -> None:
        """Lets Resolve go on for so long."""
        self._wait(seconds)

    def gettime(self) -> float:
        """Seconds since whenever."""
        return self._host.elapsed
