"""Conform: what holds for every timeline."""

from fractions import Fraction
from typing import Any

import opentimelineio as otio
from hypothesis import given, settings
from hypothesis import strategies as st
from sonique_daemon.domain.picture import Picture, Shot
from sonique_daemon.domain.time import TimeRange

RATES = [23.976, 24.0, 25.0, 29.97, 30.0, 50.0, 59.94, 1000 / 1001, 23_000 / 1001]
SPEEDS = [1.0, 1.0, 2.0, 0.5, -1.0, -2.0, 0.0]

rates = st.sampled_from(RATES)
starts = st.integers(min_value=0, max_value=200)
lengths = st.integers(min_value=1, max_value=60)


def span(first: int, count: int, rate: float) -> Any:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(first, rate), otio.opentime.RationalTime(count, rate))


def warps(speed: float) -> list[Any]:
    return [] if speed == 1 else [otio.schema.LinearTimeWarp(time_scalar=speed)]


@st.composite
def clips(draw: st.DrawFn) -> Any:
    name = draw(st.sampled_from("abcd"))
    reference = otio.schema.ExternalReference(f"{name}.mov")
    ranges = span(draw(starts), draw(lengths), draw(rates))
    clip = otio.schema.Clip(name, reference, ranges, effects=warps(draw(st.sampled_from(SPEEDS))))
    clip.enabled = draw(st.sampled_from([True, True, True, False]))
    return clip


gaps = st.builds(lambda count, rate: otio.schema.Gap(source_range=span(0, count, rate)), lengths, rates)


@st.composite
def tracks(draw: st.DrawFn, items: Any) -> Any:
    track = otio.schema.Track()
    for index, item in enumerate(draw(st.lists(items, min_size=1, max_size=5))):
        if index and draw(st.booleans()):
            offsets = [otio.opentime.RationalTime(draw(st.integers(0, 12)), 24) for _ in range(2)]
            track.append(otio.schema.Transition("", otio.schema.TransitionTypes.SMPTE_Dissolve, *offsets))
        track.append(item)
    return track


@st.composite
def stacks(draw: st.DrawFn, items: Any) -> Any:
    trim = draw(st.none() | st.builds(span, st.integers(0, 30), lengths, rates))
    effects = warps(draw(st.sampled_from(SPEEDS)))
    held = draw(st.lists(tracks(items), min_size=1, max_size=2))
    return otio.schema.Stack("n", children=held, source_range=trim, effects=effects)


items = st.recursive(clips() | gaps, stacks, max_leaves=6)
timelines = st.lists(tracks(items), min_size=1, max_size=3)


def conformed(bench: Any, held: list[Any], within: TimeRange | None = None) -> Picture:
    for name in "abcd":
        if bench.folder / f"{name}.mov" not in bench.known:
            bench.media(f"{name}.mov", 10_000)
    timeline = otio.schema.Timeline("t", tracks=[track.deepcopy() for track in held])
    picture: Picture = bench.conform_document(timeline, within)
    return picture


def frame_at(picture: Picture, time: Fraction) -> tuple[str, Fraction | None]:
    """What shows: a file and a time in it. Before its first frame a file shows that, which reversed clips run into."""
    shot = next(shot for shot in picture.shots if shot.record.contains(time))
    shown = shot.source_time(time)
    return shot.source.path if shot.source else "", None if shown is None else max(shown, Fraction(0))


def instants(picture: Picture) -> list[Fraction]:
    return [
        shot.record.start + shot.record.duration * Fraction(part, 7) for shot in picture.shots for part in (0, 1, 5)
    ]


@given(timelines)
@settings(max_examples=60)
def test_shots_tile_the_range_exactly(shared_bench: Any, held: list[Any]) -> None:
    picture = conformed(shared_bench, held)
    edges = [Fraction(0), *(shot.record.end for shot in picture.shots)]
    assert [shot.record.start for shot in picture.shots] == edges[:-1]
    assert edges[-1] == picture.duration
    assert all(shot.record.duration > 0 for shot in picture.shots)


@given(timelines, st.fractions(min_value=0, max_value=1, max_denominator=50))
@settings(max_examples=60)
def test_two_ranges_that_abut_show_what_the_whole_shows(shared_bench: Any, held: list[Any], part: Fraction) -> None:
    whole = conformed(shared_bench, held)
    cut = whole.duration * part
    if not 0 < cut < whole.duration:
        return
    halves = [
        conformed(shared_bench, held, TimeRange(start, end - start))
        for start, end in ((Fraction(0), cut), (cut, whole.duration))
    ]
    for half in halves:
        for time in instants(half):
            assert frame_at(half, time) == frame_at(whole, time + half.start)
    inner = [(shot.record.start + half.start, _join(shot)) for half in halves for shot in half.shots[1:]]
    assert inner == [(shot.record.start, _join(shot)) for shot in whole.shots[1:] if shot.record.start != cut]


def _join(shot: Shot) -> tuple[str, Fraction]:
    return shot.join, shot.join_duration


@given(st.lists(clips(), min_size=1, max_size=6), rates, st.integers(0, 100_000))
@settings(max_examples=60)
def test_every_clip_shows_its_own_media_time(shared_bench: Any, held: list[Any], rate: float, first: int) -> None:
    track = otio.schema.Track(children=held)
    start = otio.opentime.RationalTime(first, rate)
    picture = conformed(shared_bench, [track])
    moved: Picture = shared_bench.conform_document(
        otio.schema.Timeline("t", tracks=[track.deepcopy()], global_start_time=start)
    )
    assert moved.shots == picture.shots
    at = Fraction(0)
    for clip in held:
        duration = Fraction(int(clip.source_range.duration.value)) / _exact(clip.source_range.duration.rate)
        if clip.enabled:
            assert frame_at(picture, at) == (str(shared_bench.folder / f"{clip.name}.mov"), _first_frame(clip))
        else:
            assert frame_at(picture, at) == ("", None)
        at += duration
    assert at == picture.duration


def _exact(rate: float) -> Fraction:
    return Fraction(rate).limit_denominator(1001) if rate % 1 == 0 else Fraction(round(rate * 1001 / 1000) * 1000, 1001)


def _first_frame(clip: Any) -> Fraction:
    """Media time of the clip's first frame as a person would count it in frames."""
    speed = Fraction(clip.effects[0].time_scalar) if clip.effects else Fraction(1)
    first, count = int(clip.source_range.start_time.value), int(clip.source_range.duration.value)
    frame = first if speed >= 0 else first + count * abs(speed) - 1
    return Fraction(frame) / _exact(clip.source_range.start_time.rate)


@given(timelines)
@settings(max_examples=30)
def test_the_length_is_what_otio_says(shared_bench: Any, held: list[Any]) -> None:
    timeline = otio.schema.Timeline("t", tracks=[track.deepcopy() for track in held])
    picture = conformed(shared_bench, held)
    assert abs(float(picture.duration) - timeline.tracks.duration().to_seconds()) < 1e-3
