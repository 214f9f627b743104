"""Conform: an OTIO timeline and a range of it turned into the picture."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from sonique_daemon.domain.picture import Marker, Picture, Shot, SoundClip
from sonique_daemon.domain.request import Timeline
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.errors import LimitExceeded, NothingToSee
from sonique_daemon.timeline.clock import RecordClock, rate_doubt, read_clock
from sonique_daemon.timeline.document import read_document
from sonique_daemon.timeline.failures import Failures
from sonique_daemon.timeline.footage import Footage, Probe
from sonique_daemon.timeline.layout import PictureLayout, SoundLayout, holds_audio_track
from sonique_daemon.timeline.locator import MediaLocator
from sonique_daemon.timeline.premiere import as_it_lasts
from sonique_daemon.timeline.range import checked_range, parse_range
from sonique_daemon.timeline.recordin import on_record_clock
from sonique_daemon.timeline.shots import shots_of, sound_of, sound_of_shots
from sonique_daemon.timeline.strip import Mark, Strip, trimmed

MAX_DURATION = Fraction(12 * 3600)
"""The longest range in seconds."""

MAX_SHOTS = 10_000
"""The most shots in one range, and the most clips of sound."""


def conform(timeline: Timeline, locator: MediaLocator, probe: Probe) -> Picture:
    """The picture that ``timeline`` asks for.

    The topmost enabled clip shows; a gap, a title and a clip without media let the track below show, and black shows
    where there is none. A clip whose file cannot be found or read is black, with a warning.

    Args:
        timeline: the OTIO document and the range that is wanted.
        locator: finds its media.
        probe: looks at each media file once.

    Raises:
        TimelineUnreadable: the document cannot be understood.
        InvalidRange: the range is empty, reversed or outside the timeline.
        NothingToSee: the timeline is empty, or nothing that the range shows can be read.
        MediaNotFound: the same, where one reason alone stands behind it; so also PathRefused and MediaUnreadable.
        LimitExceeded: the range is longer than 12 hours or has more than 10,000 shots.
    """
    document = as_it_lasts(on_record_clock(read_document(timeline.otio)))
    footage = Footage(locator, probe)
    clock = read_clock(document, footage, timeline.range_text)
    tracks = document.tracks
    shown = _laid_out(PictureLayout(footage, clock.rate), tracks, footage)
    heard = SoundLayout(footage, clock.rate).strip(tracks)
    wanted = _wanted(timeline, clock, shown.duration)
    window = wanted.shifted(-clock.start)
    shots = _shots(trimmed(shown, window), footage)
    sound = _sound(trimmed(heard, window), tracks, shots, footage)
    footage.warn_of_veils()
    doubt = rate_doubt(document, footage, clock.rate)
    return Picture(
        rate=clock.rate,
        start=wanted.start,
        duration=wanted.duration,
        shots=shots,
        markers=_markers((*shown.marks, *heard.marks), clock, shown.duration, window),
        sound=sound,
        drop_frame=clock.drop_frame,
        name=document.name or next((shot.name for shot in shots if shot.name), ""),
        warnings=(*([doubt] if doubt else ()), *footage.warnings),
    )


def _laid_out(layout: PictureLayout, tracks: Any, footage: Footage) -> Strip:
    if tracks is None or not any(isinstance(child, otio.core.Item) for child in tracks):
        raise NothingToSee("The timeline has no tracks; put a clip on it.")
    strip = layout.strip(tracks)
    if strip.duration > 0:
        return strip
    if footage.unplaced.clips:
        raise footage.unplaced.verdict()
    raise NothingToSee("The timeline is empty; put a clip on it.")


def _wanted(timeline: Timeline, clock: RecordClock, duration: Fraction) -> TimeRange:
    bounds = TimeRange(clock.start, duration)
    wanted = bounds
    if timeline.range is not None:
        wanted = checked_range(timeline.range, clock.rate, bounds, drop_frame=clock.drop_frame)
    elif timeline.range_text.strip():
        wanted = parse_range(
            timeline.range_text, clock.rate, bounds.start, bounds.duration, drop_frame=clock.drop_frame
        )
    if wanted.duration > MAX_DURATION:
        raise LimitExceeded(
            f"The range lasts {float(wanted.duration / 3600):.1f} hours; the limit is 12: mark a shorter range."
        )
    return wanted


def _shots(strip: Strip, footage: Footage) -> tuple[Shot, ...]:
    failures = Failures()
    shots = shots_of(strip, footage, failures)
    if failures.clips and not any(shot.source for shot in shots):
        raise failures.verdict()
    _check_count(len(shots), "shots")
    return shots


def _sound(strip: Strip, tracks: Any, shots: tuple[Shot, ...], footage: Footage) -> tuple[SoundClip, ...]:
    sound = sound_of(strip, footage) if holds_audio_track(tracks) else sound_of_shots(shots, footage)
    _check_count(len(sound), "clips of sound")
    return sound


def _check_count(count: int, things: str) -> None:
    if count > MAX_SHOTS:
        raise LimitExceeded(f"The range has {count} {things}; the limit is {MAX_SHOTS}: mark a shorter range.")


def _markers(marks: tuple[Mark, ...], clock: RecordClock, duration: Fraction, window: TimeRange) -> tuple[Marker, ...]:
    """Markers inside ``window`` in order, each once.

    Timeline markers count from the timeline's beginning; those that lie past its end count on the record clock.
    """
    placed = (replace(mark, time=mark.time - clock.start) if mark.time >= duration else mark for mark in marks)
    markers = {Marker(m.time - window.start, m.name, m.color) for m in placed if window.contains(m.time)}
    return tuple(sorted(markers, key=lambda marker: (marker.time, marker.name, marker.color)))
