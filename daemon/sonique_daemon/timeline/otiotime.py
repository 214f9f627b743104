"""OTIO's times as exact seconds."""

from fractions import Fraction

import opentimelineio as otio

from sonique_daemon.domain.time import TimeRange, exact_seconds

_TICKS = 705_600_000 * 1001
"""Ticks per second in which every frame of the usual rates and every sample of the usual sample rates is whole."""


def seconds(time: otio.opentime.RationalTime) -> Fraction:
    """``time`` in seconds: exact for whole frames, to the nearest tick for parts of a frame.

    Without ticks, adding up thousands of times between frames would give fractions of thousands of digits.
    """
    exact = exact_seconds(time.value, time.rate)
    if float(time.value).is_integer() or _TICKS % exact.denominator == 0:
        return exact
    return Fraction(round(exact * _TICKS), _TICKS)


def time_range(span: otio.opentime.TimeRange) -> TimeRange:
    """``span`` in seconds."""
    return TimeRange(seconds(span.start_time), seconds(span.duration))
