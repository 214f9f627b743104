"""Reading OTIO documents, sound and broken."""

import json
import time
from typing import Any

import opentimelineio as otio
import pytest
from sonique_daemon.errors import LimitExceeded, TimelineUnreadable
from sonique_daemon.timeline.document import MAX_BYTES, read_document


def frames(first: float, count: float, rate: float = 24) -> Any:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(first, rate), otio.opentime.RationalTime(count, rate))


def edit(**more: Any) -> Any:
    clip = otio.schema.Clip("A003", otio.schema.ExternalReference("a.mov"), frames(0, 24), **more)
    return otio.schema.Timeline("edit", tracks=[otio.schema.Track("V1", children=[clip])])


def unreadable(text: str) -> str:
    with pytest.raises(TimelineUnreadable) as caught:
        read_document(text)
    return caught.value.sentence


def nested(depth: int) -> str:
    opened = (
        '{"OTIO_SCHEMA":"Stack.1","metadata":{},"name":"s","source_range":null,"effects":[],"markers":[],"children":['
    )
    return opened * depth + "]}" * depth


def test_a_timeline_is_read() -> None:
    assert read_document(edit().to_json_string()).name == "edit"


def test_a_byte_order_mark_is_no_harm() -> None:
    assert read_document("\ufeff" + edit().to_json_string()).name == "edit"


@pytest.mark.parametrize("kind", ["stack", "track", "clip"])
def test_what_stands_alone_is_wrapped_into_a_timeline(kind: str) -> None:
    timeline = edit()
    item = {"stack": timeline.tracks, "track": timeline.tracks[0], "clip": timeline.tracks[0][0]}[kind]
    read = read_document(item.to_json_string())
    assert (read.name, read.tracks[0][0].name) == (item.name, "A003")


def test_a_collection_with_one_timeline_is_that_timeline() -> None:
    clip = otio.schema.Clip("bin")
    assert read_document(otio.schema.SerializableCollection("bin", [clip, edit()]).to_json_string()).name == "edit"


def test_a_collection_of_several_timelines_is_ambiguous() -> None:
    collection = otio.schema.SerializableCollection("bin", [edit(), edit()])
    assert "must hold one timeline, but holds 2 (“edit”, “edit”)" in unreadable(collection.to_json_string())
    assert "holds 0 (none)" in unreadable(otio.schema.SerializableCollection().to_json_string())


def test_a_marker_or_a_number_is_no_timeline() -> None:
    assert "is a Marker and no timeline" in unreadable(otio.schema.Marker().to_json_string())
    assert "is a plain JSON value" in unreadable("42")
    assert "is a plain JSON value" in unreadable('{"tracks": []}')


@pytest.mark.parametrize("text", ["", "{", "not json", '{"OTIO_SCHEMA": "Timeline.1",}', "[1, 2", '"', "\x00"])
def test_broken_json_is_called_broken(text: str) -> None:
    assert "broken JSON" in unreadable(text)


def test_every_truncation_of_a_document_is_unreadable() -> None:
    text = edit().to_json_string().rstrip()
    for end in range(0, len(text), 97):
        unreadable(text[:end])


def test_text_that_is_no_unicode_is_unreadable() -> None:
    assert "UTF-8" in unreadable('{"a": "\udc80"}')


def test_an_unknown_schema_is_named() -> None:
    assert "“Storyboard.3”" in unreadable('{"OTIO_SCHEMA": "Storyboard.3", "name": "x"}')
    inside = edit().to_json_string().replace("ExternalReference.1", "CloudReference.1")
    assert "“CloudReference.1”" in unreadable(inside)


def test_a_newer_schema_is_named() -> None:
    assert "“Clip.9”" in unreadable(edit().to_json_string().replace("Clip.2", "Clip.9"))


def test_a_field_of_the_wrong_type_is_unreadable() -> None:
    document = json.loads(edit().to_json_string())
    document["tracks"] = 5
    sentence = unreadable(json.dumps(document))
    assert "no OTIO document that can be understood" in sentence
    assert "opentimelineio" not in sentence


@pytest.mark.parametrize("depth", [150, 1000, 100_000])
def test_nesting_that_is_too_deep_is_one_clear_error(depth: int) -> None:
    assert "nested more than 200 levels" in unreadable(nested(depth))
    assert "nested more than 200 levels" in unreadable("[" * depth * 2)


def test_deep_nesting_within_the_limit_is_read() -> None:
    assert read_document(nested(99)).name == "s"


def test_brackets_in_names_are_no_nesting() -> None:
    timeline = edit()
    timeline.name = '[{"' * 300 + "\\"
    assert read_document(timeline.to_json_string()).name == timeline.name


