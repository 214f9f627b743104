"""What the commands print of jobs, workers and the store, from the contract's own messages."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console
from sonique.v1 import engines_pb2, jobs_pb2, store_pb2
from sonique_cli import jobs, storage, tables, workers
from sonique_cli.exits import CommandError, Exit

Lines = Callable[[], list[str]]


NOW = 1_800_000_000


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that stands still."""
    monkeypatch.setattr(jobs.time, "time", lambda: NOW)  # type: ignore[attr-defined]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Lines:
    """A terminal 80 columns wide; returns the lines on it."""
    screen = io.StringIO()
    console = Console(file=screen, width=80, force_terminal=True, color_system=None, highlight=False, markup=False)
    monkeypatch.setattr(tables, "output", lambda: console)
    return lambda: [line.rstrip() for line in screen.getvalue().splitlines()]


def job(name: str, **more: Any) -> jobs_pb2.Job:
    found = jobs_pb2.Job(id=name, kind=jobs_pb2.JOB_KIND_SCORE, **more)
    found.created.FromSeconds(NOW - 120)
    return found


def test_a_table_of_jobs_fits_a_terminal_of_80_columns(terminal: Lines) -> None:
    title = "A timeline with a name that goes on and on and on"
    running = job(
        "3f2a91bc7d" * 2, state=jobs_pb2.JOB_STATE_RUNNING, title=title, client="blender-4711", seconds_left=31
    )
    running.started.FromSeconds(NOW - 60)
    waiting = job("77" * 12, state=jobs_pb2.JOB_STATE_QUEUED, client="cli-1", position=2)
    jobs._print_jobs([running, waiting], full=False)
    head, first, second = terminal()
    assert max(map(len, (head, first, second))) <= 80
    assert head.split() == ["JOB", "KIND", "TITLE", "STATE", "CLIENT", "AGE", "TOOK", "LEFT"]
    assert first.startswith("3f2a91bc  score  A time")
    assert "…" in first
    assert first.endswith("running  blender-4711   2m   60s      31s")
    assert second.endswith("after 2")


def test_whole_ids_are_printed_where_they_are_wanted(terminal: Lines) -> None:
    jobs._print_jobs([job("3f2a91bc7d" * 2, state=jobs_pb2.JOB_STATE_DONE)], full=True)
    assert terminal()[1].startswith("3f2a91bc7d" * 2)


def test_a_title_cannot_steer_the_terminal(terminal: Lines) -> None:
    jobs._print_jobs([job("a", state=jobs_pb2.JOB_STATE_DONE, title="[red]\x1b[2J\nx")], full=False)
    assert len(terminal()) == 2
    assert "[red]\ufffd[2J x" in terminal()[1]


def test_a_state_of_a_later_release_is_shown_as_its_number(terminal: Lines) -> None:
    jobs._print_jobs([job("a", state=42)], full=False)
    assert " 42 " in terminal()[1]


def test_no_jobs_are_told(terminal: Lines) -> None:
    jobs._print_jobs([], full=False)
    assert terminal() == ["No jobs."]


def test_workers_are_listed_with_the_sum_and_the_budget(terminal: Lines) -> None:
    busy = engines_pb2.Worker(
        name="signal", pid=4711, state=engines_pb2.WORKER_STATE_BUSY, task="describe", memory_bytes=150_000_000, calls=3
    )
    idle = engines_pb2.Worker(
        name="desk", pid=4712, state=engines_pb2.WORKER_STATE_IDLE, memory_bytes=50_000_000, expires_seconds=240
    )
    found = engines_pb2.ListWorkersResponse(
        workers=[busy, idle], memory_in_use_bytes=260_000_000, memory_budget_bytes=16 * 10**9
    )
    workers._print(found)
    _, first, second, _, held, whole = terminal()
    assert first.split() == ["signal", "4711", "busy", "describe", "150", "MB", "0.0s", "3"]
    assert second.split() == ["desk", "4712", "idle", "50.0", "MB", "0.0s", "4m", "0"]
    assert held == "Workers hold 200 MB of the 16.0 GB that they may hold."
    assert whole == "With the daemon itself: 260 MB."


def test_what_workers_hold_of_a_card_is_a_column_where_there_is_one(terminal: Lines) -> None:
    eyes = engines_pb2.Worker(
        name="qwen3-vl-4b@nf4",
        pid=4711,
        state=engines_pb2.WORKER_STATE_IDLE,
        memory_bytes=2_000_000_000,
        card_bytes=4_700_000_000,
    )
    desk = engines_pb2.Worker(name="desk", pid=4712, state=engines_pb2.WORKER_STATE_IDLE, memory_bytes=50_000_000)
    workers._print(engines_pb2.ListWorkersResponse(workers=[desk, eyes]))
    heads, first, second, *_, card = terminal()
    assert heads.split()[4:6] == ["MEMORY", "CARD"]
    assert first.split() == ["desk", "4712", "idle", "50.0", "MB", "0.0s", "0"]
    assert second.split() == ["qwen3-vl-4b@nf4", "4711", "idle", "2.0", "GB", "4.7", "GB", "0.0s", "0"]
    assert card == "Of the card they hold 4.7 GB."


def test_the_store_is_told_by_kind_with_its_budget(terminal: Lines) -> None:
    takes = store_pb2.Holding(kind=store_pb2.STORE_KIND_TAKES, count=5, bytes=506_000_000)
    usage = store_pb2.UsageResponse(holdings=[takes], bytes=506_000_000, budget_bytes=20 * 10**9, free_bytes=77 * 10**9)
    storage._print_usage(usage, "/data/sonique")
    lines = terminal()
    assert lines[1].split()[:4] == ["takes", "5", "506", "MB"]
    assert lines[3] == "The store holds 506 MB of the 20.0 GB that it may; its disk has 77.0 GB free."
    assert lines[4] == "/data/sonique"


def test_a_store_without_a_budget_says_so(terminal: Lines) -> None:
    storage._print_usage(store_pb2.UsageResponse(), "/data/sonique")
    assert "(no limit is set)" in terminal()[2]


def test_what_is_to_be_cleared_is_what_the_options_say() -> None:
    order = storage.prune_order("5GB", "7d", [storage.KindChoice.RESULTS, storage.KindChoice.UPLOADS])
    assert list(order.kinds) == [store_pb2.STORE_KIND_RESULTS, store_pb2.STORE_KIND_UPLOADS]
    assert (order.keep_bytes, order.keep_seconds, order.rehearse) == (5 * 10**9, 604_800, False)


def test_where_nobody_can_be_asked_nothing_is_cleared(terminal: Lines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    expected = store_pb2.PruneResponse(cleared=[store_pb2.Holding(kind=store_pb2.STORE_KIND_TAKES, count=1)])
    with pytest.raises(CommandError, match="--yes") as caught:
        storage._agreed(expected)
    assert caught.value.exit_code is Exit.USAGE
    assert not storage._agreed(store_pb2.PruneResponse())
    assert terminal() == []
