"""A cue as a report is told of it."""

import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from sonique.v1 import description_pb2, tags_pb2, take_pb2, tempo_pb2, time_pb2
from sonique_cli.report.facts import Facts

SECONDS = 12


def at(seconds: float) -> time_pb2.RationalTime:
    return time_pb2.RationalTime(value=round(seconds * 24), rate_numerator=24, rate_denominator=1)


def span(start: float, length: float) -> time_pb2.TimeRange:
    return time_pb2.TimeRange(start=at(start), duration=at(length))


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    """Twelve seconds of a tone that grows, 24 bits."""
    time = np.arange(SECONDS * 48_000) / 48_000
    tone = 0.5 * np.sin(2 * np.pi * 220 * time) * time / SECONDS
    whole = (np.repeat(tone[:, None], 2, axis=1) * (2**23 - 1)).astype("<i4")
    path = tmp_path / "cue.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(3)
        file.setframerate(48_000)
        file.writeframes(whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes())
    return path


@pytest.fixture
def told(wav: Path) -> Callable[..., Facts]:
    """The facts of a cue of three shots and three hit points, with what a test wants otherwise."""

    def tell(marker: str = "the door", **more: object) -> Facts:
        hits = [(4.0, 0.9, "", 0.01), (7.0, 0.8, marker, -0.2), (9.0, 0.2, "", None)]
        planned = [
            tempo_pb2.Hit(time=at(time), kind=tempo_pb2.HIT_KIND_HARD, weight=weight, label=label)
            for time, weight, label, _ in hits
        ]
        heard = [
            take_pb2.HeardHit(time=at(time), weight=weight, label=label, error_seconds=error)
            for time, weight, label, error in hits
        ]
        grid = tempo_pb2.TempoMap(
            duration=at(SECONDS),
            beat_seconds=[index * 0.5 for index in range(25)],
            downbeats=range(0, 25, 4),
            bpm=120,
            sections=[tempo_pb2.Section(bar=0, bars=7, energy=0.5)],
            hits=planned,
        )
        gain = take_pb2.SpeechGain(points=[take_pb2.GainPoint(seconds=2, db=0), take_pb2.GainPoint(seconds=3, db=-9)])
        take = take_pb2.Take(
            seed=3,
            engine="composer",
            samples=SECONDS * 48_000,
            tempo_map=grid,
            measures=take_pb2.Measures(loudness_lufs=-20, true_peak_dbtp=-3, hits=heard),
            speech_gain=gain,
        )
        look = description_pb2.Look(palette=["#102030", "#f0e0d0"])
        shots = [description_pb2.ShotDescription(record=span(start, 4), look=look) for start in (0, 4, 8)]
        description = description_pb2.Description(duration=at(SECONDS), shots=shots, speech=[span(3, 2)])
        tags = tags_pb2.Tags(
            style="cinematic",
            tags=[tags_pb2.Tag(kind=tags_pb2.TAG_KIND_MOOD, text="tense", origin=tags_pb2.ORIGIN_ENGINE)],
            tempo=tags_pb2.Tempo(bpm=120),
            key=tags_pb2.Key(tonic=2, mode="aeolian", origin=tags_pb2.ORIGIN_ENGINE),
        )
        facts: dict[str, object] = {"start": Fraction(3600), **more}
        return Facts(wav, take, tags, description, **facts)  # type: ignore[arg-type]

    return tell
