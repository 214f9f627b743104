"""Looking at 64 frames of ten minutes of film whose cuts are known, against decoding through it."""

import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from sonique_daemon.domain.picture import Source
from sonique_daemon.timeline.frames import glimpse_times, open_reel

from bench.media import RATE, make_film
from bench.table import Row

SECONDS, FRAMES = 600, 64


def rows(folder: Path) -> Iterator[Row]:
    """One row: the ratio."""
    film = folder / "long.mp4"
    firsts = make_film(film, SECONDS)
    spans = [(firsts[i], firsts[i + 1]) for i in range(0, len(firsts) - 1, max(1, len(firsts) // FRAMES))][:FRAMES]
    started = time.perf_counter()
    with av.open(str(film)) as container:
        decoded = sum(1 for _ in container.decode(video=0))
    through = time.perf_counter() - started
    started = time.perf_counter()
    found = 0
    with open_reel(Source(str(film), Fraction(0)), 160) as reel:
        for first, end in spans:
            (glimpse,) = glimpse_times(reel.keyframes, Fraction(first, RATE), Fraction(end, RATE), 1)
            found += reel.at(glimpse) is not None
    sampled = time.perf_counter() - started
    assert decoded == SECONDS * RATE
    ratio = through / sampled
    beside = f"{sampled:.2f} s against {through:.2f} s decoding through"
    figure = f"{ratio:.0f} × faster ({found} frames)"
    yield Row("64 frames of 10 min of 1080p, cuts known", figure, "≥ 10 ×", ratio >= 10 and found == FRAMES, beside)
