"""``sonique resolve score`` and ``selftest`` over a fake Resolve: what is shown, written and answered."""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sonique_cli import resolve_score
from sonique_cli.exits import CommandError, Exit
from sonique_cli.resolve_score import run_score, run_selftest, which_range
from sonique_client.errors import JobCancelled
from sonique_resolve import choosing, placer, reader
from sonique_resolve.calls import Desk
from sonique_resolve.choosing import Which
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.fake.log import Seen
from sonique_resolve.placement import Placed, Placement, Take
from sonique_resolve.session import Display, Wishes

Room = Callable[..., World]


@pytest.fixture
def world(cutting_room: Room, monkeypatch: pytest.MonkeyPatch) -> World:
    """A fake that the command reaches, and no daemon."""
    made = cutting_room(project_rate="25")
    made.mark(25, 124)

    @contextmanager
    def session(display: object) -> Iterator[Any]:
        del display
        yield SimpleNamespace(connection=None)

    monkeypatch.setattr(resolve_score, "open_desk", lambda _: FakeDesk(made))
    monkeypatch.setattr(resolve_score, "open_session", session)
    return made


@pytest.fixture
def scoring(monkeypatch: pytest.MonkeyPatch, wav: Callable[..., Path]) -> None:
    music = wav(5)

    def score(desk: Desk, connection: object, wishes: Wishes, display: Display) -> Placed:
        del connection
        read = reader.read(desk)
        chosen = choosing.choose(desk, read, wishes.which)
        display.chosen(read, chosen)
        if wishes.prompt == "interrupted":
            os.kill(os.getpid(), signal.SIGINT)
            assert display.cancelled()
            raise JobCancelled("Cancelled; the timeline is as it was.")
        assert not display.cancelled()
        return placer.place(desk, read, Placement(chosen.range, (Take(music),), "job-1"))

    monkeypatch.setattr(resolve_score, "score", score)


@pytest.fixture(params=["SIGTERM", "SIGHUP"])
def number(request: pytest.FixtureRequest) -> Iterator[int]:
    """A signal that ends a process, also where nohup runs the tests."""
    found = getattr(signal, request.param)
    before = signal.signal(found, signal.SIG_DFL)
    yield found
    signal.signal(found, before)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
@pytest.mark.usefixtures("scoring")
def test_a_terminal_that_is_closed_while_music_is_placed_leaves_the_timeline_as_it_was(
    world: World, number: int
) -> None:
    run_score(Wishes(), "auto", json_lines=False, quiet=True)
    (item,) = world.track("audio", 3).items
    world.page = "fairlight"

    def close(call: Seen) -> None:
        if call.method == "AppendToTimeline":
            world.hook = None
            os.kill(os.getpid(), number)

    world.hook = close
    with pytest.raises(KeyboardInterrupt):
        run_score(Wishes(), "auto", json_lines=False, quiet=True)
    assert [(each.start, each.frames, each.media) for each in world.track("audio", 3).items] == [
        (item.start, item.frames, item.media)
    ]
    assert world.page == "fairlight"
    assert signal.getsignal(number) is signal.SIG_DFL


@pytest.mark.usefixtures("scoring", "world")
def test_the_range_and_its_length_are_shown_and_then_what_was_placed(capsys: pytest.CaptureFixture[str]) -> None:
    run_score(Wishes(), "auto", json_lines=False, quiet=False)
    told = capsys.readouterr().err
    assert "01:00:01:00-01:00:05:00: from the in to the out mark, 100 frames at 25, 4.00 s." in told
    assert "Music placed: track “Sonique”, 100 frames from frame 90025." in told


@pytest.mark.usefixtures("scoring", "world")
def test_a_program_is_told_in_json(capsys: pytest.CaptureFixture[str]) -> None:
    run_score(Wishes(), "auto", json_lines=True, quiet=False)
    (item,) = json.loads(capsys.readouterr().out)["placed"]["items"]
    assert (item["track"], item["start_frame"], item["frames"]) == ("Sonique", 90_025, 100)


@pytest.mark.usefixtures("scoring")
def test_control_c_is_an_orderly_cancel(world: World) -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(CommandError, match="timeline is as it was") as refused:
        run_score(Wishes(prompt="interrupted"), "auto", json_lines=False, quiet=True)
    assert refused.value.exit_code is Exit.CANCELLED
    assert signal.getsignal(signal.SIGINT) is before
    assert world.named_track("Sonique") is None


@pytest.mark.usefixtures("scoring")
def test_a_range_that_is_not_there_makes_no_sense(world: World) -> None:
    world.mark(None, None)
    with pytest.raises(CommandError, match="no in or out mark") as refused:
        run_score(Wishes(which=Which.MARKS), "auto", json_lines=False, quiet=True)
    assert refused.value.exit_code is Exit.USAGE


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("auto", Which.AUTO),
        ("", Which.AUTO),
        ("Marks", Which.MARKS),
        ("clip", Which.CLIP),
        ("whole", Which.WHOLE),
        ("10-42.5", "10-42.5"),
    ],
)
def test_a_range_is_one_of_the_words_or_typed(text: str, which: Which | str) -> None:
    assert which_range(text) == which


@pytest.mark.usefixtures("world")
def test_the_selftest_prints_its_report_or_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_selftest("auto", None, force=False)
    printed = json.loads(capsys.readouterr().out)
    assert run_selftest("auto", tmp_path / "report.json", force=False)
    written = json.loads((tmp_path / "report.json").read_text())
    assert [check["name"] for check in written["checks"]] == [check["name"] for check in printed["checks"]]
    with pytest.raises(CommandError, match="exists already"):
        run_selftest("auto", tmp_path / "report.json", force=False)


def test_a_selftest_that_fails_asks_for_its_report(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    world.end()
    assert not run_selftest("auto", None, force=False)
    told = capsys.readouterr()
    assert "send the report back" in told.err
    assert json.loads(told.out)["passed"] is False
