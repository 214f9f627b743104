"""Alignment: of several renderings the one that meets the cuts best, shifted and stretched where that helps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sonique_daemon.domain.alignment import TARGET, Alignment, Rung
from sonique_daemon.domain.audio import Block, RawAudio, RawAudioWriter
from sonique_daemon.domain.measures import Rhythm
from sonique_daemon.domain.take import Rendering
from sonique_daemon.domain.tempo import TempoMap
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.sync.measure import distances, measure
from sonique_daemon.sync.onsets import band_magnitudes, strength_of, strong_onsets
from sonique_daemon.sync.rhythm import rhythm_of
from sonique_daemon.sync.sound import RATE, coarse
from sonique_daemon.sync.stretch import warped
from sonique_daemon.sync.warp import MOVE, REACH, Warp, found_warp

Hits = Sequence[tuple[float, float]]

LONGEST_STRETCHED = 900.0
"""Seconds of the longest cue that is stretched; one that is longer would not fit into its worker's memory."""

GAIN = 0.02
"""Share by which a warp must be better than none to be worth its price in sound."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One of the renderings, what is heard in it, and how much of the hits it meets above chance."""

    index: int
    rhythm: Rhythm
    excess: float


def align(
    renderings: Sequence[Rendering], tempo_map: TempoMap, samples: int, folder: Path, check: Callable[[], None]
) -> tuple[Rendering, Alignment]:
    """The best of ``renderings``, stereo at 48 kHz and ``samples`` long, and what was done to it.

    The gentlest means that meets the target is used: the best as it is, else shifted alone, else stretched at the
    borders of sections, else at bars near hit points too. A cue of more than 15 minutes is not stretched.

    Args:
        renderings: at least one; stems are warped with their mix.
        tempo_map: hit points, sections and bars.
        samples: length of the result.
        folder: an existing folder for its files.
        check: called between pieces of work; may raise to stop.
    """
    duration = samples / SAMPLE_RATE
    hits = [(float(met.hit.time), met.hit.weight) for met in tempo_map.hits if 0 <= met.hit.time < duration]
    candidates = []
    for index, rendering in enumerate(renderings):
        check()
        candidates.append(_listened(index, rendering, hits, samples))
    best = max(candidates, key=lambda one: one.excess)
    rungs = [Rung.CANDIDATES] if len(renderings) > 1 else []
    warp = None if best.excess >= TARGET else _best_warp(candidates, hits, tempo_map, duration, check)
    if warp is not None:
        check()
        chosen, found = warp
        audio = warped(_stereo(renderings[chosen.index].mix), found, samples)
        check()
        moved = _heard(audio, hits, chosen.index)
        del audio  # before as much is needed again
        check()
        if moved.excess > best.excess + GAIN:
            rendering = _written(renderings[chosen.index], found, samples, folder)
            rungs.append(Rung.STRETCH if abs(found.stretch) > 1e-6 else Rung.SHIFT)
            told = Alignment(
                tuple(rungs), len(renderings), found.shift, found.stretch, candidates[0].excess, moved.excess
            )
            return rendering, told
    still = Warp((0.0, duration), (0.0, duration))
    rendering = _written(renderings[best.index], still, samples, folder)
    return rendering, Alignment(tuple(rungs), len(renderings), 0.0, 0.0, candidates[0].excess, best.excess)


def _listened(index: int, rendering: Rendering, hits: Hits, samples: int) -> _Candidate:
    return _heard(_stereo(rendering.mix)[:, :samples], hits, index)


def _heard(audio: Block, hits: Hits, index: int) -> _Candidate:
    magnitudes = band_magnitudes(coarse(audio.mean(axis=0)), RATE)
    rhythm = rhythm_of(strength_of(magnitudes), strong_onsets(magnitudes))
    return _Candidate(index, rhythm, excess_of(_places(rhythm), hits, audio.shape[1] / SAMPLE_RATE))


def excess_of(places: Sequence[float], hits: Hits, duration: float) -> float:
    """Share of the hits' weight within ±40 ms of a place, above chance."""
    return measure(places, hits, duration).excess if hits else 0.0


