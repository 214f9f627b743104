"""Jobs and their events on the wire."""

from collections.abc import Callable, Iterable
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from sonique.v1 import events_pb2, jobs_pb2

from sonique_daemon.domain import events
from sonique_daemon.domain.time import TimeRange, format_timecode
from sonique_daemon.jobs.job import JobInfo, JobKind, JobState
from sonique_daemon.jobs.log import Entry
from sonique_daemon.server.wire.description import write_description, write_shot
from sonique_daemon.server.wire.fields import chosen, sendable
from sonique_daemon.server.wire.measures import write_measures
from sonique_daemon.server.wire.planned import STAGE_NUMBERS, write_planned
from sonique_daemon.server.wire.tags import write_tags
from sonique_daemon.server.wire.take import write_take
from sonique_daemon.server.wire.tempo import write_tempo_map
from sonique_daemon.server.wire.ticket import PRIORITY_NUMBERS
from sonique_daemon.server.wire.time import write_range, write_rate

_STAGES = {number: stage for stage, number in STAGE_NUMBERS.items()}
_STATES = {
    jobs_pb2.JOB_STATE_QUEUED: JobState.QUEUED,
    jobs_pb2.JOB_STATE_RUNNING: JobState.RUNNING,
    jobs_pb2.JOB_STATE_CANCELLING: JobState.CANCELLING,
    jobs_pb2.JOB_STATE_DONE: JobState.DONE,
    jobs_pb2.JOB_STATE_FAILED: JobState.FAILED,
    jobs_pb2.JOB_STATE_CANCELLED: JobState.CANCELLED,
}
_STATE_NUMBERS = {state: number for number, state in _STATES.items()}
_KIND_NUMBERS = {
    JobKind.DESCRIBE: jobs_pb2.JOB_KIND_DESCRIBE,
    JobKind.TAG: jobs_pb2.JOB_KIND_TAG,
    JobKind.GENERATE: jobs_pb2.JOB_KIND_GENERATE,
    JobKind.SCORE: jobs_pb2.JOB_KIND_SCORE,
}


def read_stage(number: int) -> events.Stage:
    """The stage; raises ``InvalidRequest``."""
    return chosen(_STAGES, number, "stage")


def read_states(numbers: Iterable[int]) -> frozenset[JobState]:
    """Wanted states of jobs; raises ``InvalidRequest``."""
    return frozenset(chosen(_STATES, number, "states") for number in numbers)


def write_job(job: JobInfo) -> jobs_pb2.Job:
    """A job at a glance."""
    return jobs_pb2.Job(
        id=job.id,
        kind=_KIND_NUMBERS[job.kind],
        state=_STATE_NUMBERS[job.state],
        created=_write_instant(job.created_ns),
        last_seq=job.last_seq,
        failure=None if job.failure is None else _failed(job.failure),
        client=sendable(job.client),
        priority=PRIORITY_NUMBERS[job.priority],
        started=_write_instant(job.started_ns) if job.started_ns else None,
        ended=_write_instant(job.ended_ns) if job.ended_ns else None,
        position=job.position or 0,
        stage=events_pb2.STAGE_UNSPECIFIED if job.stage is None else STAGE_NUMBERS[job.stage],
        seconds_left=job.seconds_left,
        title=sendable(job.title),
    )


def write_event(job_id: str, entry: Entry) -> events_pb2.JobEvent:
    """One event of a job."""
    field, write = _WRITERS[type(entry.event)]
    message = events_pb2.JobEvent(job_id=job_id, seq=entry.seq, time=_write_instant(entry.time_ns))
    getattr(message, field).CopyFrom(write(entry.event))
    return message


def _write_instant(time_ns: int) -> Timestamp:
    return Timestamp(seconds=time_ns // 10**9, nanos=time_ns % 10**9)


def _queued(event: events.Queued) -> events_pb2.Queued:
    return events_pb2.Queued(position=event.position, reason=event.reason)


def _stage_started(event: events.StageStarted) -> events_pb2.StageStarted:
    return events_pb2.StageStarted(
        stage=STAGE_NUMBERS[event.stage],
        engine=event.engine,
        cached=event.cached,
        takes=event.takes,
        take=event.take,
        job_takes=event.job_takes,
    )


def _progress(event: events.Progress) -> events_pb2.Progress:
    return events_pb2.Progress(
        stage=STAGE_NUMBERS[event.stage],
        done=event.done,
        total=event.total,
        unit=event.unit,
        seconds_left=event.seconds_left,
    )


def _conformed(event: events.Conformed) -> events_pb2.Conformed:
    picture = event.picture
    return events_pb2.Conformed(
        name=sendable(picture.name),
        range=write_range(TimeRange(picture.start, picture.duration)),
        rate=write_rate(picture.rate),
        shots=len(picture.shots),
        start_timecode=format_timecode(picture.start, picture.rate, drop_frame=picture.drop_frame),
    )


def _shot_described(event: events.ShotDescribed) -> events_pb2.ShotDescribed:
    return events_pb2.ShotDescribed(index=event.index, shot=write_shot(event.shot), cached=event.cached)


def _wording(event: events.Wording) -> events_pb2.Wording:
    return events_pb2.Wording(stage=STAGE_NUMBERS[event.stage], shot=event.shot, text=sendable(event.text))


def _take_ready(event: events.TakeReady) -> events_pb2.TakeReady:
    return events_pb2.TakeReady(index=event.index, take=write_take(event.take))


def _failed(event: events.Failed) -> events_pb2.Failed:
    return events_pb2.Failed(code=event.code, status=event.status, sentence=sendable(event.sentence))


_WRITERS: dict[type[events.Event], tuple[str, Callable[[Any], Any]]] = {
    events.Queued: ("queued", _queued),
    events.Resumed: ("resumed", lambda event: events_pb2.Resumed(stage=STAGE_NUMBERS[event.stage])),
    events.StageStarted: ("stage_started", _stage_started),
    events.Progress: ("progress", _progress),
    events.Conformed: ("conformed", _conformed),
    events.ShotDescribed: ("shot_described", _shot_described),
    events.Wording: ("wording", _wording),
    events.Described: ("description", lambda event: write_description(event.description)),
    events.Tagged: ("tags", lambda event: write_tags(event.tags)),
    events.Fitted: ("tempo_map", lambda event: write_tempo_map(event.tempo_map)),
    events.TakeReady: ("take_ready", _take_ready),
    events.Measured: ("measures", lambda event: write_measures(event.measures)),
    events.Warned: ("warning", lambda event: events_pb2.Warning(sentence=sendable(event.sentence))),
    events.Planned: ("planned", write_planned),
    events.Done: ("done", lambda _: events_pb2.Done()),
    events.Failed: ("failed", _failed),
    events.JobCancelled: ("cancelled", lambda _: events_pb2.Cancelled()),
}
"""The field of the oneof and the writer for each event."""
