"""The session: from the open timeline back onto it, over a real connection to a daemon whose jobs are scripts."""

import wave
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sonique.v1 import jobs_pb2
from sonique.v1.events_pb2 import JobEvent
from sonique_client import scoring
from sonique_client.connection import Connection
from sonique_client.errors import ClientError, DaemonGone, JobCancelled, JobFailed, OutputUnwritable
from sonique_daemon.domain.request import Job
from sonique_daemon.domain.time import sample_count
from sonique_daemon.errors import NothingToSee
from sonique_daemon.jobs.runner import Hold, Step
from sonique_resolve.calls import Desk
from sonique_resolve.errors import NothingMarked, ResolveGone
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.fake.log import Seen
from sonique_resolve.session import Display, Wishes, music_folder, score

from tests.resolve.serving import Served, Watching, standing

Room = Callable[..., World]
Opens = Callable[[World], Desk]
STEMS = ("drums", "bass", "lead")


@pytest.mark.parametrize("rate", ["23.976", "25", "29.97 DF", "59.94"])
def test_the_marked_range_is_scored_and_the_music_lands_there(
    cutting_room: Room, served: Served, connection: Connection, tmp_path: Path, rate: str
) -> None:
    world = cutting_room(project_rate=rate)
    world.mark(31, 201)
    watching = Watching()
    placed = score(
        FakeDesk(world), connection, Wishes(prompt="calm", seed=5, folder=tmp_path / "out"), watching.display()
    )
    (job,) = served.jobs
    fps, start = world.timeline.clock.fps, world.timeline.start_frame
    assert job.timeline.range is not None
    assert (job.timeline.range.start, job.timeline.range.duration) == ((start + 31) / fps, 171 / fps)
    assert (job.delivery.pad_to_frames, job.delivery.record_start) == (fps, (start + 31) / fps)
    assert job.timeline.media_roots == ("/films",)
    assert (job.brief.prompt, job.seed, job.takes) == ("calm", 5, 1)
    assert standing(world) == {"Sonique": [(31, 171)]}
    assert placed.exact
    assert placed.items[0].file.parent == tmp_path / "out"
    assert watching.events[0] == "queued" or "warning" in watching.events
    assert watching.events[-1] == "done"
    assert "from the in to the out mark" in watching.chosen[0]
    assert world.timeline.markers[31].custom_data == f"sonique:{placed.placement.job}"


@pytest.mark.parametrize(("project", "timeline"), [("25", "24"), ("24", "29.97"), ("23.976", "24"), ("60", "25")])
def test_between_rates_the_file_is_longer_by_silence_and_the_place_is_exact(  # noqa: PLR0917 fixtures and cases
    cutting_room: Room, served: Served, connection: Connection, tmp_path: Path, project: str, timeline: str
) -> None:
    world = cutting_room(project_rate=project, timeline_rate=timeline)
    world.mark(10, 110)
    placed = score(FakeDesk(world), connection, Wishes(folder=tmp_path))
    assert served.jobs
    assert standing(world) == {"Sonique": [(10, 101)]}
    with wave.open(str(placed.items[0].file)) as file:
        exact = sample_count(101 / world.timeline.clock.fps)
        assert file.getnframes() > exact
        body = file.readframes(file.getnframes())
    assert set(body[4 * exact :]) == {0}
    assert set(body[: 4 * exact]) != {0}


def test_takes_and_stems_are_fetched_named_and_placed(
    cutting_room: Room, served: Served, connection: Connection, tmp_path: Path
) -> None:
    world = cutting_room()
    wishes = Wishes(which="1-6", takes=2, stems=True, folder=tmp_path / "out")
    placed = score(FakeDesk(world), connection, wishes)
    assert served.jobs[0].delivery.stems
    assert standing(world) == {f"Sonique {stem}": [(24, 120)] for stem in STEMS}
    job = placed.placement.job
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(
        f"Edit 01.00.01.00 take {take} [{job}]{stem}.wav"
        for take in (1, 2)
        for stem in ("", " drums", " bass", " lead")
    )


@pytest.mark.parametrize("letter", ["映", "𠀀", "\ud800", "%n\n'\""])
def test_a_timeline_of_any_name_has_files_that_disks_take_and_is_exact(
    cutting_room: Room, connection: Connection, tmp_path: Path, letter: str
) -> None:
    world = cutting_room(project_rate="25", timeline_rate="59.94 DF", version="19.1")
    world.timeline.name = letter * 80
    world.mark(31, 211)
    wishes = Wishes(folder=tmp_path, fade_in=12, fade_out=12, volume_db=-3.5, stems=True)
    placed = score(FakeDesk(world), connection, wishes)
    assert placed.exact
    assert {tuple(items) for items in standing(world).values() if items} == {((31, 181),)}


def test_a_volume_that_clips_cannot_have_is_asked_of_the_music_itself(
    cutting_room: Room, served: Served, connection: Connection, tmp_path: Path
) -> None:
    for version, loudness, levels in (("21.0.4", -26.0, {}), ("21.1", -20.0, {"AudioVolume": -6.0})):
        world = cutting_room(version=version)
        score(FakeDesk(world), connection, Wishes(volume_db=-6.0, folder=tmp_path))
        assert served.jobs[-1].delivery.loudness_lufs == loudness
        assert world.track("audio", 3).items[0].properties == levels


