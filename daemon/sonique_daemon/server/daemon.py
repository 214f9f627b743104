"""The Daemon service: who answers, and how it is told to stop."""

# ruff: noqa: ARG002, N802 - gRPC names the methods, and hands each what not all of them need

import os
import platform
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from sonique.runtime_file import CONTRACT
from sonique.v1 import daemon_pb2, daemon_pb2_grpc

from sonique_daemon.jobs.service import JobService
from sonique_daemon.server.ending import Ending
from sonique_daemon.server.status import Context
from sonique_daemon.server.wire.fields import sendable, within

LONGEST_DRAIN = 3600.0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answers.

    Attributes:
        version: the daemon's release.
        store: folder of the store.
        media_roots: folders under which media may be opened.
        log: path of the log.
        memory_budget_bytes: what all workers may hold together.
        store_budget_bytes: what the store may hold; 0 for no limit.
    """

    version: str
    store: Path
    media_roots: tuple[Path, ...]
    log: Path
    memory_budget_bytes: int
    store_budget_bytes: int


class Daemon(daemon_pb2_grpc.DaemonServicer):
    """Speaks of the daemon.

    Args:
        identity: who answers.
        jobs: to count them.
        ending: how it is told to stop.
    """

    def __init__(self, identity: Identity, jobs: JobService, ending: Ending) -> None:
        self._identity, self._jobs, self._ending = identity, jobs, ending
        self._began = time.monotonic()

    async def Info(self, request: daemon_pb2.InfoRequest, context: Context) -> daemon_pb2.InfoResponse:
        """Who answers."""
        who = self._identity
        return daemon_pb2.InfoResponse(
            version=who.version,
            contract=CONTRACT,
            pid=os.getpid(),
            uptime_seconds=time.monotonic() - self._began,
            running_jobs=self._jobs.running,
            queued_jobs=self._jobs.waiting,
            media_roots=[sendable(str(root)) for root in who.media_roots],
            store=sendable(str(who.store)),
            log=sendable(str(who.log)),
            draining=self._ending.begun,
            memory_budget_bytes=who.memory_budget_bytes,
            store_budget_bytes=who.store_budget_bytes,
            platform=_platform(),
        )

    async def Shutdown(self, request: daemon_pb2.ShutdownRequest, context: Context) -> daemon_pb2.ShutdownResponse:
        """Stops the daemon."""
        seconds = None
        if request.HasField("drain_seconds"):
            seconds = within(request.drain_seconds, "drain_seconds", 0, LONGEST_DRAIN)
        self._ending.begin(seconds)
        return daemon_pb2.ShutdownResponse()


def _platform() -> str:
    return f"{platform.python_version()} {sys.platform}-{platform.machine()}"
