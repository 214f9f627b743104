"""Our bin: where every take is imported to, and known again by what was written to it."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from sonique_resolve.batch import Batch, as_text, as_whole
from sonique_resolve.calls import Desk, Handle, Ref
from sonique_resolve.errors import NotPlaced
from sonique_resolve.ground import Ground
from sonique_resolve.timeline import OWN_NAME, read_rate

_GUESSED = 16
"""Bins and clips that are asked for before it is known how many there are."""

JOB = "Sonique Job"
"""The key of third-party metadata under which a pool item says which job made it."""


@dataclass(frozen=True, slots=True)
class PoolItem:
    """Imported sound.

    Attributes:
        handle: the item.
        path: its file.
        fps: the rate that it took at its import and keeps.
        frames: its length at that rate; 0 where it is not told.
    """

    handle: Handle
    path: Path
    fps: Fraction
    frames: int


def bring(desk: Desk, ground: Ground, paths: Sequence[Path]) -> dict[Path, PoolItem]:
    """The files as items of our bin; those that are not there yet are imported.

    Raises:
        NotPlaced: the bin cannot be made, or a file is not taken.
    """
    own = _own_bin(desk, ground)
    held = _held(desk, own, paths, ground)
    missing = [path for path in paths if path not in held]
    if missing:
        _import(desk, ground, own, missing)
        held = _held(desk, own, paths, ground)
    lost = [path for path in paths if path not in held]
    if lost:
        raise NotPlaced(
            f"{ground.read.host.title} does not import “{lost[0]}”; choose a folder that it may read (that of the App "
            "Store reads “Movies” alone), or drag the file to the timeline yourself."
        )
    return held


def tag(desk: Desk, tags: Iterable[tuple[PoolItem, Mapping[str, str]]]) -> bool:
    """Writes provenance to pool items; False where this release keeps none."""
    batch = Batch()
    refs = [batch.call(item.handle, "SetThirdPartyMetadata", dict(table)) for item, table in tags]  # from 19 on
    answers = batch.surely(desk)
    return all(answers.yes(ref) for ref in refs)


def _own_bin(desk: Desk, ground: Ground) -> Handle:
    root, found = _find_own(desk, ground)
    if found is None:
        batch = Batch()
        batch.call(ground.pool, "AddSubFolder", root, OWN_NAME)
        batch.surely(desk)
        _, found = _find_own(desk, ground)
    if found is None:
        raise NotPlaced(f"No bin “{OWN_NAME}” can be made in the media pool of “{ground.read.project}”.")
    return found


def _find_own(desk: Desk, ground: Ground) -> tuple[Handle, Handle | None]:
    batch = Batch()
    root = batch.call(ground.pool, "GetRootFolder")
    below = batch.call(root, "GetSubFolderList")
    guessed = [batch.call(Ref(below.call, entry), "GetName") for entry in range(_GUESSED)]
    answers = batch.surely(desk)
    handle, folders = answers.handle(root), answers.handles(below)
    if handle is None:
        raise NotPlaced(f"The project “{ground.read.project}” has no media pool; close its dialogs and try again.")
    names = [answers.text(ref) for ref in guessed[: len(folders)]]
    if len(folders) > _GUESSED:
        batch = Batch()
        rest = [batch.call(folder, "GetName") for folder in folders[_GUESSED:]]
        more = batch.surely(desk)
        names += [more.text(ref) for ref in rest]
    return handle, next((folder for folder, name in zip(folders, names, strict=True) if name == OWN_NAME), None)


def _held(desk: Desk, own: Handle, paths: Sequence[Path], ground: Ground) -> dict[Path, PoolItem]:
    """Those of ``paths`` that are in the bin; the newest item of each."""
    batch = Batch()
    listed = batch.call(own, "GetClipList")
    guessed = [batch.call(Ref(listed.call, entry), "GetClipProperty", "File Path") for entry in range(_GUESSED)]
    answers = batch.surely(desk)
    handles = answers.handles(listed)
    told = [answers.text(ref) for ref in guessed[: len(handles)]]
    if len(handles) > _GUESSED:
        batch = Batch()
        rest = [batch.call(handle, "GetClipProperty", "File Path") for handle in handles[_GUESSED:]]
        more = batch.surely(desk)
        told += [more.text(ref) for ref in rest]
    wanted = {plain(path): path for path in paths}
    found: dict[Path, Handle] = {}
    for handle, text in zip(handles, told, strict=True):
        path = wanted.get(plain(text))
        if path is not None:
            found[path] = handle
    return _measured(desk, found, ground)


def _measured(desk: Desk, found: dict[Path, Handle], ground: Ground) -> dict[Path, PoolItem]:
    """Sound has no rate of its own: what it took at its import is asked, never assumed."""
    if not found:
        return {}
    batch = Batch()
    refs = {path: batch.call(handle, "GetClipProperty") for path, handle in found.items()}
    answers = batch.surely(desk)
    items = {}
    for path, ref in refs.items():
        table = answers.table(ref)
        rate = read_rate(table.get("FPS")) or ground.read.project_rate or ground.read.rate
        offline = "off" in as_text(table.get("Online Status")).casefold()
        if not offline:
            items[path] = PoolItem(found[path], path, rate.fps, as_whole(table.get("Frames")) or 0)
    return items


def _import(desk: Desk, ground: Ground, own: Handle, paths: Sequence[Path]) -> None:
    """Imports go to the current bin, whichever is meant."""
    batch = Batch()
    batch.call(ground.pool, "SetCurrentFolder", own)
    current = batch.call(batch.call(ground.pool, "GetCurrentFolder"), "GetName")
    if batch.surely(desk).text(current) != OWN_NAME:
        raise NotPlaced(f"The bin “{OWN_NAME}” cannot be made the current one; close the dialogs in DaVinci Resolve.")
    batch = Batch()
    batch.call(ground.pool, "ImportMedia", [str(path) for path in paths])
    batch.surely(desk)


def plain(path: Path | str) -> str:
    """A path as it compares: Windows tells neither slashes nor cases apart, and macOS not how an accent is spelt."""
    text = unicodedata.normalize("NFC", str(path))
    return text.replace("\\", "/").casefold() if "\\" in text or text[1:2] == ":" else text
