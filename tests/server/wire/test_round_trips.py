"""What goes out comes back in as it was: descriptions, tags, briefs, timelines and requests."""

from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from sonique.v1 import scoring_pb2, time_pb2
from sonique_daemon.catalogue.names import ENGINE
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Curve, CurveKind, Description, Look, ShotDescription
from sonique_daemon.domain.options import EngineOptions, Melody
from sonique_daemon.domain.picture import JoinKind, Marker
from sonique_daemon.domain.request import Cue, CutSource, Delivery, DescribeJob, GenerateJob, ScoreJob, TagJob, Timeline
from sonique_daemon.domain.tags import Affect, Key, Origin, Tag, TagKind, Tags, Tempo
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.server.wire import requests
from sonique_daemon.server.wire.brief import read_brief, write_brief
from sonique_daemon.server.wire.description import read_description, write_description
from sonique_daemon.server.wire.tags import read_tags, write_tags
from sonique_daemon.server.wire.time import read_time, write_time

RATES = st.sampled_from([Fraction(24), Fraction(25), Fraction(24000, 1001), Fraction(60000, 1001), Fraction(30)])
unit = st.floats(0.0, 1.0)
signed = st.floats(-1.0, 1.0)
word = st.text("abcdefghij klmno-äöé", min_size=1, max_size=30).map(lambda text: f"x{text.strip().lower()}")
prose = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
engine = st.just("") | st.from_regex(ENGINE, fullmatch=True)
words = st.lists(word, max_size=4).map(tuple)


@st.composite
def times(draw: st.DrawFn, longest: int = 100_000) -> Fraction:
    return draw(st.integers(0, longest)) / draw(RATES)


@st.composite
def spans(draw: st.DrawFn) -> TimeRange:
    return TimeRange(draw(times()), draw(st.integers(1, 100_000)) / draw(RATES))


looks = st.builds(
    Look,
    *(unit, signed, signed, unit, unit, unit, unit, signed),
    palette=st.lists(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True), max_size=5).map(tuple),
)


@st.composite
def descriptions(draw: st.DrawFn) -> Description:
    lengths = draw(st.lists(st.integers(1, 500), min_size=1, max_size=4))
    rate = draw(RATES)
    starts = [sum(lengths[:index]) / rate for index in range(len(lengths))]
    duration = sum(lengths) / rate
    shots = tuple(
        ShotDescription(TimeRange(start, length / rate), draw(prose), draw(looks), draw(st.sampled_from(JoinKind)), 0.5)
        for start, length in zip(starts, lengths, strict=True)
    )
    kinds = draw(st.sets(st.sampled_from([CurveKind.MOTION, CurveKind.LIGHT, CurveKind.CUT_RATE])))
    values = st.lists(unit, max_size=5).map(tuple)
    curves = tuple(Curve(kind, Fraction(1, 4), draw(values)) for kind in sorted(kinds))
    marks = draw(st.lists(st.integers(0, sum(lengths)), max_size=3))
    return Description(
        duration=duration,
        summary=draw(prose),
        shots=shots,
        curves=curves,
        markers=tuple(Marker(mark / rate, draw(prose), "RED") for mark in marks),
        speech=tuple(TimeRange(start, Fraction(1, 2)) for start in starts),
        loudness_lufs=draw(st.none() | st.floats(-70, 0)),
        rate=rate,
        drop_frame=draw(st.booleans()),
    )


@st.composite
def tag_sets(draw: st.DrawFn) -> Tags:
    texts = draw(st.lists(st.tuples(st.sampled_from(TagKind), word), max_size=6, unique=True))
    origin = st.sampled_from(Origin)
    bpm = draw(st.floats(20, 300))
    modes = ["ionian", "dorian", "phrygian", "lydian", "mixolydian", "aeolian", "locrian"]
    return Tags(
        style=draw(word),
        tags=tuple(Tag(kind, text, draw(origin)) for kind, text in texts),
        tempo=Tempo(bpm, draw(st.floats(15, bpm)), draw(st.floats(bpm, 400)), draw(origin)),
        key=Key(draw(st.integers(0, 11)), draw(st.sampled_from(modes)), draw(origin)),
        affect=Affect(draw(signed), draw(signed), draw(signed)),
        density=draw(unit),
        hit_strength=draw(unit),
    )


