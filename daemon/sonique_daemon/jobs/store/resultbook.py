"""Cached results as rows."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sonique_daemon.jobs.store.shelf import checked
from sonique_daemon.stages.cache import Remembered

_KEYS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Found:
    """A cached result.

    Attributes:
        number: of its row.
        key: what it was found by.
        value: the result.
        used: when it was last used, in seconds since 1970.
        files: SHA-256 of the audio that it needs.
    """

    number: int
    key: bytes
    value: bytes
    used: float
    files: tuple[str, ...]


def put_result(connection: sqlite3.Connection, result: Remembered, now: float) -> None:
    """Keeps ``result``, in place of an earlier one of its key; raises ``ValueError`` where key or files are none."""
    if len(result.key) != 32:
        raise ValueError(f"A key has 32 bytes, not {len(result.key)}.")
    files = [checked(sha256) for sha256 in dict.fromkeys(result.files)]
    connection.execute(
        "INSERT INTO results (key, stage, value, seconds, created, used) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (key) DO UPDATE SET"
        " value = excluded.value, seconds = excluded.seconds, created = excluded.created, used = excluded.used",
        (result.key, result.stage.value, result.value, result.seconds, now, now),
    )
    number = connection.execute("SELECT number FROM results WHERE key = ?", (result.key,)).fetchone()[0]
    connection.execute("DELETE FROM result_files WHERE result = ?", (number,))
    connection.executemany("INSERT INTO result_files VALUES (?, ?)", [(number, sha256) for sha256 in files])


def find_results(connection: sqlite3.Connection, keys: Sequence[bytes]) -> list[Found]:
    """Those of ``keys`` that are kept, whether or not their files are still there."""
    return [found for some in _pieces(list(dict.fromkeys(keys))) for found in _find(connection, some)]


def touch_results(connection: sqlite3.Connection, numbers: Iterable[int], now: float) -> None:
    """Notes that the results were used ``now``."""
    connection.executemany("UPDATE results SET used = ? WHERE number = ?", [(now, number) for number in numbers])


def touch_takes(connection: sqlite3.Connection, takes: Iterable[str], now: float) -> None:
    """Notes that the takes were used ``now``."""
    connection.executemany("UPDATE takes SET used = ? WHERE id = ?", [(now, take) for take in takes])


def _find(connection: sqlite3.Connection, keys: list[bytes]) -> Iterator[Found]:
    marks = ", ".join("?" * len(keys))
    files = "(SELECT group_concat(sha256) FROM result_files WHERE result = number)"
    rows = connection.execute(f"SELECT number, key, value, used, {files} FROM results WHERE key IN ({marks})", keys)  # noqa: S608
    for number, key, value, used, names in rows:
        yield Found(number, key, value, used, tuple(names.split(",")) if names else ())


def _pieces(keys: list[bytes]) -> Iterator[list[bytes]]:
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        yield keys[start : start + _KEYS_AT_ONCE]
