"""The desk of the Free edition from 21.1 on: requests in a file, answers in Fusion's preferences.

A script waits in Resolve for the file; see ``bridge/mailbox.lua``. Its Lua can write nothing but Fusion's preferences,
which others on this machine may read: nothing secret is ever asked for.
"""

import contextlib
import json
import os
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from sonique_client.private import NotPrivate, check_private_folder

from sonique_resolve.bridge import presence, wire
from sonique_resolve.bridge.limits import Limits
from sonique_resolve.bridge.prefs import Piece, Prefs
from sonique_resolve.bridge.scripts import lua_string
from sonique_resolve.bridge.wired import WiredDesk
from sonique_resolve.errors import ResolveBusy, ResolveError, ResolveGone, ResolveRefused

NOBODY = (
    "Nobody answers in DaVinci Resolve. Start Workspace ▸ Scripts ▸ Sonique in it, once per session, and try again; "
    "if it is not in that menu, run: sonique resolve install"
)
_PAUSE = 0.003
_LONGEST_PIECES = 1000
_TRIES = 300


def mailbox_folder() -> Path:
    """Where requests are put: a folder of the user's own, by the system's custom."""
    named = os.environ.get("SONIQUE_RESOLVE_MAILBOX")
    if named:
        return Path(named)
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "Sonique" / "resolve"
    if sys.platform == "win32":
        return _windows_folder(home)
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "sonique" / "resolve"


def _windows_folder(home: Path) -> Path:
    """One whose name Resolve's Lua can open, which knows the system's code page alone."""
    own = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "Sonique" / "resolve"
    if str(own).isascii():
        return own
    user = os.fsencode(home.name).hex()
    return Path(os.environ.get("PROGRAMDATA") or "C:\\ProgramData") / "Sonique" / f"resolve-{user}"


def prefs_places() -> tuple[tuple[Path, str], ...]:
    """The folders of Fusion's profiles, and the pattern of the preferences below them."""
    home = Path.home()
    if sys.platform == "darwin":
        fusion = home / "Library" / "Application Support" / "Blackmagic Design" / "DaVinci Resolve" / "Fusion"
    elif sys.platform == "win32":
        roaming = Path(os.environ.get("APPDATA") or home / "AppData" / "Roaming")
        fusion = roaming / "Blackmagic Design" / "DaVinci Resolve" / "Support" / "Fusion"
    else:
        fusion = home / ".local" / "share" / "DaVinciResolve" / "Fusion"
    return ((fusion / "Profiles", "*/Fusion.prefs"),)


