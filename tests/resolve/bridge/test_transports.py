"""The same over every transport."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sonique_resolve.calls import RESOLVE, Argument, Call, Constant, Desk, Handle, Has, Ref, Step, Value
from sonique_resolve.errors import ResolveBusy, ResolveError, ResolveGone
from sonique_resolve.fake.settings import Settings
from sonique_resolve.fake.world import World

WIRED = ("external", "menu", "mailbox-luajit21", "mailbox-lua51")
ALL = ("straight", *WIRED)
SitDown = Callable[..., Any]

TIMELINE: tuple[Step, ...] = (
    Call(RESOLVE, "GetProjectManager"),
    Call(Ref(0), "GetCurrentProject"),
    Call(Ref(1), "GetCurrentTimeline"),
)


def ask(desk: Desk, *steps: Step) -> list[Value]:
    """The answers to ``steps``, which find the timeline in ``Ref(2)``."""
    return desk.do((*TIMELINE, *steps))[len(TIMELINE) :]


@pytest.fixture(params=ALL)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world() -> World:
    return World(Settings())


def test_names_numbers_and_lists_come_as_they_are(name: str, world: World, sit_down: SitDown) -> None:
    world.timeline.name = "Ärger — 第1話 “Ende” \\ ]] \n"
    answers = ask(
        sit_down(name, world),
        Call(Ref(2), "GetName"),
        Call(Ref(2), "GetStartFrame"),
        Call(RESOLVE, "GetVersion"),
        Call(Ref(2), "GetIsTrackLocked", ("audio", 1)),
    )
    assert answers == ["Ärger — 第1話 “Ende” \\ ]] \n", 86400, [21, 0, 4, 12, ""], False]


def test_markers_are_kept_by_their_frames_as_text(name: str, world: World, sit_down: SitDown) -> None:
    world.marker(1, "one")
    world.marker(96, "ninety-six", custom_data="sonique")
    (markers,) = ask(sit_down(name, world), Call(Ref(2), "GetMarkers"))
    assert isinstance(markers, dict)
    assert sorted(markers) == ["1.0", "96.0"]
    assert markers["96.0"] == {
        "color": "Blue",
        "duration": 1.0,
        "name": "ninety-six",
        "note": "",
        "customData": "sonique",
    }


def test_a_single_marker_at_frame_one_is_still_a_table(name: str, world: World, sit_down: SitDown) -> None:
    world.marker(1, "one")
    (markers,) = ask(sit_down(name, world), Call(Ref(2), "GetMarkers"))
    assert list(markers) == ["1.0"] if isinstance(markers, dict) else False


def test_empty_tables_and_empty_lists_are_told_apart(name: str, world: World, sit_down: SitDown) -> None:
    answers = ask(
        sit_down(name, world),
        Call(Ref(2), "GetMarkers"),
        Call(Ref(2), "GetMarkInOut"),
        Call(Ref(2), "GetItemListInTrack", ("video", 1)),
    )
    assert answers == [{}, {}, []]


def test_objects_come_as_numbers_that_later_batches_know(name: str, world: World, sit_down: SitDown) -> None:
    desk = sit_down(name, world)
    timeline = desk.do(TIMELINE)[2]
    assert isinstance(timeline, Handle)
    assert desk.do([Call(timeline, "GetName")]) == ["Edit"]


def test_a_list_of_objects_is_gone_through_by_entry(name: str, world: World, sit_down: SitDown) -> None:
    film = world.film("/media/film.mov", frames=240)
    for number in range(500):
        world.put(film, at=number * 10, frames=10)
    items, first, last, beyond = ask(
        sit_down(name, world),
        Call(Ref(2), "GetItemListInTrack", ("video", 1)),
        Call(Ref(3, 0), "GetStart"),
        Call(Ref(3, 499), "GetStart"),
        Call(Ref(3, 500), "GetStart"),
    )
    assert isinstance(items, list)
    assert len({each for each in items if isinstance(each, Handle)}) == 500
    assert (first, last, beyond) == (86400, 86400 + 4990, None)


def test_a_long_answer_comes_whole(name: str, world: World, sit_down: SitDown) -> None:
    for frame in range(1200):
        world.marker(frame, f"Marker {frame} — ü", note="n" * 50)
    (markers,) = ask(sit_down(name, world), Call(Ref(2), "GetMarkers"))
    assert isinstance(markers, dict)
    assert len(json.dumps(markers)) > 150_000
    assert {key: each["name"] for key, each in markers.items() if isinstance(each, dict)} == {
        f"{frame}.0": f"Marker {frame} — ü" for frame in range(1200)
    }


def test_nothing_answers_nothing(name: str, world: World, sit_down: SitDown) -> None:
    world.title("Title", at=0, frames=24, track=1)
    answers = ask(
        sit_down(name, world),
        Call(Ref(2), "GetItemListInTrack", ("video", 1)),
        Call(Ref(3, 0), "GetMediaPoolItem"),
        Call(Ref(4), "GetName"),
        Has(Ref(4), "GetName"),
        Call(Ref(2), "GetName"),
    )
    assert answers[1:] == [None, None, None, "Edit"]


def test_what_a_release_lacks_is_not_there_and_answers_nothing(name: str, world: World, sit_down: SitDown) -> None:
    answers = ask(sit_down(name, world), Has(RESOLVE, "IsStudio"), Call(RESOLVE, "IsStudio"), Has(Ref(2), "GetName"))
    assert answers == [False, None, True]


def test_objects_and_nothing_go_inside_tables_of_arguments(
    name: str, world: World, sit_down: SitDown, tmp_path: Path, wav: Callable[..., Path]
) -> None:
    del tmp_path
    media = world.sound(wav(4))
    track = world.add_track()
    info: dict[str, Argument] = {
        "mediaPoolItem": Ref(5, 1),  # after the timeline itself
        "startFrame": 0,
        "endFrame": 48,
        "mediaType": 2,
        "trackIndex": len(world.timeline.tracks["audio"]),
        "recordFrame": 86424,
    }
    answers = ask(
        sit_down(name, world),
        Call(Ref(1), "GetMediaPool"),
        Call(Ref(3), "GetRootFolder"),
        Call(Ref(4), "GetClipList"),
        Call(Ref(3), "AppendToTimeline", ([info],)),
        Call(Ref(6, 0), "GetStart"),
        Call(Ref(6, 0), "GetDuration"),
    )
    assert media.name == "music.wav"
    assert answers[4:] == [86424, 48]
    assert len(track.items) == 1


def test_constants_are_the_live_ones(name: str, world: World, sit_down: SitDown, tmp_path: Path) -> None:
    path = tmp_path / "cut.otio"
    told = Call(Ref(2), "Export", (str(path), Constant("EXPORT_OTIO"), Constant("EXPORT_NONE")))
    assert ask(sit_down(name, world), told) == [True]
    assert path.is_file()


@pytest.mark.parametrize("wired", WIRED)
def test_a_constant_that_is_none_is_told(wired: str, world: World, sit_down: SitDown) -> None:
    with pytest.raises(ResolveError, match="no constant “EXPORT_WISHES”"):
        ask(sit_down(wired, world), Call(Ref(2), "Export", ("/x", Constant("EXPORT_WISHES"), Constant("EXPORT_NONE"))))


@pytest.mark.parametrize("wired", WIRED)
def test_only_known_calls_are_made(wired: str, world: World, sit_down: SitDown) -> None:
    desk = sit_down(wired, world)
    with pytest.raises(ResolveError, match="“Quit” is not among the calls"):
        desk.do([Call(RESOLVE, "Quit")])
    with pytest.raises(ResolveError, match="not among the calls"):
        desk.do([Has(RESOLVE, "__class__")])
    assert not world.ended


@pytest.mark.parametrize("wired", WIRED)
def test_a_table_that_looks_like_an_object_stays_a_table(wired: str, world: World, sit_down: SitDown) -> None:
    world.film("/media/film.mov", frames=24)
    answers = ask(
        sit_down(wired, world),
        Call(Ref(1), "GetMediaPool"),
        Call(Ref(3), "GetRootFolder"),
        Call(Ref(4), "GetClipList"),
        Call(Ref(5, 1), "SetThirdPartyMetadata", ({"h": "0"},)),
        Call(Ref(5, 1), "GetThirdPartyMetadata"),
    )
    assert answers[3:] == [True, {"h": "0"}]


@pytest.mark.parametrize("wired", WIRED)
def test_a_failure_inside_names_the_call_and_the_bridge_lives_on(wired: str, world: World, sit_down: SitDown) -> None:
    desk = sit_down(wired, world)

    def fail(seen: Any) -> None:
        if seen.method == "GetStartFrame":
            raise ValueError("the disk is full")

    world.hook = fail
    with pytest.raises(ResolveError, match=r"“GetStartFrame”.*the disk is full"):
        ask(desk, Call(Ref(2), "GetStartFrame"))
    world.hook = None
    assert ask(desk, Call(Ref(2), "GetStartFrame")) == [86400]


@pytest.mark.parametrize("wired", WIRED)
def test_what_was_let_go_is_not_called(wired: str, world: World, sit_down: SitDown) -> None:
    with pytest.raises(ResolveError, match="Object 77 was let go"):
        sit_down(wired, world).do([Call(Handle(77), "GetName")])


@pytest.mark.parametrize("wired", WIRED)
def test_a_batch_is_bounded(wired: str, world: World, sit_down: SitDown) -> None:
    desk = sit_down(wired, world)
    with pytest.raises(ResolveError, match="10001 calls are too many"):
        desk.do([Has(RESOLVE, "GetName")] * 10_001)
    assert len(desk.do([Has(RESOLVE, "GetVersion")] * 10_000)) == 10_000
    with pytest.raises(ResolveError, match="more than DaVinci Resolve can be asked at once"):
        desk.do([Call(RESOLVE, "OpenPage", ("x" * 9_000_000,))])


@pytest.mark.parametrize("wired", WIRED)
def test_a_call_that_blocks_is_told_as_a_dialog_and_the_desk_works_after_it(
    wired: str, world: World, sit_down: SitDown
) -> None:
    desk = sit_down(wired, world)
    patience = desk.desk.limits
    desk.desk.limits = dataclasses.replace(patience, batch=0.3)
    world.open_dialog("blocks")
    with pytest.raises(ResolveBusy, match="dialog is open"):
        ask(desk, Call(Ref(2), "GetName"))
    world.close_dialog()
    desk.desk.limits = patience
    assert ask(desk, Call(Ref(2), "GetName")) == ["Edit"]


@pytest.mark.parametrize("wired", WIRED)
def test_silence_is_a_dialog_too(wired: str, world: World, sit_down: SitDown) -> None:
    desk = sit_down(wired, world)
    world.open_dialog("fails")
    with pytest.raises(ResolveBusy, match="dialog is open"):
        ask(desk, Call(Ref(2), "GetName"))


@pytest.mark.parametrize("wired", WIRED)
def test_a_resolve_without_its_database_is_stuck(wired: str, sit_down: SitDown) -> None:
    desk = sit_down(wired, World(Settings(wedged=True)))
    with pytest.raises(ResolveBusy, match="restart DaVinci Resolve"):
        ask(desk, Call(Ref(2), "GetName"))


@pytest.mark.parametrize("wired", WIRED)
def test_a_resolve_that_ended_is_gone(wired: str, world: World, sit_down: SitDown) -> None:
    desk = sit_down(wired, world)
    desk.desk.limits = dataclasses.replace(desk.desk.limits, batch=0.5, answering=0.1)
    world.end()
    with pytest.raises(ResolveGone, match="ended"):
        ask(desk, Call(Ref(2), "GetName"))


@pytest.mark.parametrize("wired", WIRED)
def test_any_name_goes_in_and_comes_out_the_same(wired: str, world: World, sit_down: SitDown) -> None:
    desk = sit_down(wired, world)

    @settings(max_examples=60, suppress_health_check=list(HealthCheck))
    @given(st.text(min_size=1))
    def check(text: str) -> None:
        steps = (Call(Ref(2), "SetTrackName", ("audio", 1, text)), Call(Ref(2), "GetTrackName", ("audio", 1)))
        assert ask(desk, *steps) == [True, text]
        assert world.track("audio", 1).name == text

    check()


@pytest.mark.parametrize("wired", WIRED)
def test_numbers_keep_their_values(wired: str, world: World, sit_down: SitDown) -> None:
    desk = sit_down(wired, world)
    seen: list[Any] = []
    world.hook = lambda call: seen.append(call.args)
    for number in (0, -1, 2**31, 0.1, 1e-9, 23.976023976023978, True):
        seen.clear()
        desk.do([Call(RESOLVE, "OpenPage", (number,))])
        assert seen[0] == (number,)
