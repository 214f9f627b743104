"""The store: what the daemon must not forget. Jobs with their events, takes, cached results and measured runs.

One SQLite database and a folder of audio named by content. What a method has written when it returns stays, wherever
the process ends; what it had not written is as if it had never been asked.
"""

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from sonique_daemon.domain.take import FileKind, TakeFile
from sonique_daemon.errors import StoreFull, TakeNotFound
from sonique_daemon.jobs.job import JobState
from sonique_daemon.jobs.log import Entry
from sonique_daemon.jobs.store import joblog, resultbook, runbook, takebook, uploads
from sonique_daemon.jobs.store.database import open_database
from sonique_daemon.jobs.store.folders import Folders, empty
from sonique_daemon.jobs.store.lock import StoreLock
from sonique_daemon.jobs.store.refusal import refusals
from sonique_daemon.jobs.store.removal import drop_result, knows_its_audio, spare
from sonique_daemon.jobs.store.removals import Removals
from sonique_daemon.jobs.store.reserve import Reserve
from sonique_daemon.jobs.store.resultbook import Found
from sonique_daemon.jobs.store.shelf import Shelf
from sonique_daemon.jobs.store.touches import Touches
from sonique_daemon.jobs.store.upkeep import Upkeep
from sonique_daemon.jobs.store.values import Appended, MeasuredRun, PruneOrder, Remembered, StoredJob, Usage