class MailboxDesk(WiredDesk):
    """Resolve, through the script that waits in it.

    Args:
        folder: where requests are put.
        prefs: where answers are found.
        limits: how long they may take.
        is_running: whether Resolve runs, as far as can be told.

    Raises:
        ResolveRefused: nobody answers, another process of Sonique's talks to Resolve at the moment, or the folder is
            not this user's alone.
    """

    def __init__(
        self,
        folder: Path | None = None,
        prefs: Prefs | None = None,
        limits: Limits | None = None,
        is_running: Callable[[], bool] = presence.is_running,
    ) -> None:
        super().__init__(limits or Limits())
        self._folder = folder or mailbox_folder()
        self._request = self._folder / "request.lua"
        self._prefs = prefs or Prefs(prefs_places())
        self._is_running = is_running
        self._session = secrets.token_hex(8)
        self._count = 0
        self._ran = self._has_gone = False
        _make_private(self._folder)
        self._lock: IO[bytes] | None = _locked(self._folder / "lock")
        for stale in self._folder.glob("request.*.new"):  # of one that was killed
            with contextlib.suppress(OSError):
                stale.unlink()
        self._greet()

    def exchange(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Carries one request in, and its answer out, part by part."""
        if self._lock is None:
            raise ResolveGone(NOBODY)
        if self._has_gone:
            raise ResolveGone(wire.GONE)
        try:
            return self._carried(request, time.monotonic() + seconds)
        except TimeoutError:
            raise ResolveBusy(wire.BUSY) from None
        finally:
            self._withdraw()

    def close(self) -> None:
        """Lets go of all objects, and of Resolve; the script there waits on."""
        if self._lock is None:
            return
        # Its short answer takes the place of the last one, which may hold names of clips.
        with contextlib.suppress(ResolveError):
            self.exchange(wire.RELEASE, self.limits.answering)
        self._unlock()

    def stop(self) -> None:
        """As ``close``; the script there leaves as well."""
        self._put({"id": f"{self._session}-stop", "stop": True}, self.limits.answering)
        deadline = time.monotonic() + self.limits.answering
        while self._prefs.hold(self._session) and time.monotonic() < deadline:
            time.sleep(_PAUSE)
        self._withdraw()
        self._unlock()

    def _greet(self) -> None:
        running = self._is_running()
        seconds = self.limits.answering if running else min(1.0, self.limits.answering)
        try:
            self._carried(wire.RELEASE, time.monotonic() + seconds)
        except TimeoutError:
            self._unlock()
            raise ResolveRefused(NOBODY if running else f"DaVinci Resolve is not running. {NOBODY}") from None
        finally:
            self._withdraw()
        self._ran = running

    def _carried(self, request: dict[str, Any], deadline: float) -> dict[str, Any]:
        self._count += 1
        identity = f"{self._session}-{self._count}"
        body = wire.written(request)
        content: list[bytes] = []
        count = 1
        while len(content) < count:
            number = len(content) + 1
            self._put(
                {"id": identity, "part": number, "body": body if number == 1 else b""}, deadline - time.monotonic()
            )
            piece = self._awaited(identity, number, deadline)
            content.append(piece.content)
            count = min(piece.count, _LONGEST_PIECES)
        answer = json.loads(b"".join(content).decode("utf-8", "replace"))
        return answer if isinstance(answer, dict) else {}

    def _awaited(self, identity: str, number: int, deadline: float) -> Piece:
        look = time.monotonic() + self.limits.alive
        while (now := time.monotonic()) < deadline:
            piece = self._prefs.piece(identity, number)
            if piece is not None:
                return piece
            if now > look:
                self._must_run()
                look = time.monotonic() + self.limits.alive
            time.sleep(_PAUSE)
        raise TimeoutError

    def _must_run(self) -> None:
        """Where it was seen to run once, and is not any more, nobody will answer."""
        if self._ran and not self._is_running():
            self._has_gone = True
            raise ResolveGone(wire.GONE)

    def _put(self, request: dict[str, Any], seconds: float) -> None:
        """Puts a request there at once and whole; it is not taken up once we have stopped waiting for it."""
        entries = {**request, "before": int(time.time() + max(0.0, seconds))}
        written = ", ".join(f"{name} = {_literal(value)}" for name, value in entries.items())
        fresh = self._folder / f"request.{self._session}.new"
        try:
            fresh.write_text(f"return {{{written}}}\n", encoding="ascii")
            _insist(lambda: fresh.replace(self._request))
        except OSError as error:
            raise _unusable(self._folder, error) from error

    def _withdraw(self) -> None:
        """Takes the request away; one that stays is not taken up once its time is over."""
        with contextlib.suppress(OSError):
            _insist(lambda: self._request.unlink(missing_ok=True))

    def _unlock(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.close()


def _make_private(folder: Path) -> None:
    """The folder, made where it is not there: whoever can write to it can make calls in Resolve."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        check_private_folder(folder)
    except NotPrivate as error:
        raise ResolveRefused(
            f"The mailbox “{folder}” {error}, and whoever writes to it makes calls in DaVinci Resolve; make it yours "
            "alone (chmod 700), or name another folder in SONIQUE_RESOLVE_MAILBOX and install again."
        ) from None
    except OSError as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: OSError) -> ResolveRefused:
    return ResolveRefused(
        f"The mailbox “{folder}” cannot be used ({error.strerror or error}); see to its rights, or name another folder "
        "in SONIQUE_RESOLVE_MAILBOX and install again."
    )


def _insist(act: Callable[[], object]) -> None:
    """Windows changes no file that is being read; the script in Resolve reads it for a moment at a time."""
    for _ in range(_TRIES):
        with contextlib.suppress(PermissionError):
            act()
            return
        time.sleep(_PAUSE)
    act()


def _literal(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case bytes():
            return lua_string(value)
    return lua_string(str(value).encode())


def _locked(path: Path) -> IO[bytes]:
    """The mailbox, held until the file is closed; the system lets go of it where we end otherwise."""
    try:
        file = path.open("ab")
    except OSError as error:
        raise _unusable(path.parent, error) from error
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise ResolveRefused(
            "Another Sonique talks to DaVinci Resolve at the moment. Let it finish, or close it, and try again."
        ) from None
    return file
