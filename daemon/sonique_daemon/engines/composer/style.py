"""Styles: readable data files beside this module, one for each, so that a musician can add one."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Style:
    """One style, as its file says it.

    Attributes:
        id: the file's name; what ``Tags.style`` holds.
        name: for people.
        words: other names that people call it by, lower case.
        slowest: lowest tempo in beats per minute.
        fastest: highest tempo.
        tempo: its home tempo.
    """

    id: str
    name: str
    words: tuple[str, ...]
    slowest: float
    fastest: float
    tempo: float


@cache
def styles() -> Mapping[str, Style]:
    """All styles by id, in alphabetical order."""
    folder = files("sonique_daemon.engines.composer") / "styles"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    found = (_style(name.removesuffix(".toml"), (folder / name).read_text(encoding="utf-8")) for name in names)
    return MappingProxyType({style.id: style for style in found})


def _style(identity: str, text: str) -> Style:
    data = tomllib.loads(text)
    slowest, tempo, fastest = data["tempo"]
    return Style(identity, data["name"], tuple(data["words"]), slowest, fastest, tempo)
