"""A rendered range as an OTIO document: the film, cut where the timeline is cut, in the place of its clips."""

import json
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

from sonique_client.otio import Clip, Gap, RationalTime, Timeline, TimeRange, Track

from sonique_resolve.document import floor, markers_of, nothing
from sonique_resolve.exporting import is_missing
from sonique_resolve.timeline import Film, ReadRange
from sonique_resolve.trimming import length_of

_ASIDE = 0.25
"""Frames by which every second shot begins late in the film. It shows the same frames; but a clip that goes on in its
file exactly where the one before it ended is one that an editor cut for no reason, and counts as no cut."""


def film_otio(found: ReadRange, film: Film) -> str:
    """The document: the film's picture as the shots that the timeline has there, and its sound where it holds some.

    Titles make no shots, and the cuts inside of nested timelines are not known; they are seen in the film.
    """
    read = found.read
    tracks = [floor(found), _track(found, film, "Video", joins(found))]
    if film.heard:
        tracks.append(_track(found, film, "Audio", ()))
    timeline = Timeline(
        read.name,
        tracks,
        start=RationalTime(read.start_frame, float(read.rate.fps)),
        markers=markers_of(read),
        metadata={"drop_frame": read.rate.drop_frame},
    )
    return timeline.to_json()


def joins(found: ReadRange) -> tuple[int, ...]:
    """The frames inside the range at which a clip of the picture begins or ends, in order."""
    places = _exported_edges(found) if found.exported else _edges(found)
    span = found.range
    return tuple(sorted({frame for frame in places if span.start_frame < frame < span.end_frame}))


def _edges(found: ReadRange) -> Iterator[int]:
    seen = {track.index for track in found.read.tracks if track.kind == "video" and track.enabled}
    for (kind, index), items in found.items.items():
        if kind == "video" and index in seen:
            for item in items:
                if item.media is not None and item.enabled:
                    yield from (item.start_frame, item.end_frame)


def _exported_edges(found: ReadRange) -> Iterator[int]:
    """The same of a document that Resolve wrote: titles are clips without a media file, nested timelines are stacks."""
    read = found.read
    data: dict[str, Any] = json.loads(found.exported)
    for track in data["tracks"]["children"]:
        if track.get("kind") != "Video" or not track.get("enabled", True):
            continue
        at = Fraction(0)
        for child in track.get("children") or []:
            length = length_of(child) or Fraction(0)
            schema = str(child.get("OTIO_SCHEMA", "")).partition(".")[0]
            shown = schema == "Stack" or (schema == "Clip" and not is_missing(child))
            if shown and child.get("enabled", True):
                yield from (read.start_frame + round(time * read.rate.fps) for time in (at, at + length))
            at += length


def _track(found: ReadRange, film: Film, kind: str, cuts: tuple[int, ...]) -> Track:
    """A track with the film on it, from the range's beginning to the film's end or the range's."""
    read, span = found.read, found.range
    frames = min(span.frames, int(film.duration * read.rate.fps + Fraction(1, 2)))
    end = span.start_frame + frames
    places = [span.start_frame, *(cut for cut in cuts if cut < end), end]
    children: list[Clip | Gap] = [nothing(read, span.start_frame - read.start_frame)] * (
        span.start_frame > read.start_frame
    )
    children += [_clip(found, film, pair, _ASIDE * (number % 2)) for number, pair in enumerate(pairwise(places))]
    return Track(children, kind, "Render")


def _clip(found: ReadRange, film: Film, frames: tuple[int, int], aside: float) -> Clip:
    rate = float(found.read.rate.fps)
    first, end = frames
    shown = TimeRange(RationalTime(first - found.range.start_frame + aside, rate), RationalTime(end - first, rate))
    available = TimeRange(RationalTime(0, rate), RationalTime(float(film.duration * found.read.rate.fps), rate))
    return Clip(film.path.name, film.path, shown, available)