def looped(schema: str, children: str) -> str:
    return (
        f'{{"OTIO_SCHEMA":"{schema}.1","OTIO_REF_ID":"{schema}","metadata":{{}},"name":"n","source_range":null,'
        f'"effects":[],"markers":[],"kind":"Video","children":[{children}]}}'
    )


@pytest.mark.parametrize("target", ["Stack", "Track"])
def test_an_item_that_contains_itself_is_unreadable(target: str) -> None:
    reference = f'{{"OTIO_SCHEMA":"SerializableObjectRef.1","id":"{target}"}}'
    stack = looped("Stack", looped("Track", reference))
    timeline = f'{{"OTIO_SCHEMA":"Timeline.1","metadata":{{}},"name":"t","global_start_time":null,"tracks":{stack}}}'
    assert "contains itself" in unreadable(timeline)
    assert "contains itself" in unreadable(looped(target, reference))


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e200", "-5"])
def test_a_duration_that_is_none_names_its_clip(number: str) -> None:
    text = edit().to_json_string().replace('"value": 24.0', f'"value": {number}')
    assert "Clip “A003”" in unreadable(text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "0", "0.0", "-24.0", "1e-9", "1e300"])
def test_a_rate_that_is_none_names_its_clip(number: str) -> None:
    text = edit().to_json_string().replace('"rate": 24.0', f'"rate": {number}')
    sentence = unreadable(text)
    assert "Clip “A003”" in sentence
    assert "rate" in sentence


@pytest.mark.parametrize("place", ["marker", "transition", "start", "available", "sequence", "stack", "other"])
def test_a_rate_of_nothing_is_found_wherever_it_hides(place: str) -> None:
    bad, timeline = otio.opentime.RationalTime(0, 0), edit()
    track, clip = timeline.tracks[0], timeline.tracks[0][0]
    span = otio.opentime.TimeRange(bad, bad)
    if place == "marker":
        clip.markers.append(otio.schema.Marker("m", span))
    elif place == "transition":
        track.append(otio.schema.Transition("t", "SMPTE_Dissolve", bad, bad))
    elif place == "start":
        timeline.global_start_time = bad
    elif place == "available":
        clip.media_reference.available_range = span
    elif place == "sequence":
        clip.media_reference = otio.schema.ImageSequenceReference("/a", "b", ".png", rate=0)
    elif place == "stack":
        timeline.tracks.source_range = span
    else:
        clip.set_media_references({"a": otio.schema.ExternalReference("x", span), "b": clip.media_reference}, "b")
    assert "rate of 0.0" in unreadable(timeline.to_json_string())


@pytest.mark.parametrize("scalar", ["NaN", "Infinity", "1e9"])
def test_a_speed_that_is_none_names_its_clip(scalar: str) -> None:
    text = edit(effects=[otio.schema.LinearTimeWarp(time_scalar=2)]).to_json_string()
    text = text.replace('"time_scalar": 2.0', f'"time_scalar": {scalar}')
    assert unreadable(text).startswith("The speed of Clip “A003” is ")


def test_a_document_over_sixteen_mebibytes_is_refused() -> None:
    timeline = edit()
    timeline.metadata["x"] = "ä" * (MAX_BYTES // 2)
    with pytest.raises(LimitExceeded, match="16 MiB"):
        read_document(timeline.to_json_string())


def test_a_document_with_a_hundred_rates_is_refused() -> None:
    clips = [otio.schema.Clip(str(n), None, frames(0, 24, 24 + n / 7)) for n in range(100)]
    with pytest.raises(LimitExceeded, match="100 different rates"):
        read_document(otio.schema.Track(children=clips).to_json_string())


@pytest.mark.parametrize("digits", [-1, 33, 1_000_000_000])
def test_image_numbers_of_no_or_endless_digits_are_refused(digits: int) -> None:
    reference = otio.schema.ImageSequenceReference("/shots", "a.", ".png", 1, 1, 24, digits)
    clip = otio.schema.Clip("A003", reference, frames(0, 24))
    timeline = otio.schema.Timeline("edit", tracks=[otio.schema.Track("V1", children=[clip])])
    assert f"are to have {digits} digits" in unreadable(timeline.to_json_string())


def test_a_time_that_lacks_a_brace_is_broken_json() -> None:
    text = edit().to_json_string()
    place = text.index("}", text.index('"start_time"'))
    assert "broken JSON: Expecting" in unreadable(text[:place] + text[place + 1 :])


def test_a_text_without_an_end_is_looked_through_once() -> None:
    began = time.monotonic()
    assert "broken JSON" in unreadable('{"name": "' + '\\"' * 200_000)
    assert time.monotonic() - began < 5
