"""Installing: Sonique's scripts into Resolve's menu, and out of it again without a trace."""

import os
import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from sonique_resolve.errors import ResolveError
from sonique_resolve.folders import Folders

_NOTE = re.compile(rb"^(?:#|--) sonique-script: (menu|mailbox); folders made: (\d+)\r?\n")
_MOST_BYTES = 2**20
_MOST_FOLDERS = 20

_FENCED = (
    "The App Store's Resolve is fenced in and does not read this folder; it needs the one from Blackmagic's own site, "
    "or the way over an OTIO file. The App Store's Studio answers a terminal too: `sonique resolve score`."
)


class NotInstalled(ResolveError):
    """A script could not be written, or another's stands in its place."""

    code = "NOT_INSTALLED"


class Which(Enum):
    """Which Resolve a script is for; each bears the name of its file."""

    MENU = "menu"
    """Studio, and Free before 21.1: a Python script."""
    MAILBOX = "mailbox"
    """Free from 21.1 on: a Lua script."""


_NAMES = {Which.MENU: "Sonique.py", Which.MAILBOX: "Sonique.lua"}
_BESIDE = "Sonique (Free 21.1).lua"
"""The Lua script where the Python one is there too: the menu shows no endings."""
_COMMENTS = {Which.MENU: "#", Which.MAILBOX: "--"}


@dataclass(frozen=True, slots=True)
class Script:
    """A script to install: which, and what it says."""

    which: Which
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """A script of Sonique's that is there.

    Attributes:
        path: where.
        which: which one.
        made: how many folders were made for it.
        current: whether it is what would be installed now.
    """

    path: Path
    which: Which
    made: int
    current: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What was done.

    Attributes:
        written: files written.
        kept: files that were current already.
        removed: files and folders removed.
        notes: what the user should know.
    """

    written: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()
    removed: tuple[Path, ...] = ()
    notes: tuple[str, ...] = field(default=())


def wanted(edition: str = "", release: tuple[int, ...] = ()) -> tuple[Which, ...]:
    """Which scripts that Resolve needs; both where too little is known of it.

    Args:
        edition: "free", "studio" or "".
        release: (21, 1), or () where it is not known.
    """
    if edition == "studio" or (release and release < (21, 1)):
        return (Which.MENU,)
    if edition == "free" and release:
        return (Which.MAILBOX,)
    return (Which.MENU, Which.MAILBOX)


def install(folders: Folders, scripts: Iterable[Script]) -> Done:
    """Writes the scripts into the user's menu; own ones of another name or release are replaced.

    Raises:
        NotInstalled: a file of the same name is another's, or the folder cannot be written. Nothing was changed then.
    """
    texts = {folders.utility / name: script for name, script in _named(list(scripts)).items()}
    there = {found.path: found for found in _owned(folders)}
    for path in texts:
        if os.path.lexists(path) and path not in there:
            raise NotInstalled(f"“{path}” is not Sonique's; rename it or remove it, and install again.")
    fresh = _missing(folders)
    made = max((found.made for found in there.values()), default=0) or fresh
    before = {path: _content(path) for path in {*texts, *there}}
    try:
        folders.utility.mkdir(parents=True, exist_ok=True)
        written = [path for path, script in texts.items() if _write(path, script, made)]
        gone = [path for path in there if path not in texts]
        for path in gone:
            path.unlink()
    except OSError as error:
        _undo(folders, before, fresh)
        raise NotInstalled(f"“{folders.utility}” cannot be written ({error.strerror}); see to its rights.") from error
    kept = [path for path in texts if path not in written]
    return Done(tuple(written), tuple(kept), tuple(gone), _notes(folders))


def uninstall(folders: Folders) -> Done:
    """Removes Sonique's scripts, and the folders that were made for them where nothing else is in them.

    Raises:
        NotInstalled: a file cannot be removed.
    """
    there = _owned(folders)
    removed: list[Path] = []
    try:
        for found in there:
            found.path.unlink()
            removed.append(found.path)
    except OSError as error:
        raise NotInstalled(f"“{found.path}” cannot be removed ({error.strerror}); remove it by hand.") from error
    made = min(_MOST_FOLDERS, max((found.made for found in there), default=0))
    return Done(removed=(*removed, *_emptied(folders.utility, made)))


def installed(folders: Folders, scripts: Iterable[Script] = ()) -> tuple[Found, ...]:
    """Sonique's scripts in the menu, and whether each says what the one of ``scripts`` says."""
    texts = {script.which: script for script in scripts}
    return tuple(
        Found(found.path, found.which, found.made, _is_current(found, texts.get(found.which)))
        for found in _owned(folders)
    )


def strangers(folders: Folders) -> tuple[Path, ...]:
    """Files in the menu that bear Sonique's names and are another's."""
    own = {found.path for found in _owned(folders)}
    names = (*_NAMES.values(), _BESIDE)
    return tuple(path for name in names if os.path.lexists(path := folders.utility / name) and path not in own)


def _named(scripts: list[Script]) -> dict[str, Script]:
    """The scripts by their file's names."""
    both = len({script.which for script in scripts}) > 1
    return {_BESIDE if both and script.which is Which.MAILBOX else _NAMES[script.which]: script for script in scripts}


def _owned(folders: Folders) -> list[Found]:
    if not folders.utility.is_dir():
        return []
    files = (folders.utility / name for name in (*_NAMES.values(), _BESIDE))
    return [found for path in files if (found := _read(path)) is not None]


def _read(path: Path) -> Found | None:
    """The script at ``path``, where it is Sonique's own and no link elsewhere."""
    try:
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as file:
            match = _NOTE.match(file.read(200))
    except OSError:
        return None
    return None if match is None else Found(path, Which(match[1].decode()), int(match[2]))


def _is_current(found: Found, script: Script | None) -> bool:
    return script is not None and found.path.read_bytes()[:_MOST_BYTES] == _bytes(script, found.made)


def _bytes(script: Script, made: int) -> bytes:
    """The file's content. Its first line says whose it is and what it brought with it; what follows is the script."""
    note = f"{_COMMENTS[script.which]} sonique-script: {script.which.value}; folders made: {made}\n"
    return (note + script.text).encode()


def _write(path: Path, script: Script, made: int) -> bool:
    """Writes the script whole or not at all; False where it stands there already."""
    content = _bytes(script, made)
    if path.is_file() and path.read_bytes() == content:
        return False
    part = path.with_name(f".{path.name}.{secrets.token_hex(6)}.part")
    try:
        with part.open("xb") as file:  # never through a link that lies there
            file.write(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return True


def _content(path: Path) -> bytes | None:
    """What is in the file; None where there is none that can be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def _undo(folders: Folders, before: dict[Path, bytes | None], fresh: int) -> None:
    """Puts the scripts back as they were, and takes away the ``fresh`` folders that were made for them."""
    for path, content in before.items():
        with suppress(OSError):
            if content is None:
                path.unlink(missing_ok=True)
            elif _content(path) != content:
                path.write_bytes(content)
    _emptied(folders.utility, fresh)


def _missing(folders: Folders) -> int:
    """How many folders down to the menu's are not there yet."""
    chain = (folders.utility, *folders.utility.parents)
    return next((number for number, folder in enumerate(chain) if folder.is_dir()), 0)


def _emptied(folder: Path, made: int) -> list[Path]:
    removed = []
    for each in (folder, *folder.parents)[:made]:
        try:
            each.rmdir()
        except OSError:  # something else is in it, or it is gone
            break
        removed.append(each)
    return removed


def _notes(folders: Folders) -> tuple[str, ...]:
    return (_FENCED,) if folders.sandboxed else ()
