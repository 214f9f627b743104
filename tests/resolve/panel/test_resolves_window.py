"""The panel in a window of Resolve's own, over a fake of it and of its user; never inside a real Resolve."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sonique_resolve import panel, panel_resolve
from sonique_resolve.bridge.window import Windows
from sonique_resolve.calls import RESOLVE, Call, Desk
from sonique_resolve.errors import ResolveGone, ResolveRefused
from sonique_resolve.fake import World
from sonique_resolve.fake.fusion import Bmd
from sonique_resolve.fake.windows import UIManager
from sonique_resolve.panel_presenter import Presenter
from sonique_resolve.panel_resolve import Bridge, BridgedWindow, layout, opened
from sonique_resolve.panel_view import View

from tests.resolve.bridge_desks import menu
from tests.resolve.paneling import Studio, connected


@pytest.fixture
def user(world: World) -> UIManager:
    assert world.ui is not None
    return world.ui


class Shown:
    """A panel that is shown in a thread, as its process would."""

    def __init__(self, desk: Desk, studio: Studio) -> None:
        self.presenter = Presenter(lambda: desk, connected, studio.score)
        window = opened(desk)
        assert window is not None
        self.window: BridgedWindow = window
        self.failed: Exception | None = None
        self.presenter.start()
        self.thread = threading.Thread(target=self._show, daemon=True)
        self.thread.start()

    def _show(self) -> None:
        try:
            panel_resolve.show(self.presenter, self.window, lambda _: time.sleep(0.002))
        except Exception as error:  # noqa: BLE001 - kept for the test
            self.failed = error

    def left(self) -> bool:
        self.thread.join(timeout=60)
        return not self.thread.is_alive()


@pytest.fixture
def shown(world: World, studio: Studio, tmp_path: Path) -> Iterator[Shown]:
    made = Shown(menu(world, tmp_path), studio)
    yield made
    studio.go.set()
    assert world.ui is not None
    world.ui.shut()
    made.presenter.close()


def until(seen: Callable[[], Any], wanted: Any = True) -> None:
    deadline = time.monotonic() + 60
    while seen() != wanted:
        assert time.monotonic() < deadline, seen()
        time.sleep(0.002)


@pytest.mark.usefixtures("shown")
def test_it_shows_resolve_the_range_and_what_can_be_asked(user: UIManager) -> None:
    until(lambda: user.seen("Score", "Enabled"))
    assert user.seen("Host") == "DaVinci Resolve Studio 21.0.4"
    assert "01:00:01:00-01:00:05:00" in user.seen("Range")
    assert (user.seen("Cancel", "Enabled"), user.seen("Swap", "Enabled")) == (False, False)
    until(lambda: user.window and user.window.GetItems()["Style"].entries, ["any", "folk", "jazz"])


def test_wishes_go_in_takes_come_out_and_another_takes_its_place(
    shown: Shown, user: UIManager, studio: Studio, world: World
) -> None:
    until(lambda: user.seen("Score", "Enabled"))
    user.type("Prompt", "  warm, slow ")
    user.type("Bpm", "92,5")
    user.tick("Render")
    user.click("Score")
    assert studio.began.wait(60)
    until(lambda: "Making the music, 7 s left" in user.seen("Stage"))
    assert "50 %" in user.seen("Stage")
    studio.go.set()
    until(lambda: user.seen("Swap", "Enabled"))
    (wishes,) = studio.wishes
    assert (wishes.prompt, wishes.bpm, wishes.takes, wishes.proxy_render) == ("warm, slow", 92.5, 3, True)
    user.choose("List", 2)
    user.click("Swap")
    until(lambda: shown.presenter.view.takes[2].placed)
    until(lambda: user.seen("List", "CurrentText"), "Take 3, seed 2, on the timeline")
    track = world.named_track("Sonique")
    assert track is not None
    assert [item.media.name for item in track.items if item.media is not None] == ["take2.wav"]


def test_cancel_ends_it_and_the_timeline_is_as_it_was(
    shown: Shown, user: UIManager, studio: Studio, world: World
) -> None:
    until(lambda: user.seen("Score", "Enabled"))
    user.click("Score")
    assert studio.began.wait(60)
    user.click("Cancel")
    until(lambda: user.seen("Message"), "Cancelled; the timeline is as it was.")
    assert world.named_track("Sonique") is None
    assert shown.presenter.view.can_score


def test_another_range_is_looked_at_when_it_is_chosen_or_typed(shown: Shown, user: UIManager) -> None:
    until(lambda: user.seen("Score", "Enabled"))
    user.choose("Which", 3)
    until(lambda: "250 frames" in user.seen("Range"))
    user.type("Which", "2-6")
    user.click("Again")
    until(lambda: "typed" in user.seen("Range"))
    assert shown.presenter.view.range_found


@pytest.mark.parametrize("tells_close", [True, False])
def test_closed_from_its_title_bar_the_panel_ends_told_or_not(shown: Shown, user: UIManager, tells_close: bool) -> None:
    until(lambda: user.seen("Score", "Enabled"))
    user.tells_close = tells_close
    user.shut()
    assert shown.left()
    assert shown.failed is None


def test_its_own_button_closes_it(shown: Shown, user: UIManager) -> None:
    until(lambda: user.seen("Score", "Enabled"))
    user.click("Leave")
    assert shown.left()
    until(lambda: user.window is not None and not user.window.Visible)


def test_when_resolve_ends_its_window_ends_with_it_and_that_is_told(
    shown: Shown, user: UIManager, world: World
) -> None:
    until(lambda: user.seen("Score", "Enabled"))
    world.end()
    user.click("Again")
    assert shown.left()
    assert shown.failed is None or isinstance(shown.failed, ResolveGone)


def test_windows_and_calls_share_one_thread(world: World, studio: Studio, tmp_path: Path, user: UIManager) -> None:
    callers: set[str] = set()
    world.hook = lambda _: callers.add(threading.current_thread().name)
    acts: set[str] = set()
    act = user.act
    user.act = lambda: (acts.add(threading.current_thread().name), act())[1]  # type: ignore[method-assign, func-returns-value]
    shown = Shown(menu(world, tmp_path), studio)
    until(lambda: user.seen("Score", "Enabled"))
    user.shut()
    assert shown.left()
    shown.presenter.close()
    assert len(callers | acts) == 1


@pytest.mark.parametrize("version", ["19.0", "19.1", "20.2.2", "21.0.4"])
def test_free_is_never_asked_for_windows_since_that_opens_an_offer(
    cutting_room: Callable[..., World], tmp_path: Path, version: str
) -> None:
    world = cutting_room(edition="free", version=version)
    desk = menu(world, tmp_path)
    assert opened(desk) is None
    assert isinstance(desk, Bridge)
    assert BridgedWindow(desk).open() is False
    desk.close()
    assert world.upsold == 0


def test_a_studio_without_timers_or_windows_has_none_and_the_bridge_goes_on(
    cutting_room: Callable[..., World], tmp_path: Path
) -> None:
    world = cutting_room()
    for ui in (UIManager(timers=False), None):
        world.ui = ui
        (tmp_path / str(ui is None)).mkdir()
        desk = menu(world, tmp_path)
        assert opened(desk) is None
        desk.close()


def test_a_window_that_opens_and_does_not_answer_is_none_and_once_it_is_closed_the_calls_go_on(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panel_resolve, "_ANSWER_SECONDS", 0.2)
    world.ui = UIManager(ticks=False)
    desk = menu(world, tmp_path)
    assert opened(desk) is None
    world.ui.shut()
    assert desk.do([Call(RESOLVE, "GetProductName")]) == ["DaVinci Resolve Studio"]
    desk.close()


def test_a_manager_that_is_an_attribute_will_do_as_well() -> None:
    ui = UIManager()
    resolve = SimpleNamespace(
        GetProductName=lambda: "DaVinci Resolve Studio", Fusion=lambda: SimpleNamespace(UIManager=ui)
    )
    windows = Windows(resolve, Bmd(World()))
    told = windows.answer({"id": 1, "window": {"open": layout(), "get": [["Takes", "Value"]]}})
    assert told == {"id": 1, "ok": {"open": True, "events": [], "values": [3]}}


def test_a_window_that_fails_is_closed_and_told_as_closed() -> None:
    world = World()
    windows = Windows(world.resolve, Bmd(world))
    windows.answer({"id": 1, "window": {"open": layout()}})
    told = windows.answer({"id": 2, "window": {"set": {"Nothing": {"Text": "x"}}}})
    assert told["ok"]["open"] is False
    assert not windows.is_open


def test_text_that_reads_like_html_is_shown_as_it_is() -> None:
    view = View(range_text="“<b>Edit</b>”, 5 s")
    assert panel_resolve._attributes(view)["Range"] == {"Text": "<span>“&lt;b&gt;Edit&lt;/b&gt;”, 5 s</span>"}


def test_where_one_of_resolves_own_is_asked_for_and_there_is_none_that_is_told(
    cutting_room: Callable[..., World], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = cutting_room(edition="free")
    monkeypatch.setattr(panel, "open_desk", lambda _: menu(world, tmp_path))
    with pytest.raises(ResolveRefused, match="--window system"):
        panel.open_panel(window="resolve")
