"""A file that ``sonique daemon install`` wrote: how it is recognised, and whether somebody changed it since."""

import hashlib
import os
import re
import secrets
from enum import Enum
from pathlib import Path

from sonique_cli.exits import CommandError, Exit

_MARK = "Written by “sonique daemon install”"
_MARKED = re.compile(_MARK + r"; sha256 ([0-9a-f]{64})")


class Ownership(Enum):
    """Whose a file is."""

    NOBODYS = "nobody's"
    """It is not there."""
    OURS = "ours"
    """It is as it was written."""
    CHANGED = "changed"
    """It was written here, and changed by hand since."""
    OTHERS = "others'"
    """Somebody else wrote it."""


def mark(body: str) -> str:
    """The words that stand in a comment above the body of a file of ours."""
    return f"{_MARK}; sha256 {_digest(body)}"


def ownership(path: Path, *, comment: re.Pattern[str]) -> Ownership:
    """Whose the file at ``path`` is.

    Args:
        path: where it stands.
        comment: matches the comment that carries the mark, which is taken out before the digest is made.
    """
    if not os.path.lexists(path):
        return Ownership.NOBODYS
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return Ownership.OTHERS
    found = comment.search(text)
    marked = _MARKED.search(found[0]) if found else None
    if found is None or marked is None or path.is_symlink():
        return Ownership.OTHERS
    body = text[: found.start()] + text[found.end() :]
    return Ownership.OURS if _digest(body) == marked[1] else Ownership.CHANGED


def require_ours(path: Path, whose: Ownership) -> None:
    """Checks that nobody's work is lost where the file is replaced or removed.

    Raises:
        CommandError: somebody else wrote it, or changed it.
    """
    if whose is Ownership.OTHERS:
        sentence = f"“{path}” was not written by sonique daemon install, so it is left alone; move it away first."
        raise CommandError(sentence, Exit.OUTPUT)
    if whose is Ownership.CHANGED:
        sentence = f"“{path}” was changed by hand, so it is left alone; move it away first."
        raise CommandError(sentence, Exit.OUTPUT)


def write(path: Path, text: str) -> None:
    """Writes the file whole or not at all.

    Raises:
        CommandError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CommandError(f"“{path}” cannot be written: {error.strerror}.", Exit.OUTPUT) from error


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
