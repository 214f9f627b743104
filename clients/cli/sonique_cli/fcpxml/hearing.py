"""What of a clip's sound is switched off: by its volume, by its channels, by its roles."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

_SILENT_DB = -96.0
"""What Final Cut Pro's own volume control calls silence."""

_LEVEL = re.compile(r"(-?(?:\d+(?:\.\d+)?|inf))\s*dB", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hearing:
    """Roles that the clips around have switched off.

    Attributes:
        storyline: of what stands in their storyline.
        connected: of what is connected to it.
    """

    storyline: frozenset[str] = frozenset()
    connected: frozenset[str] = frozenset()

    def of_connected(self) -> "Hearing":
        """The same for what is connected."""
        return Hearing(self.connected, self.connected)

    def inside(self, clip: ET.Element) -> "Hearing":
        """The same inside ``clip``, or inside what an ``mc-source`` chooses."""
        off = {source.get("sourceID"): _switched_off(source) for source in clip.iterfind("sync-source")}
        both = _switched_off(clip)
        return Hearing(
            self.storyline | both | off.get("storyline", frozenset()),
            self.connected | both | off.get("connected", frozenset()),
        )

    def hears(self, clip: ET.Element) -> bool:
        """Whether the clip of a file is heard."""
        channels = clip.findall("audio-channel-source")
        if channels and not any(map(_is_on, channels)):
            return False
        named = [each.get("role") for each in channels if _is_on(each)] or [clip.get("audioRole") or clip.get("role")]
        roles = {_main(role) for role in named if role}
        return not roles or not roles <= self.storyline


NOTHING_OFF = Hearing()
"""Of a timeline itself."""


def is_silent(clip: ET.Element) -> bool:
    """Whether the clip's volume is turned down altogether."""
    volume = clip.find("adjust-volume")
    level = _LEVEL.fullmatch((volume.get("amount") or "").strip()) if volume is not None else None
    return level is not None and float(level[1]) <= _SILENT_DB


def _switched_off(source: ET.Element) -> frozenset[str]:
    off: Iterable[ET.Element] = (each for each in source.iterfind("audio-role-source") if not _is_on(each))
    return frozenset(_main(each.get("role") or "") for each in off)


def _is_on(source: ET.Element) -> bool:
    return source.get("active") != "0" and source.get("enabled") != "0" and not is_silent(source)


def _main(role: str) -> str:
    """A role; where it is named twice, as “dialogue.dialogue-1”, by its first name."""
    main, _, sub = role.casefold().partition(".")
    return main if sub == f"{main}-1" else role.casefold()
