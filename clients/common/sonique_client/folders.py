"""Folders: which ones a daemon is to be let into, where a request may name only so many."""

from collections.abc import Iterable
from pathlib import Path


def covering(folders: Iterable[Path], most: int) -> tuple[str, ...]:
    """At most ``most`` folders that hold all of ``folders``, in order.

    Where they are more, those that lie side by side are named by the folder above them. Paths that are not absolute
    and the root itself are left out.
    """
    held = {folder for folder in folders if folder.is_absolute()}
    while True:
        outer = {folder for folder in held if not any(above in held for above in folder.parents)}
        if len(outer) <= most:
            return tuple(sorted(str(folder) for folder in outer if folder != Path(folder.anchor)))
        deepest = max(len(folder.parts) for folder in outer)
        held = {folder.parent if len(folder.parts) == deepest else folder for folder in outer}
