"""Overhead: what an event costs on its way from an engine to a watcher, and how fast audio streams."""

import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from sonique.v1 import takes_pb2

from bench.faults import asks
from bench.faults.calls import Caller, kind
from bench.faults.home import home
from bench.table import Row

SHOTS = 2000
CUE_SECONDS = 240
_FAKES = "sonique_daemon.engines.fake:fakes"
_RUNS = 5
EVENT_MILLISECONDS = 1.0
MEGABYTES_A_SECOND = 200.0


def rows(folder: Path, shots: int = SHOTS, cue_seconds: int = CUE_SECONDS) -> Iterator[Row]:
    """A job of ``shots`` events from an engine that does nothing, and a cue of ``cue_seconds`` s, streamed."""
    folder.mkdir(parents=True, exist_ok=True)
    film = asks.make_film(folder / "film.mp4", [4.5])
    with home(folder / "overhead", "--registry", _FAKES) as here, Caller(here.start()) as caller:
        caller.run(_many(film, "warm", 10))
        logged, watched = _events(caller, film, shots)
        told = f"{watched:.3f} ms from the first to the last at a watcher"
        yield Row(
            f"each of {shots} events, from engine to log and watcher",
            f"{max(logged, watched):.3f} ms",
            "≤ 1 ms",
            max(logged, watched) <= EVENT_MILLISECONDS,
            told,
        )
        size, speed = _stream(caller, cue_seconds)
        yield Row(
            f"Takes.Read of {size / 2**20:.0f} MB on loopback",
            f"{speed:.0f} MB/s",
            "≥ 200 MB/s",
            speed >= MEGABYTES_A_SECOND,
            "median of five",
        )


def _many(film: Path, job_id: str, shots: int) -> asks.Request:
    """A look at many pieces of a film, of which no two are the same."""
    request = asks.describe(job_id, film)
    clips = [asks.clip(film.as_uri(), number % 97, 4 + number // 97 % 5) for number in range(shots)]
    request.timeline.otio_json = asks.otio(clips)
    return request


def _events(caller: Caller, film: Path, shots: int) -> tuple[float, float]:
    """Milliseconds for each event by the daemon's own clock in the log, and at a watcher."""
    arrivals, stamps = [], []
    for event in caller.begin(_many(film, "many", shots)):
        if kind(event) == "shot_described":
            arrivals.append(time.perf_counter())
            stamps.append(event.time.ToNanoseconds() / 1e9)
    assert len(stamps) == shots, len(stamps)
    return tuple((times[-1] - times[0]) / (shots - 1) * 1000 for times in (stamps, arrivals))  # type: ignore[return-value]


def _stream(caller: Caller, seconds: int) -> tuple[int, float]:
    """Size of a cue's mix in bytes, and megabytes a second that it streams at."""
    events = caller.run(asks.generate("cue", seconds), 240)
    take = next(event.take_ready.take for event in events if kind(event) == "take_ready")
    size = take.files[0].size
    return size, statistics.median(_read(caller, take.id, size) for _ in range(_RUNS))


def _read(caller: Caller, take_id: str, size: int) -> float:
    started, received = time.perf_counter(), 0
    for piece in caller.takes.Read(takes_pb2.ReadRequest(take_id=take_id), timeout=120):
        received += len(piece.data)
    assert received == size, (received, size)
    return size / 2**20 / (time.perf_counter() - started)
