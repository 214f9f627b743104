"""Music that comes onto a timeline step by step, and an editor who is never far."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from sonique_blender.core.entry import Entry, Part, Place
from sonique_blender.core.errors import BlenderError, Busy, NoChannel, NotPlaced, SceneGone
from sonique_blender.core.placement import Placement, Provenance, Take
from sonique_blender.core.strips import Span

STEMS = ("drums", "bass", "keys", "pads")
PLACEMENT = Placement(
    Span(1, 49), Take(Path("mix.wav"), Provenance("job"), tuple((name, Path(f"{name}.wav")) for name in STEMS))
)


@dataclass
class Timeline:
    """Channels with a strip each: its name, and whether it is unfinished."""

    strips: dict[int, tuple[str, bool]] = field(default_factory=lambda: {1: ("film", False)})
    muted: set[str] = field(default_factory=set)
    steps: list[str] = field(default_factory=list)
    undo: list[list[str]] = field(default_factory=list)
    refuses: dict[str, Exception] = field(default_factory=dict)
    locked: bool = False

    def check(self) -> None:
        if "check" in self.refuses:
            raise self.refuses["check"]

    def lowest(self, placement: Placement, count: int) -> int:
        del placement, count
        if self.locked:
            raise NoChannel("All channels are locked; unlock one.")
        return max(self.strips) + 1

    def warm(self, part: Part) -> None:
        del part
        self.steps.append("warm")

    def put(self, place: Place, index: int, part: Part) -> str:
        if part[0] in self.refuses:
            raise self.refuses[part[0]]
        self.steps.append("put")
        self.strips[place.lowest + index] = (part[0], True)
        self.muted.add(part[0])
        return part[0]

    def furnish(self, place: Place, name: str, part: Part) -> None:
        assert self.strips[place.lowest + STEMS.index(name) if name else place.lowest] == (name, True)
        assert part[0] == name
        self.steps.append("furnish")

    def settle(self) -> None:
        self.steps.append("settle")

    def stands(self, place: Place, names: Sequence[str]) -> bool:
        there = [self.strips.get(place.lowest + index) for index in range(place.count)]
        return there == [*((name, True) for name in names), *[None] * (place.count - len(names))]

    def unfinished(self) -> int:
        return sum(half for _, half in self.strips.values())

    def sound(self, names: Sequence[str]) -> None:
        self.steps.append("sound")
        self.muted.difference_update(names)

    def finish(self, names: Sequence[str]) -> None:
        self.steps.append("finish")
        self.strips = {channel: (name, False) for channel, (name, _) in self.strips.items()}
        self.undo.append(list(names))

    def clear(self) -> None:
        self.strips = {channel: (name, half) for channel, (name, half) in self.strips.items() if not half}

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.strips.values()]


def ended(entry: Entry, most: int = 400) -> int:
    """How many steps it took to the end."""
    for count in range(1, most):
        if entry.step():
            return count
    raise AssertionError(most)


def test_a_strip_at_a_step_and_one_undo_step_at_the_end() -> None:
    timeline = Timeline()
    assert ended(Entry(timeline, PLACEMENT)) == 1 + len(timeline.steps) + 1  # beginning and counting
    assert timeline.steps == ["warm", *["put", "furnish", "settle"] * 4, "sound", "settle", "finish"]
    assert (timeline.names, timeline.undo, timeline.muted) == (["film", *STEMS], [list(STEMS)], set())


def test_a_mix_without_stems_is_one_strip() -> None:
    timeline = Timeline()
    ended(Entry(timeline, replace(PLACEMENT, take=replace(PLACEMENT.take, stems=()))))
    assert timeline.undo == [[""]]


def cut(timeline: Timeline) -> None:
    del timeline.strips[2]


def fill(timeline: Timeline) -> None:
    timeline.strips[5] = ("theirs", False)


def copy(timeline: Timeline) -> None:
    timeline.strips[50] = ("drums", True)


@pytest.mark.parametrize("steps", range(3, 13))
@pytest.mark.parametrize("deed", [cut, fill, copy, Timeline.clear])
def test_whatever_the_editor_does_between_all_of_it_stands_in_the_end_once(
    steps: int, deed: Callable[[Timeline], None]
) -> None:
    timeline = Timeline()
    entry = Entry(timeline, PLACEMENT)
    for _ in range(steps):
        assert not entry.step()
    deed(timeline)
    ended(entry)
    assert sorted(name for name in timeline.names if name != "theirs") == sorted(["film", *STEMS])
    assert (timeline.undo, timeline.unfinished()) == ([list(STEMS)], 0)


@pytest.mark.parametrize(
    ("what", "failure"),
    [("keys", NotPlaced("No sound.")), ("check", SceneGone("It is gone.")), ("keys", RuntimeError("Blender said no"))],
)
def test_a_failure_midway_leaves_the_timeline_as_it_was(what: str, failure: Exception) -> None:
    timeline = Timeline()
    entry = Entry(timeline, PLACEMENT)
    for _ in range(4):
        entry.step()
    timeline.refuses[what] = failure
    with pytest.raises(type(failure)):
        ended(entry)
    assert (timeline.names, timeline.undo) == (["film"], [])


def test_channels_that_are_locked_midway_leave_the_timeline_as_it_was() -> None:
    timeline = Timeline()
    entry = Entry(timeline, PLACEMENT)
    for _ in range(4):
        entry.step()
    timeline.locked = True
    cut(timeline)
    with pytest.raises(NoChannel):
        ended(entry)
    assert timeline.names == ["film"]


def test_while_blender_is_busy_what_stands_there_waits_unheard() -> None:
    timeline = Timeline()
    entry = Entry(timeline, PLACEMENT)
    for _ in range(5):
        entry.step()
    timeline.refuses["check"] = Busy("Blender renders.")
    for _ in range(3):
        with pytest.raises(Busy):
            entry.step()
    assert timeline.muted == set(timeline.names) - {"film"}
    del timeline.refuses["check"]
    ended(entry)
    assert timeline.undo == [list(STEMS)]


def test_one_that_is_stopped_leaves_nothing_and_one_that_never_began_touches_nothing() -> None:
    timeline = Timeline()
    entry = Entry(timeline, PLACEMENT)
    entry.stop()
    for _ in range(6):
        entry.step()
    entry.stop()
    assert timeline.names == ["film"]


def test_an_editor_who_comes_between_without_end_is_told_and_finds_the_timeline_as_it_was() -> None:
    timeline = Timeline()
    entry = Entry(timeline, PLACEMENT)

    def without_end() -> None:
        for _ in range(1000):
            entry.step()
            timeline.clear()

    with pytest.raises(BlenderError, match="Place Here"):
        without_end()
    assert timeline.names == ["film"]
