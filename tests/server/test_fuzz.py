"""Whatever bytes arrive, the answer is a status that the contract names, and never an inner error."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pool
from google.protobuf.message import Message
from sonique.v1 import (
    brief_pb2,
    daemon_pb2,
    description_pb2,
    engines_pb2,
    events_pb2,
    jobs_pb2,
    media_pb2,
    models_pb2,
    scoring_pb2,
    store_pb2,
    tags_pb2,
    take_pb2,
    takes_pb2,
    ticket_pb2,
    time_pb2,
    timeline_pb2,
)
from sonique_daemon.server.server import SERVICES

ALLOWED = {
    grpc.StatusCode.OK,
    grpc.StatusCode.INVALID_ARGUMENT,
    grpc.StatusCode.OUT_OF_RANGE,
    grpc.StatusCode.NOT_FOUND,
    grpc.StatusCode.ALREADY_EXISTS,
    grpc.StatusCode.FAILED_PRECONDITION,
    grpc.StatusCode.PERMISSION_DENIED,  # of a path that may not be read
}
SECOND = time_pb2.RationalTime(value=1, rate_numerator=1, rate_denominator=1)
LONG = time_pb2.RationalTime(value=240, rate_numerator=24, rate_denominator=1)
DESCRIPTION = description_pb2.Description(
    duration=LONG,
    summary="A street.",
    shots=[
        description_pb2.ShotDescription(
            record=time_pb2.TimeRange(start=SECOND, duration=SECOND), sentence="x", look=description_pb2.Look(light=0.5)
        )
    ],
    curves=[description_pb2.Curve(kind=description_pb2.CURVE_KIND_LIGHT, step=SECOND, values=[0.1, 0.9])],
    markers=[description_pb2.Marker(time=SECOND, name="hit")],
    speech=[time_pb2.TimeRange(start=SECOND, duration=SECOND)],
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
    otio_json="{}", range=time_pb2.TimeRange(start=SECOND, duration=LONG), folder="/media", media_roots=["/mnt"]
)
DELIVERY = take_pb2.Delivery(loudness_lufs=-18, pad_to_frames=time_pb2.FrameRate(numerator=24, denominator=1))
TICKET = ticket_pb2.Ticket(client="blender-1", priority=ticket_pb2.PRIORITY_HIGH)
DIGEST = "ab" * 32
REQUESTS: dict[str, Message] = {
    "Scoring/Describe": scoring_pb2.DescribeRequest(job_id="d", timeline=TIMELINE, ticket=TICKET),
    "Scoring/Tag": scoring_pb2.TagRequest(job_id="t", description=DESCRIPTION, brief=BRIEF),
    "Scoring/Generate": scoring_pb2.GenerateRequest(
        job_id="g", tags=TAGS, duration=LONG, description=DESCRIPTION, seed=3, takes=2, delivery=DELIVERY
    ),
    "Scoring/Score": scoring_pb2.ScoreRequest(job_id="s", timeline=TIMELINE, brief=BRIEF, delivery=DELIVERY),
    "Scoring/Submit": scoring_pb2.SubmitRequest(tag=scoring_pb2.TagRequest(job_id="u", brief=BRIEF)),
    "Jobs/List": jobs_pb2.ListRequest(limit=3, before_job_id="d", states=[jobs_pb2.JOB_STATE_DONE]),
    "Jobs/Get": jobs_pb2.GetRequest(job_id="d"),
    "Jobs/Watch": jobs_pb2.WatchRequest(job_id="d", after_seq=1),
    "Jobs/Poll": jobs_pb2.PollRequest(job_id="d", after_seq=1),
    "Jobs/Cancel": jobs_pb2.CancelRequest(job_id="d"),
    "Jobs/Delete": jobs_pb2.DeleteRequest(job_id="d"),
    "Takes/Read": takes_pb2.ReadRequest(take_id="x", stem="mix", offset=3),
    "Takes/Locate": takes_pb2.LocateRequest(take_id="x", stem="mix"),
    "Media/Find": media_pb2.FindRequest(path="/media/a.mov", size=3, head_sha256=DIGEST),
    "Media/Status": media_pb2.StatusRequest(sha256=DIGEST),
    "Media/Upload": media_pb2.UploadRequest(sha256=DIGEST, size=4, data=b"ab"),
    "Models/List": models_pb2.ListModelsRequest(),
    "Models/Pull": models_pb2.PullRequest(name="nobody", update=True),
    "Models/Remove": models_pb2.RemoveRequest(name="nobody"),
    "Models/Verify": models_pb2.VerifyRequest(name="nobody"),
    "Models/Add": models_pb2.AddRequest(name="nobody", path="/media", config="/media/a.json"),
    "Models/ListProfiles": models_pb2.ListProfilesRequest(),
    "Engines/List": engines_pb2.ListEnginesRequest(),
    "Engines/Load": engines_pb2.LoadRequest(stage=events_pb2.STAGE_TAG, name="x"),
    "Engines/Unload": engines_pb2.UnloadRequest(stage=events_pb2.STAGE_TAG, name="x"),
    "Engines/ListWorkers": engines_pb2.ListWorkersRequest(),
    "Engines/ListVocabulary": engines_pb2.ListVocabularyRequest(),
    "Store/Usage": store_pb2.UsageRequest(),
    "Store/Prune": store_pb2.PruneRequest(kinds=[store_pb2.STORE_KIND_RESULTS], keep_bytes=7, keep_seconds=2.5),
    "Daemon/Info": daemon_pb2.InfoRequest(),
    "Daemon/Shutdown": daemon_pb2.ShutdownRequest(drain_seconds=3),
}


def mutations(seed: bytes, dice: random.Random, count: int) -> Iterator[bytes]:
    yield seed
    yield b"\xff" * 20
    for _ in range(count):
        data = bytearray(seed or dice.randbytes(8))
        for _ in range(dice.randint(1, 4)):
            place = dice.randrange(len(data)) if data else 0
            match dice.randrange(4):
                case 0 if data:
                    data[place] ^= 1 << dice.randrange(8)
                case 1 if data:
                    data[place] = dice.choice((0, 1, 0x7F, 0x80, 0xFF))
                case 2:
                    data[place:place] = dice.randbytes(dice.randint(1, 6))
                case _:
                    del data[place : place + dice.randint(1, 6)]
        yield bytes(data)
    for size in (1, 5, 40, 300):
        yield dice.randbytes(size)


def status(call: Callable[[], object]) -> tuple[grpc.StatusCode, str]:
    try:
        call()
    except grpc.RpcError as error:
        return error.code(), error.details() or ""
    return grpc.StatusCode.OK, ""


def caller(channel: Any, method: str) -> Callable[[bytes], object]:
    path = f"/sonique.v1.{method}"
    if method == "Media/Upload":
        return lambda data: channel.stream_unary(path)(iter([data, data]))
    if (method.startswith("Scoring/") and method != "Scoring/Submit") or method in ("Jobs/Watch", "Takes/Read"):
        return lambda data: list(channel.unary_stream(path)(data))
    plain: Callable[[bytes], object] = channel.unary_unary(path)
    return plain


@pytest.mark.parametrize("method", REQUESTS)
def test_broken_requests_are_refused_in_the_contracts_words(channel: grpc.Channel, method: str) -> None:
    dice = random.Random(method)  # noqa: S311 - mutations, and no secret
    call = caller(channel, method)
    seen = set()
    for data in mutations(REQUESTS[method].SerializeToString(), dice, 120):
        code, sentence = status(lambda data=data: call(data))  # type: ignore[misc]
        assert code in ALLOWED, f"{code}: {sentence} for {data!r}"
        assert code is grpc.StatusCode.OK or sentence.endswith((".", "”", "?")), sentence
        seen.add(code)
    assert grpc.StatusCode.INVALID_ARGUMENT in seen


def test_every_method_is_among_the_broken_ones() -> None:
    pool = descriptor_pool.Default()
    methods = {
        f"{pool.FindServiceByName(name).name}/{method.name}"
        for name in SERVICES
        for method in pool.FindServiceByName(name).methods
    }
    assert methods == set(REQUESTS)


@pytest.mark.parametrize("method", [method for method in REQUESTS if method != "Media/Upload"])
def test_a_call_with_a_message_too_many_ends_with_a_status(channel: Any, method: str) -> None:
    data = REQUESTS[method].SerializeToString()
    code, _ = status(lambda: list(channel.stream_stream(f"/sonique.v1.{method}")(iter([data, data]), timeout=60)))
    assert code in ALLOWED
