"""The runtime file: how a client finds the daemon of its user on this machine.

It is part of the contract. The daemon writes it (mode 0600, in a 0700 folder) once it listens and removes it when it
stops; clients read it. The token in it is new at each start and goes with every call as ``authorization: Bearer``.

A daemon that was killed leaves its runtime file behind, and its process id may be another program's by then. As long as
it lives, a daemon holds the lock file beside it, which the system lets go with the process: where ``is_held`` says no,
the runtime file speaks of nobody.
"""

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

CONTRACT = 1
"""Version of the contract that this package speaks."""


@dataclass(frozen=True, slots=True)
class RuntimeFile:
    """What the runtime file says.

    Attributes:
        address: gRPC target of the loopback port, ``127.0.0.1:PORT``.
        socket: gRPC target of the Unix socket, ``unix:PATH``, or "" where there is none.
        token: what every call carries.
        pid: the daemon's process id.
        version: the daemon's release.
        contract: the contract's version that it speaks.
        remote: gRPC target of the port with TLS that other machines may use, or "" where there is none.
    """

    address: str
    socket: str
    token: str
    pid: int
    version: str
    contract: int
    remote: str = ""

    def to_json(self) -> str:
        """The file's text."""
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> "RuntimeFile":
        """Reads the file's text; fields that this release does not know are passed over.

        Raises:
            ValueError: the text is no runtime file.
        """
        data = json.loads(text)
        if not isinstance(data, dict):
            raise ValueError("the runtime file holds no JSON object")  # noqa: TRY004 - what JSON errors are, too
        try:
            return cls(
                address=str(data["address"]),
                socket=str(data.get("socket", "")),
                token=str(data["token"]),
                pid=int(data["pid"]),
                version=str(data["version"]),
                contract=int(data["contract"]),
                remote=str(data.get("remote", "")),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"the runtime file lacks {error}") from error


def runtime_folder() -> Path:
    """The user's own folder for the runtime file and the socket.

    ``SONIQUE_RUNTIME_DIR`` names another, for a second daemon beside the first.
    """
    named = os.environ.get("SONIQUE_RUNTIME_DIR")
    if named:
        return Path(named)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "Sonique" / "run"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Sonique" / "run"
    session = os.environ.get("XDG_RUNTIME_DIR")
    return Path(session) / "sonique" if session else Path.home() / ".cache" / "sonique" / "run"


def runtime_path() -> Path:
    """Where the runtime file stands while a daemon runs."""
    return runtime_folder() / "daemon.json"


def lock_path(folder: Path | None = None) -> Path:
    """The lock that a daemon holds as long as it lives, in its runtime folder; that of the user's own by default."""
    return (runtime_folder() if folder is None else folder) / "daemon.lock"


def is_held(folder: Path | None = None) -> bool:
    """Whether a daemon lives that holds the runtime folder (by default the user's own). Changes nothing."""
    try:
        descriptor = os.open(lock_path(folder), os.O_RDWR)
    except OSError:  # no daemon ever was here, or it is another user's
        return False
    try:
        return not _lockable(descriptor)
    finally:
        os.close(descriptor)


if sys.platform == "win32":

    def _lockable(descriptor: int) -> bool:
        """Whether nobody holds the lock; it is held for the moment of asking."""
        import msvcrt

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
        except OSError:
            return False
        return True

else:

    def _lockable(descriptor: int) -> bool:
        """Whether nobody holds the lock; it is held for the moment of asking, shared with others who ask."""
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
