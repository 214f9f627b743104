"""Descriptions on the wire."""

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from sonique.v1 import description_pb2, time_pb2

from sonique_daemon.domain.description import Curve, CurveKind, Description, Look, ShotDescription
from sonique_daemon.domain.picture import JoinKind, Marker
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.errors import InvalidRequest
from sonique_daemon.server.wire.fields import chosen, counted, finite, limited, present, quoted, sendable, within
from sonique_daemon.server.wire.time import read_range, read_rate, read_time, write_range, write_rate, write_time

SENTENCE_LIMIT = 1000
SUMMARY_LIMIT = 4000
SHOTS_LIMIT = 10_000
VALUES_LIMIT = 20_000
MARKERS_LIMIT = 10_000
SPANS_LIMIT = 10_000
NAME_LIMIT = 200
PALETTE_LIMIT = 5

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_JOINS = {
    description_pb2.JOIN_UNSPECIFIED: JoinKind.CUT,
    description_pb2.JOIN_CUT: JoinKind.CUT,
    description_pb2.JOIN_DISSOLVE: JoinKind.DISSOLVE,
    description_pb2.JOIN_FADE: JoinKind.FADE,
}
_JOIN_NUMBERS = {
    JoinKind.CUT: description_pb2.JOIN_CUT,
    JoinKind.DISSOLVE: description_pb2.JOIN_DISSOLVE,
    JoinKind.FADE: description_pb2.JOIN_FADE,
}
_CURVES = {
    description_pb2.CURVE_KIND_MOTION: CurveKind.MOTION,
    description_pb2.CURVE_KIND_LIGHT: CurveKind.LIGHT,
    description_pb2.CURVE_KIND_SATURATION: CurveKind.SATURATION,
    description_pb2.CURVE_KIND_WARMTH: CurveKind.WARMTH,
    description_pb2.CURVE_KIND_CUT_RATE: CurveKind.CUT_RATE,
    description_pb2.CURVE_KIND_LOUDNESS: CurveKind.LOUDNESS,
}
_CURVE_NUMBERS = {kind: number for number, kind in _CURVES.items()}
_BOUNDS = {
    CurveKind.MOTION: (0.0, 1.0),
    CurveKind.LIGHT: (0.0, 1.0),
    CurveKind.SATURATION: (0.0, 1.0),
    CurveKind.WARMTH: (-1.0, 1.0),
    CurveKind.CUT_RATE: (0.0, 1000.0),
    CurveKind.LOUDNESS: (-200.0, 100.0),
}


def read_description(message: description_pb2.Description) -> Description:
    """The description.

    Raises:
        InvalidRequest: a field is missing or out of bounds, or shots are out of order.
        LimitExceeded: too many or too long.
    """
    duration = read_time(message.duration, "description.duration")
    present(duration > 0, "description.duration")
    counted(message.shots, "description.shots", SHOTS_LIMIT)
    counted(message.markers, "description.markers", MARKERS_LIMIT)
    counted(message.speech, "description.speech", SPANS_LIMIT)
    return Description(
        duration=duration,
        summary=limited(message.summary, "description.summary", SUMMARY_LIMIT),
        shots=_read_shots(message.shots, duration),
        curves=_read_curves(message.curves),
        markers=tuple(_read_marker(marker, duration) for marker in message.markers),
        speech=_read_speech(message.speech, duration),
        loudness_lufs=_read_loudness(message),
        rate=read_rate(message.rate, "description.rate") if message.HasField("rate") else Fraction(24),
        drop_frame=message.drop_frame,
    )


def write_description(description: Description) -> description_pb2.Description:
    """The description."""
    return description_pb2.Description(
        duration=write_time(description.duration),
        summary=sendable(description.summary),
        shots=[write_shot(shot) for shot in description.shots],
        curves=[_write_curve(curve) for curve in description.curves],
        markers=[_write_marker(marker) for marker in description.markers],
        speech=[write_range(span) for span in description.speech],
        loudness_lufs=description.loudness_lufs,
        rate=write_rate(description.rate),
        drop_frame=description.drop_frame,
    )


def write_shot(shot: ShotDescription) -> description_pb2.ShotDescription:
    """What one shot shows."""
    return description_pb2.ShotDescription(
        record=write_range(shot.record),
        sentence=sendable(shot.sentence),
        look=_write_look(shot.look),
        join=_JOIN_NUMBERS[shot.join],
        change=shot.change,
    )


def _read_shots(messages: Sequence[description_pb2.ShotDescription], duration: Fraction) -> tuple[ShotDescription, ...]:
    shots = tuple(_read_shot(shot, f"description.shots[{index}]") for index, shot in enumerate(messages))
    _in_order([shot.record for shot in shots], "description.shots", duration)
    return shots