def test_without_a_range_nothing_is_asked_of_the_daemon(
    cutting_room: Room, served: Served, connection: Connection, tmp_path: Path
) -> None:
    with pytest.raises(NothingMarked, match="at least 2 seconds"):
        score(FakeDesk(cutting_room()), connection, Wishes(which="1-2", folder=tmp_path))
    assert not served.jobs


def test_a_folder_that_cannot_be_made_is_told_before_anything_runs(
    cutting_room: Room, served: Served, connection: Connection, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputUnwritable, match="choose another one"):
        score(FakeDesk(cutting_room()), connection, Wishes(folder=tmp_path / "file" / "out"))
    assert not served.jobs


def test_music_goes_to_the_users_folder_of_music(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.delenv("XDG_MUSIC_DIR", raising=False)
    assert music_folder() == tmp_path / "Music" / "Sonique"
    monkeypatch.setenv("XDG_MUSIC_DIR", str(tmp_path / "Musik"))
    assert music_folder() == tmp_path / "Musik" / "Sonique"


def untouched(world: World, run: Callable[[], Any], error: type[BaseException], match: str | None = None) -> None:
    """Runs what must fail, and sees that the timeline stays as it was."""
    before = (world.users_things(), len(world.timeline.items()), dict(world.timeline.markers))
    with pytest.raises(error, match=match):
        run()
    assert (world.users_things(), len(world.timeline.items()), dict(world.timeline.markers)) == before


def test_cancelling_ends_the_job_and_leaves_the_timeline_alone(
    cutting_room: Room, desk_of: Opens, served: Served, connection: Connection, tmp_path: Path
) -> None:
    world, watching = cutting_room(), Watching()
    desk = desk_of(world)

    def wait(_: Job) -> Iterable[Step]:
        watching.stop.set()
        yield Hold()

    served.before = wait
    wishes = Wishes(folder=tmp_path)
    untouched(world, lambda: score(desk, connection, wishes, watching.display()), JobCancelled)


def test_ctrl_c_cancels_the_job_too(cutting_room: Room, served: Served, connection: Connection, tmp_path: Path) -> None:
    world = cutting_room()
    served.before = lambda _: (Hold(),)

    def press(_: JobEvent) -> None:
        raise KeyboardInterrupt

    wishes = Wishes(folder=tmp_path)
    untouched(world, lambda: score(FakeDesk(world), connection, wishes, Display(show=press)), JobCancelled)
    (job,) = connection.jobs.List(jobs_pb2.ListRequest()).jobs
    assert scoring.ending(connection, job.id) == "cancelled"


def test_a_job_that_fails_says_why(cutting_room: Room, served: Served, connection: Connection, tmp_path: Path) -> None:
    world = cutting_room()
    served.before = lambda _: (NothingToSee("All is black."),)
    untouched(world, lambda: score(FakeDesk(world), connection, Wishes(folder=tmp_path)), JobFailed, "All is black")


def test_a_daemon_that_dies_is_told_and_the_timeline_stays(
    cutting_room: Room, desk_of: Opens, served: Served, connection: Connection, tmp_path: Path
) -> None:
    world = cutting_room()
    dead = replace(connection, runtime=replace(connection.runtime, pid=2**22 - 3))

    def die(_: Job) -> Iterable[Step]:
        served.ending.set()
        yield Hold()

    served.before = die
    desk = desk_of(world)
    untouched(world, lambda: score(desk, dead, Wishes(folder=tmp_path)), ClientError)


def test_a_daemon_that_is_gone_before_it_was_asked_is_told(
    cutting_room: Room, served: Served, connection: Connection, tmp_path: Path
) -> None:
    world = cutting_room()
    dead = replace(connection, runtime=replace(connection.runtime, pid=2**22 - 3))
    served.ending.set()
    served.ended.wait(60)
    untouched(world, lambda: score(FakeDesk(world), dead, Wishes(folder=tmp_path)), DaemonGone)


def test_where_resolve_dies_meanwhile_the_sentence_says_where_the_music_lies(
    cutting_room: Room, served: Served, connection: Connection, tmp_path: Path
) -> None:
    world = cutting_room()

    def close(_: Job) -> Iterable[Step]:
        world.end()
        return ()

    served.before = close
    with pytest.raises(ResolveGone, match=r"take 1 \[\w+\]\.wav"):
        score(FakeDesk(world), connection, Wishes(folder=tmp_path))
    assert len(list(tmp_path.glob("Edit*.wav"))) == 1


def test_a_dialog_while_placing_is_told_with_the_place_of_the_music(
    cutting_room: Room, served: Served, connection: Connection, tmp_path: Path
) -> None:
    world = cutting_room()

    def block(seen: Seen) -> None:
        if seen.method == "AppendToTimeline":
            world.open_dialog("raises")

    world.hook = block
    with pytest.raises(Exception, match=r"take 1 \[\w+\]\.wav"):
        score(FakeDesk(world), connection, Wishes(folder=tmp_path))
    assert served.jobs
