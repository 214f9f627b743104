import base64
import subprocess
import sys
import wave
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

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
from sonique_daemon.domain.request import Delivery, DescribeJob, GenerateJob, ScoreJob, TagJob, Timeline
from sonique_daemon.errors import Cancelled, EngineNotFound, InvalidBrief, InvalidRange, LimitExceeded
from sonique_daemon.stages.cache import FolderLibrary
from sonique_daemon.stages.chain import Chain, require_length
from sonique_daemon.stages.finished import Finished

SCORE = ScoreJob(Timeline("{}"), Brief(bpm=90.0), seed=3)


def never() -> None:
    return None


def takes(events: list[Event]) -> list[TakeReady]:
    return [event for event in events if isinstance(event, TakeReady)]


def audio(library: FolderLibrary) -> list[Path]:
    return sorted((library.folder / "audio").glob("*"))


def test_scoring_tells_every_stage_in_order(chain: Chain, events: list[Event]) -> None:
    chain.run(SCORE, events.append, never)
    stages = [event.stage for event in events if isinstance(event, StageStarted)]
    assert stages == [Stage.CONFORM, Stage.DESCRIBE, Stage.TAG, Stage.FIT, Stage.GENERATE, Stage.DELIVER]
    kinds = [type(event) for event in events if not isinstance(event, StageStarted | Progress | ShotDescribed)]
    assert kinds == [Conformed, Described, Tagged, Fitted, TakeReady]


def test_a_stage_names_the_engine_that_really_runs(chain: Chain, events: list[Event]) -> None:
    chain.run(SCORE, events.append, never)
    engines = [event.engine for event in events if isinstance(event, StageStarted)]
    assert engines == ["", "noting", "literal", "", "tone", ""]


def test_a_take_is_exactly_as_long_as_the_range(chain: Chain, events: list[Event]) -> None:
    chain.run(SCORE, events.append, never)
    (ready,) = takes(events)
    with wave.open(str(ready.take.files[0].path)) as file:
        assert file.getnframes() == ready.take.samples == 5 * 48_000


def test_several_takes_come_from_successive_seeds(chain: Chain, events: list[Event]) -> None:
    chain.run(replace(SCORE, takes=3), events.append, never)
    ready = takes(events)
    assert [(event.index, event.take.seed) for event in ready] == [(0, 3), (1, 4), (2, 5)]
    assert len({event.take.id for event in ready}) == 3


def test_a_file_carries_the_recipe_of_its_own_take(chain: Chain, events: list[Event]) -> None:
    chain.run(replace(SCORE, takes=2), events.append, never)
    assert base64.b64encode(b"seed 4") in takes(events)[1].take.files[0].path.read_bytes()


def test_stems_are_files_only_where_they_are_wanted(chain: Chain, events: list[Event]) -> None:
    chain.run(SCORE, events.append, never)
    chain.run(replace(SCORE, delivery=Delivery(stems=True)), events.append, never)
    plain, layered = (event.take for event in takes(events))
    assert [file.name for file in plain.files] == ["mix"]
    assert [file.name for file in layered.files] == ["mix", "tone"]


def test_finished_audio_stands_in_the_library_by_its_digest(
    chain: Chain, events: list[Event], library: FolderLibrary
) -> None:
    chain.run(replace(SCORE, delivery=Delivery(stems=True)), events.append, never)
    (ready,) = takes(events)
    assert audio(library) == sorted(file.path for file in ready.take.files)
    assert all(file.path.name == f"{file.sha256}.wav" for file in ready.take.files)
    assert not list(library.scratch.iterdir())


def test_describing_alone_makes_no_audio(chain: Chain, events: list[Event], library: FolderLibrary) -> None:
    chain.run(DescribeJob(Timeline("{}")), events.append, never)
    assert isinstance(events[-1], Described)
    assert not audio(library)


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


@pytest.mark.parametrize("stage", [Stage.FIT, Stage.GENERATE, Stage.DELIVER])
def test_a_cancelled_job_leaves_nothing_in_the_store(
    chain: Chain, events: list[Event], library: FolderLibrary, stage: Stage
) -> None:
    def check() -> None:
        if any(isinstance(event, StageStarted) and event.stage is stage for event in events):
            raise Cancelled

    with pytest.raises(Cancelled):
        chain.run(SCORE, events.append, check)
    assert not takes(events)
    assert not audio(library)
    assert not list(library.scratch.iterdir())


def test_an_engine_that_is_not_there_is_named_before_any_work(chain: Chain, events: list[Event], executor: Any) -> None:
    with pytest.raises(EngineNotFound, match="No engine “nothing” can generate; there is tone"):
        chain.run(replace(SCORE, generate_engine="nothing"), events.append, never)
    assert (events, executor.asked) == ([], [])


def test_a_brief_that_makes_no_sense_is_told_before_any_work(chain: Chain, events: list[Event], executor: Any) -> None:
    with pytest.raises(InvalidBrief, match="glorpcore"):
        chain.run(replace(SCORE, brief=Brief(genres=("glorpcore",))), events.append, never)
    assert (events, executor.asked) == ([], [])


