"""The panel's mind, without a window: it never makes one wait, and tells everything in sentences."""

import threading
from typing import Any

import pytest
from sonique_client.errors import DaemonUnreachable
from sonique_resolve.calls import Desk
from sonique_resolve.choosing import Which
from sonique_resolve.errors import NotPlaced, ResolveRefused
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.panel_presenter import Presenter
from sonique_resolve.panel_view import Phase, progress_of
from sonique_resolve.session import Wishes

from tests.resolve.paneling import E, Studio, connected, ready, until


def test_it_names_resolve_the_range_and_its_length_before_anything_runs(presenter: Presenter) -> None:
    view = until(presenter, lambda view: bool(view.styles))
    assert view.host == "DaVinci Resolve Studio 21.0.4"
    assert "01:00:01:00-01:00:05:00" in view.range_text
    assert "100 frames" in view.range_text
    assert view.styles == ("folk", "jazz")
    assert (view.can_score, view.can_cancel, view.can_place) == (True, False, False)


def test_another_range_is_looked_at_on_demand(presenter: Presenter) -> None:
    until(presenter, ready)
    presenter.look(Which.WHOLE)
    assert until(presenter, lambda view: "250 frames" in view.range_text).can_score


def test_a_range_that_is_not_there_is_told_and_nothing_can_be_asked(presenter: Presenter, world: World) -> None:
    until(presenter, ready)
    world.mark(None, None)
    presenter.look(Which.MARKS)
    view = until(presenter, lambda view: not view.range_found)
    assert "no in or out mark" in view.range_text
    assert not view.can_score


def test_wishes_go_in_progress_comes_out_and_the_takes_are_listed(
    presenter: Presenter, studio: Studio, world: World
) -> None:
    until(presenter, ready)
    presenter.score(Wishes(prompt="warm", takes=3))
    assert studio.began.wait(60)
    view = presenter.view
    assert (view.phase, view.stage, view.share, view.left) == (Phase.WORKING, "Making the music", 0.5, "7 s left")
    assert view.messages == ("A clip is offline.",)
    assert (view.can_score, view.can_cancel) == (False, True)
    studio.go.set()
    view = until(presenter, lambda view: bool(view.takes))
    assert [(row.text, row.placed) for row in view.takes] == [
        ("Take 1, seed 0", True),
        ("Take 2, seed 1", False),
        ("Take 3, seed 2", False),
    ]
    assert view.message == "Take 1 stands on “Sonique”, 100 frames long."
    assert (view.phase, view.stage, view.share) == (Phase.READY, "", None)
    assert studio.wishes[0].prompt == "warm"
    track = world.named_track("Sonique")
    assert track is not None
    assert [(item.start, item.frames) for item in track.items] == [(90_025, 100)]


def test_another_take_takes_the_place_of_the_first(presenter: Presenter, studio: Studio, world: World) -> None:
    until(presenter, ready)
    studio.go.set()
    presenter.score(Wishes(takes=3))
    until(presenter, lambda view: bool(view.takes))
    presenter.place(2)
    view = until(presenter, lambda view: view.takes[2].placed)
    assert [row.placed for row in view.takes] == [False, False, True]
    track = world.named_track("Sonique")
    assert track is not None
    assert [item.media.name for item in track.items if item.media is not None] == ["take2.wav"]


def test_cancel_ends_it_and_the_timeline_is_as_it_was(presenter: Presenter, studio: Studio, world: World) -> None:
    until(presenter, ready)
    presenter.score(Wishes())
    assert studio.began.wait(60)
    presenter.cancel()
    assert presenter.view.phase in {Phase.CANCELLING, Phase.READY}
    view = until(presenter, lambda view: view.phase is Phase.READY)
    assert view.message == "Cancelled; the timeline is as it was."
    assert world.named_track("Sonique") is None


def test_a_second_click_makes_no_second_cue(presenter: Presenter, studio: Studio) -> None:
    until(presenter, ready)
    for _ in range(3):
        presenter.score(Wishes())
    studio.go.set()
    until(presenter, lambda view: bool(view.takes))
    presenter.look(Which.WHOLE)
    until(presenter, lambda view: "250 frames" in view.range_text)
    assert len(studio.wishes) == 1


def test_nothing_that_is_asked_waits_for_resolve(world: World, studio: Studio) -> None:
    gate = threading.Event()

    def slow() -> Desk:
        gate.wait(60)
        return FakeDesk(world)

    presenter = Presenter(slow, connected, studio.score)
    presenter.start()
    for ask in (presenter.reach, presenter.cancel, lambda: presenter.look(Which.WHOLE), lambda: presenter.place(0)):
        ask()
    assert presenter.view.phase is Phase.CONNECTING
    gate.set()
    until(presenter, ready)
    presenter.close()


