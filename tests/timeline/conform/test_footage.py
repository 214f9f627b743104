"""Conform: which frame of which file shows, and what happens where there is none."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from sonique_daemon.domain.picture import Source
from sonique_daemon.domain.request import Timeline
from sonique_daemon.errors import MediaNotFound, MediaUnreadable, NothingToSee, PathRefused, TimelineUnreadable
from sonique_daemon.timeline.conform import conform
from sonique_daemon.timeline.locator import MediaLocator
from sonique_daemon.timeline.roots import Roots

HOUR = 86_400
"""Frames in an hour at 24."""


def missing(name: str, frames: Any, reference: Any = None) -> Any:
    return otio.schema.Clip(name, reference or otio.schema.MissingReference(), frames)


def test_a_clip_without_any_range_plays_its_whole_file(bench: Any) -> None:
    path = bench.media("trip.mov", Fraction(1001, 30), Fraction(30_000, 1001), has_sound=True)
    picture = bench.conform(bench.track(otio.schema.Clip("trip", otio.schema.ExternalReference(path))))
    assert picture.rate == Fraction(30_000, 1001)
    assert picture.duration == Fraction(1001, 30)
    assert picture.shots[0].source == Source(path, Fraction(0))
    assert [clip.source.path for clip in picture.sound] == [path]


def test_a_whole_file_with_its_own_timecode_starts_at_its_first_frame(bench: Any) -> None:
    rate = Fraction(24_000, 1001)
    path = bench.media("tc.mov", 10, rate, start_timecode=HOUR / rate)
    start = otio.opentime.RationalTime(0, 24)
    picture = bench.conform(bench.track(otio.schema.Clip("", otio.schema.ExternalReference(path))), start=start)
    assert (picture.start, picture.duration, picture.shots[0].source.start) == (0, 10, 0)
    assert (picture.name, picture.shots[0].name) == ("edit", "tc.mov")


def test_a_clip_with_an_available_range_alone_plays_that(bench: Any) -> None:
    path = bench.media("a.mov")
    reference = otio.schema.ExternalReference(path, bench.frames(HOUR, 48))
    picture = bench.conform(bench.track(otio.schema.Clip("a", reference)))
    assert (picture.duration, picture.shots[0].source.start) == (2, 0)


@pytest.mark.parametrize(
    ("available", "timecode", "first"),
    [
        (None, None, 240),
        (0, None, 240),
        (HOUR, None, HOUR + 240),
        (HOUR, Fraction(3600), HOUR + 240),
        (None, Fraction(3600), HOUR + 240),
        (None, Fraction(3600), 240),
        (0, Fraction(3600), 240),
        (0, Fraction(3600), HOUR + 240),
        (HOUR, None, 240),
        (7, None, 247),
    ],
)
def test_media_time_is_found_however_the_editing_program_counts_it(
    bench: Any, available: int | None, timecode: Fraction | None, first: int
) -> None:
    bench.media("a.mov", start_timecode=timecode)
    held = None if available is None else bench.frames(available, 2400)
    (shot,) = bench.conform(bench.track(bench.clip("a", first, available=held))).shots
    assert shot.source.start == 10


@pytest.mark.parametrize("rate", [Fraction(24_000, 1001), Fraction(25)])
def test_a_timecode_counted_at_the_timelines_rate_is_understood(bench: Any, rate: Fraction) -> None:
    hour = Fraction(HOUR) / rate if rate < 24 else Fraction(3600)
    bench.media("a.mov", rate=rate, start_timecode=hour)
    (shot,) = bench.conform(bench.track(bench.clip("a", HOUR + 240, 24, 24))).shots
    assert shot.source.start == 10


def test_a_clip_past_the_end_of_its_file_is_black_with_a_warning(bench: Any) -> None:
    bench.media("short.mov", 5)
    picture = bench.conform(bench.track(bench.clip("short", 24 * 60), bench.clip("b")))
    assert [shot.source is None for shot in picture.shots] == [True, False]
    assert any("short.mov” has only 5.00 s" in warning for warning in picture.warnings)


def test_a_still_is_held_for_the_clips_length(bench: Any) -> None:
    bench.media("title.png", 0, 0)
    reference = otio.schema.ExternalReference(str(bench.folder / "title.png"))
    clip = otio.schema.Clip("title", reference, bench.frames(500, 72))
    (shot,) = bench.conform(bench.track(clip)).shots
    assert (shot.record.duration, shot.source.start, shot.source.speed) == (3, 0, 0)


def test_a_still_without_a_length_is_refused(bench: Any) -> None:
    path = bench.media("title.png", 0, 0)
    with pytest.raises(MediaUnreadable, match="is a still"):
        bench.conform(bench.track(otio.schema.Clip("t", otio.schema.ExternalReference(path))))


def test_a_video_without_picture_is_refused(bench: Any) -> None:
    path = bench.media("song.mp4", 0, 0, has_picture=False, has_sound=True)
    with pytest.raises(MediaUnreadable, match=r"“song\.mp4” has no picture"):
        bench.conform(bench.track(otio.schema.Clip("song", otio.schema.ExternalReference(path))))


def test_the_one_clip_that_is_not_there_is_named(bench: Any) -> None:
    clip = otio.schema.Clip("A003", otio.schema.ExternalReference("/nowhere/A003.mov"))
    with pytest.raises(MediaNotFound) as caught:
        bench.conform(bench.track(clip))
    assert caught.value.sentence == (
        "Clip “A003.mov” was not found at /nowhere/A003.mov; relink it or pass --media-root."
    )


def test_the_one_clip_outside_the_roots_is_refused(bench: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.mov"
    outside.write_bytes(b"x")
    with pytest.raises(PathRefused, match=r"secret\.mov"):
        bench.conform(bench.track(otio.schema.Clip("s", otio.schema.ExternalReference(str(outside)))))


def test_a_clip_that_cannot_be_found_is_black_with_a_warning(bench: Any) -> None:
    lost = missing("lost", bench.frames(0, 24), otio.schema.ExternalReference("lost.mov"))
    picture = bench.conform(bench.track(bench.clip("a"), lost, bench.clip("b")))
    assert bench.told(picture) == [("a", 0, 1), ("lost", 1, 2), ("b", 2, 3)]
    assert picture.shots[1].source is None
    assert [warning for warning in picture.warnings if "“lost.mov” was not found" in warning]


def test_a_file_that_cannot_be_found_hides_what_lies_below(bench: Any) -> None:
    lost = missing("lost", bench.frames(0, 24), otio.schema.ExternalReference("lost.mov"))
    picture = bench.conform(bench.track(bench.clip("low", 0, 48)), bench.track(lost))
    assert [(shot.name, shot.source is None) for shot in picture.shots] == [("lost", True), ("low", False)]


def test_a_lost_file_is_warned_of_once(bench: Any) -> None:
    lost = [missing(f"l{i}", bench.frames(i * 48, 24), otio.schema.ExternalReference("lost.mov")) for i in range(5)]
    picture = bench.conform(bench.track(bench.clip("a"), *lost))
    assert len(picture.warnings) == 1


def test_where_every_clip_fails_there_is_nothing_to_see(bench: Any) -> None:
    lost = [missing(n, bench.frames(0, 24), otio.schema.ExternalReference(f"{n}.mov")) for n in ("one", "two")]
    with pytest.raises(NothingToSee, match=r"None of the 2 clips .* “one\.mov” was not found"):
        bench.conform(bench.track(*lost))


def test_where_only_the_range_fails_there_is_nothing_to_see(bench: Any) -> None:
    lost = missing("lost", bench.frames(0, 24), otio.schema.ExternalReference("lost.mov"))
    track = bench.track(bench.clip("a"), lost)
    with pytest.raises(MediaNotFound):
        bench.conform(track, text="1-2")


def test_files_outside_the_range_are_not_looked_at(bench: Any) -> None:
    lost = missing("lost", bench.frames(0, 24), otio.schema.ExternalReference("lost.mov"))
    assert bench.conform(bench.track(bench.clip("a"), lost), text="0-1").warnings == ()


def test_a_clip_without_media_is_black_with_a_warning(bench: Any) -> None:
    picture = bench.conform(bench.track(bench.clip("a"), missing("offline", bench.frames(0, 24))))
    assert [(shot.name, shot.source is None) for shot in picture.shots] == [("a", False), ("offline", True)]
    assert any("“offline” names no media file" in warning for warning in picture.warnings)


def test_a_title_without_media_lets_the_track_below_show_with_a_warning(bench: Any) -> None:
    title = missing("Text+", bench.frames(0, 24))
    picture = bench.conform(bench.track(bench.clip("low", 0, 48)), bench.track(bench.gap(12), title))
    assert bench.told(picture) == [("low", 0, 2)]
    assert picture.warnings == ("One clip names no media file (“Text+”): what lies below shows.",)


def test_colour_bars_are_black_and_no_failure(bench: Any) -> None:
    bars = missing("bars", bench.frames(0, 24), otio.schema.GeneratorReference(generator_kind="SMPTEBars"))
    picture = bench.conform(bench.track(bars))
    assert [(shot.name, shot.source) for shot in picture.shots] == [("bars", None)]
    assert picture.warnings == ()


def test_colour_bars_hide_what_lies_below_and_a_title_does_not(bench: Any) -> None:
    bars = missing("bars", bench.frames(0, 24), otio.schema.GeneratorReference(generator_kind="SMPTEBars"))
    text = missing("text", bench.frames(0, 24), otio.schema.GeneratorReference(generator_kind="Text"))
    picture = bench.conform(bench.track(bench.clip("low", 0, 72)), bench.track(bars, text))
    assert bench.told(picture) == [("bars", 0, 1), ("low", 1, 3)]


def test_a_clip_that_says_that_it_covers_nothing_lets_what_lies_below_show(bench: Any) -> None:
    logo = bench.clip("logo", 0, 48)
    logo.metadata["sonique"] = {"covers": False}
    picture = bench.conform(bench.track(bench.clip("low", 0, 24)), bench.track(logo))
    assert bench.told(picture) == [("low", 0, 1), ("logo", 1, 2)]
    assert picture.warnings == ()


def test_a_still_that_is_mostly_clear_lets_what_lies_below_show(bench: Any) -> None:
    reference = otio.schema.ExternalReference(bench.media("logo.png", 0, covers=False))
    logo = otio.schema.Clip("logo", reference, bench.frames(0, 48))
    picture = bench.conform(bench.track(bench.clip("low", 0, 24)), bench.track(logo))
    assert bench.told(picture) == [("low", 0, 1), ("logo", 1, 2)]


def test_a_title_over_nothing_is_a_black_shot_of_its_name(bench: Any) -> None:
    text = missing("text", bench.frames(0, 24), otio.schema.GeneratorReference(generator_kind="Text"))
    picture = bench.conform(bench.track(bench.clip("low")), bench.track(bench.gap(24), text))
    assert [(shot.name, shot.source is None) for shot in picture.shots] == [("low", False), ("text", True)]


def test_the_active_one_of_several_references_is_shown(bench: Any) -> None:
    proxy, full = bench.media("proxy.mov"), bench.media("full.mov")
    clip = bench.clip("a")
    references = {"proxy": otio.schema.ExternalReference(proxy), "full": otio.schema.ExternalReference(full)}
    clip.set_media_references(references, "full")
    assert bench.conform(bench.track(clip)).shots[0].source.path == full


def test_a_clip_of_the_first_schema_version_is_understood(bench: Any) -> None:
    path = bench.media("old.mov")
    old = (
        '{"OTIO_SCHEMA": "Clip.1", "name": "old", "metadata": {}, "effects": [], "markers": [], "source_range": null,'
        ' "media_reference": {"OTIO_SCHEMA": "ExternalReference.1", "name": "", "metadata": {},'
        f' "available_range": null, "target_url": "{path}"}}}}'
    )
    request = Timeline(old, folder=str(bench.folder))
    picture = conform(request, MediaLocator.for_request(request, Roots(())), bench.probe)
    assert picture.name == "old"
    assert picture.shots[0].source == Source(path, Fraction(0))


def test_a_broken_document_never_reaches_the_media(bench: Any) -> None:
    request = Timeline("{", folder=str(bench.folder))
    with pytest.raises(TimelineUnreadable):
        conform(request, MediaLocator.for_request(request, Roots(())), bench.probe)


def sequence(bench: Any, frames: Any = None, **more: Any) -> Any:
    fields = {"start_frame": 1001, "rate": 24.0, "frame_zero_padding": 4, **more}
    reference = otio.schema.ImageSequenceReference(str(bench.folder), "shot.", ".png", **fields)
    return otio.schema.Clip("shot", reference, frames)


def images(bench: Any, numbers: range) -> None:
    for number in numbers:
        bench.media(f"shot.{number:04d}.png", 0, 0)


@pytest.mark.parametrize(("available", "first"), [(1001, 1013), (0, 12), (None, 12), (None, 1013), (HOUR, HOUR + 12)])
def test_an_image_sequence_shows_its_numbered_images(bench: Any, available: int | None, first: int) -> None:
    images(bench, range(1001, 1101))
    held = None if available is None else bench.frames(available, 100)
    picture = bench.conform(bench.track(sequence(bench, bench.frames(first, 24), available_range=held)))
    (shot,) = picture.shots
    assert shot.source == Source(
        str(bench.folder / "shot.%04d.png"), Fraction(1, 2), rate=Fraction(24), first_frame=1001
    )


@pytest.mark.parametrize("name", ["shot.[1001-1100].png", "shot.%5B1001-1100%5D.png"])
@pytest.mark.parametrize("available", [1001, None])
def test_numbered_images_as_resolve_names_them_are_an_image_sequence(
    bench: Any, name: str, available: int | None
) -> None:
    images(bench, range(1001, 1101))
    held = None if available is None else bench.frames(available, 100)
    reference = otio.schema.ExternalReference(f"{bench.folder.as_uri()}/{name}", held)
    picture = bench.conform(bench.track(otio.schema.Clip("shot", reference, bench.frames(1013, 24))))
    assert picture.shots[0].source == Source(
        str(bench.folder / "shot.%04d.png"), Fraction(1, 2), rate=Fraction(24), first_frame=1001
    )


def test_a_film_with_brackets_in_its_name_is_a_film(bench: Any) -> None:
    film = bench.media("take [1-2].mov")
    reference = otio.schema.ExternalReference(film)
    picture = bench.conform(bench.track(otio.schema.Clip("a", reference, bench.frames(0, 24))))
    assert picture.shots[0].source == Source(film, Fraction(0))


def test_an_image_sequence_without_ranges_plays_all_its_images(bench: Any) -> None:
    images(bench, range(1001, 1049))
    picture = bench.conform(bench.track(sequence(bench)))
    assert (picture.duration, picture.shots[0].source.start, picture.rate) == (2, 0, 24)


def test_missing_images_are_a_warning(bench: Any) -> None:
    images(bench, range(1001, 1025, 2))
    picture = bench.conform(bench.track(sequence(bench, bench.frames(0, 24))))
    assert picture.shots[0].source is not None
    assert any(warning.startswith("11 images of “shot.1001.png”") for warning in picture.warnings)


def test_a_sequence_of_every_second_image_misses_none(bench: Any) -> None:
    images(bench, range(1001, 1025, 2))
    picture = bench.conform(bench.track(sequence(bench, frame_step=2)))
    assert (picture.warnings, picture.duration) == ((), 1)


def test_a_sequence_without_one_image_is_not_found(bench: Any) -> None:
    with pytest.raises(MediaNotFound, match=r"“shot\.1001\.png”"):
        bench.conform(bench.track(sequence(bench, bench.frames(0, 24))))


def test_an_edls_clip_is_found_by_its_name(bench: Any) -> None:
    bench.media("reels/A003.mov")
    timeline = bench.timeline(bench.track(missing("A003.mov", bench.frames(48, 24))))
    request = Timeline(timeline.to_json_string(), folder=str(bench.folder), media_roots=(str(bench.folder / "reels"),))
    picture = conform(request, MediaLocator.for_request(request, Roots(())), bench.probe)
    assert picture.shots[0].source == Source(str(Path(bench.folder) / "reels" / "A003.mov"), Fraction(2))


def test_a_name_that_means_a_file_which_may_not_be_opened_is_black_and_told(bench: Any, tmp_path_factory: Any) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "secret.mov"
    elsewhere.write_bytes(b"x")
    (bench.folder / "secret.mov").symlink_to(elsewhere)
    picture = bench.conform(bench.track(bench.clip("a"), missing("secret.mov", bench.frames(0, 24))))
    assert [shot.source is None for shot in picture.shots] == [False, True]
    assert any("lies outside the folders" in warning for warning in picture.warnings)


def edit_list(bench: Any, *clips: Any, assumed: bool = True) -> Any:
    document = bench.timeline(bench.track(*clips), start=otio.opentime.RationalTime(0, 24))
    document.metadata["cmx_3600"] = {"assumed_rate": assumed}
    return document


@pytest.mark.parametrize(("film", "said"), [(25, "25"), (24_000 / 1001, "23.976"), (30_000 / 1001, "29.97")])
def test_a_list_that_is_read_at_another_rate_than_its_films_have_is_doubted(bench: Any, film: float, said: str) -> None:
    bench.media("a.mov", rate=film)
    document = edit_list(bench, missing("a.mov", bench.frames(0, 24)), missing("a.mov", bench.frames(24, 24)))
    (warning,) = bench.conform_document(document).warnings
    assert warning.endswith(f"is read at 24 frames per second, but its films have {said}: say --rate {said}.")


@pytest.mark.parametrize(("film", "assumed"), [(24, True), (25, False), (12.5, True)])
def test_a_list_whose_rate_was_named_or_fits_is_not_doubted(bench: Any, film: float, assumed: bool) -> None:
    bench.media("a.mov", rate=film)
    assert bench.conform_document(edit_list(bench, bench.clip("a"), assumed=assumed)).warnings == ()


def test_a_still_says_nothing_of_a_rate(bench: Any) -> None:
    bench.media("a.mov", duration=0, rate=25)
    assert bench.conform_document(edit_list(bench, bench.clip("a"))).warnings == ()
