"""A finished file's way from the daemon's store into the editor's folder: whole or not at all."""

import hashlib
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from .errors import BlenderError

_SLICE = 2**20


class Damaged(BlenderError):
    """A file did not arrive as the daemon says that it is."""

    code = "DAMAGED"


class OutputUnwritable(BlenderError):
    """A file or folder cannot be written."""

    code = "OUTPUT_UNWRITABLE"


def copied(source: Path, target: Path, size: int, sha256: str) -> Path:
    """Copies one file; nothing stands under its name before it is whole.

    Args:
        source: the finished file in the store; it is read and never changed.
        target: where it shall stand; a file that is there already is never replaced.
        size: bytes that it has.
        sha256: its digest, lower-case hexadecimal.

    Returns:
        Where it stands: ``target``, or where something stood there already, a name beside it.

    Raises:
        Damaged: ``source`` is not what the daemon says, or arrived otherwise; nothing is left behind.
        OutputUnwritable: ``target`` cannot be written, or the disk is full; nothing is left behind.
    """
    part = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.part")
    with _opened(source, size) as made:
        try:
            out = part.open("xb")
        except OSError as error:
            raise _unwritable(target, error) from error
        try:
            digest = _poured(made, out)
            if digest != sha256:
                raise Damaged(f"“{target.name}” arrived damaged; score again.")
            return _named(part, target)
        except OSError as error:
            raise _unwritable(target, error) from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def _poured(made: BinaryIO, out: BinaryIO) -> str:
    """Writes all of ``made`` to ``out``, which is closed then; its digest."""
    digest = hashlib.sha256()
    try:
        while block := made.read(_SLICE):
            out.write(block)
            digest.update(block)
    except BaseException:
        with suppress(OSError):  # a full disk says so again where the rest is written out
            out.close()
        raise
    out.close()
    return digest.hexdigest()


def free_name(target: Path) -> Path:
    """``target``, or where something stands there, the first of “name 2”, “name 3” … at which nothing does."""
    number, wanted = 1, target
    while os.path.lexists(wanted):
        number += 1
        wanted = target.with_name(f"{target.stem} {number}{target.suffix}")
    return wanted


def _opened(source: Path, size: int) -> BinaryIO:
    """The file in the store, open; no device or pipe is ever waited for."""
    try:
        descriptor = os.open(source, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError as error:
        raise Damaged(
            f"The finished music cannot be read from “{source}” ({error.strerror}); is the daemon on this computer, "
            "and yours?"
        ) from error
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode) or found.st_size != size:
        os.close(descriptor)
        raise Damaged(f"“{source.name}” in the daemon's store is not what it was; score again.")
    return os.fdopen(descriptor, "rb")


def _named(part: Path, target: Path) -> Path:
    """Gives the finished file its name, in a way that cannot replace another; returns it. The part may stay."""
    while True:
        wanted = free_name(target)
        try:
            os.link(part, wanted)
        except FileExistsError:
            continue
        except OSError:  # a file system without links
            part.rename(wanted)
        return wanted


def _unwritable(target: Path, error: OSError) -> OutputUnwritable:
    return OutputUnwritable(
        f"“{target}” cannot be written ({error.strerror or error}); choose another output folder in the preferences."
    )
