"""What a user waits for: whole commands."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import av

from bench.media import RATE, make_film, make_timeline
from bench.processes import SONIQUE, median_of, own_daemon, timed
from bench.table import Row

SECONDS = 60


def rows(folder: Path) -> Iterator[Row]:
    """Scoring 60 s of 1080p24, with cuts unknown and known, on a warm daemon and without one; and start-up."""
    film = folder / "film.mp4"
    timeline = folder / "film.otio"
    timeline.write_text(make_timeline(film, make_film(film, SECONDS), SECONDS * RATE), encoding="utf-8")
    bare = median_of(lambda: _bare_decode(film))
    with own_daemon(folder) as environment:
        score = [SONIQUE, "score", str(film), "--force", "--quiet"]
        unknown = median_of(lambda: _anew(score, environment))
        wanted = 1.5 * bare + 2
        beside = f"bare decode {bare:.2f} s"
        yield Row(
            "score 60 s of 1080p24, cuts unknown", f"{unknown:.2f} s", f"≤ {wanted:.2f} s", unknown <= wanted, beside
        )
        score = [SONIQUE, "score", str(timeline), "-o", str(folder / "cue.wav"), "--force", "--quiet"]
        known = median_of(lambda: _anew(score, environment))
        yield Row("the same from a timeline with its cuts", f"{known:.2f} s", "≤ 3 s", known <= 3, beside)
        cold = median_of(lambda: _cold(score, environment))
        more = cold - known
        yield Row("daemon not running yet", f"{more:+.2f} s", "≤ 1.5 s more", more <= 1.5, f"{cold:.2f} s in all")
    yield from _starts()


def _anew(score: list[str], environment: dict[str, str]) -> float:
    """Seconds of ``score`` where nothing of it is known from before."""
    timed([SONIQUE, "prune", "--kind", "results", "--yes"], environment)
    return timed(score, environment)


def _cold(score: list[str], environment: dict[str, str]) -> float:
    timed([SONIQUE, "prune", "--kind", "results", "--yes"], environment)
    timed([SONIQUE, "daemon", "stop"], environment)
    return timed(score, environment)


def _starts() -> Iterator[Row]:
    bare = median_of(lambda: timed([sys.executable, "-c", "pass"]))
    beside = f"bare Python {bare:.2f} s"
    client = median_of(lambda: timed([sys.executable, "-c", "import sonique_client"]))
    yield Row("import sonique_client", f"{client:.2f} s", "≤ 0.25 s", client <= 0.25, beside)
    help_text = median_of(lambda: timed([SONIQUE, "--help"]))
    yield Row("sonique --help", f"{help_text:.2f} s", "≤ 0.5 s", help_text <= 0.5, beside)


def _bare_decode(film: Path) -> float:
    """Seconds that PyAV takes to decode every frame and do nothing with it."""
    started = time.perf_counter()
    with av.open(str(film)) as container:
        frames = sum(1 for _ in container.decode(video=0))
    assert frames == SECONDS * RATE
    return time.perf_counter() - started
