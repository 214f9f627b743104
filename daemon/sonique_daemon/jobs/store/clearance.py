"""The clearance: what goes when a store is pruned, decided before anything does."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from sonique_daemon.jobs.store.census import Census, JobRow, ResultRow, TakeRow
from sonique_daemon.jobs.store.uploads import Upload
from sonique_daemon.jobs.store.values import Holding, PruneOrder, StoreKind

Row = TypeVar("Row", ResultRow, TakeRow, JobRow, Upload)
Holder = TypeVar("Holder", str, int)


@dataclass(frozen=True, slots=True)
class Clearance:
    """What is to go.

    Attributes:
        results: numbers of cached results.
        uploads: names of files.
        takes: ids of takes that go though their jobs stay.
        jobs: ids of jobs, which take along what only they need.
        loose: audio that nothing needs, left behind by jobs that broke off.
        holdings: how much that is; one for each kind of which something goes.
    """

    results: tuple[int, ...]
    uploads: tuple[str, ...]
    takes: tuple[str, ...]
    jobs: tuple[str, ...]
    loose: tuple[str, ...]
    holdings: tuple[Holding, ...]


def plan(census: Census, order: PruneOrder, now: float, upload_seconds: float = 0.0) -> Clearance:
    """What goes by ``order``: results, then uploads, then takes and ended jobs with theirs, the longest unused first.

    What unfinished jobs need stays, and so does all that was used less than ``keep_seconds`` before ``now``, and
    uploads that were used less than ``upload_seconds`` before.
    """
    return _Planning(census, order, now, upload_seconds).run()


class _Planning:
    """Takes one thing after the other out of a census until little enough is left."""

    def __init__(self, census: Census, order: PruneOrder, now: float, upload_seconds: float) -> None:
        self._census, self._order = census, order
        self._latest, self._latest_upload = _latest(now, order.keep_seconds), _latest(now, upload_seconds)
        self._kinds = order.kinds or frozenset(StoreKind)
        self._counted = self._kinds | ({StoreKind.TAKES} if StoreKind.JOBS in self._kinds else frozenset())
        self._takes = {take.id: take for take in census.takes}
        self._results = {result.number: result for result in census.results}
        self._makers = _holders((job.id, job.takes) for job in census.jobs)
        self._take_holders = _holders((take.id, take.files) for take in census.takes)
        self._result_holders = _holders((result.number, result.files) for result in census.results)
        self._stuck = set(census.held | census.spared)
        self._count: Counter[StoreKind] = Counter()
        self._bytes: Counter[StoreKind] = Counter()
        self._excess = self._left() - order.keep_bytes

    def run(self) -> Clearance:
        results = [row.number for row in self._chosen(self._candidate_results()) if self._drop_result(row)]
        uploads = [row.name for row in self._chosen(self._candidate_uploads()) if self._drop_upload(row)]
        takes = [row.id for row in self._chosen(self._candidate_takes()) if self._drop_take(row)]
        jobs = [row.id for row in self._chosen(self._candidate_jobs()) if self._drop_job(row)]
        loose = self._drop_loose()
        gone = tuple(Holding(kind, self._count[kind], self._bytes[kind]) for kind in StoreKind if self._count[kind])
        return Clearance(tuple(results), tuple(uploads), tuple(takes), tuple(jobs), loose, gone)

    def _left(self) -> int:
        """Bytes of the kinds that may go. Spared audio is not counted, because it never goes."""
        census = self._census
        spared = sum(census.audio.get(sha256, 0) for sha256 in census.spared - census.in_takes)
        total = sum(holding.bytes for holding in self._census.holdings() if holding.kind in self._counted)
        return total - (spared if StoreKind.TAKES in self._counted else 0)

    def _chosen(self, candidates: Iterable[tuple[float, Row]]) -> Iterator[Row]:
        """Candidates, each with its last use, the longest unused first, for as long as there is too much."""
        for used, row in sorted(candidates, key=lambda candidate: candidate[0]):
            if self._excess <= 0 and self._order.keep_bytes > 0:
                return
            if used <= self._latest:
                yield row

    def _candidate_results(self) -> list[tuple[float, ResultRow]]:
        wanted = StoreKind.RESULTS in self._kinds
        return [(result.used, result) for result in self._census.results] if wanted else []

    def _candidate_uploads(self) -> list[tuple[float, Upload]]:
        if StoreKind.UPLOADS not in self._kinds:
            return []
        needed = self._census.needed
        free = [upload for upload in self._census.uploads if upload.name.partition(".")[0] not in needed]
        return [(upload.used, upload) for upload in free if not upload.arriving and upload.used <= self._latest_upload]

    def _candidate_takes(self) -> list[tuple[float, TakeRow]]:
        """Takes of their own, where their jobs do not go and take them along."""
        wanted = StoreKind.TAKES in self._kinds and StoreKind.JOBS not in self._kinds
        return [(take.used, take) for take in self._census.takes if not take.needed] if wanted else []

    def _candidate_jobs(self) -> list[tuple[float, JobRow]]:
        ended = [job for job in self._census.jobs if job.ended] if StoreKind.JOBS in self._kinds else []
        return [(max(job.ended, *(self._takes[take].used for take in job.takes), 0.0), job) for job in ended]

    def _drop_result(self, result: ResultRow) -> bool:
        if self._results.pop(result.number, None) is None:
            return False
        self._note(StoreKind.RESULTS, 1, result.bytes)
        for sha256 in result.files:
            self._result_holders[sha256].discard(result.number)
            if not self._result_holders[sha256] and not self._take_holders[sha256]:
                self._free(sha256, StoreKind.RESULTS)
        return True

    def _drop_upload(self, upload: Upload) -> bool:
        self._note(StoreKind.UPLOADS, 1, upload.size)
        return True

    def _drop_take(self, take: TakeRow) -> bool:
        if self._takes.pop(take.id, None) is None:
            return False
        self._note(StoreKind.TAKES, 1, take.bytes)
        for sha256 in take.files:
            self._take_holders[sha256].discard(take.id)
            if not self._take_holders[sha256]:
                self._free(sha256, StoreKind.TAKES)
                for number in sorted(self._result_holders[sha256]):
                    self._drop_result(self._results[number])
        return True

    def _drop_job(self, job: JobRow) -> bool:
        self._note(StoreKind.JOBS, 1, job.bytes)
        for take in job.takes:
            self._makers[take].discard(job.id)
            if not self._makers[take]:
                self._drop_take(self._takes[take])
        return True

    def _drop_loose(self) -> tuple[str, ...]:
        if StoreKind.SCRATCH not in self._kinds:
            return ()
        census = self._census
        loose = sorted(census.audio.keys() - census.in_takes - census.in_results - self._stuck)
        for sha256 in loose:
            self._count[StoreKind.SCRATCH] += 1
            self._free(sha256, StoreKind.SCRATCH)
        return tuple(loose)

    def _free(self, sha256: str, kind: StoreKind) -> None:
        """Counts a file that goes, once."""
        if sha256 not in self._stuck:
            self._stuck.add(sha256)
            self._note(kind, 0, self._census.audio.get(sha256, 0))

    def _note(self, kind: StoreKind, count: int, size: int) -> None:
        self._count[kind] += count
        self._bytes[kind] += size
        if kind in self._counted:
            self._excess -= size


def _latest(now: float, seconds: float) -> float:
    """The latest use that does not count as lately; where nothing counts so, not even a time to come, inf."""
    return now - seconds if seconds > 0 else float("inf")


def _holders(rows: Iterable[tuple[Holder, Iterable[str]]]) -> dict[str, set[Holder]]:
    """Who holds each thing, from what each holds."""
    holders: defaultdict[str, set[Holder]] = defaultdict(set)
    for holder, held in rows:
        for thing in held:
            holders[thing].add(holder)
    return holders
