"""Backstage: what is heavy is imported and made ready in a thread, while the daemon answers already."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from threading import Thread
from typing import Protocol

from sonique_daemon.domain.request import Job
from sonique_daemon.errors import SoniqueError
from sonique_daemon.jobs.runner import Check, Emit, Runner
from sonique_daemon.server.engines import Registry

_logger = logging.getLogger(__name__)

_LOOK_SECONDS = 0.05


class Ensemble(Protocol):
    """What jobs are run with."""

    @property
    def chain(self) -> Runner:
        """Runs jobs."""

    @property
    def registry(self) -> Registry:
        """The engines."""

    def warm(self) -> None:
        """Makes every engine ready; may take seconds."""


class NotReady(SoniqueError):
    """The engines could not be put together; the log tells why."""


class Backstage:
    """Puts the ensemble together in a thread; whoever needs it before it is there waits. Itself a ``Runner``."""

    def __init__(self, assemble: Callable[[], Ensemble]) -> None:
        self._assemble = assemble
        self._ensemble: Future[Ensemble] = Future()

    def begin(self) -> None:
        """Starts the thread; returns at once."""
        Thread(target=self._prepare, name="backstage", daemon=True).start()

    def run(self, job: Job, emit: Emit, check: Check) -> None:
        """Runs ``job`` as soon as the ensemble is there."""
        while True:
            check()
            try:
                ensemble = self._ensemble.result(_LOOK_SECONDS)
            except NotYet:
                continue
            return ensemble.chain.run(job, emit, check)

    async def registry(self) -> Registry:
        """The engines, as soon as they are there."""
        return (await asyncio.wrap_future(_observed(self._ensemble))).registry

    def _prepare(self) -> None:
        try:
            ensemble = self._assemble()
        except BaseException as error:  # the thread ends here, and whoever waits must learn of it
            _logger.error("The engines cannot be put together", exc_info=error)  # noqa: TRY400 - the same, with a name
            self._ensemble.set_exception(_not_ready(error))
            return
        self._ensemble.set_result(ensemble)
        try:
            ensemble.warm()
        except Exception:
            _logger.exception("The engines cannot be warmed up; the first job will tell more")


def _not_ready(error: BaseException) -> NotReady:
    kind = type(error).__name__
    return NotReady(f"Sonique's engines cannot be loaded here ({kind}); reinstall Sonique, or see the daemon's log.")


def _observed(future: "Future[Ensemble]") -> "Future[Ensemble]":
    """A future that follows ``future``, so that giving up waiting does not cancel what others wait for."""
    follower: Future[Ensemble] = Future()

    def settle(done: "Future[Ensemble]") -> None:
        if not follower.set_running_or_notify_cancel():
            return
        error = done.exception()
        if error is None:
            follower.set_result(done.result())
        else:
            follower.set_exception(error)

    future.add_done_callback(settle)
    return follower
