"""Requests to disturb a daemon with: small films, their timelines, and jobs of every kind."""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from sonique.v1 import brief_pb2, scoring_pb2, tags_pb2, ticket_pb2, time_pb2, timeline_pb2

Request = scoring_pb2.DescribeRequest | scoring_pb2.TagRequest | scoring_pb2.GenerateRequest | scoring_pb2.ScoreRequest
RATE = 24
TAGS = tags_pb2.Tags(style="ambient", tempo=tags_pb2.Tempo(bpm=90), key=tags_pb2.Key(tonic=0, mode="ionian"))


def make_film(path: Path, lengths: Sequence[float], width: int = 160, height: int = 90) -> Path:
    """Writes a film of shots of those lengths in seconds, each with a pattern of its own that drifts, and no sound."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast", "g": "12"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        number = 0
        for shot, length in enumerate(lengths):
            random = np.random.Generator(np.random.PCG64([shot, 7]))
            pattern = random.integers(0, 255, (9, 16, 3)).astype(np.uint8)
            image = pattern.repeat(height // 9, 0).repeat(width // 16, 1)
            for _ in range(round(length * RATE)):
                frame = av.VideoFrame.from_ndarray(np.roll(image, number, 1), format="rgb24")
                container.mux(video.encode(frame))
                number += 1
        container.mux(video.encode(None))
    return path


def clip(target: str, first: int = 0, frames: int = 48) -> dict[str, object]:
    """An OTIO clip that shows ``frames`` frames of ``target`` from frame ``first`` on."""
    reference = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": target}
    span = {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(first), "duration": _time(frames)}
    return {"OTIO_SCHEMA": "Clip.1", "name": "clip", "source_range": span, "media_reference": reference}


def otio(clips: Sequence[dict[str, object]]) -> str:
    """OTIO JSON of a timeline with one track of those clips."""
    track = {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": list(clips)}
    stack = {"OTIO_SCHEMA": "Stack.1", "children": [track]}
    return json.dumps({"OTIO_SCHEMA": "Timeline.1", "name": "faults", "tracks": stack})


def timeline(film: Path, shots: int = 4) -> timeline_pb2.Timeline:
    """A timeline that shows ``shots`` pieces of 16 frames of a film of at least as many seconds."""
    pieces = [clip(film.as_uri(), index * RATE, 16) for index in range(shots)]
    return timeline_pb2.Timeline(otio_json=otio(pieces), folder=str(film.parent))


def tag(job_id: str, client: str = "", prompt: str = "calm") -> scoring_pb2.TagRequest:
    """The smallest job."""
    ticket = ticket_pb2.Ticket(client=client)
    return scoring_pb2.TagRequest(job_id=job_id, brief=brief_pb2.Brief(prompt=prompt), ticket=ticket)


def generate(job_id: str, seconds: float = 2, seed: int = 1, client: str = "") -> scoring_pb2.GenerateRequest:
    """A cue of ``seconds`` s."""
    duration = rational(Fraction(seconds))
    ticket = ticket_pb2.Ticket(client=client)
    return scoring_pb2.GenerateRequest(job_id=job_id, tags=TAGS, duration=duration, seed=seed, ticket=ticket)


def describe(job_id: str, film: Path, client: str = "") -> scoring_pb2.DescribeRequest:
    """A look at a film of at least four seconds."""
    return scoring_pb2.DescribeRequest(job_id=job_id, timeline=timeline(film), ticket=ticket_pb2.Ticket(client=client))


def score(job_id: str, film: Path, seed: int = 1, client: str = "") -> scoring_pb2.ScoreRequest:
    """The whole chain on a film of at least four seconds."""
    ticket = ticket_pb2.Ticket(client=client)
    return scoring_pb2.ScoreRequest(job_id=job_id, timeline=timeline(film), seed=seed, ticket=ticket)


def rational(seconds: Fraction) -> time_pb2.RationalTime:
    """Seconds as they go over the wire."""
    return time_pb2.RationalTime(value=seconds.numerator, rate_numerator=seconds.denominator, rate_denominator=1)


def _time(frames: int) -> dict[str, object]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": float(frames), "rate": float(RATE)}
