"""The range as an OTIO document that the daemon conforms to the picture that Resolve shows."""

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

from sonique_client.folders import covering
from sonique_client.otio import Clip, Gap, Images, Json, Marker, RationalTime, Timeline, TimeRange, Track

from sonique_resolve import timeline as read_values
from sonique_resolve.exporting import OWN_MARKER, clips_in
from sonique_resolve.timeline import Item, Media, ReadRange, ReadTimeline

_IMAGES = re.compile(r"(?P<head>.*?)\[(?P<first>\d+)-(?P<last>\d+)\](?P<tail>[^/\\\[\]]*)", re.DOTALL)
"""How Resolve names an image sequence: ``/plates/shot.[1001-1100].exr``."""


def to_otio(found: ReadRange) -> str:
    """The document: record time as the timeline counts it, source time from each media's beginning.

    Items without media are left out, so that what lies below them shows; nested timelines are black.
    """
    if found.exported:
        return _lengthened(found)
    read = found.read
    timeline = Timeline(
        read.name,
        [floor(found), *(_track(found, track) for track in read.tracks if not track.own)],
        start=RationalTime(read.start_frame, float(read.rate.fps)),
        markers=markers_of(read),
        metadata={"drop_frame": read.rate.drop_frame},
    )
    return timeline.to_json()


def media_folders(found: ReadRange, most: int = 64) -> list[str]:
    """The folders of the media in the range, which the daemon is to be let into; at most ``most``.

    Where they are more, those that lie side by side are named by the folder above them.
    """
    return list(covering((path.parent for path in map(Path, _paths(found))), most))


def _paths(found: ReadRange) -> list[str]:
    """The paths of all media files of the range."""
    if found.film is not None:
        return [str(found.film.path)]
    if found.exported:
        document: dict[str, Any] = json.loads(found.exported)
        clips = clips_in(document["tracks"]["children"])
        references = [each for clip in clips for each in (clip.get("media_references") or {}).values() if each]
        return [str(each["target_url"]) for each in references if each.get("target_url")]
    media = [item.media for items in found.items.values() for item in items if item.media is not None]
    return [each.path for each in media if each.path]


class _Black(Clip):
    """A clip that covers what lies below it with black."""

    __slots__ = ()

    def _reference(self) -> Json:
        return {
            "OTIO_SCHEMA": "GeneratorReference.1",
            "name": "black",
            "available_range": None,
            "available_image_bounds": None,
            "generator_kind": "black",
            "parameters": {},
            "metadata": {},
        }


def _track(found: ReadRange, track: read_values.Track) -> Track:
    read = found.read
    children: list[Clip | Gap] = []
    at = read.start_frame
    for item in found.items.get((track.kind, track.index), ()):
        if item.media is None or item.end_frame <= at:
            continue
        start = max(at, item.start_frame)
        if start > at:
            children.append(nothing(read, start - at))
        children.append(_clip(read, item, start))
        at = item.end_frame
    kind = "Video" if track.kind == "video" else "Audio"
    return Track(children, kind, track.name, enabled=track.enabled)


def nothing(read: ReadTimeline, frames: int) -> Gap:
    """A gap of so many record frames."""
    return Gap(RationalTime(frames, float(read.rate.fps)))


def _clip(read: ReadTimeline, item: Item, start: int) -> Clip:
    """The item from record frame ``start`` on: how long it lasts in record frames, where it begins in the media's."""
    media = item.media
    assert media is not None
    fps = media.fps or read.rate.fps
    source = item.source_start or Fraction(0)
    if item.speed > 0:
        source += read.rate.seconds(start - item.start_frame) * item.speed
    length = RationalTime(item.end_frame - start, float(read.rate.fps))
    shown = TimeRange(RationalTime(float(source * fps), float(fps)), length)
    kind = _Black if media.nested else Clip
    return kind(
        media.name or media.file_name,
        None if kind is _Black else _files(media, fps),
        shown,
        _available(media, fps),
        float(item.speed),
        enabled=item.enabled,
    )


def _files(media: Media, fps: Fraction) -> Path | Images:
    match = _IMAGES.fullmatch(media.path)
    if match is None or not media.duration:
        return Path(media.path)
    folder, _, head = match["head"].replace("\\", "/").rpartition("/")
    return Images(Path(folder or "/"), head, match["tail"], int(match["first"]), len(match["first"]), float(fps))


def _available(media: Media, fps: Fraction) -> TimeRange | None:
    """All of the media, counted from its beginning, whatever its own timecode says."""
    if media.duration is None:
        return None
    return TimeRange(RationalTime(0, float(fps)), RationalTime(float(media.duration * fps), float(fps)))


def markers_of(read: ReadTimeline) -> list[Marker]:
    """The timeline's markers, without ours."""
    return [_marker(read, marker) for marker in read.markers if not marker.custom_data.startswith(OWN_MARKER)]


def _marker(read: ReadTimeline, marker: read_values.Marker) -> Marker:
    rate = float(read.rate.fps)
    at = RationalTime(marker.frame - read.start_frame, rate)
    return Marker(TimeRange(at, RationalTime(1, rate)), marker.name, marker.color.upper() or "BLUE")


def _lengthened(found: ReadRange) -> str:
    """Resolve's own document, as long as the range needs it, and with the markers, which Resolve leaves out of some."""
    document: dict[str, Any] = json.loads(found.exported)
    document["tracks"]["children"].insert(0, floor(found).to_data())
    document["tracks"]["markers"] = [marker.to_data() for marker in markers_of(found.read)]
    return json.dumps(document, ensure_ascii=False)


def floor(found: ReadRange) -> Track:
    """An empty track below all others, so that the timeline lasts to the end of the range."""
    return Track((nothing(found.read, found.range.end_frame - found.read.start_frame),))
