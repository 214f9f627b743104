"""The whole chain as a daemon runs it, without the daemon."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sonique_client.otio import one_clip_timeline
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import Conformed, Described, Event, Stage, StageStarted, TakeReady
from sonique_daemon.domain.request import CutSource, DescribeJob, ScoreJob, Timeline
from sonique_daemon.errors import InvalidBrief, PathRefused
from sonique_daemon.stages.assembly import Assembly, assemble


@pytest.fixture
def assembly(tmp_path: Path) -> Assembly:
    return assemble(tmp_path / "store", (), lambda _: b"recipe")


def never() -> None:
    return None


def timeline_of(film: Path) -> Timeline:
    return Timeline(one_clip_timeline(film), folder=str(film.parent))


def test_a_finished_film_has_its_cuts_detected(assembly: Assembly, demo_clip: Path) -> None:
    events: list[Event] = []
    assembly.chain.run(DescribeJob(timeline_of(demo_clip)), events.append, never)
    (description,) = [event.description for event in events if isinstance(event, Described)]
    assert len(description.shots) == 11


def test_cuts_can_be_taken_from_the_timeline_alone(assembly: Assembly, demo_clip: Path) -> None:
    events: list[Event] = []
    timeline = replace(timeline_of(demo_clip), cuts=CutSource.TIMELINE)
    assembly.chain.run(DescribeJob(timeline), events.append, never)
    (description,) = [event.description for event in events if isinstance(event, Described)]
    assert len(description.shots) == 1


def test_the_take_meets_more_cuts_than_chance(assembly: Assembly, demo_clip: Path) -> None:
    events: list[Event] = []
    job = ScoreJob(timeline_of(demo_clip), Brief(hit_strength=1.0, bpm=100.0))
    assembly.chain.run(job, events.append, never)
    (take,) = [event.take for event in events if isinstance(event, TakeReady)]
    assert take.measures.hit_share > take.measures.chance_share + 0.2


def test_uploaded_media_is_found_by_its_digest(assembly: Assembly, demo_clip: Path, tmp_path: Path) -> None:
    digest = "0123456789abcdef" * 4
    shutil.copy(demo_clip, tmp_path / "store" / "uploads" / digest)
    document = json.loads(one_clip_timeline(demo_clip))
    clip = document["tracks"]["children"][0]["children"][0]
    clip["media_references"]["DEFAULT_MEDIA"]["target_url"] = f"sonique-upload:{digest}"
    events: list[Event] = []
    assembly.chain.run(DescribeJob(Timeline(json.dumps(document))), events.append, never)
    assert any(isinstance(event, Conformed) for event in events)


def test_media_outside_the_allowed_folders_is_refused(
    assembly: Assembly, demo_clip: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    timeline = Timeline(one_clip_timeline(demo_clip))
    with pytest.raises(PathRefused, match="--media-root"):
        assembly.chain.run(DescribeJob(timeline), lambda _: None, never)


def test_a_brief_that_makes_no_sense_is_told_before_any_work(assembly: Assembly, demo_clip: Path) -> None:
    events: list[Event] = []
    with pytest.raises(InvalidBrief, match="glorpcore"):
        assembly.chain.run(ScoreJob(timeline_of(demo_clip), Brief(genres=("glorpcore",))), events.append, never)
    assert not any(isinstance(event, StageStarted) and event.stage is Stage.DESCRIBE for event in events)


def test_warming_loads_every_engine(assembly: Assembly) -> None:
    assembly.warm()
    assert all(assembly.registry.loaded(d.stage, d.name) for d in assembly.registry.descriptors())
