"""Examples: one good request for each method, for mutants to be made from; of methods unknown here, an empty one."""

import random

from google.protobuf.message import Message
from sonique.v1 import (
    brief_pb2,
    description_pb2,
    engines_pb2,
    events_pb2,
    jobs_pb2,
    media_pb2,
    scoring_pb2,
    store_pb2,
    tags_pb2,
    take_pb2,
    takes_pb2,
    time_pb2,
    timeline_pb2,
)

from bench.faults.reflection import Method

SECOND = time_pb2.RationalTime(value=1, rate_numerator=1, rate_denominator=1)
LONG = time_pb2.RationalTime(value=96, rate_numerator=24, rate_denominator=1)
SPAN = time_pb2.TimeRange(start=SECOND, duration=SECOND)
DESCRIPTION = description_pb2.Description(
    duration=LONG,
    summary="A street.",
    shots=[
        description_pb2.ShotDescription(record=SPAN, sentence="x", look=description_pb2.Look(light=0.5)),
    ],
    curves=[description_pb2.Curve(kind=description_pb2.CURVE_KIND_LIGHT, step=SECOND, values=[0.1, 0.9])],
    markers=[description_pb2.Marker(time=SECOND, name="hit")],
    speech=[SPAN],
    loudness_lufs=-23.0,
    rate=time_pb2.FrameRate(numerator=24000, denominator=1001),
)
BRIEF = brief_pb2.Brief(prompt="tense", genres=["jazz"], moods=["dark"], bpm=100, key="D minor", hit_strength=0.4)
TAGS = tags_pb2.Tags(
    style="jazz",
    tags=[tags_pb2.Tag(kind=tags_pb2.TAG_KIND_MOOD, text="dark")],
    tempo=tags_pb2.Tempo(bpm=100, low=90, high=110),
    key=tags_pb2.Key(tonic=2, mode="minor"),
    affect=tags_pb2.Affect(valence=0.1),
    density=0.5,
)
TIMELINE = timeline_pb2.Timeline(
    otio_json='{"OTIO_SCHEMA": "Timeline.1", "name": "x", "tracks": {"OTIO_SCHEMA": "Stack.1", "children": []}}',
    range=time_pb2.TimeRange(start=SECOND, duration=LONG),
    folder="/media",
    media_roots=["/mnt"],
)
DELIVERY = take_pb2.Delivery(loudness_lufs=-18, pad_to_frames=time_pb2.FrameRate(numerator=24, denominator=1))
DIGEST = "ab" * 32

EXAMPLES: dict[str, Message] = {
    "Scoring/Describe": scoring_pb2.DescribeRequest(timeline=TIMELINE),
    "Scoring/Tag": scoring_pb2.TagRequest(description=DESCRIPTION, brief=BRIEF),
    "Scoring/Generate": scoring_pb2.GenerateRequest(tags=TAGS, duration=LONG, seed=3, takes=2, delivery=DELIVERY),
    "Scoring/Score": scoring_pb2.ScoreRequest(timeline=TIMELINE, brief=BRIEF, delivery=DELIVERY),
    "Scoring/Submit": scoring_pb2.SubmitRequest(tag=scoring_pb2.TagRequest(brief=BRIEF)),
    "Jobs/List": jobs_pb2.ListRequest(limit=5, before_job_id="fuzz-1", states=[jobs_pb2.JOB_STATE_DONE]),
    "Jobs/Get": jobs_pb2.GetRequest(),
    "Jobs/Watch": jobs_pb2.WatchRequest(after_seq=1),
    "Jobs/Poll": jobs_pb2.PollRequest(after_seq=1),
    "Jobs/Cancel": jobs_pb2.CancelRequest(),
    "Jobs/Delete": jobs_pb2.DeleteRequest(),
    "Takes/Read": takes_pb2.ReadRequest(take_id="x", stem="mix", offset=3),
    "Takes/Locate": takes_pb2.LocateRequest(take_id="x", stem="mix"),
    "Media/Find": media_pb2.FindRequest(path="/etc/hostname", size=7, head_sha256=DIGEST),
    "Media/Status": media_pb2.StatusRequest(sha256=DIGEST),
    "Media/Upload": media_pb2.UploadRequest(sha256=DIGEST, size=4, data=b"ab"),
    "Engines/Load": engines_pb2.LoadRequest(stage=events_pb2.STAGE_TAG, name="literal"),
    "Engines/Unload": engines_pb2.UnloadRequest(stage=events_pb2.STAGE_TAG, name="literal"),
    "Store/Prune": store_pb2.PruneRequest(kinds=[store_pb2.STORE_KIND_RESULTS], keep_bytes=2**40, rehearse=True),
}
"""By service and method; job ids are filled in."""


def example(method: Method, dice: random.Random) -> Message:
    """A good request of ``method``, its job id one of a hundred."""
    message = EXAMPLES.get(method.name)
    copy = method.empty() if message is None else type(message)()
    if message is not None:
        copy.CopyFrom(message)
    named = copy.tag if isinstance(copy, scoring_pb2.SubmitRequest) else copy
    if "job_id" in named.DESCRIPTOR.fields_by_name:
        named.job_id = f"fuzz-{dice.randrange(100)}"  # type: ignore[attr-defined]
    return copy
