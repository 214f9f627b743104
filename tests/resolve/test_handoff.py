"""A scored timeline: nothing of the document is lost, and the music stands where it belongs, in whole frames."""

import contextlib
import copy
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sonique_daemon.domain.request import Timeline
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.timeline.reader import TimelineReader
from sonique_resolve.errors import OtioRefused
from sonique_resolve.fake import FakeDesk, Settings, World
from sonique_resolve.otio import (
    begins,
    is_resolves,
    media_paths,
    moved,
    read_document,
    unheard,
    with_cue,
    write_document,
)
from sonique_resolve.otio_ducking import Key
from sonique_resolve.otio_record import on_record_clock
from sonique_resolve.otio_sound import hold_frames

from tests.resolve.timelines import RATES, STARTS, Json, added, cue, resolves, span


def test_nothing_of_a_resolve_shaped_document_is_lost() -> None:
    before = resolves()
    text = write_document(with_cue(read_document(json.dumps(before)), cue(gain=(Key(0, 0.0), Key(5, -9.0)))))
    after = json.loads(text)
    assert added(after)["name"] == "Sonique"
    del after["tracks"]["children"][-1]
    assert after == before
    assert list(after) == list(before)


def test_the_document_that_was_handed_in_stays_as_it_was() -> None:
    document = resolves()
    kept = copy.deepcopy(document)
    with_cue(document, cue())
    assert document == kept


def test_the_new_track_has_resolves_shape() -> None:
    music = added(with_cue(resolves(rate=23.976), cue(Fraction(24_000, 1001))))
    gap, played = music["children"]
    reference = played["media_references"]["DEFAULT_MEDIA"]
    assert music["kind"] == "Audio"
    assert music["metadata"]["Resolve_OTIO"] == {"Audio Type": "Stereo", "Locked": False, "SoloOn": False}
    assert gap["source_range"] == span(0, 36, 23.976)
    assert played["source_range"] == span(0, 96, 23.976)
    assert reference["available_range"] == span(0, 97, 23.976)
    assert reference["target_url"] == "/music/scored.wav"
    assert [channel["Source Channel ID"] for channel in played["metadata"]["Resolve_OTIO"]["Channels"]] == [0, 1]


def test_any_other_document_stays_plain_otio() -> None:
    timeline = otio.schema.Timeline("plain")
    timeline.tracks.append(otio.schema.Track("V", kind="Video"))
    document = read_document(timeline.to_json_string())
    music = added(with_cue(document, cue(gain=(Key(0, 0.0), Key(5, -9.0)))))
    played = music["children"][-1]
    assert not is_resolves(document)
    assert music["metadata"] == {}
    assert played["effects"] == []
    assert played["media_references"]["DEFAULT_MEDIA"]["target_url"] == "file:///music/scored.wav"
    assert played["metadata"]["sonique"]["gain"] == [{"frame": 0, "db": 0.0}, {"frame": 5, "db": -9.0}]


def test_gain_becomes_keyframes_of_the_clips_volume_from_its_own_start() -> None:
    music = added(with_cue(resolves(), cue(gain=(Key(10, 0.0), Key(14, -9.0), Key(60, -9.0), Key(74, 0.0)))))
    (effect,) = music["children"][-1]["effects"]
    block = effect["metadata"]["Resolve_OTIO"]
    (volume,) = block["Parameters"]
    assert (block["Effect Name"], block["Type"]) == ("Fairlight Clip Volume and Fades", 62)
    assert {frame: key["Value"] for frame, key in volume["Key Frames"].items()} == {
        "10": 0.0,
        "14": -9.0,
        "60": -9.0,
        "74": 0.0,
    }


def test_without_speech_the_clip_has_no_volume_of_its_own() -> None:
    assert added(with_cue(resolves(), cue()))["children"][-1]["effects"] == []


def test_the_clip_says_where_it_comes_from() -> None:
    played = added(with_cue(resolves(), cue()))["children"][-1]
    assert played["metadata"]["sonique"] == {"job": "j1", "seed": 7, "gain": []}


