from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from sonique.v1 import description_pb2, events_pb2, jobs_pb2, tempo_pb2, ticket_pb2, time_pb2
from sonique_daemon.domain import events
from sonique_daemon.domain.description import Description, Look, ShotDescription
from sonique_daemon.domain.picture import Picture, Shot
from sonique_daemon.domain.request import Priority
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.domain.take import FileKind, Measures, Take, TakeFile
from sonique_daemon.domain.tempo import Hit, HitKind, MetHit, Section, TempoMap
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.jobs.job import JobInfo, JobKind, JobState
from sonique_daemon.jobs.log import Entry
from sonique_daemon.server.wire.events import write_event, write_job

SECOND = TimeRange(Fraction(0), Fraction(1))
SHOT = ShotDescription(SECOND, "A street.", Look(light=0.5))
MAP = TempoMap(
    Fraction(2),
    (-0.5, 0.5, 1.5, 2.5),
    (0, 2),
    60.0,
    (Section(0, 2, 0.5, hit=0),),
    (
        MetHit(Hit(Fraction(1, 24), HitKind.TURN, 0.8, "boom"), 1.5, -0.01),
        MetHit(Hit(Fraction(1), HitKind.HARD, 1), None),
    ),
)
FILE = TakeFile("mix", FileKind.WAV, Path("/secret/place.wav"), 10, "ab" * 32)
TAKE = Take("t", 2**63 - 1, "composer", 96_000, (FILE,), MAP, Measures(-20.0, -1.0))
JOB = JobInfo("a", JobKind.SCORE, JobState.RUNNING, "", Priority.LOW, 1_700_000_000 * 10**9, last_seq=4)
PICTURE = Picture(Fraction(24000, 1001), Fraction(3600), Fraction(2), (Shot(SECOND, "a", None),), name="Edit")

PLANNED = events.Planned(
    place="card",
    total_bytes=8,
    kept_bytes=1,
    peak_bytes=5,
    engines=(events.PlannedEngine(events.Stage.TAG, "llm:a@nf4", 5, resident=True, weights_present=False),),
    sentences=("It stays.",),
    fits=True,
)

EVENTS: list[tuple[events.Event, str]] = [
    (events.Queued(2, "Later."), "queued"),
    (events.Resumed(events.Stage.TAG), "resumed"),
    (events.StageStarted(events.Stage.FIT), "stage_started"),
    (events.Progress(events.Stage.DELIVER, 1, 0, "s"), "progress"),
    (events.Conformed(PICTURE), "conformed"),
    (events.ShotDescribed(3, SHOT), "shot_described"),
    (events.Wording(events.Stage.DESCRIBE, 3, "A boat"), "wording"),
    (events.Described(Description(Fraction(1), "x", (SHOT,))), "description"),
    (events.Tagged(Tags("jazz", (), Tempo(90, 80, 100), Key(0, "ionian"), notes=("Why.",))), "tags"),
    (events.Fitted(MAP), "tempo_map"),
    (events.TakeReady(1, TAKE), "take_ready"),
    (PLANNED, "planned"),
    (events.Measured(Measures(-20.0, -1.0)), "measures"),
    (events.Warned("Hm."), "warning"),
    (events.Done(), "done"),
    (events.Failed("A_CODE", "NOT_FOUND", "Gone."), "failed"),
    (events.JobCancelled(), "cancelled"),
]


@pytest.mark.parametrize(("event", "field"), EVENTS, ids=[field for _, field in EVENTS])
def test_every_event_has_its_field(event: events.Event, field: str) -> None:
    message = write_event("j", Entry(7, 1_700_000_000_123_456_789, event))
    assert message.WhichOneof("event") == field
    assert (message.job_id, message.seq) == ("j", 7)
    assert message.time.ToNanoseconds() == 1_700_000_000_123_456_789


def test_every_field_of_the_contract_has_an_event() -> None:
    fields = {field.name for field in events_pb2.JobEvent.DESCRIPTOR.oneofs_by_name["event"].fields}
    assert fields == {field for _, field in EVENTS}


def test_a_conformed_picture_tells_its_timecode_and_rate() -> None:
    told = write_event("j", Entry(1, 1, events.Conformed(PICTURE))).conformed
    assert told.start_timecode == "00:59:56:09"
    assert told.rate == time_pb2.FrameRate(numerator=24000, denominator=1001)
    assert (told.name, told.shots) == ("Edit", 1)


