"""What every executor promises, the one of threads and the one of processes alike."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from sonique_daemon.delivery.order import Order
from sonique_daemon.delivery.provenance import Provenance
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import ShotDescription
from sonique_daemon.domain.note import Note, NoteKind
from sonique_daemon.domain.options import Melody
from sonique_daemon.domain.picture import Picture, Shot, Source
from sonique_daemon.domain.request import Timeline
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.engine import DescribeRequest, GenerateRequest, RecordedReport, TagRequest
from sonique_daemon.engines.fake import LiteralTagger, ToneGenerator, UnseeingDescriber
from sonique_daemon.engines.hazards import HAZARDS, hazards
from sonique_daemon.engines.registry import embedded
from sonique_daemon.errors import (
    Cancelled,
    EngineFailed,
    EngineNotFound,
    OutOfMemory,
    StoreFull,
    TimelineUnreadable,
)
from sonique_daemon.sync.plan import plan
from sonique_daemon.workers.executor import Executor, ThreadExecutor
from sonique_daemon.workers.limits import PoolLimits
from sonique_daemon.workers.pool import Pool
from sonique_daemon.workers.processes import ProcessExecutor
from sonique_daemon.workers.task import (
    CONFORM,
    DELIVER,
    DESCRIBE,
    FIT,
    GENERATE,
    GENERATE_BATCH,
    HEAR,
    TAG,
    Batch,
    ConformRequest,
    DeliverRequest,
    FitRequest,
    HearRequest,
)
from sonique_daemon.workers.workbench import Workbench

Film = Callable[..., Path]

SECONDS = Fraction(3)
TAGS = Tags("cinematic", (), Tempo(80.0, 70.0, 90.0), Key(2, "aeolian"))
TEMPO_MAP = TempoMap(SECONDS, (0.0, 0.75, 1.5, 2.25, 3.0), (0, 4), 80.0, (Section(0, 1, 0.5),))
PLEA = TagRequest(Brief(bpm=90.0), None)


@pytest.fixture(scope="module", params=["thread", "process"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param == "thread":
        yield ThreadExecutor(Workbench(hazards()))
        return
    pool = Pool(PoolLimits(watch_seconds=0.1), HAZARDS)
    yield ProcessExecutor(pool, hazards())
    pool.close()


class CancelledLater(RecordedReport):
    """Is cancelled by the first progress."""

    def progress(self, done: float, total: float, unit: str) -> None:
        super().progress(done, total, unit)
        self.cancelled = True


class FullStore(RecordedReport):
    """Cannot keep what it is told."""

    def warn(self, sentence: str) -> None:
        raise StoreFull(f"No room for “{sentence}”.")


def _picture() -> Picture:
    spans = (TimeRange(Fraction(0), Fraction(1)), TimeRange(Fraction(1), Fraction(2)))
    return Picture(Fraction(24), Fraction(0), SECONDS, tuple(Shot(span, "a", None) for span in spans))


def test_a_description_comes_back_as_the_engine_made_it(executor: Executor) -> None:
    request, report, own = DescribeRequest(_picture(), detect_cuts=False), RecordedReport(), RecordedReport()
    assert executor.run(DESCRIBE, "", request, report) == UnseeingDescriber().run(request, own)
    assert report.shots == own.shots
    assert all(isinstance(shot, ShotDescription) for _, shot in report.shots)


def test_tags_come_back_as_the_engine_made_them(executor: Executor) -> None:
    assert executor.run(TAG, "", PLEA, RecordedReport()) == LiteralTagger().run(PLEA, RecordedReport())


def test_a_tempo_map_is_fitted(executor: Executor) -> None:
    request = FitRequest(TAGS, SECONDS, None, 7)
    assert executor.run(FIT, "", request, RecordedReport()) == plan(TAGS, SECONDS, None, 7)


def test_audio_passes_by_its_file(executor: Executor, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    request = GenerateRequest(TAGS, TEMPO_MAP, int(SECONDS * 48_000), 7, tmp_path)
    rendering = executor.run(GENERATE, "tone", request, RecordedReport())
    own = GenerateRequest(TAGS, TEMPO_MAP, int(SECONDS * 48_000), 7, tmp_path / "own")
    assert rendering.mix.path == tmp_path / "mix.raw"
    assert rendering.mix.path.read_bytes() == ToneGenerator().run(own, RecordedReport()).mix.path.read_bytes()


@pytest.mark.parametrize("engine", ["tone", "mimic"])
def test_takes_made_at_once_are_those_made_one_by_one(executor: Executor, tmp_path: Path, engine: str) -> None:
    def asked(name: str, seed: int) -> GenerateRequest:
        (tmp_path / name).mkdir()
        return GenerateRequest(TAGS, TEMPO_MAP, int(SECONDS * 48_000), seed, tmp_path / name)

    batch = Batch((asked("a", 1), asked("b", 2)))
    together = executor.run(GENERATE_BATCH, engine, batch, RecordedReport()).items
    apart = [executor.run(GENERATE, engine, asked(f"{seed}", seed), RecordedReport()) for seed in (1, 2)]
    assert [one.mix.path.read_bytes() for one in together] == [one.mix.path.read_bytes() for one in apart]


def test_a_recording_is_heard(executor: Executor, recording: Path, tmp_path: Path) -> None:
    request = HearRequest(Melody(str(recording)), tmp_path, (recording.parent,), 48_000, tmp_path / "melody.raw")
    heard = executor.run(HEAR, "", request, RecordedReport())
    assert (heard.audio.path, heard.audio.channels, heard.audio.samples) == (tmp_path / "melody.raw", 2, 48_000)
    assert heard.sha256 == sha256(recording.read_bytes()).hexdigest()


def test_a_rendering_is_delivered(executor: Executor, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    request = GenerateRequest(TAGS, TEMPO_MAP, int(SECONDS * 48_000), 7, tmp_path)
    rendering = executor.run(GENERATE, "", request, RecordedReport())
    order = Order(int(SECONDS * 48_000), Provenance("A bed", "tone", "1", "GPL-3.0-or-later", 7))
    asked = DeliverRequest(rendering, order, TEMPO_MAP, SECONDS, tmp_path / "out")
    delivered = executor.run(DELIVER, "", asked, RecordedReport())
    assert [file.path.stat().st_size for file in delivered.files] == [file.size for file in delivered.files]


def test_the_works_own_errors_pass(executor: Executor, tmp_path: Path) -> None:
    request = ConformRequest(Timeline("This is no timeline."), tmp_path, ())
    with pytest.raises(TimelineUnreadable) as caught:
        executor.run(CONFORM, "", request, RecordedReport())
    assert caught.value.sentence


def test_an_unknown_engine_is_named(executor: Executor) -> None:
    with pytest.raises(EngineNotFound, match="nobody"):
        executor.run(TAG, "nobody", PLEA, RecordedReport())


def test_what_nobody_foresaw_is_told_as_the_engines_failure(executor: Executor) -> None:
    with pytest.raises(EngineFailed, match=r"“raise” broke \(ZeroDivisionError\)"):
        executor.run(TAG, "raise", PLEA, RecordedReport())


def test_want_of_memory_is_told_as_such(executor: Executor) -> None:
    with pytest.raises(OutOfMemory, match="“starve” needs more memory"):
        executor.run(TAG, "starve", PLEA, RecordedReport())


def test_a_full_disk_is_told_as_such(executor: Executor) -> None:
    with pytest.raises(StoreFull, match="No space left"):
        executor.run(TAG, "fill", PLEA, RecordedReport())


def test_notes_and_warnings_arrive_in_order(executor: Executor) -> None:
    report = RecordedReport()
    executor.run(TAG, "talk", PLEA, report)
    assert report.warnings == [f"So far {index}." for index in range(0, 100, 10)]
    assert report.notes == [Note(NoteKind.SHOT, index, bytes([index]) * 1000) for index in range(0, 100, 10)]


def test_the_last_progress_arrives_and_none_goes_back(executor: Executor) -> None:
    report = RecordedReport()
    executor.run(TAG, "talk", PLEA, report)
    assert report.steps[0] == (0.0, 2.0, "s of nothing")
    assert report.steps[-1] == (0.99, 2.0, "s of nothing")
    assert report.steps == sorted(report.steps)


@pytest.mark.parametrize("engine", ["linger", "talk"])
def test_cancelled_work_stops_and_the_next_runs(executor: Executor, engine: str) -> None:
    with pytest.raises(Cancelled):
        executor.run(TAG, engine, PLEA, CancelledLater())
    assert executor.run(TAG, "print", PLEA, RecordedReport()).style == "ambient"


def test_work_that_was_cancelled_before_does_not_begin(executor: Executor) -> None:
    with pytest.raises(Cancelled):
        executor.run(TAG, "linger", PLEA, RecordedReport(cancelled=True))


def test_what_a_report_raises_passes_and_the_next_runs(executor: Executor) -> None:
    with pytest.raises(StoreFull, match="So far 0"):
        executor.run(TAG, "talk", PLEA, FullStore())
    assert executor.run(TAG, "print", PLEA, RecordedReport()).style == "ambient"


@pytest.fixture(scope="module")
def embedded_executor() -> Iterator[Executor]:
    pool = Pool(PoolLimits())
    yield ProcessExecutor(pool, embedded())
    pool.close()


def test_the_embedded_describer_sees_the_same_in_a_worker(embedded_executor: Executor, film: Film) -> None:
    images = [np.full((90, 160, 3), level, np.uint8) for level in (30, 200) for _ in range(24)]
    source = Source(str(film("a.mp4", images)), Fraction(0))
    spans = (TimeRange(Fraction(0), Fraction(1)), TimeRange(Fraction(1), Fraction(1)))
    shots = tuple(Shot(span, "a", replace(source, start=span.start)) for span in spans)
    request = DescribeRequest(Picture(Fraction(24), Fraction(0), Fraction(2), shots), detect_cuts=True)
    report, own = RecordedReport(), RecordedReport()
    described = embedded_executor.run(DESCRIBE, "", request, report)
    assert described == embedded().describe_engine("").run(request, own)
    assert (report.shots, report.notes) == (own.shots, own.notes)


def test_the_embedded_composer_plays_the_same_in_a_worker(embedded_executor: Executor, tmp_path: Path) -> None:
    folders = [tmp_path / "worker", tmp_path / "here"]
    for folder in folders:
        folder.mkdir()
    tags = embedded_executor.run(TAG, "", TagRequest(Brief(prompt="calm piano"), None), RecordedReport())
    tempo_map = embedded_executor.run(FIT, "", FitRequest(tags, SECONDS, None, 7), RecordedReport())
    there, here = (GenerateRequest(tags, tempo_map, int(SECONDS * 48_000), 7, folder) for folder in folders)
    played = embedded_executor.run(GENERATE, "", there, RecordedReport())
    own = embedded().generate_engine("").run(here, RecordedReport())
    assert played.mix.path.read_bytes() == own.mix.path.read_bytes()
    assert played.midi == own.midi
