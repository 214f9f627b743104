"""A scene of real clips, scored by a real daemon and placed, at each rate."""

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import bpy
from sonique.v1 import brief_pb2, jobs_pb2, scoring_pb2, take_pb2, time_pb2, timeline_pb2
from sonique_blender import compat, placing, snapshot
from sonique_blender.core.placement import Placement, Provenance, Take
from sonique_blender.core.ranges import Wish
from sonique_blender.core.reading import Reading, read
from sonique_blender.core.strips import Span
from sonique_blender.rendering import Rendering
from sonique_client.connection import Connection, connect
from sonique_client.fetch import fetch

from tests.blender.inside.building import add_movie, in_sequencer, new_scene, select_only
from tests.blender.inside.placings import RATES
from tests.blender.inside.sounding import mixdown, told

SECONDS = 3


def main(folder: Path, bikes: str, bunny: str, talk: str) -> list[dict[str, Any]]:
    with connect(None) as connection:
        return [_scored(connection, folder / name, name, (bikes, bunny, talk)) for name in RATES]


def _scored(connection: Connection, folder: Path, name: str, media: tuple[str, str, str]) -> dict[str, Any]:
    folder.mkdir()
    scene = new_scene(*RATES[name])
    span = _edited(scene, *media)
    reading = read(snapshot.take(scene), Wish(span=span))
    before = reading.needs_render
    rendering = Rendering(reading, folder)
    done: Reading | None = None
    while done is None:
        done = rendering.poll()
        time.sleep(0.05)
    events = _run(connection, name.replace(".", "-"), done)
    made = next(event.take_ready.take for event in events if event.HasField("take_ready"))
    wav = fetch(connection, made, "mix", folder / "cue.wav")
    bpy.ops.ed.undo_push(message="before")
    scene_uid = scene.session_uid
    music = Take(wav, Provenance(events[0].job_id, made.id, made.seed, made.engine))
    strip = placing.place(placing.scene_of(scene_uid), Placement(span, music))
    _only(scene, strip)
    scene.frame_start, scene.frame_end = 1, span.end + 24
    answer = {**told(strip), "rate": name, "mix": mixdown(scene, folder / "mix.wav"), "wav": str(wav)}
    shots = next(event.conformed.shots for event in events if event.HasField("conformed"))
    said = [event.WhichOneof("event") for event in events]
    return {**answer, "reasons": [str(reason) for reason in before], "shots": shots, "cuts": done.cuts, "said": said}


def _edited(scene: Any, bikes: str, bunny: str, talk: str) -> Span:
    """Cuts, a meta, a strip that plays backwards and a retimed one, over a sound; the range begins at frame 13."""
    second = round(compat.frame_rate(scene))
    marks = [13 + second * SECONDS * quarter // 4 for quarter in range(5)]
    spans = [Span(start, end) for start, end in pairwise(marks)]
    films = (bikes, bunny, bunny, bikes)
    strips = []
    for channel, (film, where) in enumerate(zip(films, spans, strict=True), start=1):
        strip = add_movie(scene, film, channel, where.start - 10)
        compat.set_span(strip, Span(where.start, where.end + 9 * (where is spans[-1])))
        strips.append(strip)
    strips[2].use_reverse_frames = True
    select_only(scene, strips[3])
    with in_sequencer():
        bpy.ops.sequencer.retiming_key_add(timeline_frame=spans[3].start + second // 2)
    select_only(scene, strips[1])
    with in_sequencer():
        bpy.ops.sequencer.meta_make()
    scene.sequence_editor.strips.new_sound(name="talk", filepath=talk, channel=8, frame_start=13)
    return Span(marks[0], marks[-1])


def _run(connection: Connection, job_id: str, reading: Reading) -> list[Any]:
    """All events of the job, polled as Blender must."""
    rate = reading.rate

    def frames(count: int) -> time_pb2.RationalTime:
        return time_pb2.RationalTime(value=count, rate_numerator=rate.numerator, rate_denominator=rate.denominator)

    wanted = time_pb2.TimeRange(start=frames(reading.record_start), duration=frames(reading.span.frames))
    request = scoring_pb2.ScoreRequest(
        job_id=job_id,
        timeline=timeline_pb2.Timeline(otio_json=reading.document, range=wanted, media_roots=reading.media_roots),
        brief=brief_pb2.Brief(prompt="warm, acoustic"),
        delivery=take_pb2.Delivery(
            pad_to_frames=time_pb2.FrameRate(numerator=rate.numerator, denominator=rate.denominator)
        ),
    )
    connection.scoring.Submit(scoring_pb2.SubmitRequest(score=request))
    events: list[Any] = []
    while not events or events[-1].WhichOneof("event") not in {"done", "failed", "cancelled"}:
        seq = events[-1].seq if events else 0
        events += connection.jobs.Poll(jobs_pb2.PollRequest(job_id=job_id, after_seq=seq)).events
        time.sleep(0.05)
    assert events[-1].HasField("done"), events[-1]
    return events


def _only(scene: Any, strip: Any) -> None:
    """Leaves ``strip`` alone to be heard."""
    for each in scene.sequence_editor.strips:
        each.mute = each.name != strip.name
