"""Finding the daemon of this user on this machine, and starting it where none runs."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sonique.runtime_file import RuntimeFile, is_held, runtime_folder, runtime_path

from sonique_client.errors import DaemonUnreachable
from sonique_client.private import OPEN, NotPrivate, check_private_folder, read_private

ALREADY_RUNNING = 3
"""Exit code of a daemon that found another one running."""

_LOOK_SECONDS = 0.01
_START_SECONDS = 20.0
_LOG_TAIL_BYTES = 8192


def find_daemon() -> RuntimeFile | None:
    """What the runtime file of this user on this machine says of the running daemon; None where none runs.

    A file that a killed daemon left is recognised: no living process holds the lock beside it, whatever program has its
    process id by now; and where the next daemon holds the lock but has not written its own file yet, the process that
    the old file names is gone.

    Raises:
        DaemonUnreachable: the runtime folder or file belongs to another user, or others can read it.
    """
    text = _runtime_text()
    if text is None:
        return None
    try:
        found = RuntimeFile.from_json(text)
    except (ValueError, OverflowError, RecursionError):  # half written, or no such file
        return None
    return found if is_held() and is_alive(found.pid) else None


def _runtime_text() -> str | None:
    """The runtime file's text; None where there is none."""
    folder, path = runtime_folder(), runtime_path()
    try:
        text = read_private(path)
    except NotPrivate as error:
        raise _refusal("file", path, error) from None
    except (OSError, ValueError):
        text = None
    try:
        check_private_folder(folder)
    except NotPrivate as error:
        if text is None and not _misleads(error):
            return None  # the daemon closes its own folder when it starts
        raise _refusal("folder", folder, error) from None
    except OSError:
        return None
    return text


def _misleads(error: NotPrivate) -> bool:
    return str(error) != OPEN


def _refusal(what: str, path: Path, error: NotPrivate) -> DaemonUnreachable:
    return DaemonUnreachable(
        f"The runtime {what} “{path}” {error}, so that it may be another user's trap; name a folder of your own with "
        "SONIQUE_RUNTIME_DIR."
    )


def is_alive(pid: int) -> bool:
    """Whether a process of that id runs."""
    if pid <= 0:
        return False
    if sys.platform == "win32":
        return _is_alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return sys.exc_info()[0] is PermissionError
    return not _is_zombie(pid)


class Launch:
    """A daemon that was started as a process of its own that outlives this one, and is waited for.

    Args:
        command: how it is started; by default this interpreter's own, or the one on PATH.
        options: of its command line, besides.

    Raises:
        DaemonUnreachable: it is not installed here, or cannot be started.
    """

    def __init__(self, command: Sequence[str] = (), options: Sequence[str] = ()) -> None:
        self._command = [*(command or _own_command()), *options]
        self._log = output_path()
        self._process = _spawn(self._command, self._log)

    def look(self) -> RuntimeFile | None:
        """Where it listens; None as long as it does not. Returns at once.

        Where another client started one at the same moment, that one is taken. Where one is on its way out, its end is
        waited for.

        Raises:
            DaemonUnreachable: it ended.
        """
        found = find_daemon()
        if found is not None:
            return found
        ended = self._process.poll()
        if ended not in (None, ALREADY_RUNNING):
            raise DaemonUnreachable(f"The Sonique daemon did not start: {self.last_line}")
        if ended == ALREADY_RUNNING and not is_held():
            self._process = _spawn(self._command, self._log)
        return None

    @property
    def ended(self) -> bool:
        """Whether its process has ended, for whatever reason."""
        return self._process.poll() is not None

    @property
    def last_line(self) -> str:
        """What it said last, or where to look."""
        return _last_line(self._log)


_begun: dict[Path, Launch] = {}
"""The daemon that ``start_ahead`` started, by the runtime folder, until somebody waits for it."""


def start_ahead() -> None:
    """Starts the daemon where none runs, for one who needs it in a moment and has other things to do until then.

    ``start_daemon`` goes on with what began here, and tells what went wrong.
    """
    if os.environ.get("SONIQUE_DAEMON", "").strip() or runtime_folder() in _begun:
        return
    with suppress(DaemonUnreachable):
        if find_daemon() is None:
            _begun[runtime_folder()] = Launch()


def start_daemon(*, seconds: float = _START_SECONDS) -> RuntimeFile:
    """Starts the daemon as a process of its own that outlives this one, and waits until it listens.

    Raises:
        DaemonUnreachable: it is not installed here, it ended, or it did not listen within ``seconds``.
    """
    ahead = _begun.pop(runtime_folder(), None)
    launch = ahead if ahead is not None and not ahead.ended else Launch()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = launch.look()
        if found is not None:
            return found
        time.sleep(_LOOK_SECONDS)
    raise DaemonUnreachable(f"The Sonique daemon did not listen within {seconds:g} s: {launch.last_line}")


def output_path() -> Path:
    """Where a daemon that a client started writes what it has to say before its own log is open."""
    return runtime_folder() / "daemon.out"


def lasting_folder() -> Path:
    """A folder to start a process in that nobody unmounts: the user's home, or the root where none can be entered."""
    try:
        home = Path.home()
    except RuntimeError:
        return Path(os.sep)
    return home if os.access(home, os.X_OK) and home.is_dir() else Path(os.sep)


def _own_command() -> list[str]:
    """How the daemon is started: by this interpreter where it has it, else by the command beside it or on PATH."""
    if find_spec("sonique_daemon") is not None and sys.executable:
        return [sys.executable, "-P", "-m", "sonique_daemon.app.main"]  # and no module that lies where it is started
    beside = Path(sys.executable).parent if sys.executable else Path()
    command = shutil.which("soniqued", path=str(beside)) or shutil.which("soniqued")
    if command is None:
        raise DaemonUnreachable("The Sonique daemon is not installed here; install the package “sonique”.")
    return [command]


def _spawn(command: list[str], log: Path) -> "subprocess.Popen[bytes]":
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise DaemonUnreachable(
            f"“{log.parent}” cannot be written ({error.strerror}); see to its permissions."
        ) from error
    try:
        return subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=lasting_folder(), **_detached()
        )
    except OSError as error:
        raise DaemonUnreachable(f"The Sonique daemon did not start: {error.strerror}.") from error
    finally:
        os.close(output)


def _detached() -> Mapping[str, Any]:
    """What makes a process outlive its parent, its terminal and their signals."""
    if sys.platform == "win32":
        return {
            "creationflags": subprocess.DETACHED_PROCESS
            | subprocess.CREATE_NEW_PROCESS_GROUP
            | subprocess.CREATE_NO_WINDOW
        }
    return {"start_new_session": True}


def _last_line(log: Path) -> str:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _LOG_TAIL_BYTES))
            lines = file.read().decode("utf-8", "replace").strip().splitlines()
    except OSError:
        lines = []
    return lines[-1].strip() if lines else f"it said nothing; see “{log}”."


def _is_zombie(pid: int) -> bool:
    """Whether the process has ended and merely waits for its parent to notice; told on Linux only."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[:1] == ["Z"]


def _is_alive_on_windows(pid: int) -> bool:
    import ctypes

    kernel: Any = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    query_limited_information, still_active = 0x1000, 259
    handle = kernel.OpenProcess(query_limited_information, False, pid)  # noqa: FBT003 - the system's own signature
    if not handle:
        return False
    code = ctypes.c_ulong()
    kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return code.value == still_active
