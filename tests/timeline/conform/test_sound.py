"""Conform: production sound."""

from fractions import Fraction
from typing import Any

import opentimelineio as otio
from sonique_daemon.domain.picture import Source


def heard(picture: Any) -> list[tuple[str, float, float, float]]:
    """(file, start, end, media start) of every clip of sound."""
    return [
        (clip.source.path.rsplit("/", 1)[1], float(clip.record.start), float(clip.record.end), float(clip.source.start))
        for clip in picture.sound
    ]


def sounding(bench: Any, name: str, first: float = 0, count: float = 24, **more: Any) -> Any:
    bench.media(f"{name}.mov", has_sound=True)
    return bench.clip(name, first, count, **more)


def wav(bench: Any, name: str, first: float = 0, count: float = 24) -> Any:
    path = bench.media(f"{name}.wav", 0, 0, has_picture=False, has_sound=True)
    return otio.schema.Clip(name, otio.schema.ExternalReference(path), bench.frames(first, count))


def test_every_audio_track_sounds(bench: Any) -> None:
    picture = bench.conform(
        bench.track(sounding(bench, "a", 0, 48)),
        bench.track(bench.gap(12), wav(bench, "voice", 24, 24), kind="Audio"),
        bench.track(wav(bench, "room", 0, 48), kind="Audio"),
    )
    assert heard(picture) == [("room.wav", 0, 2, 0), ("voice.wav", 0.5, 1.5, 1)]


def test_without_audio_tracks_the_visible_files_sound(bench: Any) -> None:
    high = bench.track(bench.gap(24), sounding(bench, "high"))
    picture = bench.conform(bench.track(sounding(bench, "low", 10, 72), bench.clip("silent")), high)
    assert [item[:3] for item in heard(picture)] == [("low.mov", 0, 1), ("high.mov", 1, 2), ("low.mov", 2, 3)]


def test_an_audio_track_that_is_off_or_empty_means_silence(bench: Any) -> None:
    off = bench.track(wav(bench, "voice"), kind="Audio")
    off.enabled = False
    assert bench.conform(bench.track(sounding(bench, "a")), off).sound == ()
    assert bench.conform(bench.track(sounding(bench, "a")), bench.track(kind="Audio")).sound == ()


def test_the_range_trims_sound(bench: Any) -> None:
    tracks = bench.track(bench.clip("a", 0, 96)), bench.track(wav(bench, "voice", 24, 96), kind="Audio")
    assert heard(bench.conform(*tracks, text="1-2.5")) == [("voice.wav", 0, 1.5, 2)]


def test_the_same_file_on_two_channels_tracks_sounds_once(bench: Any) -> None:
    left, right = (bench.track(wav(bench, "voice"), kind="Audio") for _ in "LR")
    assert len(bench.conform(bench.track(bench.clip("a")), left, right).sound) == 1


def test_sound_that_is_lost_is_a_warning(bench: Any) -> None:
    lost = otio.schema.Clip("x", otio.schema.ExternalReference("lost.wav"), bench.frames(0, 24))
    picture = bench.conform(bench.track(bench.clip("a")), bench.track(lost, kind="Audio"))
    assert picture.sound == ()
    assert any("lost.wav" in warning for warning in picture.warnings)


def test_a_lost_film_is_told_once_though_it_is_seen_and_heard(bench: Any) -> None:
    lost = otio.schema.Clip("x", otio.schema.ExternalReference("lost.mov"), bench.frames(0, 24))
    picture = bench.conform(bench.track(bench.clip("a"), lost), bench.track(lost.deepcopy(), kind="Audio"))
    assert len(picture.warnings) == 1


def test_sound_of_a_nested_stack_comes_from_its_audio_tracks(bench: Any) -> None:
    nested = otio.schema.Stack(
        "n",
        children=[bench.track(sounding(bench, "a", 0, 48)), bench.track(wav(bench, "voice", 0, 48), kind="Audio")],
        source_range=bench.frames(12, 24),
    )
    picture = bench.conform(bench.track(bench.gap(24), nested))
    assert heard(picture) == [("voice.wav", 1, 2, 0.5)]
    assert bench.told(picture) == [("", 0, 1), ("a", 1, 2)]


def test_a_stack_of_pictures_on_an_audio_track_sounds(bench: Any) -> None:
    nested = otio.schema.Stack("n", children=[bench.track(sounding(bench, "a"))])
    picture = bench.conform(bench.track(bench.clip("v")), bench.track(nested, kind="Audio"))
    assert heard(picture) == [("a.mov", 0, 1, 0)]


def test_a_sped_up_clip_sounds_sped_up_and_a_freeze_is_silent(bench: Any) -> None:
    fast = sounding(bench, "a", effects=[otio.schema.LinearTimeWarp(time_scalar=2)])
    frozen = sounding(bench, "b", effects=[otio.schema.FreezeFrame()])
    picture = bench.conform(bench.track(fast, frozen))
    assert [clip.source for clip in picture.sound] == [
        Source(str(bench.folder / "a.mov"), Fraction(0), Fraction(2)),
    ]


def test_a_freeze_on_an_audio_track_is_silent(bench: Any) -> None:
    frozen = sounding(bench, "b", effects=[otio.schema.FreezeFrame()])
    assert bench.conform(bench.track(bench.clip("a")), bench.track(frozen, kind="Audio")).sound == ()


def test_a_nested_stack_takes_its_whole_length_however_short_its_sound(bench: Any) -> None:
    def nested(name: str) -> Any:
        tracks = [bench.track(bench.clip("v", 0, 48)), bench.track(wav(bench, name), kind="Audio")]
        return otio.schema.Stack(name, children=tracks)

    assert heard(bench.conform(bench.track(nested("one"), nested("two")))) == [
        ("one.wav", 0, 1, 0),
        ("two.wav", 2, 3, 0),
    ]


def test_generators_and_silent_files_on_audio_tracks_are_silent(bench: Any) -> None:
    tone = otio.schema.Clip("tone", otio.schema.GeneratorReference(generator_kind="Tone"), bench.frames(0, 24))
    picture = bench.conform(bench.track(bench.clip("a")), bench.track(tone, bench.clip("mute"), kind="Audio"))
    assert (picture.sound, picture.warnings) == ((), ())
