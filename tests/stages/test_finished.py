from fractions import Fraction
from pathlib import Path

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.events import Conformed, Described, Event, Fitted, Stage, StageStarted, Tagged, TakeReady
from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.request import DescribeJob, GenerateJob, Job, ScoreJob, TagJob, Timeline
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.domain.take import FileKind, Measures, Take, TakeFile
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.stages.finished import Finished

PICTURE = Picture(Fraction(25), Fraction(0), Fraction(4), ())
DESCRIPTION = Description(Fraction(4), "One shot.", ())
TAGS = Tags("ambient", (), Tempo(60.0, 55.0, 70.0), Key(0, "ionian"))
GRIDS = [TempoMap(Fraction(4), (0.0, 1.0, 2.0 + seed), (0,), 60.0, ()) for seed in range(3)]
TAKES = [
    Take(f"take-{seed}", seed, "tone", 4, (TakeFile("mix", FileKind.WAV, Path("a"), 1, "0"),), grid, Measures(-20, -1))
    for seed, grid in enumerate(GRIDS)
]
SCORE = ScoreJob(Timeline("{}"), Brief(), takes=2)
LOG: list[Event] = [
    StageStarted(Stage.CONFORM),
    Conformed(PICTURE),
    StageStarted(Stage.DESCRIBE),
    Described(DESCRIPTION),
    StageStarted(Stage.TAG),
    Tagged(TAGS),
    Fitted(GRIDS[0]),
    TakeReady(0, TAKES[0]),
    Fitted(GRIDS[1], 1),
    TakeReady(1, TAKES[1]),
]


def test_an_empty_log_holds_nothing() -> None:
    assert Finished.of([]) == Finished()


def test_the_results_of_a_log_are_gathered() -> None:
    found = Finished.of(LOG)
    assert (found.picture, found.description, found.tags) == (PICTURE, DESCRIPTION, TAGS)
    assert found.tempo_maps == {0: GRIDS[0], 1: GRIDS[1]}
    assert found.takes == {0: TAKES[0], 1: TAKES[1]}


def test_a_tempo_map_belongs_to_the_take_that_it_was_fitted_for() -> None:
    found = Finished.of(LOG[:-1])
    assert found.tempo_maps == {0: GRIDS[0], 1: GRIDS[1]}
    assert list(found.takes) == [0]


@pytest.mark.parametrize(
    ("length", "stage"),
    [
        (0, Stage.CONFORM),
        (1, Stage.CONFORM),
        (2, Stage.DESCRIBE),
        (4, Stage.TAG),
        (6, Stage.FIT),
        (7, Stage.GENERATE),
        (8, Stage.FIT),
        (9, Stage.GENERATE),
        (10, None),
    ],
)
def test_scoring_goes_on_from_the_first_stage_without_a_result(length: int, stage: Stage | None) -> None:
    assert Finished.of(LOG[:length]).next_stage(SCORE) is stage


@pytest.mark.parametrize(
    ("job", "first", "done"),
    [
        (DescribeJob(Timeline("{}")), Stage.CONFORM, LOG[:4]),
        (TagJob(Brief()), Stage.TAG, LOG[5:6]),
        (GenerateJob(TAGS, Fraction(4), takes=2), Stage.FIT, LOG[6:]),
    ],
)
def test_every_kind_of_job_begins_at_its_own_stage_and_ends(job: Job, first: Stage, done: list[Event]) -> None:
    assert Finished().next_stage(job) is first
    assert Finished.of(done).next_stage(job) is None
