"""Shots: a strip of spans turned into the shots that a viewer sees."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import PurePath

from sonique_daemon.domain.picture import JoinKind, Shot, SoundClip, Source
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.errors import SoniqueError
from sonique_daemon.timeline.failures import Failures
from sonique_daemon.timeline.footage import Footage
from sonique_daemon.timeline.strip import Span, Strip

_ROUNDING = Fraction(1, 1000)
"""Seconds of media by which a clip of an odd speed may miss where it goes on: documents round speeds."""


def shots_of(strip: Strip, footage: Footage, failures: Failures) -> tuple[Shot, ...]:
    """The shots of ``strip``, filling it from 0 to its end: holes are black, and through-edits are no cut.

    What cannot be shown is black and goes to ``failures``.
    """
    joints = {joint.time: joint.duration for joint in sorted(strip.joints, key=lambda joint: joint.duration)}
    merged: list[Shot] = []
    for shot in _filled(strip, footage, failures):
        if merged and shot.record.start not in joints and _continues(merged[-1], shot):
            merged[-1] = _longer(merged[-1], shot)
        else:
            merged.append(shot)
    return (*merged[:1], *(_joined(before, shot, joints.get(shot.record.start)) for before, shot in pairwise(merged)))


def sound_of(strip: Strip, footage: Footage) -> tuple[SoundClip, ...]:
    """What the spans of ``strip`` sound, in order; what cannot be heard becomes a warning."""
    clips: dict[SoundClip, None] = {}
    for span in sorted(strip.spans, key=lambda span: span.range.start):
        try:
            source = footage.sound(span)
        except SoniqueError as error:
            if _in_black(error) not in footage.warnings:  # that its picture is lost is told, for the same reason
                footage.warn(error.sentence)
            continue
        if source is not None:
            clips[SoundClip(span.range, source)] = None
    return tuple(clips)


def sound_of_shots(shots: tuple[Shot, ...], footage: Footage) -> tuple[SoundClip, ...]:
    """The sound of the files that the shots show."""
    return tuple(
        SoundClip(shot.record, shot.source)
        for shot in shots
        if shot.source and shot.source.speed and footage.has_sound(shot.source.path)
    )


def _filled(strip: Strip, footage: Footage, failures: Failures) -> Iterator[Shot]:
    at = Fraction(0)
    for span in strip.spans:
        if span.range.start > at:
            yield Shot(TimeRange(at, span.range.start - at), "", None)
        yield _shot(span, footage, failures)
        at = span.range.end
    if at < strip.duration:
        yield Shot(TimeRange(at, strip.duration - at), "", None)


def _shot(span: Span, footage: Footage, failures: Failures) -> Shot:
    try:
        source = footage.source(span)
    except SoniqueError as error:
        failures.add(error)
        footage.warn(_in_black(error))
        source = None
    name = span.use.name or (PurePath(source.path).name if source else "")
    return Shot(span.range, name, source)


def _in_black(error: SoniqueError) -> str:
    return f"{error.sentence} Black stands in its place."


def _continues(before: Shot, shot: Shot) -> bool:
    if before.source is None or shot.source is None:
        return before.source is shot.source and before.name == shot.name
    missed = shot.source.start - _end(before, before.source)
    allowed = 0 if shot.source.speed == 1 else _ROUNDING  # at its own speed, the least step aside says that it is a cut
    return abs(missed) <= allowed and replace(shot.source, start=before.source.start) == before.source


def _end(shot: Shot, source: Source) -> Fraction:
    return source.start + shot.record.duration * source.speed


def _longer(before: Shot, shot: Shot) -> Shot:
    return replace(before, record=TimeRange(before.record.start, shot.record.end - before.record.start))


def _joined(before: Shot, shot: Shot, duration: Fraction | None) -> Shot:
    if duration is None:
        return shot
    black = before.source is None or shot.source is None
    return replace(shot, join=JoinKind.FADE if black else JoinKind.DISSOLVE, join_duration=duration)
