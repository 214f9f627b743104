"""Witnesses of what processes do with files and addresses: strace where it is there, the kernel's watches besides."""

import ctypes
import os
import re
import select
import shutil
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

_IN_ACCESS, _IN_OPEN = 0x1, 0x20
_OPENED = re.compile(r'open(?:at2?)?\((?:AT_FDCWD|\d+)?,? ?"((?:[^"\\]|\\.)*)"[^)]*\)?.*= (\d+)')
_CONNECTED = re.compile(r"connect\(\d+, \{sa_family=AF_INET6?, .*\}")


class Watch:
    """Watches folders for reads by any process; a context manager.

    Attributes:
        folders: whose files are watched; they must be there.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        self.folders = tuple(folders)
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor = -1

    def __enter__(self) -> Self:
        self._descriptor = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        for folder in self.folders:
            found = self._libc.inotify_add_watch(self._descriptor, os.fsencode(folder), _IN_ACCESS | _IN_OPEN)
            assert found >= 0, os.strerror(ctypes.get_errno())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._descriptor)

    def touched(self) -> set[str]:
        """Names of files that were opened or read since it was last asked."""
        names: set[str] = set()
        while select.select([self._descriptor], [], [], 0)[0]:
            data, place = os.read(self._descriptor, 65_536), 0
            while place < len(data):
                size = struct.unpack_from("iIII", data, place)[3]
                names.add(os.fsdecode(data[place + 16 : place + 16 + size].rstrip(b"\x00")))
                place += 16 + size
        return names - {""}


class Listener:
    """Listens on loopback and counts who comes; a context manager."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.visits = 0
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()

    def _count(self) -> None:
        while True:
            try:
                visitor, _ = self._socket.accept()
            except OSError:
                return
            self.visits += 1
            visitor.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def strace(folder: Path) -> tuple[str, ...]:
    """A command that runs another and writes to files in ``folder`` what is opened; empty where there is no strace."""
    found = shutil.which("strace") if sys.platform == "linux" else None
    if found is None:
        return ()
    folder.mkdir(parents=True, exist_ok=True)
    calls = "trace=open,openat,openat2,connect"
    command = (found, "-f", "-ff", "--seccomp-bpf", "-qq", "-s", "4096", "-e", calls, "-o", str(folder / "trace"))
    tried = subprocess.run([*command, "true"], capture_output=True, check=False)
    return command if tried.returncode == 0 else ()


def opened(folder: Path) -> set[str]:
    """Every path that the processes of a trace opened with success."""
    return {
        match[1].encode("latin-1", "replace").decode("unicode_escape")
        for text in _traces(folder)
        for match in _OPENED.finditer(text)
    }


def connections(folder: Path) -> set[str]:
    """Every internet address that the processes of a trace connected to."""
    return {match[0] for text in _traces(folder) for match in _CONNECTED.finditer(text)}


def _traces(folder: Path) -> Iterable[str]:
    return (path.read_text(encoding="utf-8", errors="replace") for path in folder.glob("trace.*"))
