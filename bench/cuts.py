"""How well the composer meets the picture: 60 edits of real clips, measured from the finished sound alone."""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.events import Described, Event, Tagged, TakeReady
from sonique_daemon.domain.measures import Hearing, HitWindow
from sonique_daemon.domain.request import CutSource, DescribeJob, GenerateJob, Job, TagJob
from sonique_daemon.domain.request import Timeline as Asked
from sonique_daemon.domain.take import Take
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.stages.chain import Chain
from sonique_daemon.sync.hearing import Against, hear
from sonique_daemon.sync.measure import measure
from sonique_daemon.sync.spotting import spot

from bench.chains import chain_in
from bench.edits import clip_folder, edit_of_clips
from bench.table import Row
from bench.timelines import STYLES, Timeline, random_timelines

COUNT, SEED = 60, 11
OTHER_SEED = 2611
"""Draws 60 edits that nothing was tuned on or looked at before the composer and the tracker were as they are."""


@dataclass(frozen=True, slots=True)
class Met:
    """One edit, scored twice.

    Attributes:
        editing: its kind.
        style: what it was scored to, every style of the composer in turn.
        planned: hits that the planned grid meets above chance.
        heard: what is heard at hit strength 1.
        ignored: hits above chance that are met at hit strength 0, of the same weights.
    """

    editing: str
    style: str
    planned: float
    heard: Hearing
    ignored: float

    @property
    def window(self) -> HitWindow:
        """Its window of ±40 ms."""
        window = self.heard.window("40 ms")
        assert window is not None
        return window


def rows(folder: Path) -> Iterator[Row]:
    """Every figure of the measure over the edits."""
    yield from _rows(folder, SEED)


def other_rows(folder: Path) -> Iterator[Row]:
    """The same over the other edits."""
    yield from _rows(folder, OTHER_SEED)


def _rows(folder: Path, seed: int) -> Iterator[Row]:
    found = [_scored(folder, index, timeline) for index, timeline in enumerate(random_timelines(COUNT, seed))]
    yield from _hit_rows(found)
    yield from _energy_rows(found)
    yield from _tempo_rows(found)
    copied = max(one.heard.repetition.identical_bars for one in found)
    alike = statistics.mean(one.heard.repetition.self_similarity for one in found if one.heard.rhythm.downbeats)
    beside = f"a bar is {alike:.2f} like the most alike other one"
    yield Row("longest copy, bit for bit", f"{copied:.2f} bars", "≤ 1 bar", copied <= 1, beside)


def _hit_rows(found: list[Met]) -> Iterator[Row]:
    points = [100 * one.window.excess for one in found]
    mean, enough = statistics.mean(points), sum(point >= 40 for point in points)
    beside = f"{_by_kind(found, lambda one: one.window.excess)}; planned grid {_mean(found, lambda one: one.planned)}"
    what = "cuts within ±40 ms of a beat or strong onset that is heard, strength 1, above chance"
    yield Row(what, f"{mean:.0f} points", "≥ 60 points", mean >= 60, beside)
    beats = _mean(found, lambda one: one.window.beat_share - one.window.beat_chance)
    worst = min(found, key=lambda one: one.window.excess)
    beside = (
        f"the least {100 * worst.window.excess:.0f} ({worst.style}, {worst.editing}); by beats alone {beats} points"
    )
    yield Row("edits with at least 40 points", f"{enough} of {COUNT}", "nine of ten", enough >= 0.9 * COUNT, beside)
    ignored = 100 * statistics.mean(one.ignored for one in found)
    yield Row("the same at strength 0", f"{ignored:+.1f} points", "0 ± 5", abs(ignored) <= 5)


def _energy_rows(found: list[Met]) -> Iterator[Row]:
    known = [one.heard.energy.excess for one in found if one.heard.energy is not None]
    mean = statistics.mean(known)
    beside = f"{len(known)} edits whose picture changes enough to follow; {sum(one < 0 for one in known)} below 0"
    what = "loudness with the picture's energy, Spearman, windows of 1 s, above chance"
    yield Row(what, f"{mean:+.2f}", "≥ 0.35", mean >= 0.35, beside)


def _tempo_rows(found: list[Met]) -> Iterator[Row]:
    """Over all edits: where no pulse is heard the tempo counts as wrong."""
    pulsed = [one.heard.tempo for one in found if one.heard.tempo is not None]
    exact = sum(tempo.share <= 0.005 for tempo in pulsed)
    octave = sum(tempo.share <= 0.005 and tempo.octave == 1 for tempo in pulsed)
    silent = sorted(one.style for one in found if one.heard.tempo is None)
    beside = f"no pulse is heard in {len(silent)} of {COUNT} ({', '.join(silent)})" if silent else ""
    what = "heard tempo within 0.5 % of the map, without a hint"
    yield Row(what, f"{exact} of {COUNT}", "95 of 100", exact >= 0.95 * COUNT, beside)
    yield Row("and in the right octave", f"{octave} of {COUNT}", "90 of 100", octave >= 0.9 * COUNT)


def _mean(found: list[Met], figure: Callable[[Met], float]) -> str:
    return f"{100 * statistics.mean(figure(one) for one in found):.0f}"


def _by_kind(found: list[Met], figure: Callable[[Met], float]) -> str:
    kinds = [(name, [one for one in found if one.editing == name]) for name, _ in STYLES]
    return ", ".join(f"{name} {_mean(some, figure)}" for name, some in kinds)


def _scored(folder: Path, index: int, timeline: Timeline) -> Met:
    style = list(styles())[index % len(styles())]
    with TemporaryDirectory(dir=folder) as store:
        chain = chain_in(Path(store), (clip_folder(),))
        asked = Asked(edit_of_clips(timeline, index), cuts=CutSource.TIMELINE)
        picture = next(e.description for e in _run(chain, DescribeJob(asked)) if isinstance(e, Described))
        take = _take(chain, style, picture, index, 1.0)
        ignoring = _take(chain, style, picture, index, 0.0)
        against = Against(spot(picture, picture.duration, 1.0), picture)
        ignored = hear(ignoring.files[0].path, against, _never).window("40 ms")
    assert take.measures.heard is not None
    assert ignored is not None
    grid = take.tempo_map
    hits = [(float(met.hit.time), met.hit.weight) for met in grid.hits]
    planned = measure(grid.beats, hits, float(grid.duration)).excess
    return Met(STYLES[index % len(STYLES)][0], style, planned, take.measures.heard, ignored.excess)


def _take(chain: Chain, style: str, picture: Description, seed: int, strength: float) -> Take:
    events = _run(chain, TagJob(Brief(genres=(style,), hit_strength=strength), picture))
    tags = next(event.tags for event in events if isinstance(event, Tagged))
    made = _run(chain, GenerateJob(tags, picture.duration, picture, seed=seed))
    return next(event.take for event in made if isinstance(event, TakeReady))


def _run(chain: Chain, job: Job) -> list[Event]:
    events: list[Event] = []
    chain.run(job, events.append, _never)
    return events


def _never() -> None:
    return None