def test_resolve_is_called_from_one_thread_alone(presenter: Presenter, world: World, studio: Studio) -> None:
    names: set[str] = set()
    world.hook = lambda _: names.add(threading.current_thread().name)
    until(presenter, ready)
    studio.go.set()
    presenter.score(Wishes(takes=3))
    until(presenter, lambda view: bool(view.takes))
    presenter.place(1)
    until(presenter, lambda view: view.takes[1].placed)
    assert names == {"sonique-panel"}


@pytest.mark.parametrize("failure", [NotPlaced("The track is locked."), DaemonUnreachable("The daemon is gone.")])
def test_what_fails_is_told_and_the_panel_goes_on(presenter: Presenter, studio: Studio, failure: Exception) -> None:
    until(presenter, ready)
    studio.failure = failure
    studio.go.set()
    presenter.score(Wishes())
    view = until(presenter, lambda view: view.message == str(failure))
    assert view.can_score
    studio.failure = None
    presenter.score(Wishes())
    assert until(presenter, lambda view: bool(view.takes)).can_score


def test_a_fault_of_ours_is_a_sentence_too(presenter: Presenter, studio: Studio) -> None:
    until(presenter, ready)
    studio.failure = KeyError("oops")
    studio.go.set()
    presenter.score(Wishes())
    assert "KeyError" in until(presenter, lambda view: "broke" in view.message).message


def test_when_resolve_ends_it_can_be_reached_anew(presenter: Presenter, world: World) -> None:
    until(presenter, ready)
    world.end()
    presenter.look(Which.WHOLE)
    view = until(presenter, lambda view: view.phase is Phase.LOST)
    assert view.message
    assert not view.can_score
    world.restart()
    presenter.reach()
    until(presenter, lambda view: view.phase is Phase.READY)


def test_a_refusal_says_what_to_change(studio: Studio) -> None:
    def refused() -> Desk:
        raise ResolveRefused("Set External scripting to Local.")

    presenter = Presenter(refused, connected, studio.score)
    presenter.start()
    assert until(presenter, lambda view: view.phase is Phase.LOST).message == "Set External scripting to Local."
    presenter.close()


def test_without_a_daemon_the_panel_opens_and_says_so_when_it_is_needed(world: World, studio: Studio) -> None:
    def none() -> Any:
        raise DaemonUnreachable("The daemon cannot be started.")

    presenter = Presenter(lambda: FakeDesk(world), none, studio.score)
    presenter.start()
    until(presenter, ready)
    presenter.score(Wishes())
    view = until(presenter, lambda view: "cannot be started" in view.message)
    assert view.phase is Phase.READY
    presenter.close()


def test_closing_cancels_what_is_made_and_lets_go_of_resolve(world: World, studio: Studio) -> None:
    desk = FakeDesk(world)
    presenter = Presenter(lambda: desk, connected, studio.score)
    presenter.start()
    until(presenter, ready)
    presenter.score(Wishes())
    assert studio.began.wait(60)
    presenter.close()
    assert desk.closed
    assert world.named_track("Sonique") is None


def test_events_become_a_stage_a_share_and_the_time_left() -> None:
    assert progress_of(E.JobEvent(stage_started=E.StageStarted(stage=E.STAGE_TAG))) == ("Choosing the music", None, "")
    assert progress_of(E.JobEvent(queued=E.Queued(position=2))) == ("Waiting, 2 before it", None, "")
    unknown = E.Progress(stage=E.STAGE_DESCRIBE, done=3)
    assert progress_of(E.JobEvent(progress=unknown)) == ("Looking at the picture", None, "")
    assert progress_of(E.JobEvent(done=E.Done())) is None


def test_of_several_takes_it_says_which_one_a_stage_is_about() -> None:
    begun = E.StageStarted(stage=E.STAGE_GENERATE, takes=1, take=1, job_takes=3)
    moved = E.JobEvent(progress=E.Progress(stage=E.STAGE_GENERATE, done=1, total=4))
    other = E.JobEvent(progress=E.Progress(stage=E.STAGE_DELIVER))
    assert progress_of(E.JobEvent(stage_started=begun)) == ("Making the music, take 2 of 3", None, "")
    assert progress_of(moved, begun) == ("Making the music, take 2 of 3", 0.25, "")
    assert progress_of(other, begun) == ("Finishing the sound", None, "")


def test_it_is_told_when_resolve_ends_while_a_take_is_placed(
    presenter: Presenter, studio: Studio, world: World
) -> None:
    until(presenter, ready)
    studio.go.set()
    presenter.score(Wishes(takes=3))
    until(presenter, lambda view: bool(view.takes))
    world.end()
    presenter.place(1)
    view = until(presenter, lambda view: view.phase is not Phase.READY and not view.stage)
    assert view.phase is Phase.LOST