def test_a_cue_at_the_very_beginning_has_no_gap_before_it() -> None:
    (played,) = added(with_cue(resolves(), cue(start_frame=0)))["children"]
    assert played["OTIO_SCHEMA"] == "Clip.2"


def test_a_second_cue_gets_a_track_with_a_name_of_its_own() -> None:
    twice = with_cue(with_cue(resolves(), cue()), cue(start_frame=140))
    assert [each["name"] for each in twice["tracks"]["children"]] == ["Video 1", "Audio 1", "Sonique", "Sonique 2"]


def test_earlier_music_over_the_same_frames_is_switched_off_and_other_is_not() -> None:
    first = with_cue(resolves(), cue(start_frame=36, frames=48))
    over = with_cue(first, cue(start_frame=80, frames=48))
    after = with_cue(first, cue(start_frame=84, frames=48))
    assert [scored["tracks"]["children"][2]["children"][1]["enabled"] for scored in (over, after)] == [False, True]


def test_earlier_music_is_not_taken_for_the_productions_sound() -> None:
    document = resolves()
    assert unheard(document) == document
    sent = unheard(with_cue(document, cue()))
    assert [track["enabled"] for track in sent["tracks"]["children"]] == [True, True, False]


def test_a_cue_before_the_timeline_is_refused() -> None:
    with pytest.raises(OtioRefused, match="before the timeline"):
        with_cue(resolves(), cue(start_frame=-1))


@pytest.mark.parametrize("hour", [False, True])
@pytest.mark.parametrize("name", RATES)
def test_every_rate_and_start_reads_back_exactly(name: str, hour: bool) -> None:
    rate, spelt = RATES[name]
    start = STARTS[name] if hour else 0
    document = read_document(write_document(with_cue(resolves(spelt, start), cue(rate))))
    assert begins(document) == start / rate
    timeline = otio.adapters.read_from_string(write_document(document), "otio_json")
    (played,) = timeline.tracks[-1].find_clips()
    place = played.range_in_parent()
    assert (place.start_time.value, place.duration.value) == (36, 96)
    assert timeline.global_start_time.value == start
    assert place.duration.rate == spelt


@pytest.mark.parametrize("name", ["23.976", "24", "25", "29.97 DF", "50", "59.94"])
@pytest.mark.parametrize("hour", [False, True])
def test_resolve_takes_the_scored_timeline_and_the_music_stands_to_the_frame(
    name: str, hour: bool, tmp_path: Path, wav: Callable[..., Path]
) -> None:
    rate, spelt = RATES[name]
    music = wav(97 / rate)
    held = hold_frames(music, 97, rate)
    start = STARTS[name] if hour else 0
    document = with_cue(resolves(spelt, start), cue(rate, media=music, media_frames=held, gain=(Key(3, -9.0),)))
    file = tmp_path / "scored.otio"
    file.write_text(write_document(document), encoding="utf-8")
    world = World(Settings(project_rate=name))
    pool = world.resolve.GetProjectManager().GetCurrentProject().GetMediaPool()
    assert pool.ImportTimelineFromFile(str(file), {"timelineName": "Scored"}) is not None
    own = world.named_track("Sonique")
    assert own is not None
    assert own.subtype == "stereo"
    (item,) = own.items
    assert (item.start, item.frames) == (start + 36, 96)
    assert item.media is not None
    assert item.media.path == str(music)
    assert item.properties["Keyframes"] == {3: -9.0}
    assert FakeDesk(world) is not None


@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("hour", [False, True])
def test_the_daemon_reads_the_scored_timeline_and_hears_the_music(
    name: str, hour: bool, film: Callable[..., Path], scene: Any, wav: Callable[..., Path]
) -> None:
    rate, spelt = RATES[name]
    picture = film("a.mp4", [scene(1)] * 12)
    music = wav(97 / rate)
    start = STARTS[name] if hour else 0
    document = resolves(spelt, start, str(picture), str(picture))
    text = write_document(with_cue(document, cue(rate, media=music, media_frames=hold_frames(music, 97, rate))))
    reader = TimelineReader(picture.parent, (picture.parent,))
    wanted = TimeRange((start + 36) / rate, 96 / rate)
    read = reader.read(Timeline(text, range=wanted))
    assert (read.rate, read.start, read.duration) == (rate, wanted.start, wanted.duration)
    (heard,) = read.sound
    assert heard.record == TimeRange(Fraction(0), 96 / rate)
    assert (heard.source.path, heard.source.start) == (str(music), Fraction(0))


