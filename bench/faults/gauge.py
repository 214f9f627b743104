"""The gauge: how long polls take, measured in a process of its own: ``python -m bench.faults.gauge < ORDER``.

The order is JSON: address, token, job ids, seconds, and seconds between two polls. Prints JSON: milliseconds of all.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import grpc
from sonique.runtime_file import RuntimeFile
from sonique.v1 import jobs_pb2, jobs_pb2_grpc

from bench.faults.bystander import Bystander
from bench.faults.calls import OPTIONS


@dataclass(frozen=True, slots=True)
class Reading:
    """Times of many polls in milliseconds, ascending."""

    times: tuple[float, ...]

    def at(self, share: float) -> float:
        """The time that a ``share`` of the polls keep to."""
        return self.times[min(len(self.times) - 1, int(share * len(self.times)))]

    @property
    def words(self) -> str:
        """The times in words."""
        return f"p50 {self.at(0.5):.1f}, p99 {self.at(0.99):.1f} ms of {len(self.times)}"


class Gauge:
    """Polls jobs from another process for a while."""

    def __init__(self, runtime: RuntimeFile, jobs: Sequence[str], seconds: float, pause: float = 0.01) -> None:
        order = {"jobs": list(jobs), "seconds": seconds, "pause": pause}
        self._bystander = Bystander("bench.faults.gauge", runtime, order)

    def read(self) -> Reading:
        """What it measured; waits for its end."""
        return Reading(tuple(sorted(self._bystander.found())))


async def _poll(order: "dict[str, object]") -> list[float]:
    times, jobs = [], order["jobs"]
    assert isinstance(jobs, list)
    metadata = (("authorization", f"Bearer {order['token']}"),)
    async with grpc.aio.insecure_channel(str(order["address"]), options=OPTIONS) as channel:
        stub = jobs_pb2_grpc.JobsStub(channel)
        end = time.monotonic() + float(str(order["seconds"]))
        number = 0
        while time.monotonic() < end:
            request = jobs_pb2.PollRequest(job_id=jobs[number % len(jobs)], after_seq=number % 7)
            started = time.perf_counter()
            await stub.Poll(request, metadata=metadata)
            times.append((time.perf_counter() - started) * 1000)
            number += 1
            await asyncio.sleep(float(str(order["pause"])))
    return times[1:]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_poll(json.load(sys.stdin)))))
