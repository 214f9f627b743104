"""Profiles: one engine for each stage under one name, those that ship and the user's own."""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from sonique_daemon.catalogue.names import ENGINE, ENGINE_RULE, PROFILE
from sonique_daemon.catalogue.places import profiles_file
from sonique_daemon.domain.events import Stage
from sonique_daemon.errors import CatalogueUnreadable, ProfileNotFound

_SHIPPED = Path(__file__).resolve().with_name("profiles.toml")


@dataclass(frozen=True, slots=True)
class Profile:
    """One engine for each stage; "" is the stage's embedded one.

    Attributes:
        name: unique.
        summary: one sentence.
        describe: name of the describe engine.
        tag: name of the tag engine.
        generate: name of the generate engine.
        memory: bytes that its models may hold together; 0 for as much as there is.
    """

    name: str
    summary: str = ""
    describe: str = ""
    tag: str = ""
    generate: str = ""
    memory: int = 0

    def engine(self, stage: Stage) -> str:
        """The engine of ``stage``; "" is the embedded one."""
        return {Stage.DESCRIBE: self.describe, Stage.TAG: self.tag, Stage.GENERATE: self.generate}.get(stage, "")


EMBEDDED = Profile("embedded", "The engines that need no model: they are always there, and quick.")


@dataclass(frozen=True, slots=True)
class Profiles:
    """Profiles by name, in the order in which they are listed."""

    profiles: Mapping[str, Profile]

    def __iter__(self) -> Iterator[Profile]:
        return iter(self.profiles.values())

    def profile(self, name: str) -> Profile:
        """The profile of that name; raises ``ProfileNotFound``."""
        if name not in self.profiles:
            near = difflib.get_close_matches(name, self.profiles, 1)
            hint = f"did you mean “{near[0]}”?" if near else f"there is {', '.join(self.profiles)}."
            raise ProfileNotFound(f"There is no profile “{name[:60]}”; {hint}")
        return self.profiles[name]


JUST_EMBEDDED = Profiles(MappingProxyType({EMBEDDED.name: EMBEDDED}))
"""For a daemon of other engines than Sonique's own."""


def read_profiles() -> Profiles:
    """The profiles that ship and those of the user's own file, where there is one; a name of his stands for his.

    Raises:
        CatalogueUnreadable: the user's file makes no sense.
    """
    own = profiles_file()
    tables = [*_tables(_SHIPPED), *(_tables(own) if own.is_file() else ())]
    return Profiles(MappingProxyType({profile.name: profile for profile in tables}))


def _tables(path: Path) -> Iterator[Profile]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueUnreadable(f"The profiles in “{path}” cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise CatalogueUnreadable(f"“{path}” is no TOML: {error}; correct it.") from None
    for name, entry in table.items():
        yield _profile(name, entry, f"The profile “{name}” of “{path}”")


def _profile(name: str, entry: Any, where: str) -> Profile:
    if PROFILE.fullmatch(name) is None or not isinstance(entry, dict):
        raise CatalogueUnreadable(f"{where} is none; begin each with [name], in lower-case letters and digits.")
    for key in entry:
        if key not in {"summary", "describe", "tag", "generate", "memory"}:
            raise CatalogueUnreadable(
                f"{where} has an unknown key “{key}”; there is summary, describe, tag, generate, memory."
            )
    try:
        profile = msgspec.convert({**entry, "name": name}, Profile, strict=True)
    except msgspec.ValidationError as error:
        raise CatalogueUnreadable(f"{where} makes no sense: {error}.") from None
    for engine in (profile.describe, profile.tag, profile.generate):
        if engine and ENGINE.fullmatch(engine) is None:
            raise CatalogueUnreadable(f"{where} names the engine “{engine}”, which is none; write {ENGINE_RULE}.")
    return profile