class Store:
    """One store, held by this process alone. Its calls block, and are safe from any thread.

    Whatever writes raises ``StoreFull`` where the disk is full or cannot be written; then nothing of that call was
    kept, and the store goes on as soon as there is room. It also implements ``stages.cache``'s ``Cache`` and
    ``Library``.
    """

    def __init__(self, folders: Folders, lock: StoreLock, clock: Callable[[], float]) -> None:
        self._folders, self._lock, self._clock = folders, lock, clock
        self._reserve = Reserve(folders.reserve)
        self._database = self._reserve.insist(partial(open_database, folders.database))
        self._shelf = Shelf(folders.audio)
        self._touches = Touches(clock)
        self._removals = Removals()
        self._upkeep = Upkeep(self._database, folders, self._shelf, self._reserve, self._touches, self._removals, clock)

    @classmethod
    def open(cls, folder: Path, clock: Callable[[], float] = time.time) -> "Store":
        """Opens the store in ``folder``, or makes one; empties ``scratch`` and removes audio that nothing needs.

        A broken database is set aside as ``sonique.broken-….db`` and a new one begun; then no file is touched, and the
        audio that is there stays for good.

        Args:
            folder: made where it is not there, for this user alone.
            clock: seconds since 1970.

        Raises:
            StoreLocked: another process has it.
            StoreTooNew: a newer release wrote it.
            StoreFull: the disk is full or cannot be written.
        """
        folders = Folders(folder)
        with refusals(folder):
            folders.make()
            lock = StoreLock(folders.lock)
        try:
            store = cls(folders, lock, clock)
        except BaseException:
            lock.release()
            raise
        try:
            store._reserve.insist(store._tidy)
        except BaseException:
            store.close()
            raise
        store._reserve.restore()
        return store

    @property
    def folder(self) -> Path:
        """The store's own folder."""
        return self._folders.home

    @property
    def audio(self) -> Path:
        """Finished audio, each file named by its SHA-256."""
        return self._folders.audio

    @property
    def uploads(self) -> Path:
        """Media that clients sent, each file named by its SHA-256."""
        return self._folders.uploads

    @property
    def scratch(self) -> Path:
        """Audio on its way; emptied when the store is opened."""
        return self._folders.scratch

    @property
    def removals(self) -> int:
        """How many times jobs were taken out; an ended job that was there stays as it is until this changes."""
        return self._removals.count

    def add(self, job: StoredJob) -> None:
        """Takes a new job in; raises ``JobExists`` where its id is used."""
        with self._database.write() as connection:
            joblog.add_job(connection, job)
        uploads.touch(self._folders.uploads, job.request)

    def append(self, entries: Sequence[Appended]) -> None:
        """Writes what happened to jobs, in order, all of it or none.

        An event of a take that became ready puts the take into the books as well. The last event of a job is written
        even on a full disk, as long as the reserve is there.

        Raises:
            JobNotFound: one of the jobs is not there.
            OutOfOrder: an event is not the next of its job, or its job has ended.
            ValueError: a state and an event disagree.
        """
        lines = [joblog.Line.of(entry) for entry in entries]
        if any(line.state is not None and line.state.ended for line in lines):
            self._reserve.insist(partial(self._write, lines))
            self._reserve.restore()
        else:
            self._write(lines)
        for take in (line.ready for line in lines):
            self._shelf.let_go({file.sha256 for file in take.files} if take else ())

    def begin_attempt(self, job_id: str) -> int:
        """Notes that an unfinished job begins to run, and returns how many times it has; raises ``JobNotFound``."""
        with self._database.write() as connection:
            return joblog.begin_attempt(connection, job_id)

    def job(self, job_id: str) -> StoredJob | None:
        """The job of that id, or None."""
        with self._database.read() as connection:
            return joblog.read_job(connection, job_id)

    def jobs(self, limit: int, before: str = "", states: Collection[JobState] = ()) -> tuple[StoredJob, ...]:
        """Jobs without their requests, the newest first.

        Args:
            limit: at most this many.
            before: only jobs that came before the one of this id.
            states: only jobs in these; all where empty.

        Raises:
            JobNotFound: ``before`` is not there.
        """
        with self._database.read() as connection:
            return joblog.read_jobs(connection, limit, before, states)

    def unfinished(self) -> tuple[StoredJob, ...]:
        """The jobs that have not ended, the oldest first."""
        with self._database.read() as connection:
            return joblog.read_unfinished(connection)

    def events(self, job_id: str, after_seq: int, limit: int) -> tuple[Entry, ...]:
        """The job's events after ``after_seq``, at most ``limit``; none of a job that is not there."""
        with self._database.read() as connection:
            rows = joblog.read_events(connection, job_id, after_seq, limit)
        return joblog.entries(rows)

    def delete(self, job_id: str) -> None:
        """Deletes an ended job, takes that no other job has, results that name these, and audio that nothing needs.

        Raises:
            JobNotFound: it is not there.
            JobRunning: it has not ended.
        """
        self._upkeep.delete(job_id)

    def admit(self, file: Path, kind: FileKind, sha256: str) -> Path:
        """Moves a finished, flushed file below ``scratch`` to where it stays, and returns that place.

        Where the same content is there already, ``file`` is dropped. What was admitted stays until its take is in the
        log, and then for as long as a take or a result needs it.

        Args:
            file: on the store's disk.
            kind: what it holds.
            sha256: of its content, lower-case hexadecimal.
        """
        with refusals(self.folder):
            return self._shelf.admit(file, kind, sha256)

    def take_file(self, take_id: str, name: str, kind: FileKind) -> TakeFile:
        """One file of a take, as it stands now; raises ``TakeNotFound``, also where the file is gone."""
        with self._database.read() as connection:
            data, used = takebook.read_take(connection, take_id)
        file = takebook.file_of(data, name, kind)
        if self._shelf.size(file.sha256, kind) != file.size:
            raise TakeNotFound(f"The file “{name}” of the take “{take_id}” is gone from the store; score again.")
        self._touches.take(take_id, used)
        return TakeFile(name, kind, self._shelf.path(file.sha256, kind), file.size, file.sha256)

    def recall(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those of ``keys`` that are kept and whose files are all there; these stay until used."""
        with self._database.read() as connection:
            found = resultbook.find_results(connection, keys)
        gone = [result for result in found if not self._held(result)]
        self._forget(gone)
        kept = [result for result in found if result not in gone] if gone else found
        for result in kept:
            self._touches.result(result.number, result.used)
        return {result.key: result.value for result in kept}

    def remember(self, results: Sequence[Remembered]) -> None:
        """Keeps results, each in place of an earlier one of its key."""
        now = self._clock()
        with self._database.write() as connection:
            for result in results:
                resultbook.put_result(connection, result, now)
            self._touches.write(connection)

    def note_run(self, run: MeasuredRun) -> None:
        """Notes how long a stage took."""
        with self._database.write() as connection:
            runbook.put_run(connection, run)

    def runs(self) -> tuple[MeasuredRun, ...]:
        """The latest 200 runs of each stage and engine, the oldest first."""
        with self._database.read() as connection:
            return runbook.read_runs(connection)

    def usage(self) -> Usage:
        """How much lies in the store, one holding for each kind."""
        return self._upkeep.usage()

    def prune(self, order: PruneOrder) -> Usage:
        """Clears by ``order`` and returns what went, or would have.

        Results go first, then uploads, then takes, or ended jobs with theirs; of each the longest unused first. What
        unfinished jobs need stays. Works on a full disk.
        """
        return self._upkeep.prune(order)

    def trim(self, budget_bytes: int) -> Usage:
        """Clears until the store holds at most ``budget_bytes``, and returns what went.

        What was used within the last minute stays, and uploads of the last hour.
        """
        return self._upkeep.trim(budget_bytes)

    def close(self) -> None:
        """Closes the store and lets another process have it; does nothing the second time."""
        if self._touches.waiting:
            with suppress(StoreFull), self._database.write() as connection:
                self._touches.write(connection)
        self._database.close()
        self._lock.release()

    def _tidy(self) -> None:
        """Begins the books of files that were there before them, or clears what a process that was killed left."""
        with self._database.read() as connection:
            knows = knows_its_audio(connection)
        if knows:
            empty(self._folders.scratch)
            self._upkeep.sweep_all()
            return
        with self._database.write() as connection:
            spare(connection, sorted(self._shelf.sizes()))

    def _write(self, lines: Sequence[joblog.Line]) -> None:
        now = self._clock()
        with self._database.write() as connection:
            for line in lines:
                joblog.write_line(connection, line)
                if line.ready and line.take:
                    takebook.put_take(connection, line.appended.job_id, line.ready, line.take, now)
            if any(line.state is not None and line.state.ended for line in lines):
                self._touches.write(connection)

    def _held(self, result: Found) -> bool:
        """Whether all files of the result are there; then they are held for who asked."""
        self._shelf.hold(result.files)  # before looking, so that they cannot go after it
        if all(map(self._shelf.has, result.files)):
            return True
        self._shelf.let_go(result.files)
        return False

    def _forget(self, results: Sequence[Found]) -> None:
        if results:
            with suppress(StoreFull), self._database.write() as connection:
                for result in results:
                    drop_result(connection, result.number)
