"""Whatever is done to jobs in whatever order, each has one log without gaps and one end, whoever is killed."""

import asyncio
import shutil
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import Done, Failed, JobCancelled, Stage, StageStarted, Warned
from sonique_daemon.domain.request import Job, Priority, TagJob, Ticket
from sonique_daemon.errors import JobExists, JobNotFound, JobRunning, NothingToSee, QueueFull
from sonique_daemon.jobs.job import UNFINISHED, JobInfo, JobState
from sonique_daemon.jobs.log import Entry
from sonique_daemon.jobs.runner import FakeRunner, Hold, Step
from sonique_daemon.jobs.service import JobService
from sonique_daemon.jobs.store.store import Store

Result = TypeVar("Result")

names = st.sampled_from(["a", "b", "c", "d", "e", "f"])
tickets = st.builds(Ticket, st.sampled_from(["x", "y"]), st.sampled_from(Priority))
_ENDINGS = (Done, Failed, JobCancelled)


class Life(RuleBasedStateMachine):
    """Submits, lets run, cancels, deletes, kills and drains, and compares with what must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = TemporaryDirectory()
        self.holds: dict[str, Hold] = {}
        self.seen: dict[str, list[Entry]] = {}
        self.digests: dict[str, bytes] = {}
        self.cancelled: set[str] = set()
        self.kills: dict[str, int] = {}
        self.lives = 0

    def do(self, work: Any) -> Any:
        return self.loop.run_until_complete(asyncio.wait_for(work, 60))

    @initialize()
    def begin(self) -> None:
        self.open(Path(self.folder.name) / "0")

    def open(self, folder: Path) -> None:
        async def make() -> JobService:
            return JobService(FakeRunner(self.script), self.store, at_once=2, waiting_limit=2, notice_seconds=0.0)

        self.store = Store.open(folder)
        self.service: JobService = self.do(make())

    def script(self, job: Job) -> Iterable[Step]:
        assert isinstance(job, TagJob)
        yield StageStarted(Stage.TAG)
        yield Warned(job.brief.prompt)
        yield self.holds[job.brief.prompt]
        if job.brief.key:
            raise NothingToSee("Nothing.")
        yield Warned("end")

    @rule(name=names, fails=st.booleans(), ticket=tickets)
    def submit(self, name: str, fails: bool, ticket: Ticket) -> None:
        known = self.info(name)
        digest = b"fails" if fails else b"works"
        if known is None:
            self.holds[name] = Hold()
        try:
            self.do(self.service.submit(name, TagJob(Brief(prompt=name, key="C" if fails else "")), digest, ticket))
        except JobExists:
            assert known is not None
            assert self.digests[name] != digest
        except QueueFull:
            assert known is None
            assert self.service.waiting >= 2
        else:
            if known is None:
                self.digests[name], self.seen[name], self.kills[name] = digest, [], 0
                self.cancelled.discard(name)

    @rule(name=names)
    def let_run(self, name: str) -> None:
        if name in self.holds:
            self.holds[name].gate.set()

    @rule(name=names)
    def watch_to_the_end(self, name: str) -> None:
        info = self.info(name)
        if info is None:
            return
        for hold in self.holds.values():
            hold.gate.set()

        async def read() -> list[Entry]:
            return [entry async for entry in self.service.watch(name)]

        entries = self.do(read())
        assert isinstance(entries[-1].event, _ENDINGS)
        assert entries == list(self.do(self.service.poll(name))[0])

    @rule(name=names)
    def cancel(self, name: str) -> None:
        if self.info(name) is None:
            return
        info = self.do(self.service.cancel(name))
        assert info.state not in {JobState.QUEUED, JobState.RUNNING}
        if not info.state.ended:
            self.cancelled.add(name)

    @rule(name=names)
    def delete(self, name: str) -> None:
        info = self.info(name)
        if info is None:
            return
        try:
            self.do(self.service.delete(name))
        except JobRunning:
            assert info.state in UNFINISHED
        else:
            assert self.info(name) is None

    @precondition(lambda self: self.lives < 6)
    @rule()
    def kill(self) -> None:
        """The next daemon finds what is on the disk now."""
        self.lives += 1
        running = [info.id for info in self.all() if info.state is not JobState.QUEUED]
        image = Path(self.folder.name) / str(self.lives)
        shutil.copytree(self.store.folder, image)
        self.do(self.service.close())
        self.store.close()
        for name in running:
            self.kills[name] += 1
        self.open(image)

    @precondition(lambda self: self.lives < 6)
    @rule()
    def drain(self) -> None:
        self.lives += 1
        self.do(self.service.close())
        self.store.close()
        self.open(self.store.folder)

    def info(self, name: str) -> JobInfo | None:
        try:
            found: JobInfo = self.do(self.service.get(name))
        except JobNotFound:
            return None
        return found

    def all(self) -> tuple[JobInfo, ...]:
        infos, more = self.do(self.service.page(100))
        assert not more
        found: tuple[JobInfo, ...] = infos
        return found

    @invariant()
    def logs_have_no_gap_and_one_end_and_never_change(self) -> None:
        if not hasattr(self, "service"):
            return
        for listed in self.all():
            entries, info = self.do(self.service.poll(listed.id))
            before = self.seen[info.id]
            assert list(entries[: len(before)]) == before
            self.seen[info.id] = list(entries)
            assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
            assert [entry.time_ns for entry in entries] == sorted(entry.time_ns for entry in entries)
            told = [entry.event for entry in entries if isinstance(entry.event, Warned)]
            assert len(told) == len(set(told))
            endings = [entry for entry in entries if isinstance(entry.event, _ENDINGS)]
            assert endings == (list(entries[-1:]) if info.state.ended else [])
            if info.state.ended and info.id in self.cancelled:
                assert info.state is JobState.CANCELLED
            if info.failure is not None and info.failure.code == "JOB_ABANDONED":
                assert self.kills[info.id] >= 3

    @invariant()
    def the_bounds_hold(self) -> None:
        if not hasattr(self, "service"):
            return
        states = [info.state for info in self.all()]
        assert states.count(JobState.RUNNING) <= 2
        assert states.count(JobState.QUEUED) <= 4  # those that ran when a daemon was killed may wait as well

    def teardown(self) -> None:
        if hasattr(self, "service"):
            self.do(self.service.close())
            self.store.close()
        self.loop.close()
        self.folder.cleanup()


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=25, stateful_step_count=25)
