"""Taking out of a text what tells who somebody is and what they work on, before it is sent to others."""

import getpass
import platform
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Self

from sonique.runtime_file import RuntimeFile, runtime_folder, runtime_path

from sonique_cli import places

_MEDIA = (
    "mp4|m4v|mov|mkv|webm|ts|mts|m2ts|avi|flv|3gp|mxf|mpg|mpeg|wmv|vob|ogv|gif|dv|r3d|braw|ari|crm|insv|lrv|"
    "wav|bwf|aif|aiff|flac|mp3|m4a|aac|ogg|opus|wma|mid|midi|sf2|sf3|png|jpg|jpeg|tif|tiff|exr|dpx|bmp|webp|heic|dng|"
    "otio|otioz|otiod|edl|xml|fcpxmld?|aaf|drp|prproj|blend|srt"
)
_NAME = rf"\.(?:{_MEDIA})\b"
_PATH = re.compile(rf"(?:[A-Za-z]:)?[/\\][^\n\"'“”<>|]*?{_NAME}", re.IGNORECASE)
_FILE = re.compile(rf"[^\s\"'“”<>|/\\]+{_NAME}", re.IGNORECASE)
_QUOTED = re.compile("“[^“”\n]*”")
_BEARER = re.compile(r"(?i)(bearer\s+)\S+")
_SECRET = re.compile(r"(?i)\b(\w*token\w*)(\"?\s*[=:]\s*)(\"[^\"\n]*\"|'[^'\n]*'|\S+)")
_OF_THE_HUB = re.compile(r"\bhf_[A-Za-z0-9_]{8,}")
_SHORTEST_NAME = 2
_NOBODY = {"root", "user", "localhost"}
"""Names that tell of nobody."""

Step = Callable[[str], str]


class Redaction:
    """Replaces home folders, the user's and the machine's name, tokens, and unless they are wanted, names of media."""

    def __init__(self, steps: Iterable[Step]) -> None:
        self._steps = tuple(steps)

    @classmethod
    def here(cls, *, with_names: bool) -> Self:
        """The redaction for this user on this machine."""
        return cls((*_secrets(), *(() if with_names else _media()), *_person()))

    def __call__(self, text: str) -> str:
        """The text without what must not leave."""
        for step in self._steps:
            text = step(text)
        return text

    def within(self, value: Any) -> Any:
        """The same for all texts in a value as JSON knows it; keys stay."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {key: self.within(part) for key, part in value.items()}
        return [self.within(part) for part in value] if isinstance(value, list) else value


def _secrets() -> Iterator[Step]:
    token = _token()
    if token:
        yield lambda text: text.replace(token, "TOKEN")
    yield lambda text: _BEARER.sub(r"\1TOKEN", text)
    yield lambda text: _SECRET.sub(r"\1\2TOKEN", text)
    yield lambda text: _OF_THE_HUB.sub("TOKEN", text)


def _media() -> Iterator[Step]:
    own = tuple(_own_folders())

    def hidden(quoted: re.Match[str]) -> str:
        path = Path(quoted[0][1:-1])
        return quoted[0] if any(path.is_relative_to(folder) for folder in own) else "“…”"

    yield lambda text: _QUOTED.sub(hidden, text)
    yield lambda text: _PATH.sub("MEDIA", text)
    yield lambda text: _FILE.sub("MEDIA", text)


def _own_folders() -> Iterator[Path]:
    """Where Sonique keeps its own things, which tells nothing of anybody's work."""
    yield from (places.store_folder(), places.log_folder(), runtime_folder().absolute(), places.config_file())


def _person() -> Iterator[Step]:
    home = str(Path.home())
    for folder in sorted({home, str(Path.home().resolve()), home.replace("\\", "\\\\")}, key=len, reverse=True):
        if len(folder) > 1:
            yield _replacing(re.compile(re.escape(folder) + r"(?![\w.-])"), "~")
    yield from _words(_user_names(), "user")
    node = platform.node()
    yield from _words((node, node.partition(".")[0]), "host")


def _user_names() -> list[str]:
    try:
        found = {getpass.getuser(), Path.home().name}
    except (OSError, KeyError):
        found = {Path.home().name}
    return sorted(found)


def _words(names: Iterable[str], instead: str) -> Iterator[Step]:
    for name in names:
        if len(name) >= _SHORTEST_NAME and name not in _NOBODY:
            yield _replacing(re.compile(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])"), instead)


def _replacing(pattern: re.Pattern[str], instead: str) -> Step:
    return lambda text: pattern.sub(instead, text)


def _token() -> str:
    try:
        return RuntimeFile.from_json(runtime_path().read_text(encoding="utf-8")).token
    except (OSError, ValueError):
        return ""
