"""Record-in: tracks that say where they stand on the record clock by a trim that begins before their content."""

from typing import Any

import opentimelineio as otio


def on_record_clock(timeline: otio.schema.Timeline) -> otio.schema.Timeline:
    """``timeline`` with such tracks put where they belong; changed in place.

    OTIO's EDL adapter knows no start of the timeline. It writes the record timecode of a track's first event as a trim
    that begins that long before the content and lasts as long as the content; taken literally, such a track shows
    nothing. Here the earliest of them becomes the timeline's start, and a gap puts the later ones after it.
    """
    tracks = [track for track in timeline.tracks or () if isinstance(track, otio.schema.Track) and len(track)]
    offsets = {index: -track.source_range.start_time for index, track in enumerate(tracks) if _is_record_in(track)}
    if not offsets or timeline.global_start_time is not None:
        return timeline
    zero = otio.opentime.RationalTime(0, next(iter(offsets.values())).rate)
    start = min(offsets.get(index, zero) for index in range(len(tracks)))
    for index, offset in offsets.items():
        _place(tracks[index], offset - start)
    timeline.global_start_time = start
    return timeline


def _is_record_in(track: otio.schema.Track) -> bool:
    trim = track.source_range
    if trim is None or trim.start_time.value >= 0:
        return False
    try:
        content = track.available_range().duration
    except otio.exceptions.OTIOError:
        return False
    return bool(abs((content - trim.duration).to_seconds()) < 0.01)


def _place(track: Any, offset: otio.opentime.RationalTime) -> None:
    track.source_range = None
    if offset.value > 0:
        zero = otio.opentime.RationalTime(0, offset.rate)
        track.insert(0, otio.schema.Gap(source_range=otio.opentime.TimeRange(zero, offset)))