briefs = st.builds(
    Brief,
    prompt=prose,
    genres=words,
    moods=words,
    instruments=words,
    negatives=words,
    bpm=st.none() | st.floats(20, 300),
    key=st.sampled_from(["", "D minor", "F# dorian"]),
    hit_strength=unit,
)
deliveries = st.builds(
    Delivery,
    loudness_lufs=st.floats(-50, -8),
    pad_to_frames=st.none() | RATES,
    stems=st.booleans(),
    record_start=times(),
)
options = st.builds(
    EngineOptions,
    steps=st.none() | st.integers(1, 1000),
    guidance=st.none() | st.floats(0, 50),
    guidance_rescale=st.none() | unit,
    sampler=st.sampled_from(["", "dpmpp-3m-sde"]),
    sigma_min=st.none() | st.floats(0.01, 1),
    sigma_max=st.none() | st.floats(2, 1000),
)
melodies = st.builds(
    Melody, st.sampled_from(["/a/tune.wav", f"sonique-upload:{'a' * 64}"]), unit, st.sampled_from(["", "b" * 64])
)
musical = st.integers(48, 24 * 1800).map(lambda frames: Fraction(frames, 24))
seeds = st.integers(0, 2**63 - 9)
takes = st.integers(1, 8)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    ranged = draw(st.booleans())
    span = TimeRange(draw(times()), draw(musical))
    return Timeline(
        otio=draw(prose.filter(bool)),
        range=span if ranged else None,
        range_text="" if ranged else draw(st.sampled_from(["", "1:10-1:42", "01:00:00:00-"])),
        folder=draw(st.sampled_from(["", "/media/film"])),
        media_roots=draw(st.lists(st.sampled_from(["/a", "/b c"]), max_size=3).map(tuple)),
        cuts=draw(st.sampled_from(CutSource)),
    )


@given(times() | st.fractions(0, 2**31, max_denominator=2**31 - 1))
def test_a_time_comes_back_exactly(time: Fraction) -> None:
    wire = time_pb2.RationalTime.FromString(write_time(time).SerializeToString())
    assert read_time(wire, "time") == time


@given(st.fractions())
def test_any_time_can_be_written(time: Fraction) -> None:
    wire = write_time(time)
    assert wire.rate_numerator >= 1
    if abs(time) < 2**31 and time.denominator > 2**31:
        assert abs(Fraction(wire.value, wire.rate_numerator) - time) < Fraction(1, 2**30)


@given(descriptions())
def test_a_description_comes_back_as_it_was(description: Description) -> None:
    assert read_description(write_description(description)) == description


@given(tag_sets())
def test_tags_come_back_as_they_were(tags: Tags) -> None:
    assert read_tags(write_tags(tags)) == tags


@given(briefs)
def test_a_brief_comes_back_as_it_was(brief: Brief) -> None:
    assert read_brief(write_brief(brief)) == brief


cues = st.builds(Cue, st.sampled_from(["/a/cue.wav", f"sonique-upload:{'a' * 64}"]), unit)
folders = st.sampled_from([(), ("/cues", "/more cues")])


@given(st.builds(DescribeJob, timelines(), engine, cue=st.none() | cues, media_roots=folders))
def test_a_describe_request_comes_back_as_it_was(job: DescribeJob) -> None:
    assert requests.read_describe(requests.write_describe(job)) == job


@given(st.builds(TagJob, briefs, st.none() | descriptions(), engine))
@settings(max_examples=40)
def test_a_tag_request_comes_back_as_it_was(job: TagJob) -> None:
    assert requests.read_tag(requests.write_tag(job)) == job


@given(
    st.builds(
        ScoreJob, timelines(), briefs, seeds, takes, deliveries, engine, engine, engine, options, st.none() | melodies
    )
)
@settings(max_examples=40)
def test_a_score_request_comes_back_as_it_was(job: ScoreJob) -> None:
    assert requests.read_score(requests.write_score(job)) == job


@given(
    st.builds(
        GenerateJob,
        tag_sets(),
        musical,
        st.none() | descriptions(),
        seeds,
        takes,
        deliveries,
        engine,
        options,
        st.none() | melodies,
    )
)
@settings(max_examples=40)
def test_a_recipe_is_the_request_that_it_was_made_from(job: GenerateJob) -> None:
    recipe = requests.encode_recipe(job)
    assert recipe == requests.encode_recipe(replace(job, media_roots=("/sounds",)))
    message = scoring_pb2.GenerateRequest.FromString(recipe)
    assert message.job_id == ""
    assert requests.read_generate(message) == job
