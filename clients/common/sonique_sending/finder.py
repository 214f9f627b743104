"""The finder: from what a timeline calls its media to a file on this computer."""

import os
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import unquote

_MOST = 200_000
"""Files that are looked at under the media roots before the search ends."""
_WINDOWS = re.compile(r"^[A-Za-z]:[\\/]")
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")
_LONGEST = 4096
_FILMS = {".avi", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ts", ".webm", ".wmv"}
"""What a clip may mean by the name of a file beside its timeline without its extension, as the daemon takes it."""


class Finder:
    """Finds media files.

    Args:
        folder: where relative paths start.
        media_roots: folders to look in, by file name, for what is not where the timeline says.
    """

    def __init__(self, folder: Path, media_roots: Iterable[Path]) -> None:
        self._folder, self._roots = folder, tuple(media_roots)
        self._files: dict[str, list[Path]] | None = None
        self._neighbours: dict[str, list[Path]] | None = None

    def find(self, target_url: str) -> Path | None:
        """The file that ``target_url`` names, absolute; None where it is nowhere."""
        texts = _paths(target_url)
        for text in texts:
            path = self._local(text)
            if path is not None and _is_file(path):
                return path
        return next((found for text in texts if (found := self._relinked(text)) is not None), None)

    def folder(self, url: str) -> Path | None:
        """The folder that ``url`` names, absolute; None where it is not there."""
        for text in _paths(url) if url else ["."]:
            path = self._local(text)
            if path is not None and _is_folder(path):
                return path
        return None

    def named(self, name: str) -> Path | None:
        """The one file called ``name``, extension or not, beside the timeline or under the media roots; else None."""
        if not name or "/" in name or "\\" in name or "\x00" in name or len(name) > 255:
            return None
        beside = self._folder / name
        if _is_file(beside):
            return beside
        found = self._beside().get(_fold(name)) or self._gathered().get(_fold(name), [])
        return found[0] if len(found) == 1 else None

    def _local(self, text: str) -> Path | None:
        if not text or "\x00" in text or len(text) > _LONGEST or text.startswith(("\\\\", "//")):
            return None
        if os.name == "posix":
            if _WINDOWS.match(text):
                return None
            text = text if text.startswith("/") else text.replace("\\", "/")
        return (self._folder / text).absolute()

    def _relinked(self, text: str) -> Path | None:
        """Among the files of that name, the one whose folders agree best; None where several do, and differ."""
        windows = _WINDOWS.match(text) or text.startswith("\\\\") or ("\\" in text and "/" not in text)
        parts = (PureWindowsPath(text) if windows else PurePosixPath(text)).parts
        if not self._roots or not parts or len(text) > _LONGEST:
            return None
        found = [path for path in self._gathered().get(_fold(parts[-1]), []) if _fold(path.name) == _fold(parts[-1])]
        scores = [_agreement(path.parts, parts) for path in found]
        best = [path for path, score in zip(found, scores, strict=True) if score == max(scores)]
        return best[0] if best and len({path.stat().st_size for path in best}) == 1 else None

    def _gathered(self) -> dict[str, list[Path]]:
        """The files under the media roots by name and by name without extension, in a stable order."""
        if self._files is None:
            self._files = {}
            for path in _under(self._roots):
                for name in {_fold(path.name), _fold(path.stem)}:
                    self._files.setdefault(name, []).append(path)
        return self._files

    def _beside(self) -> dict[str, list[Path]]:
        """The files in the timeline's own folder by name, and films by name without extension too."""
        if self._neighbours is None:
            self._neighbours = {}
            for path in _within(self._folder):
                for name in {_fold(path.name), *([_fold(path.stem)] if path.suffix.lower() in _FILMS else [])}:
                    self._neighbours.setdefault(name, []).append(path)
        return self._neighbours


def _within(folder: Path) -> Iterable[Path]:
    try:
        return [path.absolute() for path in sorted(folder.iterdir())[:_MOST] if _is_file(path)]
    except OSError:
        return []


def _under(roots: Iterable[Path]) -> Iterable[Path]:
    count = 0
    for root in roots:
        for folder, folders, files in os.walk(root, followlinks=False):
            folders.sort()
            for name in sorted(files):
                count += 1
                if count > _MOST:
                    return
                if _is_file(path := Path(folder, name).absolute()):
                    yield path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _paths(target_url: str) -> list[str]:
    """The paths that ``target_url`` may mean, the likeliest first; none for what is on no disk."""
    if _WINDOWS.match(target_url) or not _SCHEME.match(target_url):
        return list(dict.fromkeys([target_url, unquote(target_url)]))
    if not target_url.casefold().startswith("file:"):
        return [] if "://" in target_url else [target_url]
    rest = target_url[5:]
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        if host.casefold() in {"", "localhost", "127.0.0.1"}:
            rest = path if _WINDOWS.match(unquote(path)) else f"/{path}"
        elif re.fullmatch(r"[A-Za-z]:", unquote(host)) or host in {".", ".."}:
            rest = f"{host}{slash}{path}"
    return list(dict.fromkeys([unquote(rest), rest]))


def _agreement(path: tuple[str, ...], wanted: tuple[str, ...]) -> int:
    count = 0
    for ours, theirs in zip(reversed(path), reversed(wanted), strict=False):
        if _fold(ours) != _fold(theirs):
            break
        count += 1
    return count


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
