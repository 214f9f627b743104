"""Looks: what an editor made of a clip of ours, read before it leaves and given to the one that is put back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sonique_resolve.batch import Answers, Batch
from sonique_resolve.calls import Argument, Desk, Handle, Ref, Value

_LEVELS = ("AudioVolume", "AudioPan", "AudioVolumeEnabled")


@dataclass(frozen=True, slots=True)
class Looks:
    """A clip's own settings.

    Attributes:
        name: as the timeline shows it.
        color: its clip colour; empty for none.
        enabled: whether it is heard.
        left: record frames of its sound before its first.
        fades: what ``GetFades`` answers; empty before 21.1.
        levels: what ``GetProperties`` answers of its sound; the same.
    """

    name: str = ""
    color: str = ""
    enabled: bool = True
    left: int = 0
    fades: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))
    levels: Mapping[str, Value] = field(default_factory=lambda: MappingProxyType({}))


def ask(batch: Batch, item: Handle) -> tuple[Ref, ...]:
    """Adds to ``batch`` what ``told`` needs; a release that lacks a method answers nothing to it."""
    asked = [batch.call(item, name) for name in ("GetName", "GetClipColor", "GetClipEnabled", "GetLeftOffset")]
    can_fade, can_level = batch.has(item, "GetFades"), batch.has(item, "GetProperties")
    return (*asked, can_fade, batch.call(item, "GetFades"), can_level, batch.call(item, "GetProperties"))


def told(answers: Answers, refs: tuple[Ref, ...]) -> Looks:
    """What ``ask`` learnt."""
    name, color, enabled, left, can_fade, fades, can_level, properties = refs
    table = answers.table(properties) if answers.yes(can_level) else {}
    return Looks(
        answers.text(name),
        answers.text(color),
        answers.value(enabled) is not False,
        max(0, answers.whole(left) or 0),
        answers.table(fades) if answers.yes(can_fade) else {},
        {key: table[key] for key in _LEVELS if key in table},
    )


def give(desk: Desk, item: Handle, looks: Looks) -> None:
    """Gives a clip all but its place in the sound."""
    batch = Batch()
    if looks.name:
        batch.call(item, "SetName", looks.name)  # from 20 on
    if looks.color:
        batch.call(item, "SetClipColor", looks.color)
    batch.call(item, "SetClipEnabled", looks.enabled)
    can_fade, can_level = batch.has(item, "SetFades"), batch.has(item, "SetProperties")
    answers = batch.surely(desk)
    batch = Batch()
    if looks.fades and answers.yes(can_fade):
        batch.call(item, "SetFades", _whole(looks.fades))
    if looks.levels and answers.yes(can_level):
        batch.call(item, "SetProperties", _plain(looks.levels))
    if batch.steps:
        batch.surely(desk)


def _plain(table: Mapping[str, Value]) -> dict[str, Argument]:
    return {key: value for key, value in table.items() if isinstance(value, bool | int | float | str)}


def _whole(table: Mapping[str, Value]) -> dict[str, Argument]:
    """Fades are told with a fraction, and taken as whole frames."""
    return {key: round(value) for key, value in table.items() if isinstance(value, int | float)}
