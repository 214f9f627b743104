"""One run of the daemon, from listening to an end in order."""

import asyncio
import logging
import os
import secrets
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import grpc
from sonique.runtime_file import CONTRACT, RuntimeFile

from sonique_daemon import __version__
from sonique_daemon.app.backstage import Backstage, Ensemble
from sonique_daemon.app.runtime import RuntimeFolder
from sonique_daemon.app.settings import Settings
from sonique_daemon.jobs.service import JobService
from sonique_daemon.server.daemon import Identity
from sonique_daemon.server.server import Front, Parts, build
from sonique_daemon.server.uploads import Uploads
from sonique_daemon.timeline.roots import Roots

_logger = logging.getLogger(__name__)

_JOBS_PATIENCE = 3.0
"""Seconds that running jobs have to stop in."""
_CALLS_PATIENCE = 1.0
"""Seconds that calls have to end in after that; together under the five that a daemon may take to stop."""


@dataclass(frozen=True, slots=True)
class Listening:
    """A server that listens, and where."""

    front: Front
    runtime: RuntimeFile


async def serve(settings: Settings, folder: RuntimeFolder, assemble: Callable[[], Ensemble]) -> None:
    """Listens, tells so in the runtime file, serves until a signal or a call says stop, and ends in order.

    Raises:
        OSError: nothing can be listened on, or the store cannot be made.
    """
    settings.store.mkdir(mode=0o700, parents=True, exist_ok=True)
    stop = asyncio.Event()
    backstage = Backstage(assemble)
    jobs = JobService(backstage)
    listening = await _listen(settings, folder.socket if settings.socket else None, jobs, backstage, stop)
    _heed_signals(stop)
    folder.write(listening.runtime)
    _logger.info("Sonique %s listens on %s", __version__, listening.runtime.address)
    backstage.begin()
    await stop.wait()
    _logger.info("Stopping")
    await _end(listening.front, jobs)
    folder.clear()
    _logger.info("Stopped")


async def _listen(
    settings: Settings, socket: Path | None, jobs: JobService, backstage: Backstage, stop: asyncio.Event
) -> Listening:
    token = secrets.token_urlsafe(32)
    roots = Roots.default().including(settings.media_roots).allowed
    identity = Identity(__version__, settings.store, roots)
    parts = Parts(token, identity, jobs, Uploads(settings.store / "uploads"), backstage.registry, stop.set)
    front = await build(parts)
    address = _bind(front.server, settings.host, settings.port)
    target = "" if socket is None else _bind_socket(front.server, socket)
    await front.server.start()
    runtime = RuntimeFile(address, target, token, os.getpid(), __version__, CONTRACT)
    return Listening(front, runtime)


def _bind(server: grpc.aio.Server, host: str, port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    try:
        given = server.add_insecure_port(f"{name}:{port}")
    except RuntimeError:
        given = 0
    if given == 0:
        raise OSError(f"Nothing can listen on {name}:{port}; another program may use that port")
    return f"{name}:{given}"


def _bind_socket(server: grpc.aio.Server, socket: Path) -> str:
    """Listens on the Unix socket; "" where that cannot be, because the TCP port serves as well."""
    target = f"unix:{socket}"
    try:
        server.add_insecure_port(target)
        socket.chmod(0o600)
    except (RuntimeError, OSError):
        _logger.warning("There is no Unix socket, because %s cannot be listened on", socket)
        return ""
    return target


def _heed_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    if sys.platform == "win32":
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGBREAK):
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)


async def _end(front: Front, jobs: JobService) -> None:
    await front.health.enter_graceful_shutdown()
    await jobs.close(_JOBS_PATIENCE)
    await front.server.stop(_CALLS_PATIENCE)
