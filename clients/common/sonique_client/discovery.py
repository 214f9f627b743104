"""Finding the daemon of this user on this machine, and starting it where none runs."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sonique.runtime_file import RuntimeFile, runtime_folder, runtime_path

from sonique_client.errors import DaemonUnreachable

ALREADY_RUNNING = 3
"""Exit code of a daemon that found another one running."""

_LOOK_SECONDS = 0.01
_START_SECONDS = 20.0
_LOG_TAIL_BYTES = 8192


def find_daemon() -> RuntimeFile | None:
    """What the runtime file says of the running daemon; None where there is none, or its process is gone."""
    try:
        found = RuntimeFile.from_json(runtime_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if is_alive(found.pid) else None


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


def start_daemon(*, seconds: float = _START_SECONDS) -> RuntimeFile:
    """Starts the daemon as a process of its own that outlives this one, and waits until it listens.

    Where another client starts one at the same moment, that one is taken.

    Raises:
        DaemonUnreachable: it is not installed here, it ended, or it did not listen within ``seconds``.
    """
    log = output_path()
    process = _spawn(_command(), log)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = find_daemon()
        if found is not None:
            return found
        ended = process.poll()
        if ended not in (None, ALREADY_RUNNING):
            raise DaemonUnreachable(f"The Sonique daemon did not start: {_last_line(log)}")
        time.sleep(_LOOK_SECONDS)
    raise DaemonUnreachable(f"The Sonique daemon did not listen within {seconds:g} s: {_last_line(log)}")


def output_path() -> Path:
    """Where a daemon that a client started writes what it has to say before its own log is open."""
    return runtime_folder() / "daemon.out"


def _command() -> list[str]:
    """How the daemon is started: by this interpreter where it has it, else by the command beside it or on PATH."""
    if find_spec("sonique_daemon") is not None and sys.executable:
        return [sys.executable, "-m", "sonique_daemon.app.main"]
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
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=Path.home(), **_detached()
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
