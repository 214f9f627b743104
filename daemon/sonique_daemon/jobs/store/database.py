"""The database file: opened, checked and brought up to date; one connection that writes, a few that read."""

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from sonique_daemon.errors import StoreFull
from sonique_daemon.jobs.store.refusal import primary_code, refusals
from sonique_daemon.jobs.store.schema import MIGRATIONS
from sonique_daemon.jobs.store.values import StoreTooNew

_logger = logging.getLogger(__name__)

_PATIENCE = 10.0
"""Seconds to wait for another program that looks into the database."""

_IDLE_READERS = 4
_VACUUM_PAGES = 1024


class _Broken(Exception):
    """The file is no database of ours, or is damaged."""


class Database:
    """Connections to one database file. Safe to use from any thread.

    One connection writes, behind a lock. Those that read see what is committed and never hold up the one that writes.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._writer = _prepared(file)
        self._writing = Lock()
        self._readers: list[sqlite3.Connection] = []
        self._closed = False

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is kept, or none where the block raises.

        Raises:
            StoreFull: the disk is full or cannot be written; nothing was kept, and the database goes on.
        """
        with self._writing, refusals(self._file.parent):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A connection that only reads; all that the block reads is of one moment."""
        with refusals(self._file.parent):
            connection = self._reader()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._give_back(connection)

    def shrink(self) -> None:
        """Gives the pages that deletions left empty back to the disk, as far as there is room to do so."""
        with suppress(StoreFull):
            while self._vacuumed():
                continue
            with self._writing, refusals(self._file.parent):
                self._writer.execute("PRAGMA busy_timeout = 0")  # nobody waits for a reader here
                self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                self._writer.execute(f"PRAGMA busy_timeout = {_PATIENCE * 1000:.0f}")

    def close(self) -> None:
        """Closes all connections; those in use when they are given back."""
        with self._writing:
            self._closed = True
            readers, self._readers = self._readers, []
            for connection in (*readers, self._writer):
                connection.close()

    def _vacuumed(self) -> bool:
        """Whether a piece was given back and more is left; a piece at a time, so that writers need not wait long."""
        with self._writing, refusals(self._file.parent):
            before = self._empty_pages()
            self._writer.executescript(f"PRAGMA incremental_vacuum({_VACUUM_PAGES})")  # execute would free one page
            return 0 < self._empty_pages() < before

    def _empty_pages(self) -> int:
        return int(self._writer.execute("PRAGMA freelist_count").fetchone()[0])

    def _reader(self) -> sqlite3.Connection:
        try:
            return self._readers.pop()
        except IndexError:
            connection = _connect(self._file)
            connection.execute("PRAGMA query_only = ON")
            return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.execute("COMMIT")
        if self._closed or len(self._readers) >= _IDLE_READERS:
            connection.close()
        else:
            self._readers.append(connection)


def open_database(file: Path) -> Database:
    """Opens the database, or begins one; a broken one is set aside, never deleted.

    Raises:
        StoreTooNew: a newer release wrote it.
        StoreFull: the disk is full or cannot be written.
    """
    with refusals(file.parent):
        _private(file)
        try:
            return Database(file)
        except _Broken as broken:
            aside = _set_aside(file)
            _logger.warning(
                "The store's database is broken (%s). It was set aside as “%s” and a new one was begun; audio stays.",
                broken,
                aside,
            )
        _private(file)
        return Database(file)


def _private(file: Path) -> None:
    """Makes the file where it is not there, for this user alone.

    Only before the first connection: closing any other descriptor of the file would drop the locks that SQLite holds.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if hasattr(os, "fchmod"):
            with suppress(PermissionError):  # a disk without modes
                os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _set_aside(file: Path) -> Path:
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside, count = file.with_name(f"{file.stem}.broken-{stamp}.db"), 1
    while aside.exists():
        count += 1
        aside = file.with_name(f"{file.stem}.broken-{stamp}-{count}.db")
    for suffix in ("-wal", "-shm", ""):  # the database last: what stands without it would be thrown away
        with suppress(FileNotFoundError):
            file.with_name(file.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        _configure(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _configure(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")


def _prepared(file: Path) -> sqlite3.Connection:
    """A connection to the database, checked and brought to this release's version.

    Raises:
        _Broken: it is none, is damaged, or is someone else's.
        StoreTooNew: a newer release wrote it.
    """
    try:
        connection = _connect(file)
        try:
            _prepare(connection)
        except BaseException:
            connection.close()
            raise
    except sqlite3.DatabaseError as error:
        if primary_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or _short(error):
            raise _Broken(str(error)) from None
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # heeded before the first table alone
    connection.execute("PRAGMA journal_mode = WAL").fetchall()
    connection.execute("PRAGMA journal_size_limit = 16777216")
    _check(connection)
    _migrate(connection)


def _short(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHORT_READ


def _check(connection: sqlite3.Connection) -> None:
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise _Broken(verdict)
    version = _version(connection)
    if version > len(MIGRATIONS):
        raise StoreTooNew(
            f"The store was written by a newer release of Sonique (its version is {version}, this release knows "
            f"{len(MIGRATIONS)}); update Sonique, or name another folder for the store."
        )
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if (version > 0) != ("events" in tables) or (version == 0 and tables):
        raise _Broken("its tables are not those of a store")


def _migrate(connection: sqlite3.Connection) -> None:
    for version in range(_version(connection), len(MIGRATIONS)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in MIGRATIONS[version]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
