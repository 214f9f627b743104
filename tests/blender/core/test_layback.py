"""Laying music back: a strip at a tick, one job after the other, and nothing left where it cannot be."""

from sonique_blender.core.errors import NoChannel
from sonique_blender.core.job import Job, Phase
from sonique_blender.core.rehearsal import Rehearsal
from sonique_blender.core.targets import Desk
from sonique_blender.core.tick import Tick


def test_nothing_is_placed_while_blender_renders(rehearsal: Rehearsal) -> None:
    rehearsal.blender.busy = True
    job = rehearsal.job()
    rehearsal.run(lambda: job.phase is Phase.PLACING)
    for _ in range(5):
        rehearsal.book.pump()
    assert rehearsal.blender.placed == []
    rehearsal.blender.busy = False
    rehearsal.run()
    assert job.phase is Phase.PLACED


def test_music_is_placed_a_step_a_tick_and_one_job_after_the_other(rehearsal: Rehearsal) -> None:
    rehearsal.blender.steps = 5
    jobs = [rehearsal.job() for _ in range(3)]
    rehearsal.run(lambda: all(job.phase is Phase.PLACING for job in jobs) or bool(rehearsal.blender.placed))
    while rehearsal.book.live:
        whose = {placement.take.provenance.job for _, _, placement in rehearsal.blender.half}
        placed = len(rehearsal.blender.placed)
        rehearsal.run(lambda: len(rehearsal.blender.placed) > placed)  # noqa: B023 - called at once
        assert whose <= {rehearsal.blender.placed[-1][2].take.provenance.job}
    assert len({placement.take.provenance.job for _, _, placement in rehearsal.blender.placed}) == 3


def half_placed(rehearsal: Rehearsal) -> list[Job]:
    """Two jobs, of which the first is just being placed."""
    rehearsal.blender.steps = 5
    jobs = [rehearsal.job() for _ in range(2)]
    rehearsal.run(lambda: bool(rehearsal.blender.half))
    return jobs


def test_a_job_cancelled_while_it_is_placed_leaves_nothing_on_the_timeline(rehearsal: Rehearsal) -> None:
    jobs = half_placed(rehearsal)
    for job in jobs:
        rehearsal.book.cancel(job.id)
    rehearsal.run()
    assert [job.phase for job in jobs] == [Phase.CANCELLED] * 2
    assert (rehearsal.blender.half, rehearsal.blender.placed) == ([], [])


def test_a_job_cancelled_while_blender_renders_in_the_midst_is_taken_away_once_that_is_over(
    rehearsal: Rehearsal,
) -> None:
    first, second = half_placed(rehearsal)
    rehearsal.book.cancel(first.id)
    rehearsal.blender.busy = True
    for _ in range(5):
        rehearsal.book.pump(Tick(seconds=1.0))
    assert rehearsal.blender.half
    rehearsal.blender.busy = False
    rehearsal.run()
    assert (first.phase, second.phase) == (Phase.CANCELLED, Phase.PLACED)
    assert rehearsal.blender.half == []


def test_a_scene_deleted_while_music_is_placed_in_it_keeps_the_music(rehearsal: Rehearsal) -> None:
    jobs = half_placed(rehearsal)
    rehearsal.blender.open_desk = Desk(1, "", (("Other", 12),))
    rehearsal.run()
    assert [job.phase for job in jobs] == [Phase.KEPT] * 2
    assert (rehearsal.blender.half, rehearsal.blender.placed) == ([], [])


def test_the_end_of_blender_takes_half_placed_music_away(rehearsal: Rehearsal) -> None:
    half_placed(rehearsal)
    rehearsal.book.close()
    assert rehearsal.blender.half == []


def test_music_that_cannot_be_placed_is_kept(rehearsal: Rehearsal) -> None:
    rehearsal.blender.refuses = NoChannel("All channels are locked; unlock one.")
    job = rehearsal.job()
    rehearsal.run()
    assert job.phase is Phase.KEPT
    assert job.sentence.startswith("All channels are locked; unlock one. Nothing is lost")
