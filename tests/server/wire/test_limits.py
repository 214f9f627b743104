"""Every limit that the contract states is held where a request enters."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.message import Message
from sonique.v1 import (
    brief_pb2,
    description_pb2,
    edit_pb2,
    options_pb2,
    scoring_pb2,
    tags_pb2,
    take_pb2,
    time_pb2,
    timeline_pb2,
)
from sonique_daemon.domain.ducking import Ducking
from sonique_daemon.domain.request import Delivery
from sonique_daemon.domain.tags import Origin, Tag, TagKind
from sonique_daemon.errors import InvalidBrief, InvalidRange, InvalidRequest, LimitExceeded, SoniqueError
from sonique_daemon.server.wire.brief import read_brief
from sonique_daemon.server.wire.description import read_description
from sonique_daemon.server.wire.events import read_stage
from sonique_daemon.server.wire.fields import quoted
from sonique_daemon.server.wire.options import read_melody, read_options
from sonique_daemon.server.wire.requests import digest, read_describe, read_generate, read_score, read_tag
from sonique_daemon.server.wire.tags import read_tags
from sonique_daemon.server.wire.take import read_delivery, read_format
from sonique_daemon.server.wire.time import read_rate, read_time
from sonique_daemon.server.wire.timeline import read_timeline

INT32, INT64 = 2**31 - 1, 2**63 - 1
SLOW = time_pb2.FrameRate(numerator=1, denominator=INT32)


def time(value: int, numerator: int = 1, denominator: int = 1) -> time_pb2.RationalTime:
    return time_pb2.RationalTime(value=value, rate_numerator=numerator, rate_denominator=denominator)


def span(start: int, duration: int) -> time_pb2.TimeRange:
    return time_pb2.TimeRange(start=time(start), duration=time(duration))


def tags(**changes: object) -> tags_pb2.Tags:
    fields: dict[str, object] = {
        "style": "jazz",
        "tempo": tags_pb2.Tempo(bpm=100),
        "key": tags_pb2.Key(tonic=2, mode="minor"),
    }
    return tags_pb2.Tags(**{**fields, **changes})  # type: ignore[arg-type]


def genre(text: str) -> tags_pb2.Tag:
    return tags_pb2.Tag(kind=tags_pb2.TAG_KIND_GENRE, text=text)


def tag(kind: int, origin: int = 0) -> tags_pb2.Tag:
    """A tag with enum values that need not be known."""
    return tags_pb2.Tag(kind=kind, text="x", origin=origin)  # type: ignore[arg-type]


def description(**changes: object) -> description_pb2.Description:
    return description_pb2.Description(**{"duration": time(10), **changes})  # type: ignore[arg-type]


def shot(**changes: object) -> description_pb2.ShotDescription:
    return description_pb2.ShotDescription(**{"record": span(0, 1), **changes})  # type: ignore[arg-type]


def generate(**changes: object) -> scoring_pb2.GenerateRequest:
    return scoring_pb2.GenerateRequest(**{"tags": tags(), "duration": time(10), **changes})  # type: ignore[arg-type]


def edited(**fields: Any) -> scoring_pb2.GenerateRequest:
    return generate(edit=edit_pb2.Edit(changes=[edit_pb2.Change(**fields)]))


def curve(**changes: object) -> description_pb2.Curve:
    fields: dict[str, object] = {"kind": description_pb2.CURVE_KIND_LIGHT, "step": time(1), "values": [0.5]}
    return description_pb2.Curve(**{**fields, **changes})  # type: ignore[arg-type]


def timeline(**changes: object) -> timeline_pb2.Timeline:
    return timeline_pb2.Timeline(**{"otio_json": "{}", **changes})  # type: ignore[arg-type]


Read = Callable[[Any], object]
REFUSED: list[tuple[Read, Message, type[SoniqueError]]] = [
    (read_brief, brief_pb2.Brief(prompt="x" * 4001), LimitExceeded),
    (read_brief, brief_pb2.Brief(genres=["x"] * 65), LimitExceeded),
    (read_brief, brief_pb2.Brief(moods=["x" * 101]), LimitExceeded),
    (read_brief, brief_pb2.Brief(instruments=["  "]), InvalidBrief),
    (read_brief, brief_pb2.Brief(bpm=19.9), InvalidBrief),
    (read_brief, brief_pb2.Brief(bpm=300.1), InvalidBrief),
    (read_brief, brief_pb2.Brief(bpm=math.nan), InvalidRequest),
    (read_brief, brief_pb2.Brief(key="x" * 101), LimitExceeded),
    (read_brief, brief_pb2.Brief(hit_strength=1.1), InvalidRequest),
    (read_brief, brief_pb2.Brief(hit_strength=math.inf), InvalidRequest),
    (read_tags, tags(style=""), InvalidRequest),
    (read_tags, tags(tempo=None), InvalidRequest),
    (read_tags, tags(key=None), InvalidRequest),
    (read_tags, tags(tags=[genre(str(n)) for n in range(201)]), LimitExceeded),
    (read_tags, tags(tags=[genre("x" * 101)]), LimitExceeded),
    (read_tags, tags(tags=[genre("")]), InvalidRequest),
    (read_tags, tags(tags=[tag(0)]), InvalidRequest),
    (read_tags, tags(tags=[tag(99)]), InvalidRequest),
    (read_tags, tags(tags=[tag(1, 9)]), InvalidRequest),
    (read_tags, tags(tempo=tags_pb2.Tempo(bpm=301)), InvalidRequest),
    (read_tags, tags(tempo=tags_pb2.Tempo(bpm=100, low=9)), InvalidRequest),
    (read_tags, tags(tempo=tags_pb2.Tempo(bpm=100, high=601)), InvalidRequest),
    (read_tags, tags(tempo=tags_pb2.Tempo(bpm=100, low=-1)), InvalidRequest),
    (read_tags, tags(key=tags_pb2.Key(tonic=12, mode="minor")), InvalidRequest),
    (read_tags, tags(key=tags_pb2.Key(tonic=-1, mode="minor")), InvalidRequest),
    (read_tags, tags(key=tags_pb2.Key(tonic=0, mode="blue")), InvalidRequest),
    (read_tags, tags(affect=tags_pb2.Affect(tension=-1.5)), InvalidRequest),
    (read_tags, tags(density=1.5), InvalidRequest),
    (read_tags, tags(density=math.nan), InvalidRequest),
    (read_description, description(duration=None), InvalidRequest),
    (read_description, description(duration=time(0)), InvalidRequest),
    (read_description, description(summary="x" * 4001), LimitExceeded),
    (read_description, description(shots=[shot()] * 10_001), LimitExceeded),
    (read_description, description(shots=[shot(sentence="x" * 1001)]), LimitExceeded),
    (read_description, description(shots=[shot(record=None)]), InvalidRequest),
    (read_description, description(shots=[shot(record=span(0, 0))]), InvalidRequest),
    (read_description, description(shots=[shot(record=span(-1, 2))]), InvalidRequest),
    (read_description, description(shots=[shot(record=span(5, 1)), shot(record=span(4, 1))]), InvalidRequest),
    (read_description, description(shots=[shot(record=span(10, 1))]), InvalidRequest),
    (read_description, description(shots=[shot(join=7)]), InvalidRequest),
    (read_description, description(shots=[shot(change=2.0)]), InvalidRequest),
    (read_description, description(shots=[shot(look=description_pb2.Look(light=1.1))]), InvalidRequest),
    (read_description, description(shots=[shot(look=description_pb2.Look(palette=["red"]))]), InvalidRequest),
    (read_description, description(shots=[shot(look=description_pb2.Look(palette=["#ffffff"] * 6))]), LimitExceeded),
    (read_description, description(curves=[curve(values=[0.0] * 20_001)]), LimitExceeded),
    (read_description, description(curves=[curve(step=time(0))]), InvalidRequest),
    (read_description, description(curves=[curve(kind=0)]), InvalidRequest),
    (read_description, description(curves=[curve(), curve()]), InvalidRequest),
    (read_description, description(curves=[curve(values=[math.inf])]), InvalidRequest),
    (read_description, description(markers=[description_pb2.Marker(time=time(11))]), InvalidRequest),
    (read_description, description(markers=[description_pb2.Marker(name="x" * 201)]), LimitExceeded),
    (read_description, description(speech=[span(4, 1), span(3, 1)]), InvalidRequest),
    (read_description, description(loudness_lufs=math.nan), InvalidRequest),
    (read_description, description(rate=time_pb2.FrameRate(numerator=24)), InvalidRequest),
    (read_generate, generate(tags=None), InvalidRequest),
    (read_generate, generate(duration=None), InvalidRequest),
    (read_generate, generate(duration=time(199, 100)), InvalidRange),
    (read_generate, generate(duration=time(1801)), LimitExceeded),
    (read_generate, generate(duration=None, description=description(duration=time(1))), InvalidRange),
    (read_generate, generate(seed=-1), InvalidRequest),
    (read_generate, generate(seed=INT64, takes=2), InvalidRequest),
    (read_generate, generate(takes=-1), LimitExceeded),
    (read_generate, generate(takes=9), LimitExceeded),
    (read_generate, generate(engine="x" * 101), LimitExceeded),
    (read_generate, generate(engine="diffusers:../../etc"), InvalidRequest),
    (read_generate, generate(delivery=take_pb2.Delivery(loudness_lufs=-7)), InvalidRequest),
    (read_generate, generate(soundfont="tiny.sf2"), InvalidRequest),
    (read_generate, generate(media_roots=["sounds"]), InvalidRequest),
    (read_generate, generate(media_roots=["/sounds"] * 65), LimitExceeded),
    (read_generate, edited(keep=[edit_pb2.BarRange(first=3, last=2)]), InvalidRequest),
    (read_generate, edited(keep=[edit_pb2.BarRange(first=-1, last=2)]), InvalidRequest),
    (read_generate, edited(seed=-1), InvalidRequest),
    (read_generate, edited(duration=time(1)), InvalidRange),
    (read_generate, edited(duration=time(1801)), LimitExceeded),
    (read_generate, edited(swaps=[edit_pb2.Swap(old="piano")]), InvalidRequest),
    (read_generate, edited(calm=1.1), InvalidRequest),
    (read_generate, generate(edit=edit_pb2.Edit(changes=[edit_pb2.Change()] * 33)), LimitExceeded),
    (read_describe, scoring_pb2.DescribeRequest(timeline=timeline(), media_roots=["cues"]), InvalidRequest),
    (read_describe, scoring_pb2.DescribeRequest(timeline=timeline(), media_roots=["/c"] * 65), LimitExceeded),
    (read_score, scoring_pb2.ScoreRequest(), InvalidRequest),
    (read_score, scoring_pb2.ScoreRequest(timeline=timeline(range=span(0, 1))), InvalidRange),
    (read_score, scoring_pb2.ScoreRequest(timeline=timeline(range=span(0, 1801))), LimitExceeded),
    (read_tag, scoring_pb2.TagRequest(description=description_pb2.Description()), InvalidRequest),
    (read_timeline, timeline(otio_json=""), InvalidRequest),
    (read_timeline, timeline(otio_json="ä" * (8 * 2**20 + 1)), LimitExceeded),
    (read_timeline, timeline(range=time_pb2.TimeRange(start=time(1))), InvalidRequest),
    (read_timeline, timeline(range_text="1" * 101), LimitExceeded),
    (read_timeline, timeline(folder="film"), InvalidRequest),
    (read_timeline, timeline(folder="/a\0b"), InvalidRequest),
    (read_timeline, timeline(media_roots=["/a"] * 65), LimitExceeded),
    (read_timeline, timeline(media_roots=["../a"]), InvalidRequest),
    (read_timeline, timeline(media_roots=["/" + "a" * 4096]), LimitExceeded),
    (read_timeline, timeline(cuts=9), InvalidRequest),
    (read_delivery, take_pb2.Delivery(loudness_lufs=-50.1), InvalidRequest),
    (read_delivery, take_pb2.Delivery(loudness_lufs=math.nan), InvalidRequest),
    (
        read_delivery,
        take_pb2.Delivery(pad_to_frames=time_pb2.FrameRate(numerator=1, denominator=INT32)),
        InvalidRequest,
    ),
    (read_delivery, take_pb2.Delivery(record_start=time(-1)), InvalidRequest),
    (read_delivery, take_pb2.Delivery(ducking=take_pb2.Ducking(depth_db=61)), InvalidRequest),
    (read_delivery, take_pb2.Delivery(ducking=take_pb2.Ducking(release_seconds=0)), InvalidRequest),
    (read_delivery, take_pb2.Delivery(ducking=take_pb2.Ducking(attack_seconds=math.inf)), InvalidRequest),
    (read_delivery, take_pb2.Delivery(ducking=take_pb2.Ducking(manner=7)), InvalidRequest),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("read", "message", "error"), REFUSED)
def test_what_is_out_of_bounds_is_refused_in_one_sentence(
    read: Read, message: Message, error: type[SoniqueError]
) -> None:
    with pytest.raises(error) as caught:
        read(message)
    sentence = caught.value.sentence
    assert sentence.endswith(".")
    assert len(sentence) < 300


@pytest.mark.parametrize(
    "refused",
    [time(1, 0), time(1, -24), time(1, 24, -1), time(-1, 24), time(INT64, 1), time(INT64, 1, INT32), time(0, -1)],
)
def test_a_time_that_is_none_is_refused(refused: time_pb2.RationalTime) -> None:
    with pytest.raises((InvalidRequest, LimitExceeded)):
        read_time(refused, "time")


def test_a_time_without_a_rate_is_zero_and_one_without_a_denominator_counts_whole_units() -> None:
    assert read_time(time_pb2.RationalTime(), "time") == 0
    assert read_time(time(24, 24, 0), "time") == 1


@pytest.mark.parametrize(("numerator", "denominator"), [(0, 1), (24, 0), (-24, 1), (1, 2), (1001, 1)])
def test_a_frame_rate_that_is_none_is_refused(numerator: int, denominator: int) -> None:
    with pytest.raises(InvalidRequest):
        read_rate(time_pb2.FrameRate(numerator=numerator, denominator=denominator), "rate")


@pytest.mark.parametrize("number", [0, 7, -1])
def test_a_stage_that_is_none_is_refused(number: int) -> None:
    with pytest.raises(InvalidRequest):
        read_stage(number)


def test_an_unknown_format_is_refused_and_none_reads_as_wav() -> None:
    assert read_format(take_pb2.FILE_FORMAT_UNSPECIFIED) == "wav"
    with pytest.raises(InvalidRequest):
        read_format(5)


@pytest.mark.parametrize(("bpm", "bounds"), [(96, (96, 96)), (50, (50, 50)), (72, (60, 84)), (84, (60, 84))])
def test_a_tempo_edited_out_of_its_bounds_counts_without_them(bpm: float, bounds: tuple[float, float]) -> None:
    tempo = read_tags(tags(tempo=tags_pb2.Tempo(bpm=bpm, low=60, high=84))).tempo
    assert (tempo.bpm, (tempo.low, tempo.high)) == (bpm, bounds)


def test_what_is_left_out_reads_as_the_contract_says() -> None:
    job = read_generate(generate())
    assert (job.takes, job.seed, job.engine, job.description) == (1, 0, "", None)
    assert job.delivery == Delivery()
    assert read_delivery(take_pb2.Delivery(ducking=take_pb2.Ducking())).ducking == Ducking()
    assert (job.tags.tempo.low, job.tags.tempo.high) == (100, 100)
    assert job.tags.hit_strength == 0.5
    assert job.tags.tempo.origin is Origin.USER
    assert read_brief(brief_pb2.Brief()).hit_strength == 0.5


def test_a_duration_left_out_is_the_descriptions() -> None:
    assert read_generate(generate(duration=None, description=description())).duration == 10


def test_the_whole_int64_of_seeds_can_be_used() -> None:
    assert read_generate(generate(seed=INT64)).seed == INT64
    assert read_generate(generate(seed=INT64 - 7, takes=8)).seed == INT64 - 7


def test_major_and_minor_are_read_and_notes_are_passed_over() -> None:
    found = read_tags(tags(key=tags_pb2.Key(tonic=0, mode="Major"), notes=["ignored"]))
    assert (found.key.mode, found.notes) == ("ionian", ())
    assert read_tags(tags()).key.mode == "aeolian"


def test_a_tag_that_is_said_twice_counts_once_and_as_the_users() -> None:
    twice = [
        tags_pb2.Tag(kind=tags_pb2.TAG_KIND_MOOD, text="Dark ", origin=tags_pb2.ORIGIN_ENGINE),
        tags_pb2.Tag(kind=tags_pb2.TAG_KIND_MOOD, text="dark"),
    ]
    assert read_tags(tags(tags=twice)).tags == (Tag(TagKind.MOOD, "dark", Origin.USER),)


def test_measures_that_rounding_moved_outside_are_moved_back() -> None:
    found = read_description(description(shots=[shot(look=description_pb2.Look(light=1.0000000002))]))
    assert found.shots[0].look.light == 1.0


def test_a_digest_tells_requests_apart_and_passes_over_unknown_fields() -> None:
    one, two = scoring_pb2.TagRequest(job_id="a"), scoring_pb2.TagRequest(job_id="a", engine="x")
    newer = scoring_pb2.TagRequest.FromString(one.SerializeToString() + b"\xf8\x07\x01")
    assert digest(one) == digest(newer) != digest(two)
    assert digest(scoring_pb2.GenerateRequest(job_id="a")) != digest(one)


def test_what_a_client_sent_is_quoted_short_and_printable() -> None:
    assert quoted("a\x1b[2Jb\n") == "“a�[2Jb�”"
    assert len(quoted("x" * 10_000)) < 70


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("steps", 0, LimitExceeded),
        ("steps", 1001, LimitExceeded),
        ("guidance", 51.0, InvalidRequest),
        ("guidance", math.nan, InvalidRequest),
        ("guidance_rescale", 1.5, InvalidRequest),
        ("sigma_min", 0.0, InvalidRequest),
        ("sigma_max", 1001.0, InvalidRequest),
        ("sampler", "rm -rf", InvalidRequest),
        ("sampler", "x" * 41, InvalidRequest),
    ],
)
def test_an_option_out_of_its_bounds_is_refused(field: str, value: object, error: type[SoniqueError]) -> None:
    options = options_pb2.EngineOptions(**{field: value})  # type: ignore[arg-type]
    with pytest.raises(error):
        read_options(scoring_pb2.GenerateRequest(options=options))


def test_sampling_ends_below_where_it_begins() -> None:
    options = options_pb2.EngineOptions(sigma_min=5.0, sigma_max=5.0)
    with pytest.raises(InvalidRequest, match="sigma_max"):
        read_options(scoring_pb2.GenerateRequest(options=options))


@pytest.mark.parametrize(
    "melody",
    [
        options_pb2.Melody(),
        options_pb2.Melody(path="tune.wav"),
        options_pb2.Melody(path="/a\0b"),
        options_pb2.Melody(path="sonique-upload:../x"),
        options_pb2.Melody(path=f"/{'a' * 4096}"),
        options_pb2.Melody(path="/a.wav", noise=1.2),
        options_pb2.Melody(path="/a.wav", sha256="x"),
    ],
)
def test_a_melody_that_cannot_be_meant_is_refused(melody: options_pb2.Melody) -> None:
    with pytest.raises(SoniqueError):
        read_melody(scoring_pb2.GenerateRequest(melody=melody))


def test_a_melody_without_a_noise_leaves_room() -> None:
    read = read_melody(scoring_pb2.GenerateRequest(melody=options_pb2.Melody(path="/a.wav")))
    assert read is not None
    assert read.noise == 0.7