def test_a_tempo_map_tells_which_hits_it_meets() -> None:
    told = write_event("j", Entry(1, 1, events.Fitted(MAP))).tempo_map
    met, missed = told.hits
    assert (met.kind, met.beat, met.error_seconds, met.label) == (tempo_pb2.HIT_KIND_TURN, 1.5, -0.01, "boom")
    assert not missed.HasField("beat")
    assert met.time == time_pb2.RationalTime(value=1, rate_numerator=24, rate_denominator=1)
    assert list(told.beat_seconds) == [-0.5, 0.5, 1.5, 2.5]


def test_a_stage_tells_its_take_where_it_is_about_one() -> None:
    first, whole = (
        write_event("j", Entry(1, 1, events.StageStarted(events.Stage.FIT, take=take, job_takes=3))).stage_started
        for take in (0, None)
    )
    assert (first.HasField("take"), first.take, first.job_takes) == (True, 0, 3)
    assert not whole.HasField("take")


def test_a_take_does_not_tell_where_its_files_stand() -> None:
    told = write_event("j", Entry(1, 1, events.TakeReady(0, TAKE)))
    assert b"secret" not in told.SerializeToString()
    assert told.take_ready.take.seed == 2**63 - 1


def test_file_names_that_are_no_utf8_can_be_told() -> None:
    broken = Picture(Fraction(24), Fraction(0), Fraction(1), (), name=b"a\xff.mov".decode("utf-8", "surrogateescape"))
    assert write_event("j", Entry(1, 1, events.Conformed(broken))).conformed.name == "a?.mov"


def test_an_unset_measure_stays_unset() -> None:
    told = write_event("j", Entry(1, 1, events.Described(Description(Fraction(1), "x", ())))).description
    assert not told.HasField("loudness_lufs")
    assert isinstance(told, description_pb2.Description)
    progress = write_event("j", Entry(1, 1, events.Progress(events.Stage.TAG, 1, 2, "s"))).progress
    assert not progress.HasField("seconds_left")


def test_a_job_tells_why_it_failed_and_only_then() -> None:
    failure = events.Failed("A_CODE", "NOT_FOUND", "Gone.")
    job = write_job(replace(JOB, state=JobState.FAILED, failure=failure))
    assert (job.kind, job.state, job.last_seq) == (jobs_pb2.JOB_KIND_SCORE, jobs_pb2.JOB_STATE_FAILED, 4)
    assert job.failure.code == "A_CODE"
    assert job.created.seconds == 1_700_000_000
    done = write_job(replace(JOB, state=JobState.DONE))
    assert not done.HasField("failure")


def test_a_job_tells_who_asked_and_how_far_it_is() -> None:
    job = write_job(
        replace(
            JOB, started_ns=3 * 10**9, stage=events.Stage.GENERATE, seconds_left=4.5, client="blender-1", title="Edit"
        )
    )
    assert (job.client, job.priority, job.title) == ("blender-1", ticket_pb2.PRIORITY_LOW, "Edit")
    assert (job.stage, job.seconds_left, job.started.seconds) == (events_pb2.STAGE_GENERATE, 4.5, 3)
    assert not job.HasField("ended")


def test_a_job_that_waits_tells_its_place_and_has_not_started() -> None:
    job = write_job(replace(JOB, state=JobState.QUEUED, position=3))
    assert (job.state, job.position) == (jobs_pb2.JOB_STATE_QUEUED, 3)
    assert not any(job.HasField(name) for name in ("started", "ended", "seconds_left"))


@pytest.mark.parametrize("state", JobState)
def test_every_state_has_its_number(state: JobState) -> None:
    assert write_job(replace(JOB, state=state)).state != jobs_pb2.JOB_STATE_UNSPECIFIED


def test_a_shot_tells_whether_it_was_known() -> None:
    entry = Entry(1, 1, events.ShotDescribed(0, SHOT, cached=True))
    assert write_event("j", entry).shot_described.cached


def test_words_about_the_whole_name_no_shot() -> None:
    about_shot = write_event("j", Entry(1, 1, events.Wording(events.Stage.DESCRIBE, 0, "A boat")))
    about_all = write_event("j", Entry(2, 1, events.Wording(events.Stage.TAG, None, "{")))
    assert about_shot.wording.HasField("shot")
    assert not about_all.wording.HasField("shot")


def test_a_plan_comes_with_its_numbers() -> None:
    told = write_event("j", Entry(1, 1, PLANNED)).planned
    assert (told.place, told.total_bytes, told.kept_bytes, told.peak_bytes, told.fits) == ("card", 8, 1, 5, True)
    engine = events_pb2.PlannedEngine(
        stage=events_pb2.STAGE_TAG, engine="llm:a@nf4", memory_bytes=5, resident=True, weights_present=False
    )
    assert list(told.engines) == [engine]
    assert list(told.sentences) == ["It stays."]