def test_relative_media_are_found_from_another_folder(tmp_path: Path) -> None:
    document = resolves(film="media/a.mov")
    elsewhere = tmp_path / "out"
    elsewhere.mkdir()
    assert list(media_paths(moved(document, tmp_path, elsewhere))) == [str(tmp_path / "media/a.mov"), "/films/a.wav"]
    assert list(media_paths(moved(document, tmp_path, tmp_path))) == ["media/a.mov", "/films/a.wav"]
    windows = resolves(film="C:\\films\\a.mov", sound="file:///films/a.wav")
    assert moved(windows, tmp_path, elsewhere) == windows


def test_a_stack_a_track_or_a_clip_alone_is_wrapped() -> None:
    stack = resolves()["tracks"]
    for alone in (stack, stack["children"][0], stack["children"][0]["children"][0]):
        text = write_document(with_cue(read_document(json.dumps(alone)), cue()))
        timeline = otio.adapters.read_from_string(text, "otio_json")
        assert timeline.tracks[-1].name == "Sonique"


def test_the_only_timeline_of_a_collection_is_scored_in_its_place() -> None:
    collection = {"OTIO_SCHEMA": "SerializableCollection.1", "metadata": {"a": 1}, "name": "", "children": [resolves()]}
    scored = with_cue(read_document(json.dumps(collection)), cue())
    assert scored["children"][0]["tracks"]["children"][-1]["name"] == "Sonique"
    assert scored["metadata"] == {"a": 1}


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"OTIO_SCHEMA": "Timeline.1", "tracks": null}', "[" * 100_000])
def test_what_is_no_timeline_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(OtioRefused, match="export"):
        read_document(text)


def places(thing: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of a document."""
    if path:
        yield path
    entries = thing.items() if isinstance(thing, dict) else enumerate(thing) if isinstance(thing, list) else ()
    for key, value in entries:
        yield from places(value, (*path, key))


def hurt(path: tuple[Any, ...], value: object) -> Json:
    """A scored timeline with one value replaced."""
    document = with_cue(resolves(), cue())
    document["global_start_time"] = None
    document["tracks"]["children"][0]["source_range"] = span(-86_400, 240, 24.0)
    inner: Any = document
    for key in path[:-1]:
        inner = inner[key]
        if not isinstance(inner, dict | list):
            return document
    inner[path[-1]] = value
    return document


@given(
    path=st.sampled_from(list(places(with_cue(resolves(), cue())))),
    value=st.sampled_from([None, 1, -1.0, "x", [], {}, True, [1], {"a": 1}, "Track.1"]),
)
def test_a_damaged_document_is_taken_or_refused_with_a_sentence(path: tuple[Any, ...], value: object) -> None:
    with contextlib.suppress(OtioRefused):
        document = on_record_clock(read_document(json.dumps(hurt(path, value))))
        scored = with_cue(moved(unheard(document), Path("/a"), Path("/b")), cue())
        assert json.loads(write_document(scored)) == scored
        assert list(media_paths(scored))


def test_an_edit_list_gets_the_music_beside_its_tracks(tmp_path: Path) -> None:
    edl = tmp_path / "cut.edl"
    events = ["TITLE: CUT", "001  A V C 00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00", "* FROM CLIP NAME: a.mov"]
    edl.write_text("\n".join(events) + "\n")
    read = otio.adapters.read_from_file(str(edl), "cmx_3600", rate=24)
    document = on_record_clock(read_document(read.to_json_string()))
    assert begins(document) == 3600
    assert document["tracks"]["children"][0]["source_range"] is None
