"""Whatever is done to jobs, in whatever order, each has one log without gaps and one end."""

import asyncio
from collections.abc import Iterable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.events import Done, Failed, JobCancelled, Warned
from sonique_daemon.domain.request import Job, TagJob
from sonique_daemon.errors import JobExists, JobNotFound, JobRunning, NothingToSee, QueueFull
from sonique_daemon.jobs.log import Entry
from sonique_daemon.jobs.record import JobState
from sonique_daemon.jobs.runner import FakeRunner, Hold, Step
from sonique_daemon.jobs.service import JobService

names = st.sampled_from(["a", "b", "c", "d", "e", "f"])
_LIVE = (JobState.QUEUED, JobState.RUNNING)
_ENDINGS = (Done, Failed, JobCancelled)


class Life(RuleBasedStateMachine):
    """Submits, lets run, cancels, deletes, and compares with what must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.holds: dict[str, Hold] = {}
        self.seen: dict[str, list[Entry]] = {}
        self.digests: dict[str, bytes] = {}

    @initialize()
    def begin(self) -> None:
        async def make() -> JobService:
            return JobService(FakeRunner(self.script), at_once=2, waiting_limit=2, kept=3)

        self.service = self.loop.run_until_complete(make())

    def script(self, job: Job) -> Iterable[Step]:
        assert isinstance(job, TagJob)
        yield Warned(job.brief.prompt)
        yield self.holds[job.brief.prompt]
        if job.brief.key:
            raise NothingToSee("Nothing.")
        yield Warned("end")

    def settle(self) -> None:
        self.loop.run_until_complete(asyncio.sleep(0.002))

    @rule(name=names, fails=st.booleans())
    def submit(self, name: str, fails: bool) -> None:
        known = self.known(name)
        digest = b"fails" if fails else b"works"
        self.holds.setdefault(name, Hold()) if known else self.holds.update({name: Hold()})

        async def enter() -> None:
            self.service.submit(name, TagJob(Brief(prompt=name, key="C" if fails else "")), digest)

        try:
            self.loop.run_until_complete(enter())
        except JobExists:
            assert known
            assert self.digests[name] != digest
        except QueueFull:
            assert not known
            assert self.service.waiting == 2
        else:
            if not known:
                self.digests[name], self.seen[name] = digest, []
        self.settle()

    @rule(name=names)
    def let_run(self, name: str) -> None:
        if name in self.holds:
            self.holds[name].gate.set()
        self.settle()

    @rule(name=names)
    def cancel(self, name: str) -> None:
        if not self.known(name):
            return
        info = self.loop.run_until_complete(asyncio.wait_for(self.service.cancel(name), 20))
        assert info.state not in _LIVE

    @rule(name=names)
    def delete(self, name: str) -> None:
        if not self.known(name):
            return
        live = self.service.get(name).state in _LIVE
        try:
            self.loop.run_until_complete(self.service.delete(name))
        except JobRunning:
            assert live
        else:
            assert not self.known(name)

    def known(self, name: str) -> bool:
        try:
            self.service.get(name)
        except JobNotFound:
            return False
        return True

    @invariant()
    def logs_have_no_gap_and_one_end_and_never_change(self) -> None:
        if not hasattr(self, "service"):
            return
        for info in self.service.all():
            entries = list(self.service.poll(info.id)[0])
            before = self.seen[info.id]
            assert entries[: len(before)] == before
            self.seen[info.id] = entries
            assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
            endings = [entry for entry in entries if isinstance(entry.event, _ENDINGS)]
            if info.state in _LIVE:
                assert endings == []
            else:
                assert endings == entries[-1:]

    @invariant()
    def the_bounds_hold(self) -> None:
        if not hasattr(self, "service"):
            return
        states = [info.state for info in self.service.all()]
        assert states.count(JobState.RUNNING) == self.service.running <= 2
        assert states.count(JobState.QUEUED) == self.service.waiting <= 2
        assert len([state for state in states if state not in _LIVE]) <= 3
        assert not self.service.waiting or self.service.running == 2

    def teardown(self) -> None:
        if hasattr(self, "service"):
            self.loop.run_until_complete(self.service.close(20))
        self.loop.close()


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
