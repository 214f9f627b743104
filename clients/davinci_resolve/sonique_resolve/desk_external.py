"""The desk of Resolve Studio: a child process loads Resolve's own library and makes all calls.

That library may hang as long as a dialog is open, and crash the Python that loads it; neither reaches us. A child that
does not answer in time is ended, and the next batch starts another. Objects of an earlier child are not known to a
later one, and their numbers are never given out again.
"""

import contextlib
import itertools
import os
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from sonique_resolve.bridge import external, presence, wire
from sonique_resolve.bridge.limits import Limits
from sonique_resolve.bridge.lines import Lines
from sonique_resolve.bridge.wired import WiredDesk
from sonique_resolve.errors import ResolveBusy, ResolveError, ResolveGone, ResolveRefused

_CHILD = Path(external.__file__)
_GENERATION = 1_000_000_000
_HOMES = ("PYTHONHOME", "PYTHON3HOME", "FUSION_PYTHON3_HOME")
_OTHER_PYTHON = "Name a Python from 3.10 to 3.12 in SONIQUE_RESOLVE_PYTHON."


@dataclass(frozen=True, slots=True)
class Python:
    """The Python that loads Resolve's library, which need not be ours.

    Attributes:
        path: of its executable.
        environment: what is added to the environment for it.
    """

    path: str = sys.executable
    environment: Mapping[str, str] = field(default_factory=dict)

    def surroundings(self) -> dict[str, str]:
        """The child's environment.

        On Windows, releases up to 20.3 load the newest Python that is registered rather than the one that runs, unless
        its home is named; in which of these variables depends on the release.
        """
        environment = {**os.environ, **self.environment}
        home = self._home()
        for name in _HOMES if sys.platform == "win32" and home else ():
            environment.setdefault(name, home)
        return environment

    def _home(self) -> str:
        if self.path == sys.executable:
            return sys.base_prefix
        folder = Path(self.path).parent
        return str(folder) if (folder / "Lib").is_dir() else ""


class _Child:
    """One process that serves batches."""

    def __init__(self, python: Python, first: int) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 it lives as long as the process
        process = subprocess.Popen(  # noqa: S603 our own file, in a Python that the user chose
            [python.path, str(_CHILD), str(first)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=python.surroundings(),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            start_new_session=True,  # keys pressed in our terminal are not for it
        )
        self.process = process
        self.ended = weakref.finalize(self, _end, process, self._errors)
        self.lines = Lines(cast("BinaryIO", process.stdout), cast("BinaryIO", process.stdin))

    def leave(self) -> None:
        """Lets it end by itself for a moment, then ends it."""
        self.lines.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=2)
        self.ended()

    def last_words(self) -> str:
        """The last line that it wrote about its end, with the way it ended."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=2)
        self._errors.seek(0)
        lines = self._errors.read()[-4000:].decode("utf-8", "replace").split("\n")
        said = next((line.strip() for line in reversed(lines) if line.strip()), "")
        return f"{_way(self.process.returncode)}{': ' + said if said else ''}"


def _end(process: subprocess.Popen[bytes], errors: IO[bytes]) -> None:
    if process.poll() is None:
        process.kill()
        process.wait()
    errors.close()


def _way(code: int | None) -> str:
    if code is None:
        return "it hangs"
    return f"signal {-code}" if code < 0 else f"exit code {code if code < 256 else hex(code)}"


class ExternalDesk(WiredDesk):
    """Resolve Studio, from outside.

    Args:
        python: what loads Resolve's library; ours where None.
        limits: how long it may take.
        is_running: whether Resolve runs, as far as can be told.

    Attributes:
        product: Resolve's own name for itself, with its edition.
        version: its release, as it spells it.

    Raises:
        ResolveRefused: Resolve is not there, does not run, or lets no program in.
        ResolveBusy: it does not answer; a dialog is open, most likely.
        ResolveGone: the process that loaded its library crashed.
    """

    def __init__(
        self,
        python: Python | None = None,
        limits: Limits | None = None,
        is_running: Callable[[], bool] = presence.is_running,
    ) -> None:
        super().__init__(limits or Limits())
        self._python = python or Python()
        self._is_running = is_running
        self._firsts = itertools.count(1, _GENERATION)
        self._requests = itertools.count(1)
        self.product = self.version = ""
        self._child: _Child | None = self._started()
        self._ran, self._shows = is_running(), False

    def silence(self) -> ResolveError:
        """Of a Resolve that ended, too, its library answers nothing; and it never finds one that was started since.

        So the child that holds it is ended, unless it shows the panel, and the next batch starts another.
        """
        has_ended = self._ran and not self._is_running()
        if has_ended or not self._shows:
            self.close()
        return ResolveGone(wire.GONE) if has_ended else super().silence()

    def exchange(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Carries one request in, and its answer out."""
        if self._child is None:
            self._child, self._shows = self._started(), False
        self._shows |= "window" in request
        identity = next(self._requests)
        self._child.lines.send({**request, "id": identity})
        return self._received(self._child, identity, seconds)

    def close(self) -> None:
        """Lets go of all objects, and of Resolve."""
        child, self._child = self._child, None
        if child is not None:
            child.leave()

    def _started(self) -> _Child:
        try:
            child = _Child(self._python, next(self._firsts))
        except OSError as problem:
            raise ResolveRefused(f"“{self._python.path}” cannot be started: {problem}. {_OTHER_PYTHON}") from problem
        opening = self._received(child, "start", self.limits.start)
        if "error" in opening:
            child.leave()
            raise _refusal(opening)
        self.product, self.version = (str(each) for each in opening["ok"])
        return child

    def _received(self, child: _Child, identity: object, seconds: float) -> dict[str, Any]:
        try:
            return child.lines.receive(identity, seconds)
        except TimeoutError:
            self._child = None
            child.ended()
            raise ResolveBusy(wire.BUSY) from None
        except EOFError:
            self._child = None
            words = child.last_words()
            child.ended()
            raise _crash(words, self._python.path, started=identity != "start") from None


def _crash(words: str, python: str, *, started: bool) -> ResolveError:
    if started:
        return ResolveGone(f"The bridge into DaVinci Resolve crashed ({words}). {wire.GONE}")
    return ResolveGone(f"“{python}” crashed while it loaded DaVinci Resolve's library ({words}). {_OTHER_PYTHON}")


def _refusal(opening: dict[str, Any]) -> ResolveRefused:
    match opening.get("cause"):
        case "missing":
            return ResolveRefused(
                "DaVinci Resolve is not installed here, or somewhere else than usual. "
                "Name its scripting folder in RESOLVE_SCRIPT_API and its library in RESOLVE_SCRIPT_LIB."
            )
        case "library":
            return ResolveRefused(f"DaVinci Resolve's library does not load: {opening.get('text')}. {_OTHER_PYTHON}")
    if not presence.is_running():
        return ResolveRefused("DaVinci Resolve is not running. Start it, open the project, and try again.")
    return ResolveRefused(
        "DaVinci Resolve lets no program in from outside. In Studio, set Preferences ▸ System ▸ General ▸ External "
        "scripting using ▸ Local and restart it. Where that is set already, close its dialogs; if none is open, restart"
        " it and open a project, then start Sonique. In the Free edition, start Workspace ▸ Scripts ▸ Sonique instead."
    )
