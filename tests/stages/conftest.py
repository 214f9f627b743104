"""A chain over engines that do next to nothing, and an executor that counts what it is asked."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import cast

import pytest
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.events import Event, Stage
from sonique_daemon.domain.note import Fingerprint, Note, NoteKind
from sonique_daemon.domain.picture import Picture, Shot, SoundClip, Source
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.engine import DescribeEngine, DescribeRequest, Descriptor, Report
from sonique_daemon.engines.fake import UnseeingDescriber, fakes
from sonique_daemon.engines.registry import Offer, Offered, Registry, Shelf
from sonique_daemon.stages.assembly import assemble
from sonique_daemon.stages.cache import FolderLibrary, MemoryCache
from sonique_daemon.stages.chain import Chain
from sonique_daemon.workers.executor import ThreadExecutor
from sonique_daemon.workers.task import CONFORM, Reading, Request, Result, Task
from sonique_daemon.workers.workbench import Workbench


@dataclass(slots=True)
class CountingExecutor:
    """Does the work, but for reading timelines: what those show is ``reading``. Keeps what it was asked."""

    bench: ThreadExecutor
    reading: Reading
    asked: list[tuple[str, str]] = field(default_factory=list)
    requests: list[object] = field(default_factory=list)

    def run(self, task: Task[Request, Result], engine: str, request: Request, report: Report) -> Result:
        self.asked.append((task.name, engine))
        self.requests.append(request)
        if task.name == CONFORM.name:
            report.check()
            return cast("Result", self.reading)
        return self.bench.run(task, engine, request, report)

    @property
    def tasks(self) -> list[str]:
        return [name for name, _ in self.asked]


@dataclass(slots=True)
class NotingDescriber:
    """Describes like the fake, and notes every shot and sound that it was not told of; warns of what it is to."""

    complaint: str = ""
    looked_at: list[str] = field(default_factory=list)
    between: Callable[[], None] = lambda: None
    descriptor: Descriptor = field(
        default_factory=lambda: Descriptor("noting", Stage.DESCRIBE, "Notes shots.", "GPL-3.0-or-later", "1")
    )

    def run(self, request: DescribeRequest, report: Report) -> Description:
        known = {(note.kind, note.index): note.data for note in request.known}
        items: list[tuple[NoteKind, int, Shot | SoundClip]] = []
        items += [(NoteKind.SHOT, *numbered) for numbered in enumerate(request.picture.shots)]
        items += [(NoteKind.SOUND, *numbered) for numbered in enumerate(request.picture.sound)]
        for kind, index, item in items:
            data = f"{item.source} for {item.record.duration}".encode()
            assert known.get((kind, index), data) == data
            if (kind, index) not in known and item.source is not None:
                self.looked_at.append(f"{kind} {Path(item.source.path).name} at {item.source.start}")
                report.note(Note(kind, index, data))
                self.between()
        if self.complaint:
            report.warn(self.complaint)
        return UnseeingDescriber().run(request, report)


def reading_of(*spans: tuple[str, int, int], record_start: int = 3600, digest: bytes = b"1" * 32) -> Reading:
    """Clips ``(name, start in its file, length)`` in seconds one after the other, each with its sound."""
    shots, sound, at = [], [], Fraction(0)
    for name, start, length in spans:
        record, source = TimeRange(at, Fraction(length)), Source(f"/media/{name}", Fraction(start))
        shots.append(Shot(record, name, source))
        sound.append(SoundClip(record, source))
        at = record.end
    prints = tuple(Fingerprint(f"/media/{name}", digest) for name in dict.fromkeys(name for name, _, _ in spans))
    return Reading(Picture(Fraction(25), Fraction(record_start), at, tuple(shots), (), tuple(sound), name="e"), prints)


def own_style(folder: Path) -> Path:
    """A file of settings with a style of the user's own beside it."""
    (folder / "styles").mkdir()
    shipped = (files("sonique_daemon.engines.composer") / "styles" / "ambient.toml").read_text(encoding="utf-8")
    (folder / "styles" / "night-drive.toml").write_text(shipped, encoding="utf-8")
    return folder / "config.toml"


@pytest.fixture
def read() -> Callable[..., Reading]:
    return reading_of


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def describer() -> NotingDescriber:
    return NotingDescriber()


@pytest.fixture
def registry(describer: NotingDescriber) -> Registry:
    fake = fakes()
    offers: dict[str, Offered[DescribeEngine]] = {
        "noting": Offer(describer.descriptor, lambda: describer),
        **fake.describers.offers,
    }
    return Registry(Shelf(Stage.DESCRIBE, offers), fake.taggers, fake.generators)


@pytest.fixture
def executor(registry: Registry) -> CountingExecutor:
    return CountingExecutor(ThreadExecutor(Workbench(registry)), reading_of(("a", 10, 2), ("b", 20, 3)))


@pytest.fixture
def cache() -> MemoryCache:
    return MemoryCache()


@pytest.fixture
def library(tmp_path: Path) -> FolderLibrary:
    return FolderLibrary(tmp_path / "store")


@pytest.fixture
def chain(executor: CountingExecutor, registry: Registry, cache: MemoryCache, library: FolderLibrary) -> Chain:
    uploads = library.folder / "uploads"
    return assemble(executor, registry, cache, library, uploads, (), lambda job: f"seed {job.seed}".encode())
