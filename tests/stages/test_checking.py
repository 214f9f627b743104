"""A sound file is measured against a picture, under the rules for media, in the job that describes it."""

import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sonique_daemon.domain.events import Described, Event, Measured, Stage
from sonique_daemon.domain.request import Cue, DescribeJob, Timeline
from sonique_daemon.errors import MediaNotFound, MediaUnreadable, PathRefused
from sonique_daemon.stages.chain import Chain
from sonique_daemon.stages.finished import Finished

from tests.stages.conftest import CountingExecutor

JOB = DescribeJob(Timeline("{}"))


def never() -> None:
    return None


@pytest.fixture
def music(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Five seconds with a click on the picture's one cut, at 2 s."""
    monkeypatch.setenv("HOME", str(tmp_path))
    audio = np.zeros(5 * 44_100)
    audio[2 * 44_100 : 2 * 44_100 + 900] = np.random.Generator(np.random.PCG64(1)).normal(size=900)
    path = tmp_path / "music.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes((np.clip(0.2 * audio, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def test_a_cue_is_measured_after_the_picture_is_described(chain: Chain, events: list[Event], music: Path) -> None:
    chain.run(replace(JOB, cue=Cue(str(music), 1.0)), events.append, never)
    kinds = [type(event) for event in events]
    assert kinds.index(Described) < kinds.index(Measured)
    measures = next(event.measures for event in events if isinstance(event, Measured))
    assert measures.hit_share == 1.0
    assert measures.heard is not None
    assert [float(hit.time) for hit in measures.heard.hits] == [2.0]


def test_without_a_cue_nothing_is_measured(chain: Chain, events: list[Event], executor: CountingExecutor) -> None:
    chain.run(JOB, events.append, never)
    assert "measure" not in executor.tasks


def test_a_file_that_is_not_there_or_no_sound_is_refused_by_name(
    chain: Chain, events: list[Event], music: Path
) -> None:
    with pytest.raises(MediaNotFound, match="gone"):
        chain.run(replace(JOB, cue=Cue(str(music.with_name("gone.wav")))), events.append, never)
    music.with_name("text.wav").write_text("no sound", encoding="utf-8")
    with pytest.raises(MediaUnreadable, match=r"text\.wav.*name a sound or film file"):
        chain.run(replace(JOB, cue=Cue(str(music.with_name("text.wav")))), events.append, never)


def test_a_cue_elsewhere_is_read_where_the_request_names_its_folder(
    chain: Chain, events: list[Event], music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(music.parent / "home"))
    job = replace(JOB, cue=Cue(str(music)))
    with pytest.raises(PathRefused, match=r"music\.wav.*--media-root"):
        chain.run(job, events.append, never)
    for allowed in (replace(job, media_roots=(str(music.parent),)), replace(job, timeline=in_reach(music))):
        events.clear()
        chain.run(allowed, events.append, never)
        assert isinstance(events[-1], Measured)


def in_reach(music: Path) -> Timeline:
    return replace(JOB.timeline, media_roots=(str(music.parent),))


def test_a_check_that_was_interrupted_goes_on_with_the_measure(
    chain: Chain, events: list[Event], music: Path, executor: CountingExecutor
) -> None:
    job = replace(JOB, cue=Cue(str(music)))
    chain.run(job, events.append, never)
    told = Finished.of(event for event in events if not isinstance(event, Measured))
    assert told.next_stage(job) is Stage.DESCRIBE
    executor.asked.clear()
    again: list[Event] = []
    chain.run(job, again.append, never, told)
    assert any(isinstance(event, Measured) for event in again)
    assert "describe" not in executor.tasks
    assert Finished.of(events).next_stage(job) is None
