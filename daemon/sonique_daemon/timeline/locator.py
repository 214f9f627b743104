"""The media locator: from what a timeline calls its media to a file that may be opened."""

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Self
from urllib.parse import unquote

from sonique_daemon.domain.request import Timeline
from sonique_daemon.errors import MediaNotFound, PathRefused
from sonique_daemon.timeline.folders import MAX_ENTRIES, FolderIndex
from sonique_daemon.timeline.imagefiles import ImageFiles, find_images, image_name
from sonique_daemon.timeline.media import no_check
from sonique_daemon.timeline.roots import Roots, is_network, is_system

_WINDOWS = re.compile(r"^[A-Za-z]:[\\/]")
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+):")
_MAX_PATH = 4096
_FILMS = {".avi", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ts", ".webm", ".wmv"}
"""What a clip may mean by the name of a file beside its timeline without its extension: no document of that name."""


class MediaLocator:
    """Finds media files.

    Args:
        roots: where media may be opened.
        folder: absolute folder that relative paths start from, or None.
        media_roots: folders to look in, by file name, for what is not where the timeline says.
        check: called before each of their folders is looked through; what it raises ends the search.
    """

    def __init__(
        self,
        roots: Roots,
        folder: Path | None = None,
        media_roots: Iterable[Path] = (),
        check: Callable[[], None] = no_check,
    ) -> None:
        self._folder = folder
        self._media_roots = tuple(media_roots)
        named = (*self._media_roots, *([folder] if folder else []))
        self._roots = roots.including(named)
        # Nothing there may be opened, and there is no end to it.
        self._index = FolderIndex((root for root in self._media_roots if not _is_system(root)), check)
        self._neighbours = FolderIndex([folder] if folder else [], check, below=False)

    @classmethod
    def for_request(cls, timeline: Timeline, roots: Roots | None = None, check: Callable[[], None] = no_check) -> Self:
        """The locator that a request asks for; its folder and media roots are allowed besides ``roots``."""
        folder, *media_roots = (Path(name) if name else Path() for name in (timeline.folder, *timeline.media_roots))
        return cls(
            roots or Roots.default(),
            folder if folder.is_absolute() else None,
            [root for root in media_roots if root.is_absolute()],
            check,
        )

    def locate(self, target_url: str) -> Path:
        """The file that ``target_url`` names: a ``file://`` URL, an absolute or relative path, of POSIX or Windows.

        Where it is not there, the media roots are searched by file name, and among several by the folders above it.

        Raises:
            MediaNotFound: it is nowhere.
            PathRefused: it may not be opened, or is no path on this computer.
        """
        candidates = _candidates(target_url)
        for text in candidates:
            path = self._local(text)
            if path is not None and _exists(path):
                return self._roots.check(path)
        found = next((path for text in candidates if (path := self._relinked(text))), None)
        if found is not None:
            return found
        if is_network(candidates[0]):
            raise PathRefused(
                f"“{candidates[0][:500]}” is a network path; mount the share, or copy the file and pass --media-root."
            )
        raise self._not_found(candidates[0])

    def named(self, name: str) -> Path | None:
        """The file called ``name``, extension or not, beside the timeline, else in the media roots.

        None where there is none, or several.
        """
        if not name or "/" in name or "\\" in name or len(name) > 255:
            return None
        paths = self._beside(name) or self._index.named(name) or self._index.stemmed(name)
        return self._roots.check(paths[0]) if len(paths) == 1 else None

    def sequence(self, reference: Any) -> ImageFiles:
        """The images that OTIO's image sequence reference names.

        Raises:
            MediaNotFound: none of them is there.
            PathRefused: they may not be opened, or their folder is no path on this computer.
        """
        first = image_name(reference, reference.start_frame)
        if any(mark in first for mark in ("/", "\\", "\x00")):
            raise PathRefused(f"“{first}” is no file name; relink the image sequence.")
        base = reference.target_url_base
        for text in _candidates(f"{base.rstrip('/')}/" if base else "./"):
            folder = self._local(text)
            if folder is not None and _is_folder(folder):
                return find_images(reference, self._roots.check_folder(folder), self._roots.check)
        return find_images(reference, self.locate(f"{base.rstrip('/')}/{first}").parent, self._roots.check)

    def _local(self, text: str) -> Path | None:
        """``text`` as a path of this system; None where it is none."""
        if not text or "\x00" in text or len(text) > _MAX_PATH or is_network(text):
            return None
        if os.name == "posix":
            if _WINDOWS.match(text):
                return None
            text = text if text.startswith("/") else text.replace("\\", "/")
        path = Path(text)
        if path.is_absolute():
            return path
        return self._folder / path if self._folder else None

    def _beside(self, name: str) -> list[Path]:
        """The file of exactly that name beside the timeline; else those there that the index would find by it."""
        path = self._folder / name if self._folder else None
        if path is None or _is_system(path.parent):
            return []
        if _exists(path) and path.is_file():
            return [path]
        films = [found for found in self._neighbours.stemmed(name) if found.suffix.lower() in _FILMS]
        return self._neighbours.named(name) or films

    def _relinked(self, text: str) -> Path | None:
        parts = _parts(text)
        if not self._media_roots or not parts or len(text) > _MAX_PATH:
            return None
        found = self._index.best(parts)
        if len(found) > 1 and len({path.stat().st_size for path in found}) > 1:
            raise MediaNotFound(
                f"Clip “{parts[-1]}” was not found at {text}, and {len(found)} different files of that name were found "
                f"instead, “{found[0]}” first; name the folder of the right one with --media-root."
            )
        return self._roots.check(found[0]) if found else None

    def _not_found(self, text: str) -> MediaNotFound:
        name = (_parts(text) or ("",))[-1].replace("\x00", "\\0")[:255]
        shown = text.replace("\x00", "\\0")[:500]
        if not name:
            return MediaNotFound("A clip names no media file; relink it.")
        if not self._media_roots:
            way = "relink it or pass --media-root"
        elif self._index.complete:
            way = "no media root holds a file of that name; relink it or pass another --media-root"
        else:
            way = f"nor was it among the first {MAX_ENTRIES} entries of the media roots; pass a narrower --media-root"
        return MediaNotFound(f"Clip “{name}” was not found at {shown}; {way}.")


def _exists(path: Path) -> bool:
    try:
        return path.exists() or path.is_symlink()
    except (OSError, ValueError):
        return False


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _is_system(folder: Path) -> bool:
    try:
        return is_system(folder)
    except (OSError, ValueError, RuntimeError):  # a name that no system takes, or a loop of links
        return True


def _candidates(target_url: str) -> list[str]:
    """The paths that ``target_url`` may mean, the likeliest first.

    Raises:
        PathRefused: it is a URL of another kind.
    """
    if _WINDOWS.match(target_url) or not (scheme := _SCHEME.match(target_url)):
        return list(dict.fromkeys([target_url, unquote(target_url)]))
    if scheme[1].casefold() == "file":
        rest = _without_host(target_url[5:])
        return list(dict.fromkeys([unquote(rest), rest]))
    if "://" in target_url:
        raise PathRefused(f"“{target_url[:200]}” is no file on this computer; download it and relink the clip.")
    return [target_url]


def _without_host(rest: str) -> str:
    """What follows ``file:`` as a path; another computer's stays ``//host/…``."""
    if not rest.startswith("//"):
        return rest
    host, slash, path = rest[2:].partition("/")
    if host.casefold() in {"", "localhost", "127.0.0.1"}:
        path = f"/{path}"
        return path[1:] if _WINDOWS.match(unquote(path[1:])) else path
    if re.fullmatch(r"[A-Za-z]:", unquote(host)) or host in {".", ".."}:
        return f"{host}{slash}{path}"
    return rest


def _parts(text: str) -> tuple[str, ...]:
    """Folders and name of a path of either system."""
    windows = _WINDOWS.match(text) or text.startswith("\\\\") or ("\\" in text and "/" not in text)
    path = PureWindowsPath(text) if windows else PurePosixPath(text)
    return tuple(part for part in path.parts if part != path.anchor)
