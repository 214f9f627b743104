"""Measured runs as rows: how long each engine took for how much, the latest alone."""

import sqlite3

from sonique_daemon.domain.events import Stage
from sonique_daemon.jobs.store.values import MeasuredRun

_KEPT = 200
"""Runs of each stage and engine."""


def put_run(connection: sqlite3.Connection, run: MeasuredRun) -> None:
    """Notes ``run``, and forgets the oldest of its stage and engine beyond the latest 200."""
    engine = (run.stage.value, run.engine)
    connection.execute(
        "INSERT INTO runs (stage, engine, version, length, seconds) VALUES (?, ?, ?, ?, ?)",
        (*engine, run.version, run.length, run.seconds),
    )
    connection.execute(
        "DELETE FROM runs WHERE stage = ? AND engine = ? AND number <= (SELECT number FROM runs"
        " WHERE stage = ? AND engine = ? ORDER BY number DESC LIMIT 1 OFFSET ?)",
        (*engine, *engine, _KEPT),
    )


def read_runs(connection: sqlite3.Connection) -> tuple[MeasuredRun, ...]:
    """All of them, the oldest first."""
    rows = connection.execute("SELECT stage, engine, version, length, seconds FROM runs ORDER BY number")
    return tuple(MeasuredRun(Stage(stage), *rest) for stage, *rest in rows)
