"""The self-test tells what this Resolve does, on projects made for it alone; whatever fails, its report is whole."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sonique_resolve import selftest
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.fake.log import Seen
from sonique_resolve.selftest import run
from sonique_resolve.selftest_report import RATES, Report

from tests.resolve.bridge_desks import menu

Room = Callable[..., World]


def tried(report: Report) -> set[str]:
    return {check["rate"] for check in report.checks}


def whole(report: Report) -> dict[str, Any]:
    """The report as it is sent, read back."""
    data: dict[str, Any] = json.loads(json.dumps(report.to_data()))
    assert {"report", "passed", "sonique", "python", "system", "transport", "checks", "notes"} <= set(data)
    return data


def failed(report: Report) -> set[str]:
    return {check["name"] for check in report.checks if not check["passed"]}


@pytest.mark.parametrize("version", ["19.1", "20.2.2", "21.0.4", "21.1"])
@pytest.mark.parametrize("edition", ["free", "studio"])
def test_a_sound_resolve_passes_at_every_rate(cutting_room: Room, version: str, edition: str) -> None:
    world = cutting_room(version=version, edition=edition)
    report = run(FakeDesk(world), "external")
    assert (report.passed, report.notes, failed(report)) == (True, [], set())
    assert tried(report) == {name for name, _ in RATES}
    data = whole(report)
    assert (data["edition"], data["end_frame"], data["transport"]) == (edition, "exclusive", "external")
    assert ".".join(map(str, data["version"])).startswith(version)


def test_a_resolve_that_counts_the_end_frame_in_is_told_apart_and_placed_exactly_all_the_same(
    cutting_room: Room,
) -> None:
    report = run(FakeDesk(cutting_room(version="18.6")))
    assert (report.passed, report.notes, failed(report)) == (True, [], set())
    assert whole(report)["end_frame"] == "inclusive"
    assert "marks count from the timeline's start" not in {check["name"] for check in report.checks}


def test_the_users_own_is_as_it_was_and_no_project_is_left(cutting_room: Room) -> None:
    world = cutting_room()
    world.mark(3, 30)
    before = world.users_things()
    timeline, items = world.timeline, repr(world.timeline)
    run(FakeDesk(world))
    assert world.users_things() == before
    assert [project.name for project in world.projects] == ["Picture"]
    assert world.timeline is timeline
    assert repr(timeline) == items


def test_what_the_user_had_not_saved_is_saved_first(cutting_room: Room) -> None:
    world = cutting_room()
    world.marker(3, "Door")
    assert run(FakeDesk(world)).passed
    assert [marker.name for marker in world.timeline.markers.values()] == ["Door"]


def test_a_project_that_cannot_be_saved_is_not_left(cutting_room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sonique_resolve.fake.resolve.ProjectManager.SaveProject", lambda _: False)
    world = cutting_room()
    report = run(FakeDesk(world))
    assert any("could not be saved" in note for note in report.notes)
    assert world.log.count("CreateProject") == 0


@pytest.mark.parametrize("page", ["fairlight", "color"])
def test_it_can_be_started_from_any_page(cutting_room: Room, page: str) -> None:
    world = cutting_room()
    world.page = page
    assert run(FakeDesk(world)).passed
    assert world.page == page


def test_nothing_is_called_on_the_users_own_timeline(cutting_room: Room) -> None:
    world = cutting_room()
    own = world.timeline.identity
    assert run(FakeDesk(world)).passed
    objects = {seen.identity for seen in world.log if seen.kind == "Timeline"}
    assert len(objects) == len(RATES)
    assert own not in objects


def test_the_report_names_nothing_of_the_users(cutting_room: Room) -> None:
    world = cutting_room(project="Secret wedding")
    text = json.dumps(run(FakeDesk(world)).to_data())
    assert "Secret" not in text
    assert "/films" not in text


@pytest.mark.parametrize("mode", ["none", "empty", "holes", "ghost", "vanishes", "unsaid", "short", "late"])
def test_every_way_in_which_an_append_fails_leaves_a_whole_report(cutting_room: Room, mode: str) -> None:
    world = cutting_room(append=mode)
    before = world.users_things()
    report = run(FakeDesk(world))
    data = whole(report)
    assert tried(report) == {name for name, _ in RATES}
    assert data["passed"] is (mode == "unsaid")
    assert world.users_things() == before
    assert [project.name for project in world.projects] == ["Picture"]


def test_a_dialog_that_opens_in_the_middle_is_told(cutting_room: Room) -> None:
    world = cutting_room()
    calls = 0

    def open_late(seen: Seen) -> None:
        nonlocal calls
        del seen
        calls += 1
        if calls == 40:
            world.open_dialog("raises")

    world.hook = open_late
    report = run(FakeDesk(world))
    assert any("RESOLVE_BUSY" in note for note in report.notes)
    assert not whole(report)["passed"]
    world.close_dialog()


@pytest.mark.parametrize("at", [1, 5, 20, 60, 200])
def test_a_resolve_that_ends_leaves_a_whole_report(cutting_room: Room, at: int) -> None:
    world = cutting_room()
    calls = 0

    def end_late(seen: Seen) -> None:
        nonlocal calls
        del seen
        calls += 1
        if calls == at:
            world.end()

    world.hook = end_late
    report = run(FakeDesk(world))
    assert any("RESOLVE_GONE" in note for note in report.notes)
    assert not whole(report)["passed"]


@pytest.mark.parametrize(
    "settings",
    [
        {"wedged": True},
        {"delete_fails_first": False},
        {"wav_frames": "ceil"},
        {"wav_frames": "nearest"},
        {"rate_form": "number"},
        {"rate_form": "plain"},
        {"source_start_error": 1},
        {"ignores_fades": True, "version": "21.1"},
    ],
)
def test_every_kind_of_resolve_gives_a_whole_report(cutting_room: Room, settings: dict[str, Any]) -> None:
    report = run(FakeDesk(cutting_room(**settings)))
    assert whole(report)["passed"] is ("wedged" not in settings), (report.notes, failed(report))


def test_a_project_without_a_name_is_not_left(cutting_room: Room) -> None:
    world = cutting_room(project=selftest.UNSAVED)
    report = run(FakeDesk(world))
    assert any("save it" in note for note in report.notes)
    assert [project.name for project in world.projects] == [selftest.UNSAVED]
    assert report.checks == []


def test_a_project_that_cannot_be_made_is_told_at_every_rate(
    cutting_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = cutting_room()
    monkeypatch.setattr("sonique_resolve.fake.resolve.ProjectManager.CreateProject", lambda *_: None)
    report = run(FakeDesk(world))
    assert sum("a new project was expected" in note for note in report.notes) == len(RATES)
    assert not report.passed


def test_a_project_that_cannot_be_deleted_is_named(cutting_room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sonique_resolve.fake.resolve.ProjectManager.DeleteProject", lambda *_: False)
    report = run(FakeDesk(cutting_room()))
    assert sum("is left over" in note for note in report.notes) == len(RATES)


def test_a_fault_of_ours_is_in_the_report_as_well(cutting_room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("sonique_resolve.placer.place", broken)
    report = run(FakeDesk(cutting_room()))
    assert any("ZeroDivisionError" in note for note in report.notes)
    assert tried(report) == {name for name, _ in RATES}


def test_a_timeline_that_begins_elsewhere_is_a_failed_check_not_a_crash(
    cutting_room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sonique_resolve.selftest.RATES", (("24", 0), ("25", 0), ("29.97 DF", 0)))
    report = run(FakeDesk(cutting_room()))
    assert not whole(report)["passed"]
    assert failed(report) == {"its first frame"}


def test_what_is_tried_is_told_as_it_goes(cutting_room: Room) -> None:
    told: list[str] = []
    run(FakeDesk(cutting_room()), say=told.append)
    assert told == [f"A timeline at {rate} …" for rate, _ in RATES]


def test_a_film_and_the_deliver_page_are_tried_at_every_rate(cutting_room: Room) -> None:
    report = run(FakeDesk(cutting_room()))
    names = [check["name"] for check in report.checks if check["passed"]]
    assert names.count("a film keeps its own rate") == names.count("the Deliver page is put back") == len(RATES)
    assert "TargetDir" in report.facts["render_job_keys"]


def test_a_resolve_that_keeps_no_presets_or_takes_no_films_is_in_the_report(cutting_room: Room) -> None:
    report = run(FakeDesk(cutting_room(presets="none", imports_films=False)))
    assert not report.passed
    assert sum("NOT_RENDERED" in note for note in report.notes) == len(RATES)
    assert sum("the imported film was expected" in note for note in report.notes) == len(RATES)


@pytest.mark.parametrize(("edition", "told"), [("studio", "answered"), ("free", "none")])
def test_a_window_of_resolves_own_is_tried_where_there_are_any(
    cutting_room: Room, tmp_path: Path, edition: str, told: str
) -> None:
    world = cutting_room(edition=edition)
    desk = menu(world, tmp_path)
    report = run(desk)
    desk.close()
    assert report.facts["window"] == told
    assert report.passed
    assert world.upsold == 0
