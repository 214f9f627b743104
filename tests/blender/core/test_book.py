"""The book of jobs, from an order to a placed strip, over everything that can come between."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import pytest
from sonique_blender.core.errors import RenderFailed
from sonique_blender.core.gateway import Pending, Refused, Told, Unanswered
from sonique_blender.core.job import Leftover, Phase
from sonique_blender.core.orders import Order, Score, Wishes
from sonique_blender.core.rehearsal import Clock, Rehearsal
from sonique_blender.core.targets import Desk
from sonique_blender.core.tick import Tick


def test_a_job_ends_as_a_strip_with_its_file_and_where_it_comes_from(rehearsal: Rehearsal) -> None:
    job = rehearsal.job(Wishes(prompt="warm, no drums", seed=7))
    rehearsal.run()
    assert job.phase is Phase.PLACED
    ((scene, strip, placement),) = rehearsal.blender.placed
    assert (scene, strip, placement.span) == (11, "", job.target.span)
    assert placement.take.mix.parent == rehearsal.folder
    assert placement.take.mix.stat().st_size > 100_000
    assert (placement.take.provenance.seed, placement.take.provenance.job) == (7, job.id)
    assert Wishes.from_json(placement.take.provenance.brief) == job.wishes


def test_all_takes_and_stems_that_were_asked_for_come_along(rehearsal: Rehearsal) -> None:
    rehearsal.job(Wishes(takes=3, stems=True))
    rehearsal.run()
    ((_, _, placement),) = rehearsal.blender.placed
    assert [take.provenance.seed for take in (placement.take, *placement.others)] == [0, 1, 2]
    assert [name for name, _ in placement.take.stems] == ["drums", "bass"]
    assert len(list(rehearsal.folder.iterdir())) == 9


def test_the_list_shows_stage_share_and_time_left(rehearsal: Rehearsal) -> None:
    rehearsal.job()
    rehearsal.run(lambda: rehearsal.book.views[0].share is not None)
    view = rehearsal.book.views[0]
    assert (view.text, view.share, view.left, view.can_cancel) == ("Making the music", 0.5, "3 s", True)


def test_of_several_takes_the_list_says_which_one_is_made_while_it_moves_on(rehearsal: Rehearsal) -> None:
    rehearsal.job(Wishes(takes=2))
    rehearsal.run(lambda: rehearsal.book.views[0].share is not None)
    view = rehearsal.book.views[0]
    assert (view.text, view.share) == ("Making the music, take 1 of 2", 0.5)


def test_a_cancelled_job_is_cancelled_in_the_daemon_too(rehearsal: Rehearsal) -> None:
    job = rehearsal.job()
    rehearsal.run(lambda: job.phase is Phase.RUNNING)
    assert rehearsal.book.cancel(job.id)
    assert not rehearsal.book.cancel(job.id)
    rehearsal.run()
    assert job.phase is Phase.CANCELLED
    assert rehearsal.daemon.running == []
    assert rehearsal.blender.placed == []


def test_a_job_cancelled_while_the_daemon_may_or_may_not_have_heard_of_it_leaves_no_orphan(
    rehearsal: Rehearsal,
) -> None:
    job = rehearsal.job()
    rehearsal.run(lambda: rehearsal.book.link.gateway is not None)
    heard = rehearsal.daemon.submit

    def unanswered(job_id: str, order: Order, seconds: float = 0.0) -> None:
        del seconds
        heard(job_id, order, 1.0)
        raise Unanswered

    rehearsal.daemon.submit = unanswered  # type: ignore[method-assign]
    rehearsal.run(lambda: job.sent)
    rehearsal.daemon.submit = heard  # type: ignore[method-assign]
    rehearsal.book.cancel(job.id)
    rehearsal.run()
    assert job.phase is Phase.CANCELLED
    assert rehearsal.daemon.running == []


def test_ten_jobs_five_cancelled_and_the_file_reloaded_in_the_middle(rehearsal: Rehearsal) -> None:
    rehearsal.blender.open_desk = Desk(1, "/films/trip.blend", (("Scene", 11), ("Titles", 12)))
    jobs = [rehearsal.job() for _ in range(10)]
    rehearsal.run(lambda: any(job.phase is Phase.RUNNING for job in jobs))
    for job in jobs[::2]:
        rehearsal.book.cancel(job.id)
    rehearsal.book.pump()
    rehearsal.blender.open_desk = Desk(2, "/films/trip.blend", (("Titles", 31), ("Scene", 32)))
    rehearsal.book.opened(rehearsal.blender.open_desk)
    rehearsal.run()
    assert [job.phase for job in jobs] == [Phase.CANCELLED, Phase.PLACED] * 5
    assert [scene for scene, _, _ in rehearsal.blender.placed] == [32] * 5
    assert rehearsal.daemon.running == []
    assert not list(rehearsal.folder.glob("*.part"))


def test_music_for_a_file_that_is_not_open_waits_until_it_is_opened_again(rehearsal: Rehearsal) -> None:
    rehearsal.blender.open_desk = Desk(1, "/films/trip.blend", (("Scene", 11),))
    job = rehearsal.job()
    rehearsal.blender.open_desk = Desk(2, "/films/other.blend", (("Scene", 21),))
    rehearsal.book.opened(rehearsal.blender.open_desk)
    rehearsal.run(lambda: "to be opened" in job.text)
    assert rehearsal.blender.placed == []
    rehearsal.blender.open_desk = Desk(3, "/films/trip.blend", (("Scene", 31),))
    rehearsal.book.opened(rehearsal.blender.open_desk)
    rehearsal.run()
    assert [scene for scene, _, _ in rehearsal.blender.placed] == [31]


def test_music_for_a_file_that_was_never_saved_is_never_placed_in_another_one(rehearsal: Rehearsal) -> None:
    job = rehearsal.job()
    rehearsal.blender.open_desk = Desk(2, "", (("Scene", 21),))
    rehearsal.book.opened(rehearsal.blender.open_desk)
    rehearsal.run()
    assert job.phase is Phase.KEPT
    assert rehearsal.blender.placed == []
    assert str(rehearsal.folder) in job.sentence


def test_a_file_saved_under_another_name_is_still_the_same(rehearsal: Rehearsal) -> None:
    job = rehearsal.job()
    rehearsal.blender.open_desk = replace(rehearsal.blender.open_desk, file="/films/new.blend")
    rehearsal.book.saved(rehearsal.blender.open_desk)
    rehearsal.blender.open_desk = Desk(2, "/films/new.blend", (("Scene", 21),))
    rehearsal.book.opened(rehearsal.blender.open_desk)
    rehearsal.run()
    assert job.phase is Phase.PLACED
    assert job.target.scene_uid == 21


def test_a_renamed_scene_is_found(rehearsal: Rehearsal) -> None:
    rehearsal.job()
    rehearsal.blender.open_desk = Desk(1, "", (("Beach", 11), ("Scene", 12)))
    rehearsal.run()
    assert [scene for scene, _, _ in rehearsal.blender.placed] == [11]


def test_a_scene_deleted_while_its_job_runs_leaves_the_music_and_a_way_to_place_it(rehearsal: Rehearsal) -> None:
    job = rehearsal.job()
    rehearsal.blender.open_desk = Desk(1, "", (("Other", 12),))
    rehearsal.run()
    assert job.phase is Phase.KEPT
    assert "“Scene” is gone" in job.sentence
    assert rehearsal.book.place_at(job.id, rehearsal.blender.open_desk, "Other")
    rehearsal.run()
    assert [scene for scene, _, _ in rehearsal.blender.placed] == [12]


def test_a_daemon_that_dies_is_waited_for_and_its_job_goes_on(rehearsal: Rehearsal) -> None:
    job = rehearsal.job()
    rehearsal.run(lambda: job.phase is Phase.RUNNING)
    rehearsal.daemon.alive = rehearsal.doors.running = False
    for _ in range(5):
        rehearsal.book.pump()
        rehearsal.clock.now += 0.2
    assert job.text == "No daemon runs"
    assert rehearsal.doors.starts == 0
    rehearsal.book.link.start()
    rehearsal.run()
    assert job.phase is Phase.PLACED
    assert rehearsal.doors.starts == 1


def test_a_job_cancelled_while_the_daemon_is_gone_is_cancelled_once_it_is_back(rehearsal: Rehearsal) -> None:
    job = rehearsal.job()
    rehearsal.run(lambda: job.phase is Phase.RUNNING)
    rehearsal.daemon.alive = rehearsal.doors.running = False
    rehearsal.book.cancel(job.id)
    for _ in range(5):
        rehearsal.book.pump()
        rehearsal.clock.now += 0.2
    assert not job.ended
    rehearsal.book.link.start()
    rehearsal.run()
    assert job.phase is Phase.CANCELLED
    assert rehearsal.daemon.running == []


def test_a_refused_order_fails_with_the_daemons_own_sentence(rehearsal: Rehearsal) -> None:
    rehearsal.daemon.refusals.append(Refused("“polka” is no style; choose one of …", "INVALID_BRIEF"))
    job = rehearsal.job()
    rehearsal.run()
    assert (job.phase, job.sentence) == (Phase.FAILED, "“polka” is no style; choose one of …")


def test_a_full_queue_is_tried_again(rehearsal: Rehearsal) -> None:
    rehearsal.daemon.refusals.append(Refused("Too many jobs wait.", "QUEUE_FULL", 4.0))
    job = rehearsal.job()
    assert rehearsal.run() > 20
    assert job.phase is Phase.PLACED


def test_a_daemon_of_another_version_fails_the_job_with_what_to_do(rehearsal: Rehearsal) -> None:
    rehearsal.doors.refuses = "The running Sonique daemon is newer; update this client."
    job = rehearsal.job()
    rehearsal.run()
    assert (job.phase, job.sentence) == (Phase.FAILED, "The running Sonique daemon is newer; update this client.")


def test_a_damaged_take_fails_and_leaves_nothing_behind(rehearsal: Rehearsal) -> None:
    job = rehearsal.job()
    rehearsal.run(lambda: job.phase is Phase.FETCHING)
    (made,) = rehearsal.daemon.store.glob("*.wav")
    made.write_bytes(b"\1" * made.stat().st_size)
    rehearsal.run()
    assert job.phase is Phase.FAILED
    assert "damaged" in job.sentence
    assert list(rehearsal.folder.iterdir()) == []


def test_an_output_folder_that_vanished_fails_with_the_way_out(rehearsal: Rehearsal) -> None:
    job = rehearsal.job()
    rehearsal.run(lambda: job.phase is Phase.FETCHING)
    rehearsal.folder.rmdir()
    rehearsal.run()
    assert job.phase is Phase.FAILED
    assert "choose another output folder" in job.sentence


@dataclass
class Rendering:
    """A range that is rendered in three looks, or fails."""

    folder: Path = Path("/nowhere")
    looks: int = 0
    fails: bool = False
    stopped: bool = False
    gone: bool = False
    removed: bool = False

    @property
    def share(self) -> float:
        return self.looks / 3

    def look(self) -> Order | None:
        self.looks += 1
        if self.fails:
            raise RenderFailed("The range could not be rendered; see Blender's console.")
        return Score("{}", Fraction(24), 0, 48, (), Wishes()) if self.looks == 3 else None

    def stop(self) -> Leftover:
        self.stopped = True
        return self

    def remove(self) -> None:
        self.removed = True


def test_a_range_is_rendered_first_where_it_must_be(rehearsal: Rehearsal) -> None:
    job = rehearsal.job(preparation=Rendering())
    rehearsal.book.pump()
    assert (rehearsal.book.views[0].text, rehearsal.book.views[0].share) == ("Rendering the range", 1 / 3)
    rehearsal.run()
    assert job.phase is Phase.PLACED


def test_a_render_that_fails_fails_the_job(rehearsal: Rehearsal) -> None:
    job = rehearsal.job(preparation=Rendering(fails=True))
    rehearsal.run()
    assert (job.phase, job.sentence[:31]) == (Phase.FAILED, "The range could not be rendered")


def test_cancel_and_the_end_of_blender_stop_a_render(rehearsal: Rehearsal) -> None:
    first, second = Rendering(), Rendering()
    rehearsal.book.cancel(rehearsal.job(preparation=first).id)
    rehearsal.book.pump()
    rehearsal.job(preparation=second)
    rehearsal.book.close()
    assert first.stopped
    assert second.stopped
    assert first.removed
    assert second.removed


def test_the_folder_of_a_render_is_removed_by_another_once_its_process_has_ended(
    rehearsal: Rehearsal, tmp_path: Path
) -> None:
    folder = tmp_path / "range-1"
    folder.mkdir()
    rendering = Rendering(folder)
    rehearsal.job(preparation=rendering)
    rehearsal.run()
    assert rendering.stopped
    assert folder.is_dir()
    rendering.gone, rehearsal.doors.hired = True, False
    rehearsal.book.pump()
    assert folder.is_dir()
    rehearsal.doors.hired = True
    rehearsal.book.pump()
    assert not folder.exists()
    assert not rendering.removed


def test_a_fetch_that_is_cancelled_midway_leaves_nothing_of_its_own(rehearsal: Rehearsal) -> None:
    job = rehearsal.job(Wishes(stems=True))
    rehearsal.run(lambda: len(job.files) == 1)
    rehearsal.book.pump()  # asks for the next file
    assert len(list(rehearsal.folder.iterdir())) == 2
    rehearsal.book.cancel(job.id)
    rehearsal.run()
    assert list(rehearsal.folder.iterdir()) == list(job.files.values())
    assert str(rehearsal.folder) in job.sentence


def test_the_end_of_blender_takes_a_fetch_back(rehearsal: Rehearsal) -> None:
    job = rehearsal.job()
    rehearsal.run(lambda: bool(list(rehearsal.folder.iterdir())))
    assert job.phase is Phase.FETCHING
    rehearsal.book.close()
    assert list(rehearsal.folder.iterdir()) == []


def test_the_end_of_blender_cancels_what_runs(rehearsal: Rehearsal) -> None:
    jobs = [rehearsal.job() for _ in range(3)]
    rehearsal.run(lambda: all(job.phase is Phase.RUNNING for job in jobs))
    rehearsal.book.close()
    for job in jobs:
        rehearsal.daemon.poll(job.id, 0, 1.0)
    assert rehearsal.daemon.running == []


def test_ended_jobs_are_cleared_and_live_ones_stay(rehearsal: Rehearsal) -> None:
    rehearsal.job()
    rehearsal.run()
    live = rehearsal.job()
    rehearsal.book.clear_ended()
    assert [view.id for view in rehearsal.book.views] == [live.id]


@pytest.mark.parametrize("deaf", [1, 10, 30])
def test_missed_deadlines_cost_ticks_and_nothing_else(rehearsal: Rehearsal, deaf: int) -> None:
    job = rehearsal.job()
    rehearsal.run(lambda: job.phase is Phase.RUNNING)
    rehearsal.daemon.deaf = deaf
    rehearsal.run()
    assert job.phase is Phase.PLACED


def test_a_tick_begins_nothing_once_its_time_is_up_and_every_job_gets_its_turn(rehearsal: Rehearsal) -> None:
    jobs = [rehearsal.job() for _ in range(10)]
    rehearsal.run(lambda: all(job.phase is Phase.RUNNING for job in jobs))
    clock, asked = Clock(), []

    def slow(job_id: str, after_seq: int, seconds: float = 0.0) -> Told:
        del after_seq
        asked.append((job_id, seconds))
        clock.now += 0.001
        raise Pending

    rehearsal.daemon.poll = slow  # type: ignore[method-assign]
    for _ in range(5):
        rehearsal.book.pump(Tick(clock=clock))
        rehearsal.clock.now += 0.2
    assert len(asked) == 5 * 2
    assert {job_id for job_id, _ in asked} == {job.id for job in jobs}
    assert {seconds for _, seconds in asked} == {0.0}


def test_a_tick_makes_one_call_at_a_dead_daemon_however_many_jobs_there_are(rehearsal: Rehearsal) -> None:
    jobs = [rehearsal.job() for _ in range(10)]
    rehearsal.run(lambda: all(job.phase is Phase.RUNNING for job in jobs))
    calls: list[Callable[..., object]] = []
    poll = rehearsal.daemon.poll
    rehearsal.daemon.poll = lambda *given: (calls.append(poll), poll(*given))[1]  # type: ignore[method-assign,func-returns-value]
    rehearsal.daemon.alive = rehearsal.doors.running = False
    for _ in range(3):
        rehearsal.book.pump()
    assert len(calls) == 1


def test_what_blender_itself_raises_keeps_the_music_and_the_next_job_has_its_turn(rehearsal: Rehearsal) -> None:
    job = rehearsal.job()
    rehearsal.run(lambda: job.phase is Phase.PLACING)
    rehearsal.blender.meanwhile = _raising
    rehearsal.run()
    assert job.phase is Phase.KEPT
    assert job.sentence.startswith("Blender could not place it (the channel is not editable). Nothing is lost: ")
    rehearsal.blender.meanwhile = lambda: None
    after = rehearsal.job()
    rehearsal.run()
    assert after.phase is Phase.PLACED


def test_a_fault_of_our_own_ends_its_job_alone(rehearsal: Rehearsal, capsys: pytest.CaptureFixture[str]) -> None:
    job, other = rehearsal.job(preparation=_Faulty()), rehearsal.job()
    rehearsal.run()
    assert (job.phase, other.phase) == (Phase.FAILED, Phase.PLACED)
    assert "a fault of its own (KeyError: 'film')" in job.sentence
    assert "Traceback" in capsys.readouterr().err


def _raising() -> None:
    raise RuntimeError("the channel is not editable")


class _Faulty:
    """A preparation that meets a fault of its own."""

    share = None

    def look(self) -> Order | None:
        raise KeyError("film")

    def stop(self) -> Leftover:
        return _Gone()


class _Gone:
    folder, gone = Path("/nowhere/of/ours"), False

    def remove(self) -> None:
        pass


def test_the_list_keeps_the_latest_of_the_jobs_that_have_ended_and_all_that_can_still_be_placed(
    rehearsal: Rehearsal,
) -> None:
    kept = rehearsal.job()
    kept.end(Phase.KEPT)
    for _ in range(60):
        rehearsal.job().end(Phase.PLACED)
    live = rehearsal.job()
    shown = [view.id for view in rehearsal.book.views]
    assert shown == [live.id, *(f"job-{number}" for number in range(61, 11, -1)), kept.id]
