"""Timelines that are opened here before a daemon elsewhere sees them, a stranger's too."""

import json
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from sonique_sending.document import read_document
from sonique_sending.finder import Finder

TIME = {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": 0.0}
AGAIN = {"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "all"}


def holding(child: Any, **more: Any) -> str:
    track = {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [child]}
    return json.dumps(
        {
            "OTIO_SCHEMA": "Timeline.1",
            "OTIO_REF_ID": "timeline",
            "tracks": {"OTIO_SCHEMA": "Stack.1", "OTIO_REF_ID": "all", "children": [track]},
            **more,
        }
    )


def old_clip(**more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Clip.1", "name": "a", **more}


def test_an_old_timeline_is_read() -> None:
    found = read_document(holding(old_clip(media_reference={"OTIO_SCHEMA": "ExternalReference.1", "target_url": "a"})))
    assert isinstance(found, otio.schema.Timeline)


@pytest.mark.parametrize(
    "text",
    [
        holding(AGAIN),
        holding(old_clip(media_references={"DEFAULT_MEDIA": {"OTIO_SCHEMA": "ExternalReference.1"}})),
        holding(old_clip(), metadata={"whole": {**AGAIN, "id": "timeline"}}),
        holding(old_clip(), metadata={"unknown": {"OTIO_SCHEMA": "UnknownSchema.1"}}),
        holding(old_clip(), global_start_time={**TIME, "clip": old_clip()}),
        holding(old_clip(), global_start_time={**TIME, "time": {**TIME, "OTIO_SCHEMA": "RationalTime.0"}}),
        holding(old_clip(), metadata={"deep": json.loads("[" * 500 + "]" * 500)}),
    ],
    ids=[
        "holds itself",
        "an old clip with what new ones have",
        "holds itself in its metadata",
        "unknown by name",
        "a clip in a time",
        "a time of no version",
        "nested deeply",
    ],
)
def test_what_would_end_the_process_is_left_to_the_daemon_to_refuse(text: str) -> None:
    assert read_document(text) is None


@pytest.mark.parametrize("url", ["x" * 300, "a\0b", "file:///" + "x/" * 3000])
def test_a_folder_that_no_disk_can_have_is_nowhere(tmp_path: Path, url: str) -> None:
    assert Finder(tmp_path, []).folder(url) is None
