"""Production sound: how loud what is already on the timeline is, and where somebody seems to speak."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sonique_daemon.domain.picture import Picture, SoundClip
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.timeline.listening import Hearing, listen_each, played
from sonique_daemon.timeline.media import no_check

SILENCE_LUFS = -70.0
"""What stands for silence; BS.1770's absolute gate."""

_SHORT_TERM_HOPS = 30
_GATING_HOPS = 4
_OFFSET = -0.691


@dataclass(frozen=True, slots=True)
class Soundtrack:
    """What the production sound of a picture is like.

    Attributes:
        loudness_lufs: integrated loudness (ITU-R BS.1770-4), or None where there is no sound or only silence.
        energy: K-weighted mean square of each tenth of a second of the picture, all channels together.
        speech: spans that seem to hold speech, in seconds from the picture's start, in order.
    """

    loudness_lufs: float | None
    energy: tuple[float, ...]
    speech: tuple[TimeRange, ...]

    def loudness_at(self, seconds: float) -> float:
        """Short-term loudness in LUFS: of the three seconds round ``seconds``; -70 for silence."""
        middle = round(seconds * 10)
        half = _SHORT_TERM_HOPS // 2
        window = self.energy[max(0, middle - half) : middle + half]
        return _lufs(float(np.mean(window))) if window else SILENCE_LUFS


def hear(
    picture: Picture, warn: Callable[[str], None] = lambda _: None, check: Callable[[], None] = no_check
) -> Soundtrack:
    """Listens to the production sound of ``picture``.

    Args:
        picture: whose ``sound`` clips are heard; clips at the same time add up.
        warn: is told what could not be heard.
        check: called often; what it raises ends the listening.
    """
    hearings = dict(listen_each(enumerate(picture.sound), check))
    heard: list[tuple[SoundClip, Hearing]] = []
    for index, clip in enumerate(picture.sound):
        hearing = hearings[index]
        if hearing is None:
            warn(unheard(clip))
        else:
            heard.append((clip, hearing))
    return mixed(picture.duration, heard)


def unheard(clip: SoundClip) -> str:
    """The sentence for a clip that cannot be read."""
    return f"The sound of “{Path(clip.source.path).name}” could not be read; it is taken as silence."


def mixed(duration: Fraction, heard: Sequence[tuple[SoundClip, Hearing]]) -> Soundtrack:
    """The soundtrack of a picture of ``duration`` seconds in which all of ``heard`` plays."""
    energy = np.zeros(max(1, -int(-duration * 10 // 1)))
    speech: list[TimeRange] = []
    for clip, hearing in heard:
        _add_energy(energy, clip, hearing)
        speech += _speech(clip, hearing, duration)
    loudness = integrated_lufs(energy) if heard else None
    return Soundtrack(loudness, tuple(energy.tolist()), _merged(speech))


def integrated_lufs(energy: NDArray[np.float64]) -> float | None:
    """Gated loudness (ITU-R BS.1770-4) of K-weighted mean squares a tenth of a second apart; None for silence."""
    if len(energy) < _GATING_HOPS:
        return None
    blocks = np.convolve(energy, np.full(_GATING_HOPS, 1 / _GATING_HOPS), mode="valid")
    loud = blocks[blocks > 10 ** ((SILENCE_LUFS - _OFFSET) / 10)]
    if not len(loud):
        return None
    gated = loud[loud > loud.mean() / 10]
    return _lufs(float(gated.mean()))


def _lufs(mean_square: float) -> float:
    return max(SILENCE_LUFS, _OFFSET + 10 * float(np.log10(max(mean_square, 1e-12))))


def _merged(spans: Iterable[TimeRange]) -> tuple[TimeRange, ...]:
    """The union of ``spans``, in order."""
    merged: list[TimeRange] = []
    for span in sorted(spans, key=lambda span: span.start):
        if merged and span.start <= merged[-1].end:
            merged[-1] = TimeRange(merged[-1].start, max(merged[-1].end, span.end) - merged[-1].start)
        else:
            merged.append(span)
    return tuple(merged)


def _add_energy(energy: NDArray[np.float64], clip: SoundClip, hearing: Hearing) -> None:
    """Adds the clip's loudness to that of the picture."""
    own = hearing.energy
    first = max(0, round(clip.record.start * 10))
    last = min(len(energy), -int(-clip.record.end * 10 // 1))
    if not len(own) or last <= first:
        return
    start, _ = played(clip)
    record = (np.arange(first, last) + 0.5) / 10 - float(clip.record.start)
    speed = float(clip.source.speed)
    places = np.floor((record * speed + float(clip.source.start - start)) * 10 + 1e-6).astype(np.int64)
    inside = (places >= 0) & (places < len(own))
    energy[first:last][inside] += own[places[inside]]


def _speech(clip: SoundClip, hearing: Hearing, duration: Fraction) -> Iterator[TimeRange]:
    """Spans of speech on the picture's clock, within its ``duration``."""
    source, record = clip.source, clip.record
    whole = record.intersect(TimeRange(Fraction(0), duration))
    if whole is None or not Fraction(1, 2) <= abs(source.speed) <= 2:
        return
    earliest, _ = played(clip)
    for start, end in hearing.speech:
        ends = [record.start + (earliest + time - source.start) / source.speed for time in (start, end)]
        span = TimeRange(min(ends), abs(ends[1] - ends[0])).intersect(whole)
        if span is not None:
            yield span
