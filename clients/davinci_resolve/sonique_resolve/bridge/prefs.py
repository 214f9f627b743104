"""Answers of the Lua mailbox, as Fusion writes them into its preferences."""

import base64
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PIECE = r":(\d{1,6})/(\d{1,6}):([A-Za-z0-9_-]*)\""
_LOOK_AGAIN = 0.25


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer.

    Attributes:
        number: from one.
        count: how many there are.
        content: its bytes.
    """

    number: int
    count: int
    content: bytes


class Prefs:
    """The preferences of every profile of Fusion's; which one is in use is not said anywhere.

    Args:
        patterns: folders and a pattern below each, for instance ``(profiles, "*/Fusion.prefs")``.
    """

    def __init__(self, patterns: Sequence[tuple[Path, str]]) -> None:
        self._patterns = tuple(patterns)
        self._seen: dict[Path, tuple[int, int]] = {}
        self._looked = 0.0

    def files(self) -> list[Path]:
        """Those that are there."""
        return sorted(path for folder, pattern in self._patterns for path in folder.glob(pattern))

    def piece(self, identity: str, number: int) -> Piece | None:
        """Part ``number`` of the answer to ``identity``; None while it is not there whole.

        A file is read when it has changed; now and then all the same, since not every disk tells times finely.
        """
        everything = time.monotonic() - self._looked > _LOOK_AGAIN
        if everything:
            self._looked = time.monotonic()
        for path in self.files():
            found = _piece_in(path, identity) if self._has_changed(path) or everything else None
            if found is not None and found.number == number:
                return found
        return None

    def hold(self, text: str) -> bool:
        """Whether any of them has ``text`` in it."""
        return any(text in _read(path) for path in self.files())

    def _has_changed(self, path: Path) -> bool:
        try:
            status = path.stat()
        except OSError:
            return False
        mark = (status.st_mtime_ns, status.st_size)
        changed = self._seen.get(path) != mark
        self._seen[path] = mark
        return changed


def _piece_in(path: Path, identity: str) -> Piece | None:
    # The closing quote tells a whole value from one that is being written.
    match = re.search('"' + re.escape(identity) + _PIECE, _read(path))
    if match is None:
        return None
    number, count, content = match.groups()
    try:
        return Piece(int(number), int(count), base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
    except ValueError:
        return None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
