"""The level of the whole follows the picture, and the ending is left to itself."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from sonique_daemon.domain.description import Curve, CurveKind, Description, Look, ShotDescription
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.composer.writing import compose
from sonique_daemon.engines.composer.writing.piece import sketch

CURVE = tuple(float(value) for value in 0.5 - 0.5 * np.cos(np.arange(121) / 120 * 2 * np.pi))


def seen(*speech: tuple[int, int]) -> Description:
    shot = ShotDescription(TimeRange(Fraction(0), Fraction(60)), "A shot.", Look())
    spans = tuple(TimeRange(Fraction(start), Fraction(end - start)) for start, end in speech)
    curves = (Curve(CurveKind.MOTION, Fraction(1, 2), CURVE),)
    return Description(Fraction(60), "One shot.", (shot,), curves, speech=spans)


def test_the_level_rises_and_falls_with_the_picture(studio: Any) -> None:
    ride = compose(replace(studio.request("rock", 60), description=seen())).ride
    times, levels = np.array(ride).T
    assert abs(times[int(levels.argmax())] - 30) < 6
    assert levels.max() - levels[0] > 4
    assert np.abs(np.diff(levels)).max() < 1.5


def test_without_a_picture_nobody_touches_the_fader(studio: Any) -> None:
    assert compose(studio.request("rock", 60)).ride == ()


def test_under_speech_the_level_is_never_raised(studio: Any) -> None:
    ride = compose(replace(studio.request("rock", 60), description=seen((25, 35)))).ride
    assert all(level <= 0 for time, level in ride if 25 <= time <= 35)


def test_the_ending_rings_at_one_level(studio: Any) -> None:
    request = replace(studio.request("piano", 60), description=seen())
    last = request.tempo_map.time_at(sketch(request).ending.beat)
    assert compose(request).ride[-1][0] <= last