def _places(rhythm: Rhythm) -> tuple[float, ...]:
    """What counts at a hit: beats and strong onsets."""
    return tuple(sorted((*rhythm.beats, *rhythm.onsets)))


def manners(tempo_map: TempoMap, duration: float) -> tuple[Sequence[float] | None, ...]:
    """Where the speed of a cue of that length may change, the gentlest manner first; None where it is only shifted."""
    if duration > LONGEST_STRETCHED:
        return (None,)
    return None, _sections(tempo_map), _bars_at_hits(tempo_map)


def _best_warp(
    candidates: Sequence[_Candidate], hits: Hits, tempo_map: TempoMap, duration: float, check: Callable[[], None]
) -> tuple[_Candidate, Warp] | None:
    """The candidate and the warp that promise most; a gentler kind of warp is taken where it reaches the target."""
    able = [one for one in candidates if len(one.rhythm.beats) >= 2 or len(one.rhythm.onsets) >= 2]
    best: tuple[float, _Candidate, Warp] | None = None
    for borders in manners(tempo_map, duration):
        for one in able:
            check()
            if borders is None:
                warp = _shifted(one, hits, duration)
            else:
                warp = found_warp(_grid(one), hits, borders, duration, check)
            promise = excess_of(warp.moved(_places(one.rhythm)), hits, duration)
            if best is None or promise > best[0] + GAIN:
                best = promise, one, warp
        if best is not None and best[0] >= TARGET:
            break
    return None if best is None else best[1:]


def _grid(one: _Candidate) -> tuple[float, ...]:
    return one.rhythm.beats if len(one.rhythm.beats) >= 2 else one.rhythm.onsets


def _shifted(one: _Candidate, hits: Hits, duration: float) -> Warp:
    """The best shift of the whole by at most half a beat."""
    grid = _grid(one)
    half = 0.5 * float(np.median(np.diff(grid)))
    shifts = np.arange(-half, half + 1e-9, 0.005)
    times, weights = np.array(hits).T
    away = np.array([distances(np.array(grid) + shift, times) for shift in shifts])
    met = np.clip(1.0 - (away / REACH) ** 2, 0.0, 1.0) @ weights - MOVE * weights.sum() * np.abs(shifts / half)
    shift = float(shifts[int(met.argmax())])
    return Warp((0.0, duration), (shift, duration + shift))


def _sections(tempo_map: TempoMap) -> list[float]:
    return [tempo_map.beats[tempo_map.downbeats[section.bar]] for section in tempo_map.sections]


def _bars_at_hits(tempo_map: TempoMap) -> list[float]:
    """The borders of sections, and the bars that begin nearest to hit points."""
    firsts = np.array([tempo_map.beats[beat] for beat in tempo_map.downbeats])
    near = [float(firsts[int(np.abs(firsts - float(met.hit.time)).argmin())]) for met in tempo_map.hits]
    return sorted({*_sections(tempo_map), *near})


def _stereo(audio: RawAudio) -> Block:
    """All of it, two channels at 48 kHz."""
    whole = audio.whole()
    whole = np.repeat(whole, 2, axis=0) if whole.shape[0] == 1 else whole
    if audio.sample_rate == SAMPLE_RATE:
        return whole
    from pedalboard.io import StreamResampler

    resampler = StreamResampler(audio.sample_rate, SAMPLE_RATE, 2)
    return np.concatenate([resampler.process(whole), resampler.process(None)], axis=1)


def _written(rendering: Rendering, warp: Warp, samples: int, folder: Path) -> Rendering:
    """The rendering along ``warp``; where there are stems, the mix is their sum."""
    stems = [(name, warped(_stereo(audio), warp, samples)) for name, audio in rendering.stems]
    mix = np.sum([audio for _, audio in stems], axis=0) if stems else warped(_stereo(rendering.mix), warp, samples)
    kept = tuple((name, _file(audio, folder / f"aligned-{name}.raw")) for name, audio in stems)
    return Rendering(_file(mix, folder / "aligned.raw"), kept)


def _file(audio: Block, path: Path) -> RawAudio:
    with RawAudioWriter(path, 2) as writer:
        writer.write(audio)
    return writer.result
