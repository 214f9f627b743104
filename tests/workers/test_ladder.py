"""What happens when a model runs out of memory: real workers, and engines that have as much as they are told."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sonique_daemon.catalogue.places import WEIGHTS
from sonique_daemon.catalogue.weights import Weights
from sonique_daemon.domain.brief import Brief
from sonique_daemon.engines.engine import RecordedReport, TagRequest
from sonique_daemon.engines.pretend import HUNGRY, MODELS, PRETENDERS, pretenders
from sonique_daemon.errors import OutOfMemory
from sonique_daemon.workers.limits import PoolLimits
from sonique_daemon.workers.pool import Pool
from sonique_daemon.workers.processes import ProcessExecutor
from sonique_daemon.workers.task import TAG

from tests.weights_here import put

REQUEST = TagRequest(Brief(bpm=90.0), None)


@pytest.fixture
def executor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessExecutor]:
    """Runs pretended models whose weights are there."""
    monkeypatch.setenv(WEIGHTS, str(tmp_path))
    weights = Weights.here()
    for model in MODELS:
        put(weights, model.name)
    pool = Pool(PoolLimits(memory_budget_bytes=8 * 10**9), PRETENDERS)
    yield ProcessExecutor(pool, pretenders())
    pool.close()


def hungry(monkeypatch: pytest.MonkeyPatch, savings: int) -> None:
    """The engine of “seer” has too little memory until it works with so many savings."""
    monkeypatch.setenv(HUNGRY, str(savings))


def test_an_engine_that_has_enough_is_asked_once(executor: ProcessExecutor) -> None:
    report = RecordedReport()
    assert executor.run(TAG, "pretend:seer", REQUEST, report).tempo.bpm == 90.0
    assert report.warnings == []


def test_it_takes_one_saving_after_the_other_and_tells_each(
    executor: ProcessExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    hungry(monkeypatch, 2)
    report = RecordedReport()
    assert executor.run(TAG, "pretend:seer", REQUEST, report).tempo.bpm == 90.0
    assert report.warnings == [
        "“pretend:seer@nf4” ran out of memory; it goes on with half of what it imagines.",
        "“pretend:seer@nf4” ran out of memory; it goes on with next to nothing.",
    ]


def test_idle_workers_go_first(executor: ProcessExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    executor.run(TAG, "literal", REQUEST, RecordedReport())
    hungry(monkeypatch, 1)
    report = RecordedReport()
    executor.run(TAG, "pretend:seer", REQUEST, report)
    assert "another worker that was idle was ended" in report.warnings[0]
    assert "half of what it imagines" in report.warnings[1]
    assert [worker.name for worker in executor.pool.workers()] == ["seer@nf4"]


def test_where_nothing_helps_the_last_error_is_told(executor: ProcessExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    hungry(monkeypatch, 9)
    report = RecordedReport()
    with pytest.raises(OutOfMemory, match="2 savings"):
        executor.run(TAG, "pretend:seer", REQUEST, report)
    assert len(report.warnings) == 2


def test_what_can_be_halved_takes_to_no_savings(executor: ProcessExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    executor.run(TAG, "literal", REQUEST, RecordedReport())
    hungry(monkeypatch, 1)
    report = RecordedReport()
    with pytest.raises(OutOfMemory, match="0 savings"):
        executor.run(replace(TAG, divisible=True), "pretend:seer", REQUEST, report)
    assert ["another worker" in sentence for sentence in report.warnings] == [True]


def test_the_next_job_begins_without_savings(executor: ProcessExecutor, monkeypatch: pytest.MonkeyPatch) -> None:
    hungry(monkeypatch, 1)
    for _ in range(2):
        report = RecordedReport()
        executor.run(TAG, "pretend:seer", REQUEST, report)
        assert len(report.warnings) == 1


def test_what_can_never_have_a_place_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WEIGHTS, str(tmp_path))
    pool = Pool(PoolLimits(memory_budget_bytes=8 * 10**9, card_bytes=10**9, card_budget_bytes=10**8), PRETENDERS)
    report = RecordedReport()
    with pytest.raises(OutOfMemory, match="may have 100 MB"):
        ProcessExecutor(pool, pretenders()).run(TAG, "pretend:seer", REQUEST, report)
    pool.close()
    assert report.warnings == []
