"""The whole chain with the engines that are always there, without the daemon."""

import json
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from sonique_client.otio import one_clip_timeline
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import Conformed, Described, Event, ShotDescribed, StageStarted, TakeReady
from sonique_daemon.domain.request import CutSource, DescribeJob, ScoreJob, Timeline
from sonique_daemon.engines.registry import embedded
from sonique_daemon.errors import PathRefused
from sonique_daemon.stages.assembly import assemble
from sonique_daemon.stages.cache import FolderLibrary, MemoryCache
from sonique_daemon.stages.chain import Chain
from sonique_daemon.workers.executor import ThreadExecutor
from sonique_daemon.workers.workbench import Workbench


def chain_in(folder: Path) -> Chain:
    registry, uploads = embedded(), folder / "uploads"
    uploads.mkdir(parents=True)
    executor, library = ThreadExecutor(Workbench(registry)), FolderLibrary(folder)
    return assemble(executor, registry, MemoryCache(), library, uploads, (), lambda job: repr(job).encode())


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    return chain_in(tmp_path / "store")


def never() -> None:
    return None


def timeline_of(film: Path) -> Timeline:
    return Timeline(one_clip_timeline(film), folder=str(film.parent))


def edit_of(film: Path, *spans: tuple[int, int]) -> Timeline:
    """Clips ``(first frame, frames)`` of ``film`` one after the other, with their sound."""
    timeline = otio.schema.Timeline("edit")
    for kind in ("Video", "Audio"):
        track = otio.schema.Track(kind[0], kind=kind)
        for first, count in spans:
            times = (otio.opentime.RationalTime(frames, 24) for frames in (first, count))
            reference = otio.schema.ExternalReference(str(film))
            track.append(otio.schema.Clip(f"clip {first}", reference, otio.opentime.TimeRange(*times)))
        timeline.tracks.append(track)
    return Timeline(otio.adapters.write_to_string(timeline, "otio_json"), folder=str(film.parent))


def described(events: list[Event]) -> Described:
    return next(event for event in events if isinstance(event, Described))


def test_a_finished_film_has_its_cuts_detected(chain: Chain, demo_clip: Path) -> None:
    events: list[Event] = []
    chain.run(DescribeJob(timeline_of(demo_clip)), events.append, never)
    assert len(described(events).description.shots) == 11


def test_cuts_can_be_taken_from_the_timeline_alone(chain: Chain, demo_clip: Path) -> None:
    events: list[Event] = []
    timeline = replace(timeline_of(demo_clip), cuts=CutSource.TIMELINE)
    chain.run(DescribeJob(timeline), events.append, never)
    assert len(described(events).description.shots) == 1


def test_trimming_one_clip_describes_one_shot_as_a_cold_look_would(
    chain: Chain, demo_clip: Path, tmp_path: Path
) -> None:
    spans = [(24 * at, 48) for at in (0, 3, 6, 2, 9)]
    chain.run(DescribeJob(edit_of(demo_clip, *spans)), lambda _: None, never)
    trimmed = DescribeJob(edit_of(demo_clip, *spans[:2], (24 * 6, 24), *spans[3:]))
    warm, cold = list[Event](), list[Event]()
    chain.run(trimmed, warm.append, never)
    chain_in(tmp_path / "other").run(trimmed, cold.append, never)
    shots = [event for event in warm if isinstance(event, ShotDescribed)]
    assert [shot.cached for shot in shots] == [True, True, False, True, True]
    assert described(warm) == described(cold)


def test_the_take_meets_more_cuts_than_chance_and_is_the_same_in_every_store(
    chain: Chain, demo_clip: Path, tmp_path: Path
) -> None:
    job = ScoreJob(timeline_of(demo_clip), Brief(hit_strength=1.0, bpm=100.0))
    takes = []
    for each in (chain, chain_in(tmp_path / "other")):
        events: list[Event] = []
        each.run(job, events.append, never)
        takes += [event.take for event in events if isinstance(event, TakeReady)]
    assert takes[0].measures.hit_share > takes[0].measures.chance_share + 0.2
    assert [file.sha256 for file in takes[0].files] == [file.sha256 for file in takes[1].files]
    assert takes[0].id != takes[1].id


def test_another_seed_runs_generation_alone(chain: Chain, demo_clip: Path) -> None:
    job = ScoreJob(edit_of(demo_clip, (0, 72)), Brief(bpm=100.0))
    chain.run(job, lambda _: None, never)
    events: list[Event] = []
    chain.run(replace(job, seed=1), events.append, never)
    cached = {event.stage.value: event.cached for event in events if isinstance(event, StageStarted)}
    known, run = ("describe", "tag"), ("conform", "fit", "generate", "deliver")
    assert cached == {**dict.fromkeys(known, True), **dict.fromkeys(run, False)}


def test_uploaded_media_is_found_by_its_digest(chain: Chain, demo_clip: Path, tmp_path: Path) -> None:
    digest = "0123456789abcdef" * 4
    shutil.copy(demo_clip, tmp_path / "store" / "uploads" / digest)
    document = json.loads(one_clip_timeline(demo_clip))
    clip = document["tracks"]["children"][0]["children"][0]
    clip["media_references"]["DEFAULT_MEDIA"]["target_url"] = f"sonique-upload:{digest}"
    events: list[Event] = []
    chain.run(DescribeJob(Timeline(json.dumps(document))), events.append, never)
    assert any(isinstance(event, Conformed) for event in events)
    assert described(events).description.duration > Fraction(10)


def test_media_outside_the_allowed_folders_is_refused(
    chain: Chain, demo_clip: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    timeline = Timeline(one_clip_timeline(demo_clip))
    with pytest.raises(PathRefused, match="--media-root"):
        chain.run(DescribeJob(timeline), lambda _: None, never)
