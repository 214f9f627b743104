"""Upkeep: how much lies in a store, and clearing it; rows first, then the files that nothing needs any more."""

import shutil
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sonique_daemon.errors import JobNotFound
from sonique_daemon.jobs.store.census import Census, take_census, total_bytes
from sonique_daemon.jobs.store.clearance import Clearance, plan
from sonique_daemon.jobs.store.database import Database
from sonique_daemon.jobs.store.folders import Folders
from sonique_daemon.jobs.store.removal import drop_job, drop_result, drop_take, is_needed
from sonique_daemon.jobs.store.removals import Removals
from sonique_daemon.jobs.store.reserve import Reserve
from sonique_daemon.jobs.store.shelf import Shelf
from sonique_daemon.jobs.store.touches import Touches
from sonique_daemon.jobs.store.uploads import needed_uploads
from sonique_daemon.jobs.store.values import PruneOrder, Usage

Item = TypeVar("Item", str, int)

_FRESH_SECONDS = 60.0
"""A budget takes nothing that was used so lately: the client that asked for it may be about to fetch it."""

_FRESH_UPLOAD_SECONDS = 3600.0
"""A budget takes no upload that came so lately: the job that it is for may be about to be asked for."""

_ROWS_AT_ONCE = 50
"""Things dropped in one transaction, so that events need not wait long to be written."""


@dataclass(frozen=True, slots=True)
class Upkeep:
    """Measures and clears one store.

    Attributes:
        database: its books.
        folders: its places.
        shelf: its audio.
        reserve: room for clearing a full disk.
        touches: uses that the books do not know yet.
        removals: is told when jobs were taken out.
        clock: seconds since 1970.
    """

    database: Database
    folders: Folders
    shelf: Shelf
    reserve: Reserve
    touches: Touches
    removals: Removals
    clock: Callable[[], float]

    def usage(self) -> Usage:
        """How much lies there, one holding for each kind."""
        return Usage(self._census().holdings(), self._free_bytes())

    def prune(self, order: PruneOrder, upload_seconds: float = 0.0) -> Usage:
        """Clears by ``order``; uploads that were used less than ``upload_seconds`` ago stay. Returns what went."""
        clearance = plan(self._census(), order, self.clock(), upload_seconds)
        if clearance.holdings and not order.rehearse:
            self._carry_out(clearance)
        return Usage(clearance.holdings, self._free_bytes())

    def trim(self, budget_bytes: int) -> Usage:
        """Clears what is over the budget, save what came or was used just now. Returns what went."""
        with self.database.read() as connection:
            total = total_bytes(connection, self.folders, self.shelf)
        if total <= budget_bytes:  # known without a census, which takes its time where much is there
            return Usage((), self._free_bytes())
        return self.prune(PruneOrder(keep_bytes=budget_bytes, keep_seconds=_FRESH_SECONDS), _FRESH_UPLOAD_SECONDS)

    def delete(self, job_id: str) -> None:
        """Deletes an ended job and what only it needs; raises ``JobNotFound`` and ``JobRunning``."""
        digests = self._dropped(drop_job, [job_id])
        self.removals.note()
        self._sweep(digests)

    def sweep_all(self) -> None:
        """Removes all audio that nothing needs."""
        census = self._census()
        self._sweep(census.audio.keys() - census.in_takes - census.in_results)

    def _census(self) -> Census:
        if self.touches.waiting:
            self._write_touches()
        with self.database.read() as connection:
            return take_census(connection, self.folders, self.shelf)

    def _write_touches(self) -> None:
        def write() -> None:
            with self.database.write() as connection:
                self.touches.write(connection)

        self.reserve.insist(write)

    def _carry_out(self, clearance: Clearance) -> None:
        digests = set(clearance.loose)
        for numbers in _pieces(clearance.results):
            digests |= self._dropped(drop_result, numbers)
        for takes in _pieces(clearance.takes):
            digests |= self._dropped(drop_take, takes)
        for jobs in _pieces(clearance.jobs):
            digests |= self._dropped(_drop_job_if_there, jobs)
            self.removals.note()
        self._sweep(digests)
        self._remove_uploads(clearance.uploads)
        self.database.shrink()
        self.reserve.restore()

    def _dropped(self, drop: Callable[[sqlite3.Connection, Item], set[str]], items: Sequence[Item]) -> set[str]:
        """Drops rows, all or none; digests of audio that may not be needed any more."""
        return self.reserve.insist(partial(self._drop, drop, items))

    def _drop(self, drop: Callable[[sqlite3.Connection, Item], set[str]], items: Sequence[Item]) -> set[str]:
        with self.database.write() as connection:
            return {sha256 for item in items for sha256 in drop(connection, item)}

    def _sweep(self, digests: Iterable[str]) -> None:
        self.shelf.remove(sorted(digests), self._is_needed)

    def _is_needed(self, sha256: str) -> bool:
        with self.database.read() as connection:
            return is_needed(connection, sha256)

    def _remove_uploads(self, names: Sequence[str]) -> None:
        if not names:
            return
        with self.database.read() as connection:
            needed = needed_uploads(connection)
        for name in names:
            if name.partition(".")[0] not in needed:
                with suppress(OSError):  # it is gone, or in use on a system that then keeps it
                    (self.folders.uploads / name).unlink()

    def _free_bytes(self) -> int:
        return shutil.disk_usage(self.folders.home).free


def _drop_job_if_there(connection: sqlite3.Connection, job_id: str) -> set[str]:
    with suppress(JobNotFound):  # somebody deleted it since it was chosen
        return drop_job(connection, job_id)
    return set()


def _pieces(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    return (items[start : start + _ROWS_AT_ONCE] for start in range(0, len(items), _ROWS_AT_ONCE))