def _read_shot(message: description_pb2.ShotDescription, field: str) -> ShotDescription:
    present(message.HasField("record"), f"{field}.record")
    return ShotDescription(
        record=read_range(message.record, f"{field}.record"),
        sentence=limited(message.sentence, f"{field}.sentence", SENTENCE_LIMIT),
        look=_read_look(message.look, f"{field}.look"),
        join=chosen(_JOINS, message.join, f"{field}.join"),
        change=within(message.change, f"{field}.change", 0.0, 1.0),
    )


def _in_order(spans: Sequence[TimeRange], field: str, duration: Fraction) -> None:
    for before, after in pairwise(spans):
        if after.start < before.start:
            raise InvalidRequest(f"{field} are not in order; sort them by their start.")
    if spans and spans[-1].start >= duration:
        raise InvalidRequest(f"{field} reach beyond the description's end at {float(duration):g} s.")


def _read_look(message: description_pb2.Look, field: str) -> Look:
    counted(message.palette, f"{field}.palette", PALETTE_LIMIT)
    for colour in message.palette:
        if _COLOUR.fullmatch(colour) is None:
            raise InvalidRequest(f"{field}.palette holds {quoted(colour)}; a colour is written “#rrggbb”.")
    return Look(
        motion=within(message.motion, f"{field}.motion", 0.0, 1.0),
        motion_x=within(message.motion_x, f"{field}.motion_x", -1.0, 1.0),
        motion_y=within(message.motion_y, f"{field}.motion_y", -1.0, 1.0),
        camera=within(message.camera, f"{field}.camera", 0.0, 1.0),
        light=within(message.light, f"{field}.light", 0.0, 1.0),
        contrast=within(message.contrast, f"{field}.contrast", 0.0, 1.0),
        saturation=within(message.saturation, f"{field}.saturation", 0.0, 1.0),
        warmth=within(message.warmth, f"{field}.warmth", -1.0, 1.0),
        palette=tuple(message.palette),
    )


def _write_look(look: Look) -> description_pb2.Look:
    return description_pb2.Look(
        motion=look.motion,
        motion_x=look.motion_x,
        motion_y=look.motion_y,
        camera=look.camera,
        light=look.light,
        contrast=look.contrast,
        saturation=look.saturation,
        warmth=look.warmth,
        palette=look.palette,
    )


def _read_curves(messages: Sequence[description_pb2.Curve]) -> tuple[Curve, ...]:
    counted(messages, "description.curves", len(_CURVES))
    curves = tuple(_read_curve(curve) for curve in messages)
    if len({curve.kind for curve in curves}) < len(curves):
        raise InvalidRequest("description.curves holds two curves of one kind; send at most one of each.")
    return curves


def _read_curve(message: description_pb2.Curve) -> Curve:
    kind = chosen(_CURVES, message.kind, "The kind of a curve")
    field = f"The {kind} curve"
    counted(message.values, field, VALUES_LIMIT)
    step = read_time(message.step, f"{field}'s step")
    present(step > 0, f"{field}'s step")
    low, high = _BOUNDS[kind]
    return Curve(kind, step, tuple(within(value, f"A value of {field}", low, high) for value in message.values))


def _write_curve(curve: Curve) -> description_pb2.Curve:
    values = [float(value) for value in curve.values]
    return description_pb2.Curve(kind=_CURVE_NUMBERS[curve.kind], step=write_time(curve.step), values=values)


def _read_marker(message: description_pb2.Marker, duration: Fraction) -> Marker:
    time = read_time(message.time, "A marker's time")
    if time > duration:
        raise InvalidRequest(f"A marker stands at {float(time):g} s, beyond the description's end.")
    name = limited(message.name, "A marker's name", NAME_LIMIT)
    return Marker(time, name, limited(message.color, "A marker's colour", NAME_LIMIT))


def _write_marker(marker: Marker) -> description_pb2.Marker:
    name, color = sendable(marker.name)[:NAME_LIMIT], sendable(marker.color)[:NAME_LIMIT]
    return description_pb2.Marker(time=write_time(marker.time), name=name, color=color)


def _read_speech(messages: Sequence[time_pb2.TimeRange], duration: Fraction) -> tuple[TimeRange, ...]:
    spans = tuple(read_range(span, f"description.speech[{index}]") for index, span in enumerate(messages))
    _in_order(spans, "description.speech", duration)
    return spans


def _read_loudness(message: description_pb2.Description) -> float | None:
    return finite(message.loudness_lufs, "description.loudness_lufs") if message.HasField("loudness_lufs") else None