def test_the_broadcast_time_reference_is_the_record_start(chain: Chain, events: list[Event]) -> None:
    chain.run(SCORE, events.append, never)
    data = takes(events)[0].take.files[0].path.read_bytes()
    start = data.index(b"bext") + 8 + 338
    assert int.from_bytes(data[start : start + 8], "little") == 3600 * 48_000


@pytest.mark.parametrize("seconds", [Fraction(0), Fraction(199, 100), Fraction(1801), Fraction(36_000)])
def test_a_cue_is_between_two_seconds_and_thirty_minutes_long(seconds: Fraction) -> None:
    with pytest.raises(InvalidRange if seconds < 2 else LimitExceeded):
        require_length(seconds)


def told(events: Sequence[Event]) -> list[Event]:
    """What a job's log keeps, as far as it does not differ from run to run."""
    return [replace(e, take=replace(e.take, id="")) if isinstance(e, TakeReady) else e for e in events]


@pytest.mark.parametrize("remembering", [True, False])
@pytest.mark.parametrize("job", [SCORE, replace(SCORE, takes=2), DescribeJob(Timeline("{}")), TagJob(Brief(bpm=80.0))])
def test_a_job_that_was_interrupted_anywhere_tells_each_result_once(
    job: Any, chain: Chain, cache: Any, remembering: bool
) -> None:
    whole: list[Event] = []
    chain.run(job, whole.append, never)
    results = (Conformed, Described, Tagged, Fitted, TakeReady)
    for length in range(len(whole) + 1):
        if not remembering:
            cache.results.clear()
        resumed: list[Event] = []
        before = whole[:length]
        chain.run(job, resumed.append, never, Finished.of(before))
        kept = [event for event in (*before, *resumed) if isinstance(event, results)]
        assert told(kept) == told([event for event in whole if isinstance(event, results)])


def test_what_is_finished_starts_no_stage_again(chain: Chain, events: list[Event], executor: Any) -> None:
    chain.run(SCORE, events.append, never)
    begun = [event for event in events if isinstance(event, StageStarted)]
    for number, event in enumerate(begun):
        executor.asked.clear()
        again: list[Event] = []
        chain.run(SCORE, again.append, never, Finished.of(events[: events.index(event)]))
        stages = [event.stage for event in again if isinstance(event, StageStarted)]
        expected = [event.stage for event in begun[number:]]
        # The rendering of a take that was not delivered is gone, so generation begins anew.
        assert stages == ([Stage.GENERATE, Stage.DELIVER] if event.stage is Stage.DELIVER else expected)


def test_a_finished_job_does_nothing(chain: Chain, events: list[Event], executor: Any) -> None:
    chain.run(SCORE, events.append, never)
    executor.asked.clear()
    again: list[Event] = []
    chain.run(SCORE, again.append, never, Finished.of(events))
    assert (again, executor.asked) == ([], [])


def test_a_resumed_job_reads_its_timeline_again_without_a_word(
    chain: Chain, events: list[Event], executor: Any, describer: Any
) -> None:
    chain.run(DescribeJob(Timeline("{}")), events.append, never)
    describer.looked_at.clear()
    executor.asked.clear()
    again: list[Event] = []
    before = events[: next(i for i, event in enumerate(events) if isinstance(event, Conformed)) + 1]
    chain.run(DescribeJob(Timeline("{}")), again.append, never, Finished.of(before))
    assert executor.tasks == ["conform"]
    assert [type(event) for event in again] == [StageStarted, Described]
    assert not describer.looked_at


def test_a_resumed_job_goes_on_with_the_picture_that_it_told(
    chain: Chain, events: list[Event], executor: Any, cache: Any, read: Any
) -> None:
    chain.run(DescribeJob(Timeline("{}")), events.append, never)
    cache.results.clear()
    executor.reading = read(("other", 0, 9))
    again: list[Event] = []
    before = [event for event in events if isinstance(event, Conformed)]
    chain.run(DescribeJob(Timeline("{}")), again.append, never, Finished.of(before))
    assert again[-1] == events[-1]
    assert not cache.results


def test_the_daemons_process_loads_nothing_heavy_for_the_chain() -> None:
    heavy = "{'numpy', 'scipy', 'av', 'opentimelineio', 'pedalboard', 'mido'}"
    code = f"import sys, sonique_daemon.stages.assembly; print(sorted({heavy} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_range_before_zero_is_on_the_clock_of_the_day_before(
    chain: Chain, events: list[Event], executor: Any, read: Any
) -> None:
    executor.reading = read(("a", 10, 5), record_start=-10)
    recipes: list[GenerateJob] = []

    def recipe(job: GenerateJob) -> bytes:
        recipes.append(job)
        return b"recipe"

    chain = replace(chain, cues=replace(chain.cues, recipe=recipe))
    chain.run(SCORE, events.append, never)
    assert {job.delivery.record_start for job in recipes} == {Fraction(24 * 3600 - 10)}
