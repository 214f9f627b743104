"""Downloads: one file from the hub to the disk, gone on with where it broke off, and checked before it counts."""

import errno
import hashlib
import os
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import IO

from sonique_daemon.catalogue.hub import Hub
from sonique_daemon.catalogue.wanted import WantedFile
from sonique_daemon.catalogue.weights import HeldFile
from sonique_daemon.errors import HubUnreachable, WeightsDamaged

_CHUNK = 2**20
_TRIES = 3
"""How often a file is gone on with where the connection breaks and something came since."""
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO}
"""What is the disk's fault, and no connection's."""

Told = Callable[[int], None]
"""Takes how many bytes of the file are there; raises ``Cancelled`` to stop."""


def download(hub: Hub, file: WantedFile, folder: Path, told: Told) -> HeldFile:
    """Brings ``file`` into ``folder``; what came is kept where it breaks off.

    Raises:
        WeightsDamaged: what came, twice, is not what was announced.
        HubUnreachable: the connection broke.
        SoniqueError: whatever ``Hub.file`` raises.
        OSError: the disk does not take it.
    """
    part = folder / f"{file.path}.{file.mark}.part"
    part.parent.mkdir(parents=True, exist_ok=True)
    for _ in range(2):
        _bring(hub, file, part, told)
        sha256 = _checked(part, file, told)
        if sha256:
            return _finished(part, folder / file.path, file, sha256)
        part.unlink()
    raise WeightsDamaged(f"“{file.source}” of “{file.hub}” arrived damaged twice, so it was not kept; try again later.")


def _bring(hub: Hub, file: WantedFile, part: Path, told: Told) -> None:
    for _ in range(_TRIES):
        before = _size(part)
        if part.exists() and before == file.size:
            return
        try:
            _append(hub, file, part, told)
        except (OSError, HTTPException) as error:
            if getattr(error, "errno", None) in _DISK:
                raise
        if _size(part) >= file.size:
            return
        if _size(part) == before:
            break
    raise HubUnreachable(
        f"The connection broke at byte {_size(part)} of {file.size} of “{file.source}”; what came is kept: pull again."
    )


def _append(hub: Hub, file: WantedFile, part: Path, told: Told) -> None:
    start = _size(part)
    if start > file.size:
        part.unlink()
        start = 0
    with hub.file(file.hub, file.commit, file.source, start) as (answer, begins), part.open("ab") as out:
        out.truncate(begins)
        try:
            _copy(answer, out, file, begins, told)
        finally:
            out.flush()
            os.fsync(out.fileno())


def _copy(answer: IO[bytes], out: IO[bytes], file: WantedFile, place: int, told: Told) -> None:
    """Copies what is announced and one byte more at the most, so that a file without end is noticed and not kept."""
    told(place)
    while place <= file.size and (chunk := answer.read(min(_CHUNK, file.size + 1 - place))):
        out.write(chunk)
        place += len(chunk)
        told(place)


def _checked(part: Path, file: WantedFile, told: Told) -> str:
    """The file's SHA-256 where it is what was announced, else ""."""
    if _size(part) != file.size:
        return ""
    sha256, blob = hashlib.sha256(), hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)
    with part.open("rb") as data:
        while chunk := data.read(_CHUNK):
            sha256.update(chunk)
            if file.blob:
                blob.update(chunk)
            told(file.size)
    if (file.sha256 and sha256.hexdigest() != file.sha256) or (file.blob and blob.hexdigest() != file.blob):
        return ""
    return sha256.hexdigest()


def _finished(part: Path, target: Path, file: WantedFile, sha256: str) -> HeldFile:
    part.replace(target)
    return HeldFile(file.path, file.size, sha256, target.stat().st_mtime_ns)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
