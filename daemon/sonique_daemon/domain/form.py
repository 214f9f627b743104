"""Form: what tags of that kind say of a cue's metre, course, entries and ending, and what it means to its writer."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sonique_daemon.domain.tags import TagKind, Tags


@dataclass(frozen=True, slots=True)
class Metre:
    """A metre.

    Attributes:
        beats: of a regular bar, at least 2.
        parts: of a beat: two eighths, or three where beats are dotted quarter notes.
    """

    beats: int = 4
    parts: int = 2

    @property
    def threes(self) -> bool:
        """Whether beats have three parts."""
        return self.parts == 3


USUAL = Metre()

METRES: Mapping[str, Metre] = MappingProxyType(
    {
        "2/4": Metre(2),
        "3/4": Metre(3),
        "4/4": USUAL,
        "5/4": Metre(5),
        "7/4": Metre(7),
        "6/8": Metre(2, 3),
        "9/8": Metre(3, 3),
        "12/8": Metre(4, 3),
    }
)
"""By the tag that asks for them."""

ENDINGS: Mapping[str, str] = MappingProxyType(
    {
        "fade-out ending": "fade",
        "ring-out ending": "ring",
        "button ending": "button",
        "dead stop": "stop",
        "open ending": "open",
    }
)
"""Kinds of ending by the tag that asks for them."""

_LOW, _HIGH = 0.0, 1.0
_COURSES: Mapping[str, tuple[float | None, float | None]] = MappingProxyType(
    {
        "building": (_LOW, _HIGH),
        "winding down": (_HIGH, _LOW),
        "even": (0.5, 0.5),
        "quiet start": (_LOW, None),
        "big start": (_HIGH, None),
        "quiet ending": (None, _LOW),
        "big ending": (None, _HIGH),
    }
)


@dataclass(frozen=True, slots=True)
class Course:
    """Where the energy of a cue goes, whatever the picture does.

    Attributes:
        start: 0..1 at its start, or None where nobody cares.
        end: 0..1 at its end, or None. Where both are there, it goes straight from one to the other.
    """

    start: float | None = None
    end: float | None = None


EVEN = Course(0.5, 0.5)
"""The course of a cue that neither builds nor falls."""


_STRETCH = re.compile(
    r"(?P<name>.+) (?P<edge>from|until) (?:(?P<share>\d{1,3}) %|(?P<minutes>\d{1,3}):(?P<seconds>[0-5]\d))"
)


ALL_BUT = "all but "
"""Begins the name of everybody else: “all but piano, strings from 25 %”."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """From or until when something plays, as the tags “drums from 75 %” and “piano until 0:20” say it.

    Attributes:
        name: of an instrument, of a group of them, or of all but some.
        begins: whether it plays from there on; else it plays until there.
        share: where, as a share of the cue from 0 to 1; None where ``seconds`` says it.
        seconds: where, in seconds after the cue's start; None where ``share`` says it.
    """

    name: str
    begins: bool
    share: float | None = None
    seconds: float | None = None

    @property
    def text(self) -> str:
        """The tag that says it."""
        if self.seconds is None:
            when = f"{round(100 * (self.share or 0.0))} %"
        else:
            when = f"{round(self.seconds) // 60}:{round(self.seconds) % 60:02}"
        return f"{self.name} {'from' if self.begins else 'until'} {when}"

    @property
    def others(self) -> bool:
        """Whether everybody is meant who is not among ``names``."""
        return self.name.startswith(ALL_BUT)

    @property
    def names(self) -> tuple[str, ...]:
        """The instruments or groups that are named, in small letters."""
        return tuple(part.strip().lower() for part in self.name.removeprefix(ALL_BUT).split(","))

    def at(self, duration: float) -> float:
        """Where, in seconds after the start of a cue that lasts ``duration`` seconds."""
        return self.seconds if self.seconds is not None else (self.share or 0.0) * duration


def stretches(tags: Tags) -> tuple[Stretch, ...]:
    """What the tags say of when who plays."""
    found = (_STRETCH.fullmatch(text) for text in tags.texts(TagKind.FORM))
    return tuple(_stretch(match) for match in found if match)


def _stretch(match: re.Match[str]) -> Stretch:
    begins = match["edge"] == "from"
    if match["share"] is not None:
        return Stretch(match["name"], begins, share=min(int(match["share"]), 100) / 100)
    return Stretch(match["name"], begins, seconds=60.0 * int(match["minutes"]) + int(match["seconds"]))


def in_words(tags: Tags) -> tuple[str, ...]:
    """The texts of form tags that say how the whole goes and ends: courses and endings."""
    return tuple(text for text in tags.texts(TagKind.FORM) if text in _COURSES or text in ENDINGS)


def metre(texts: Iterable[str]) -> Metre:
    """The metre that texts of form tags ask for, or the usual one."""
    return next((METRES[text] for text in texts if text in METRES), USUAL)


def metre_of(tags: Tags) -> Metre:
    """The metre that the tags ask for, or the usual one."""
    return metre(tags.texts(TagKind.FORM))


def metre_in_words(tags: Tags) -> str:
    """The metre that the tags ask for, as “3/4 time”; "" for the usual one."""
    found = next((text for text in tags.texts(TagKind.FORM) if text in METRES), "")
    return f"{found} time" if found and METRES[found] != USUAL else ""


def course(tags: Tags) -> Course:
    """The course that the tags ask for; the first that says something of an end counts there."""
    found = Course()
    for text in tags.texts(TagKind.FORM):
        start, end = _COURSES.get(text, (None, None))
        found = Course(start if found.start is None else found.start, end if found.end is None else found.end)
    return found


def ending(tags: Tags) -> str:
    """The kind of ending that the tags ask for, or ""."""
    return next((ENDINGS[text] for text in tags.texts(TagKind.FORM) if text in ENDINGS), "")


def refused_endings(tags: Tags) -> frozenset[str]:
    """Kinds of ending that the tags rule out."""
    return frozenset(ENDINGS[text] for text in tags.texts(TagKind.NEGATIVE) if text in ENDINGS)
