"""Onlookers: many clients that watch jobs, in a process of their own: ``python -m bench.faults.onlookers < ORDER``.

The order is JSON: address, token, job ids, number of onlookers. Every onlooker watches every job from its beginning to
its end. Prints JSON: for each job the digests of the logs that were seen (one, where all saw the same), and faults.
"""

import asyncio
import hashlib
import json
import sys
from collections.abc import Sequence
from typing import Any

import grpc
from sonique.runtime_file import RuntimeFile
from sonique.v1 import jobs_pb2, jobs_pb2_grpc

from bench.faults.bystander import Bystander
from bench.faults.calls import OPTIONS
from bench.faults.ledger import Ledger


class Onlookers:
    """``count`` clients that watch ``jobs`` in another process."""

    def __init__(self, runtime: RuntimeFile, jobs: Sequence[str], count: int) -> None:
        self._bystander = Bystander("bench.faults.onlookers", runtime, {"jobs": list(jobs), "count": count})

    def report(self) -> tuple[dict[str, list[str]], list[str]]:
        """Digests of the logs by job, and faults; waits until all have seen the end of every job."""
        found = self._bystander.found()
        return found["logs"], found["faults"]


async def _look_on(order: dict[str, Any]) -> dict[str, Any]:
    logs: dict[str, set[str]] = {job: set() for job in order["jobs"]}
    ledger = Ledger()
    async with grpc.aio.insecure_channel(order["address"], options=OPTIONS) as channel:
        stub = jobs_pb2_grpc.JobsStub(channel)
        metadata = (("authorization", f"Bearer {order['token']}"),)
        await asyncio.gather(*(_onlooker(stub, metadata, logs, ledger, number) for number in range(order["count"])))
    return {"logs": {job: sorted(digests) for job, digests in logs.items()}, "faults": ledger.breaches}


async def _onlooker(stub: Any, metadata: Any, logs: dict[str, set[str]], ledger: Ledger, number: int) -> None:
    jobs = list(logs)
    turn = number % len(jobs)
    for job in jobs[turn:] + jobs[:turn]:
        digest, last = hashlib.sha256(), 0
        async for event in stub.Watch(jobs_pb2.WatchRequest(job_id=job), metadata=metadata):
            ledger.note(event, last)
            last = event.seq
            digest.update(event.SerializeToString(deterministic=True))
        logs[job].add(digest.hexdigest())


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_look_on(json.load(sys.stdin)))))
