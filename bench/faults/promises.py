"""The promises as a model: hypothesis drives a real daemon against it in whatever order it likes.

A job has exactly one terminal event; its numbers have no gap; nothing follows its end; asking again is the same job;
what was seen never changes; what has ended stays readable until it is deleted or pruned.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sonique.v1 import jobs_pb2, store_pb2, takes_pb2

from bench.faults import asks
from bench.faults.calls import ENDED, Caller, code, kind
from bench.faults.home import Home, end
from bench.faults.ledger import Ledger
from bench.table import Row

EXAMPLES, STEPS = 60, 60

_film: dict[str, Path] = {}


@dataclass
class Known:
    """What the model knows of a job: what was asked, and the takes that it saw."""

    request: asks.Request
    takes: dict[str, str]


class Promises(RuleBasedStateMachine):
    """A daemon with patient engines, and the model of what it promised."""

    jobs: Bundle[str] = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="promises-"))
        self.here = Home(self.folder)
        self.ledger = Ledger()
        self.known: dict[str, Known] = {}
        self.gone: set[str] = set()
        self.pruned: set[str] = set()
        self.count = 0
        self.caller = Caller(self.here.start())

    def teardown(self) -> None:
        """Every job must end; then the daemon and its folder go."""
        try:
            for job_id in list(self.known):
                if job_id not in self.gone:
                    self._watch_to_end(job_id)
            assert self.ledger.breaches == []
        finally:
            self.caller.close()
            end(self.here)
            shutil.rmtree(self.folder, ignore_errors=True)

    @rule(target=jobs, seed=st.integers(0, 3), shape=st.sampled_from(("tag", "describe", "cue", "long cue", "score")))
    def submit(self, seed: int, shape: str) -> str:
        """A new job."""
        self.count += 1
        request = self._request(f"job-{self.count}", shape, seed)
        first = self.caller.submit(request)
        assert first.seq == 1
        self.ledger.note(first, 0)
        self.known[request.job_id] = Known(request, {})
        return request.job_id

    @rule(job=jobs)
    def ask_again(self, job: str) -> None:
        """The same request is the same job, whatever came of it."""
        if job in self.gone or job in self.pruned:
            return
        first = self.caller.submit(self.known[job].request)
        self.ledger.note(first, 0)

    @rule(job=jobs)
    def ask_for_something_else(self, job: str) -> None:
        """Another request under the same id is refused."""
        if job in self.gone or job in self.pruned:
            return
        other = asks.tag(job, prompt="something else entirely")
        self._refused(lambda: self.caller.submit(other), grpc.StatusCode.ALREADY_EXISTS)

    @rule(job=jobs)
    def poll(self, job: str) -> None:
        """What is there agrees with what was seen, and a page from its middle with the whole."""
        if self._readable(job):
            log = self.caller.log(job)
            self.ledger.verify(job, log)
            half = len(log) // 2
            self.ledger.note_all(self.caller.poll(job, half).events, half)
            self._keep_takes(job, log)

    @rule(job=jobs)
    def watch_to_end(self, job: str) -> None:
        """A job that is waited for ends."""
        if self._readable(job):
            self._watch_to_end(job)

    @rule(job=jobs)
    def cancel(self, job: str) -> None:
        """A cancelled job is told to stop, or stays as it ended."""
        if self._readable(job):
            ended = self.ledger.ends.get(job)
            state = self.caller.cancel(job)
            assert state in (*ENDED, jobs_pb2.JOB_STATE_CANCELLING), state
            if ended is not None:
                assert jobs_pb2.JobState.Name(state) == f"JOB_STATE_{ended[1].upper()}"

    @rule(job=jobs)
    def delete(self, job: str) -> None:
        """A job that has ended is forgotten; one that has not is not."""
        if not self._readable(job):
            return
        try:
            self.caller.jobs.Delete(jobs_pb2.DeleteRequest(job_id=job), timeout=30)
        except grpc.RpcError as error:
            assert code(error) is grpc.StatusCode.FAILED_PRECONDITION, error  # noqa: PT017 - in a rule, not a test
            assert job not in self.ledger.ends, f"{job} ended, and cannot be deleted"
        else:
            self.gone.add(job)
            self._refused(lambda: self.caller.poll(job), grpc.StatusCode.NOT_FOUND)

    @rule(keep=st.sampled_from((0, 2**40)), kinds=st.sets(st.sampled_from(list(store_pb2.StoreKind.values())[1:4])))
    def prune(self, keep: int, kinds: "set[store_pb2.StoreKind.ValueType]") -> None:
        """What may go goes; jobs that have not ended stay."""
        running = [job for job in self.known if self._readable(job) and self.caller.state(job) not in ENDED]
        self.caller.store.Prune(store_pb2.PruneRequest(kinds=sorted(kinds), keep_bytes=keep), timeout=30)
        for job in running:
            self.caller.poll(job)
        for job in self.known:
            if job not in self.gone and job not in running and keep == 0:
                self.pruned.add(job)

    @rule()
    def kill_and_restart(self) -> None:
        """The daemon dies without a word, and another one starts."""
        self.here.kill()
        self._start()

    @rule()
    def stop_and_restart(self) -> None:
        """The daemon is told to end, and another one starts."""
        assert self.here.stop() == 0
        self._start()

    @precondition(lambda self: bool(self.known))
    @invariant()
    def nothing_is_broken(self) -> None:
        """No breach was seen so far."""
        assert self.ledger.breaches == []

    @rule(job=jobs)
    def read_takes(self, job: str) -> None:
        """The takes of a job can be read whole as long as the job is there."""
        if self._readable(job) and job not in self.pruned:
            for take_id, size in self.known[job].takes.items():
                pieces = self.caller.takes.Read(takes_pb2.ReadRequest(take_id=take_id), timeout=30)
                assert sum(len(piece.data) for piece in pieces) == int(size)

    def _start(self) -> None:
        self.caller.close()
        self.caller = Caller(self.here.start())

    def _request(self, job_id: str, shape: str, seed: int) -> asks.Request:
        match shape:
            case "tag":
                return asks.tag(job_id, prompt=f"calm {seed}")
            case "describe":
                return asks.describe(job_id, _film["film"])
            case "cue":
                return asks.generate(job_id, 2, seed=seed)
            case "long cue":
                return asks.generate(job_id, 12, seed=seed)
            case _:
                return asks.score(job_id, _film["film"], seed=seed)

    def _readable(self, job: str) -> bool:
        """Whether the job is there; of one that was pruned only the daemon can tell."""
        if job in self.gone:
            self._refused(lambda: self.caller.poll(job), grpc.StatusCode.NOT_FOUND)
            return False
        if job in self.pruned:
            with suppress(grpc.RpcError):
                self.caller.poll(job)
                return True
            self.gone.add(job)
            return False
        return True

    def _watch_to_end(self, job: str) -> None:
        if not self._readable(job):
            return
        events = list(self.caller.watch(job))
        self.ledger.verify(job, events)
        assert job in self.ledger.ends, f"{job} did not end"
        self._keep_takes(job, events)

    def _keep_takes(self, job: str, events: Any) -> None:
        for event in events:
            if kind(event) == "take_ready":
                take = event.take_ready.take
                self.known[job].takes[take.id] = str(take.files[0].size)

    def _refused(self, call: Any, status: grpc.StatusCode) -> None:
        try:
            call()
        except grpc.RpcError as error:
            assert code(error) is status, error  # noqa: PT017 - in a rule, not a test
        else:
            raise AssertionError(f"it was not refused with {status}")


def drive(folder: Path, examples: int, steps: int) -> None:
    """Runs the machine; raises what hypothesis found."""
    folder.mkdir(parents=True, exist_ok=True)
    _film["film"] = asks.make_film(folder / "film.mp4", [4.5])
    run_state_machine_as_test(
        Promises,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            derandomize=examples < EXAMPLES,
            phases=[Phase.generate],  # a process that is killed is not twice the same, so nothing can be shrunk
        ),
    )


def rows(folder: Path, examples: int = EXAMPLES, steps: int = STEPS) -> Iterator[Row]:
    """``examples`` runs of up to ``steps`` steps each."""
    try:
        drive(folder, examples, steps)
        found = ""
    except AssertionError as error:
        found = str(error)[:300]
    yield Row(f"{examples} random lives of up to {steps} steps", found or "kept", "every promise kept", not found)
