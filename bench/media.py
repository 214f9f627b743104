"""Films to measure with: 1080p24 H.264 of moving, grainy picture with known cuts, and their timelines."""

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, RATE = 1920, 1080, 24
SHOT_SECONDS = 2.5
"""Mean length of a shot; lengths alternate between 1.5 and 3.5 s."""


def make_film(path: Path, seconds: int) -> list[int]:
    """Writes a film of ``seconds`` s with a sine as sound, and returns the first frame of every shot."""
    firsts = shot_starts(seconds * RATE)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "crf": "23"})
        video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        sound = container.add_stream("aac", rate=48_000)
        sound.layout = "stereo"
        for number in range(seconds * RATE):
            shot = sum(first <= number for first in firsts) - 1
            frame = av.VideoFrame.from_ndarray(_picture(shot, number), format="gray")
            container.mux(video.encode(frame.reformat(format="yuv420p")))
        container.mux(video.encode(None))
        for second in range(seconds):
            container.mux(sound.encode(_tone(second)))
        container.mux(sound.encode(None))
    return firsts


def shot_starts(frames: int) -> list[int]:
    """First frames of shots of 1.5 and 3.5 s in turn."""
    starts, position, index = [0], 0, 0
    while True:
        position += round(RATE * (1.5 if index % 2 else 3.5))
        index += 1
        if position >= frames - RATE // 2:
            return starts
        starts.append(position)


def make_timeline(film: Path, firsts: list[int], frames: int) -> str:
    """OTIO JSON with one clip for each shot of the film, the last shot first: no two are continuous, as in an edit."""
    ends = [*firsts[1:], frames]
    clips = [_clip(film, first, end - first) for first, end in zip(reversed(firsts), reversed(ends), strict=True)]
    track = {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": clips}
    stack = {"OTIO_SCHEMA": "Stack.1", "children": [track]}
    return json.dumps({"OTIO_SCHEMA": "Timeline.1", "name": "bench", "tracks": stack})


def _clip(film: Path, first: int, frames: int) -> dict[str, object]:
    reference = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": film.resolve().as_uri()}
    span = {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(first), "duration": _time(frames)}
    name = f"shot at {first}"
    return {"OTIO_SCHEMA": "Clip.1", "name": name, "source_range": span, "media_reference": reference}


def _time(frames: int) -> dict[str, object]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": float(frames), "rate": float(RATE)}


def _picture(shot: int, number: int) -> NDArray[np.uint8]:
    """Large shapes that drift, with grain: what a camera gives an encoder to do."""
    random = np.random.Generator(np.random.PCG64([shot, 1]))
    base = random.integers(20, 200, (HEIGHT // 40, WIDTH // 40)).astype(np.uint8).repeat(40, 0).repeat(40, 1)
    moved = np.roll(base, (number * (shot % 5), number * 3), (0, 1))
    grain = np.random.Generator(np.random.PCG64([number, 2])).integers(0, 12, (HEIGHT, WIDTH), dtype=np.uint8)
    return moved + grain


def _tone(second: int) -> av.AudioFrame:
    times = np.arange(48_000, dtype=np.float32) / 48_000
    mono = (0.1 * np.sin(2 * np.pi * 220 * times)).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(np.stack((mono, mono)), format="fltp", layout="stereo")
    frame.sample_rate = 48_000
    frame.pts = second * 48_000
    frame.time_base = Fraction(1, 48_000)
    return frame
