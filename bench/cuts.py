"""How well the music meets the cuts: 30 generated timelines, the beats taken from the plan and from the audio alone."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np
from numpy.typing import NDArray
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description, Look, ShotDescription
from sonique_daemon.domain.events import Event, Tagged, TakeReady
from sonique_daemon.domain.request import GenerateJob, TagJob
from sonique_daemon.domain.take import Take
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.stages.assembly import assemble
from sonique_daemon.sync.beats import track_beats
from sonique_daemon.sync.measure import SyncMeasure, measure

from bench.table import Row
from bench.timelines import STYLES, Timeline, random_timelines

COUNT, SEED = 30, 7
PROMPTS = ("uplifting, energetic", "cinematic, emotional", "electronic, driving", "rock", "acoustic, warm", "tension")
"""What the timelines are scored to, in turn."""


@dataclass(frozen=True, slots=True)
class Sync:
    """How one cue meets its cuts: its kind of editing, the planned grid, and the grid heard in the audio."""

    editing: str
    planned: SyncMeasure
    heard: SyncMeasure


def rows(folder: Path) -> Iterator[Row]:
    """The mean excess over chance, of all timelines and of each kind of editing."""
    found = [_scored(folder, index, timeline) for index, timeline in enumerate(random_timelines(COUNT, SEED))]
    heard = 100 * statistics.mean(one.heard.excess for one in found)
    planned = 100 * statistics.mean(one.planned.excess for one in found)
    kinds = [
        f"{name} {100 * statistics.mean(o.heard.excess for o in found if o.editing == name):.0f}" for name, _ in STYLES
    ]
    beside = f"planned grid {planned:.0f}; heard, by editing: {', '.join(kinds)}"
    what = "cuts within ±40 ms of a beat heard in the audio, strength 1, above chance"
    yield Row(what, f"{heard:.0f} points", "≥ 45 points", heard >= 45, beside)


def _scored(folder: Path, index: int, timeline: Timeline) -> Sync:
    duration, cuts = timeline
    description = described(duration, cuts)
    with TemporaryDirectory(dir=folder) as store:
        chain = assemble(Path(store), (), lambda _: b"").chain
        events: list[Event] = []
        brief = Brief(prompt=PROMPTS[index % len(PROMPTS)], hit_strength=1.0)
        chain.run(TagJob(brief, description), events.append, _never)
        tags = next(event.tags for event in events if isinstance(event, Tagged))
        chain.run(GenerateJob(tags, duration, description, seed=index), events.append, _never)
        take = next(event.take for event in events if isinstance(event, TakeReady))
        return Sync(STYLES[index % len(STYLES)][0], _against(take.tempo_map.beats, take.tempo_map), _heard(take))


def described(duration: Fraction, cuts: tuple[Fraction, ...]) -> Description:
    """A description of shots between the cuts that all look alike: nothing but the cuts to go by."""
    edges = (Fraction(0), *cuts, duration)
    shots = tuple(
        ShotDescription(TimeRange(start, end - start), "A shot.", Look(), change=0.5 if start else 0.0)
        for start, end in pairwise(edges)
    )
    return Description(duration, "Shots.", shots)


def _heard(take: Take) -> SyncMeasure:
    audio = read_mono(take.files[0].path)
    return _against(track_beats(audio, take.tempo_map.bpm), take.tempo_map)


def _against(beats: tuple[float, ...], tempo_map: TempoMap) -> SyncMeasure:
    hits = [(float(met.hit.time), met.hit.weight) for met in tempo_map.hits]
    return measure(beats, hits, float(tempo_map.duration))


def read_mono(path: Path) -> NDArray[np.float32]:
    """A WAV file's channels averaged, float32 ``[samples]``."""
    with av.open(str(path)) as container:
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=48_000)
        blocks = [out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        return np.concatenate(blocks)


def _never() -> None:
    return None
