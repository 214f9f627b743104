import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from sonique_blender.core.errors import NoPicture, NoRange, Unreadable
from sonique_blender.core.ranges import Cue, Which, Wish, choose, cues, sections
from sonique_blender.core.reading import Reading, read, rendered
from sonique_blender.core.strips import Look, Marker, Media, Snapshot, Span, Strip

RATE = Fraction(24)
WHOLE = Span(1, 121)


def movie(name: str, channel: int, span: Span, **more: object) -> Strip:
    media = Media(f"/films/{name}.mp4", rate=RATE)
    given = {"content_start": Fraction(span.start), "content_frames": span.frames, "media": media, **more}
    return Strip(name, "MOVIE", channel, span, **given)  # type: ignore[arg-type]


def scene(*strips: Strip, **more: object) -> Snapshot:
    return Snapshot("Scene", 7, RATE, WHOLE, size=(320, 180), strips=strips, **more)  # type: ignore[arg-type]


def shown(reading: Reading) -> list[tuple[str, int]]:
    """Names and lengths of what the document's picture holds, gaps by the name ""."""
    timeline = otio.adapters.read_from_string(reading.document, "otio_json")
    return [(item.name, int(item.source_range.duration.value)) for item in timeline.tracks[0]]


def test_the_topmost_strip_shows_and_holes_are_gaps() -> None:
    reading = read(scene(movie("a", 1, Span(1, 61)), movie("b", 2, Span(31, 41)), movie("c", 1, Span(81, 200))))
    assert shown(reading) == [("a", 30), ("b", 10), ("a", 20), ("", 20), ("c", 40)]


def test_a_meta_shows_between_its_handles_alone() -> None:
    inside = movie("inside", 1, Span(1, 200))
    meta = Strip("meta", "META", 3, Span(31, 61), look=Look("ALPHA_OVER"), strips=(inside,))
    assert shown(read(scene(movie("a", 1, WHOLE), meta))) == [("a", 30), ("inside", 30), ("a", 60)]


def test_a_meta_that_replaces_what_lies_below_is_black_where_it_is_empty() -> None:
    inside = movie("inside", 1, Span(41, 51))
    meta = Strip("meta", "META", 3, Span(31, 61), strips=(inside,))
    found = shown(read(scene(movie("a", 1, WHOLE), meta)))
    assert found == [("a", 30), ("", 10), ("inside", 10), ("", 10), ("a", 60)]


def test_a_strip_that_an_effect_works_on_shows_by_itself_outside_of_it() -> None:
    glow = Strip("glow", "GLOW", 2, Span(31, 61), inputs=("a",))
    reading = read(scene(movie("a", 1, WHOLE), glow))
    assert [str(reason) for reason in reading.needs_render] == ["an effect"]
    assert reading.cuts == (1,)


def test_what_lies_hidden_is_no_reason_to_render() -> None:
    grey = movie("grey", 1, WHOLE, look=Look(saturation=0))
    assert read(scene(grey, movie("over", 2, WHOLE))).needs_render == ()
    assert read(scene(grey)).needs_render == ("changed colours",)


def test_a_rendered_film_stands_in_the_document_with_its_cuts() -> None:
    strips = (movie("a", 1, Span(1, 41), retimed=True), movie("b", 1, Span(41, 121)))
    reading = rendered(read(scene(*strips)), Path("/renders/film.mp4"), None)
    assert shown(reading) == [("Shot 1", 40), ("Shot 2", 80)]
    assert reading.media_roots == ("/renders",)


def test_a_range_that_begins_before_frame_zero_has_a_record_clock_from_zero() -> None:
    reading = read(scene(movie("a", 1, Span(-100, 100))), Wish(span=Span(-50, 50)))
    assert reading.record_start == 0
    assert json.loads(reading.document)["global_start_time"]["value"] == 0


def test_cues_last_to_the_next_or_to_a_marker_that_ends_them() -> None:
    marks = (Marker("cue: chase", 10), Marker("hit", 20), Marker("Cue calm", 50), Marker("end", 90))
    assert cues(scene(markers=marks), WHOLE) == (Cue("chase", Span(10, 50)), Cue("calm", Span(50, 90)))
    assert cues(scene(markers=(Marker("hit", 20),)), WHOLE) == (Cue("", WHOLE),)


def test_music_of_our_own_is_neither_selected_nor_heard() -> None:
    music = Strip("music", "SOUND", 5, Span(1, 400), selected=True, media=Media("/m.wav"), job="job-1")
    found = read(scene(movie("a", 1, Span(11, 91), selected=True), music), Wish(Which.SELECTION))
    assert found.span == Span(11, 91)
    assert "m.wav" not in found.document


def test_without_sound_strips_the_films_own_sound_is_not_taken_for_the_timeline_s() -> None:
    timeline = otio.adapters.read_from_string(read(scene(movie("a", 1, WHOLE))).document, "otio_json")
    assert [track.kind for track in timeline.tracks] == ["Video", "Audio"]


def test_an_unsaved_relative_path_a_hole_and_an_empty_range_are_refused_in_words() -> None:
    lost = movie("lost", 1, WHOLE)
    with pytest.raises(Unreadable, match="save “Scene” first"):
        read(scene(replace(lost, media=Media("", present=False))))
    with pytest.raises(NoPicture, match=r"“lost” was not found at /gone\.mp4"):
        read(scene(replace(lost, media=Media("/gone.mp4", present=False))))
    with pytest.raises(NoPicture, match="Nothing shows in “Scene” from frame 1 to 120"):
        read(scene())
    with pytest.raises(NoRange, match="frames 5 to 4, is empty"):
        read(scene(), Wish(span=Span(5, 5)))


def test_a_film_longer_than_a_cue_may_be_is_scored_cue_by_cue() -> None:
    film = replace(scene(markers=(Marker("cue: one", 1), Marker("cue: two", 20_000))), scene_span=Span(1, 60_000))
    with pytest.raises(NoRange, match="at most 30 minutes"):
        choose(film, Wish(Which.SCENE))
    assert sections(film, Wish(Which.SCENE)) == (Cue("one", Span(1, 20_000)), Cue("two", Span(20_000, 60_000)))


def test_before_frame_0_there_are_only_ranges_whose_files_can_be_read() -> None:
    film, where = movie("a", 1, Span(-50, 121)), Wish(span=Span(-40, 80))
    assert read(scene(film), where).span == Span(-40, 80)
    with pytest.raises(NoRange, match="begins at frame -40 and holds what Blender must render"):
        read(scene(replace(film, retimed=True)), where)
    packed = Strip("talk", "SOUND", 3, Span(1, 49), media=Media("", packed=True))
    with pytest.raises(NoRange, match="choose a range from there"):
        read(scene(film, packed), where)
