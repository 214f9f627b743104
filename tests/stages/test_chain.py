import base64
import wave
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import (
    Conformed,
    Described,
    Event,
    Fitted,
    Progress,
    ShotDescribed,
    Stage,
    StageStarted,
    Tagged,
    TakeReady,
)
from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.request import Delivery, DescribeJob, GenerateJob, ScoreJob, TagJob, Timeline
from sonique_daemon.errors import Cancelled, EngineNotFound, InvalidRange, LimitExceeded
from sonique_daemon.stages.chain import Chain, require_length

SCORE = ScoreJob(Timeline("{}"), Brief(bpm=90.0), seed=3)


def never() -> None:
    return None


def test_scoring_tells_every_stage_in_order(chain: Chain, events: list[Event]) -> None:
    chain.run(SCORE, events.append, never)
    stages = [event.stage for event in events if isinstance(event, StageStarted)]
    assert stages == [Stage.CONFORM, Stage.DESCRIBE, Stage.TAG, Stage.FIT, Stage.GENERATE, Stage.DELIVER]
    kinds = [type(event) for event in events if not isinstance(event, StageStarted | Progress | ShotDescribed)]
    assert kinds == [Conformed, Described, Tagged, Fitted, TakeReady]


def test_a_take_is_exactly_as_long_as_the_range(chain: Chain, events: list[Event]) -> None:
    chain.run(SCORE, events.append, never)
    (take,) = [event.take for event in events if isinstance(event, TakeReady)]
    with wave.open(str(take.files[0].path)) as file:
        assert file.getnframes() == take.samples == 5 * 48_000


def test_several_takes_come_from_successive_seeds(chain: Chain, events: list[Event]) -> None:
    chain.run(replace(SCORE, takes=3), events.append, never)
    takes = [event for event in events if isinstance(event, TakeReady)]
    assert [(event.index, event.take.seed) for event in takes] == [(0, 3), (1, 4), (2, 5)]
    assert len({event.take.id for event in takes}) == 3


def test_a_file_carries_the_recipe_of_its_own_take(chain: Chain, events: list[Event]) -> None:
    chain.run(replace(SCORE, takes=2), events.append, never)
    second = [event.take for event in events if isinstance(event, TakeReady)][1]
    assert base64.b64encode(b"seed 4") in second.files[0].path.read_bytes()


def test_stems_are_files_only_where_they_are_wanted(chain: Chain, events: list[Event]) -> None:
    chain.run(SCORE, events.append, never)
    chain.run(replace(SCORE, delivery=Delivery(stems=True)), events.append, never)
    plain, layered = [event.take for event in events if isinstance(event, TakeReady)]
    assert [file.name for file in plain.files] == ["mix"]
    assert [file.name for file in layered.files] == ["mix", "tone"]


def test_describing_alone_makes_no_audio(chain: Chain, events: list[Event], tmp_path: Path) -> None:
    chain.run(DescribeJob(Timeline("{}")), events.append, never)
    assert isinstance(events[-1], Described)
    assert not list((tmp_path / "takes").iterdir())


def test_tags_can_be_made_without_a_picture(chain: Chain, events: list[Event]) -> None:
    chain.run(TagJob(Brief(bpm=77.0)), events.append, never)
    assert isinstance(events[-1], Tagged)
    assert events[-1].tags.tempo.bpm == 77.0


def test_music_can_be_made_from_tags_and_a_length_alone(chain: Chain, events: list[Event]) -> None:
    chain.run(TagJob(Brief()), events.append, never)
    tagged = events[-1]
    assert isinstance(tagged, Tagged)
    chain.run(GenerateJob(tagged.tags, Fraction(7, 2)), events.append, never)
    assert isinstance(events[-1], TakeReady)
    assert events[-1].take.samples == 168_000


def test_a_cancelled_job_leaves_nothing_in_the_store(chain: Chain, events: list[Event], tmp_path: Path) -> None:
    def check() -> None:
        if any(isinstance(event, StageStarted) and event.stage is Stage.DELIVER for event in events):
            raise Cancelled

    with pytest.raises(Cancelled):
        chain.run(SCORE, events.append, check)
    assert not list((tmp_path / "takes").iterdir())
    assert not list((tmp_path / "scratch").iterdir())


def test_an_engine_that_is_not_there_is_named_with_those_that_are(chain: Chain, events: list[Event]) -> None:
    with pytest.raises(EngineNotFound, match="No engine “nothing” can generate; there is tone"):
        chain.run(replace(SCORE, generate_engine="nothing"), events.append, never)


def test_the_broadcast_time_reference_is_the_record_start(chain: Chain, events: list[Event], picture: Picture) -> None:
    chain.run(SCORE, events.append, never)
    (take,) = [event.take for event in events if isinstance(event, TakeReady)]
    data = take.files[0].path.read_bytes()
    start = data.index(b"bext") + 8 + 338
    assert int.from_bytes(data[start : start + 8], "little") == picture.start * 48_000


@pytest.mark.parametrize("seconds", [Fraction(0), Fraction(199, 100), Fraction(1801), Fraction(36_000)])
def test_a_cue_is_between_two_seconds_and_thirty_minutes_long(seconds: Fraction) -> None:
    with pytest.raises(InvalidRange if seconds < 2 else LimitExceeded):
        require_length(seconds)
