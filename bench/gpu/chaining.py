"""What is measured of the whole chain: a command, a daemon and its workers by a profile, and the memory they hold."""

import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import sleep
from typing import Self

from sonique_daemon.catalogue.profiles import read_profiles
from sonique_daemon.catalogue.weights import HeldFile, Record, write_record
from sonique_daemon.engines.devices import chosen_device
from sonique_daemon.workers.room import card_use

from bench.faults.home import Home, home
from bench.gpu import gauges
from bench.gpu.errands import Order
from bench.gpu.registry import FULL, TINY
from bench.gpu.rows import Row
from bench.gpu.speaking import SHOTS
from bench.gpu.subjects import Subject, subject
from bench.media import RATE, make_film, make_timeline
from bench.processes import timed

_SONIQUE = (sys.executable, "-m", "sonique_cli")
"""Its script may not be there: what runs on a machine without a network is often unpacked and not installed."""
_LOOK_SECONDS = 0.02
_WARM_RUNS, _ENOUGH_SECONDS = 2, 15.0
"""The best of two, or one that is long."""
_MOST_SECONDS = {"14gb": 10.0}
_MOST_GB = {"8gb": 8.0, "14gb": 14.0}


def subjects_of(name: str) -> tuple[str, ...]:
    """The models of the profile of that name, as subjects are named."""
    profile = read_profiles().profile(name)
    engines = dict.fromkeys((profile.describe, profile.tag, profile.generate))
    return tuple(engine.partition(":")[2] for engine in engines if ":" in engine)


def chain_rows(order: Order) -> Iterator[Row]:
    """A timeline of eight clips scored by a profile: the command from its start to its end, cold and warm."""
    device = chosen_device(order.device)
    row, shelf = partial(Row, "chain", order.subject), Path(order.shelf)
    models = [subject(name, shelf, device, tiny=order.tiny) for name in subjects_of(order.subject)]
    spent = sum(model.made() for model in models)
    if spent:
        yield row("files written", spent, "s")
    for model in models:
        _record(model, shelf)
    gauges.forget_peak(device)
    with TemporaryDirectory() as folder:
        variables = {"SONIQUE_WEIGHTS": str(shelf), "SONIQUE_DEVICE": device, "SONIQUE_MODELS": os.devnull}
        own = home(Path(folder) / "home", "--registry", TINY if order.tiny else FULL, **variables)
        timeline = _timeline(Path(folder), order.seconds[0])
        with own as here, _Peak(_looking(here, device)) as peak:
            here.start()
            yield from _runs(row, here, timeline, order, peak)


def _runs(row: Callable[..., Row], here: Home, timeline: Path, order: Order, peak: "_Peak") -> Iterator[Row]:
    length, profile = order.seconds[0], order.subject
    score = [*_SONIQUE, "score", str(timeline), "-o", str(timeline.with_name("cue.wav")), "--force", "--quiet"]
    score += ["--profile", profile]
    yield row(f"whole chain, {length} s range, cold", timed(score, here.variables), "s")
    spans: list[float] = []
    while len(spans) < _WARM_RUNS and sum(spans) < _ENOUGH_SECONDS:
        timed([*_SONIQUE, "prune", "--kind", "results", "--yes"], here.variables)
        spans.append(timed(score, here.variables))
    yield row(f"whole chain, {length} s range, warm", min(spans), "s", _MOST_SECONDS.get(profile))
    yield row(f"whole chain, {length} s range, peak memory", peak.highest / 1e9, "GB", _MOST_GB.get(profile))


def _timeline(folder: Path, seconds: int) -> Path:
    """A film and a timeline of its eight parts, the last first."""
    film, frames = folder / "film.mp4", seconds * RATE
    make_film(film, seconds)
    firsts = [frames * number // SHOTS for number in range(SHOTS)]
    path = folder / "film.otio"
    path.write_text(make_timeline(film, firsts, frames), encoding="utf-8")
    return path


def _record(model: Subject, shelf: Path) -> None:
    """Writes down what stands in the model's folder, as a pull does at its end, without the digests."""
    files = tuple(
        HeldFile(path.relative_to(model.folder).as_posix(), path.stat().st_size, "0" * 64, path.stat().st_mtime_ns)
        for path in sorted(model.folder.rglob("*"))
        if path.is_file()
    )
    write_record(shelf / f"{model.model.name}.json", Record(model.model.name, "bench", {}, files))


def _looking(here: Home, device: str) -> Callable[[], int]:
    """How many bytes the daemon and its workers hold now: of the card, with their contexts, else of the machine."""
    if not device.startswith("cuda"):
        return here.memory
    before = card_use(device)
    return lambda: card_use(device) - before


class _Peak:
    """Looks again and again for the body of a ``with``.

    Attributes:
        highest: what was seen.
    """

    def __init__(self, look: Callable[[], int]) -> None:
        self.highest, self._look, self._over = 0, look, Event()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.is_set():
            self.highest = max(self.highest, self._look())
            sleep(_LOOK_SECONDS)
