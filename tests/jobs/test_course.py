from dataclasses import dataclass
from fractions import Fraction

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description, Look, ShotDescription
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
from sonique_daemon.domain.request import GenerateJob, Job, ScoreJob, TagJob, Timeline
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.domain.take import Measures, Take
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.jobs.course import Course
from sonique_daemon.jobs.estimate import Estimates
from sonique_daemon.jobs.store.values import MeasuredRun
from sonique_daemon.stages.finished import Finished

SHOT = ShotDescription(TimeRange(Fraction(0), Fraction(10)), "A shot.", Look())
PICTURE = Picture(Fraction(24), Fraction(0), Fraction(10), ())
DESCRIPTION = Description(Fraction(10), "A beach.", (SHOT,))
TAGS = Tags("calm", (), Tempo(90.0, 80.0, 100.0), Key(0, "major"))
GRID = TempoMap(Fraction(2), (0.0, 1.0, 2.0), (0,), 60.0, (Section(0, 1, 0.5),))
TAKE = Take("t", 1, "composer", 480_000, (), GRID, Measures(-20.0, -1.0))
SCORE = ScoreJob(Timeline("{}"), Brief(), describe_engine="eyes", tag_engine="ears", generate_engine="hands")

ENGINES = {Stage.DESCRIBE: "eyes", Stage.TAG: "ears", Stage.GENERATE: "hands"}
SECONDS = {
    Stage.CONFORM: 1.0,
    Stage.DESCRIBE: 20.0,
    Stage.TAG: 2.0,
    Stage.FIT: 3.0,
    Stage.GENERATE: 40.0,
    Stage.DELIVER: 4.0,
}
RUNS = [MeasuredRun(stage, ENGINES.get(stage, ""), "", 10.0, seconds) for stage, seconds in SECONDS.items()]


@dataclass
class Watch:
    """A clock that shows what it is set to."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def started(stage: Stage, cached: bool = False) -> StageStarted:
    return StageStarted(stage, ENGINES.get(stage, ""), cached)


def course_of(job: Job, watch: Watch, finished: Finished | None = None) -> Course:
    return Course(job, finished or Finished(), Estimates(RUNS), watch)


def test_every_stage_that_was_computed_is_measured_against_its_length() -> None:
    watch = Watch()
    estimates = Estimates()
    course = Course(SCORE, Finished(), estimates, watch)
    events: list[Event] = [
        *(started(Stage.CONFORM), Conformed(PICTURE), started(Stage.DESCRIBE), ShotDescribed(0, SHOT)),
        *(Described(DESCRIPTION), started(Stage.TAG), Tagged(TAGS), started(Stage.FIT), Fitted(GRID)),
        *(started(Stage.GENERATE), started(Stage.DELIVER), TakeReady(0, TAKE)),
    ]
    measured = []
    for event in events:
        measured.append(course.hear(event))
        watch.now += SECONDS[event.stage] if isinstance(event, StageStarted) else 0.5
    runs = [run for run in measured if run is not None]
    assert [run.stage for run in runs] == list(SECONDS)
    assert [run.engine for run in runs] == ["", "eyes", "ears", "", "hands", ""]
    assert {run.length for run in runs} == {10.0}
    assert [run.seconds for run in runs] == [1.0, 20.5, 2.0, 3.0, 40.0, 4.0]
    assert course.stage is Stage.DELIVER


@pytest.mark.parametrize(
    "events",
    [
        [started(Stage.DESCRIBE, cached=True), Described(DESCRIPTION)],
        [started(Stage.DESCRIBE), ShotDescribed(0, SHOT, cached=True), Described(DESCRIPTION)],
        [Described(DESCRIPTION)],
    ],
)
def test_what_came_from_the_cache_teaches_nothing(events: list[Event]) -> None:
    course = course_of(SCORE, Watch(), Finished(picture=PICTURE))
    assert [course.hear(event) for event in events] == [None] * len(events)


def test_before_it_runs_a_job_takes_as_long_as_all_its_stages() -> None:
    finished = Finished(picture=PICTURE)
    assert course_of(SCORE, Watch(), finished).seconds_left() == pytest.approx(69.0)
    generate = GenerateJob(TAGS, Fraction(20), takes=2, engine="hands")
    assert course_of(generate, Watch()).seconds_left() == pytest.approx(2 * 2 * 47.0)


def test_a_job_of_which_a_former_daemon_finished_a_part_takes_as_long_as_the_rest() -> None:
    finished = Finished(PICTURE, DESCRIPTION, TAGS, {0: GRID}, {})
    assert course_of(SCORE, Watch(), finished).seconds_left() == pytest.approx(44.0)


def test_nothing_is_foretold_while_the_length_is_unknown() -> None:
    course = course_of(SCORE, Watch())
    assert course.seconds_left() is None
    course.hear(started(Stage.CONFORM))
    assert course.seconds_left() is None
    course.hear(Conformed(PICTURE))
    assert course.seconds_left() == pytest.approx(69.0)


def test_the_time_left_runs_down_and_follows_what_the_stage_says() -> None:
    watch = Watch()
    course = course_of(SCORE, watch, Finished(picture=PICTURE))
    course.hear(started(Stage.DESCRIBE))
    assert course.stage is Stage.DESCRIBE
    watch.now += 5.0
    assert course.seconds_left() == pytest.approx(15.0 + 49.0)
    course.hear(Progress(Stage.DESCRIBE, 1.0, 2.0, "shots", 7.0))
    watch.now += 1.0
    assert course.seconds_left() == pytest.approx(6.0 + 49.0)
    watch.now += 100.0
    assert course.seconds_left() == pytest.approx(49.0)


def test_takes_that_are_made_at_once_share_the_time_of_their_batch() -> None:
    watch, estimates = Watch(), Estimates(RUNS)
    course = Course(GenerateJob(TAGS, Fraction(10), takes=4, engine="hands"), Finished(), estimates, watch)
    assert course.seconds_left() == pytest.approx(4 * 47.0)
    for take in range(4):
        course.hear(started(Stage.FIT))
        course.hear(Fitted(GRID, take))
    assert course.seconds_left() == pytest.approx(4 * 44.0)
    batch = StageStarted(Stage.GENERATE, "hands", takes=4)
    assert course.expect(batch) == pytest.approx(160.0)
    course.hear(batch)
    watch.now += 100.0
    assert course.seconds_left() == pytest.approx(60.0 + 16.0)
    measured = course.hear(started(Stage.DELIVER))
    assert measured is not None
    assert measured.seconds == pytest.approx(25.0)
    watch.now += 4.0
    course.hear(TakeReady(0, TAKE))
    assert course.seconds_left() == pytest.approx(12.0)


def test_a_stage_out_of_the_cache_takes_no_time() -> None:
    course = course_of(SCORE, Watch(), Finished(picture=PICTURE))
    course.hear(started(Stage.DESCRIBE, cached=True))
    assert course.seconds_left() == pytest.approx(49.0)


def test_the_length_of_a_range_that_is_given_is_known_from_the_start() -> None:
    ranged = ScoreJob(
        Timeline("{}", TimeRange(Fraction(3), Fraction(20))),
        Brief(),
        describe_engine="eyes",
        tag_engine="ears",
        generate_engine="hands",
    )
    assert course_of(ranged, Watch()).seconds_left() == pytest.approx(140.0)
    assert course_of(TagJob(Brief(), DESCRIPTION, "ears"), Watch()).seconds_left() == pytest.approx(2.0)
