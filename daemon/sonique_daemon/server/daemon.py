"""The Daemon service: who answers, and how it is told to stop."""

# ruff: noqa: ARG002, N802 - gRPC names the methods, and hands each what not all of them need

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sonique.runtime_file import CONTRACT
from sonique.v1 import daemon_pb2, daemon_pb2_grpc

from sonique_daemon.jobs.service import JobService
from sonique_daemon.server.status import Context
from sonique_daemon.server.wire.fields import sendable


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answers.

    Attributes:
        version: the daemon's release.
        store: folder of the store.
        media_roots: folders under which media may be opened.
    """

    version: str
    store: Path
    media_roots: tuple[Path, ...]


class Daemon(daemon_pb2_grpc.DaemonServicer):
    """Speaks of the daemon.

    Args:
        identity: who answers.
        jobs: to count them.
        stop: begins the end of the daemon, and returns at once.
    """

    def __init__(self, identity: Identity, jobs: JobService, stop: Callable[[], None]) -> None:
        self._identity, self._jobs, self._stop = identity, jobs, stop
        self._began = time.monotonic()

    async def Info(self, request: daemon_pb2.InfoRequest, context: Context) -> daemon_pb2.InfoResponse:
        """Who answers."""
        return daemon_pb2.InfoResponse(
            version=self._identity.version,
            contract=CONTRACT,
            pid=os.getpid(),
            uptime_seconds=time.monotonic() - self._began,
            running_jobs=self._jobs.running,
            queued_jobs=self._jobs.waiting,
            media_roots=[sendable(str(root)) for root in self._identity.media_roots],
            store=sendable(str(self._identity.store)),
        )

    async def Shutdown(self, request: daemon_pb2.ShutdownRequest, context: Context) -> daemon_pb2.ShutdownResponse:
        """Stops the daemon."""
        self._stop()
        return daemon_pb2.ShutdownResponse()
