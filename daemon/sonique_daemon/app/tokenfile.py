"""Secrets that a person chose for a daemon on an address that others can reach."""

import os
import stat
import string
import sys
from pathlib import Path

from sonique_daemon.app.configfile import Misconfigured

SHORTEST = 32
"""Characters."""
_LONGEST = 4096
_SIGNS = frozenset(string.ascii_letters + string.digits + string.punctuation)


def read_token(path: Path) -> str:
    """The token in the file, without the white space round it.

    Raises:
        Misconfigured: the file cannot be read, others can read it, or it holds no token of at least 32 characters. The
            sentence tells nothing of what it holds.
    """
    try:
        with path.open("rb") as file:
            _check_private("--token-file", path, os.fstat(file.fileno()))
            token = file.read(_LONGEST + 1).decode("ascii", "replace").strip()
    except OSError as error:
        raise Misconfigured(f"--token-file: “{path}” cannot be read: {error.strerror}.") from None
    if not SHORTEST <= len(token) <= _LONGEST or not _SIGNS.issuperset(token):
        raise Misconfigured(
            f"--token-file: “{path}” must hold a token of {SHORTEST} or more letters, digits and signs without blanks;"
            " “openssl rand -hex 32” makes one."
        )
    return token


def check_private(flag: str, path: Path) -> None:
    """Raises ``Misconfigured`` where others can read the file that ``flag`` names."""
    _check_private(flag, path, path.stat())


def _check_private(flag: str, path: Path, found: os.stat_result) -> None:
    if sys.platform != "win32" and stat.S_IMODE(found.st_mode) & 0o077:
        raise Misconfigured(f"{flag}: others may read “{path}”; make it this user's alone (chmod 600).")
