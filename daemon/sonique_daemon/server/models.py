"""The Models service: what weights there are, and bringing, checking, taking and removing them."""

# ruff: noqa: ARG002, N802 - gRPC names the methods, and hands each what not all of them need

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import NoReturn, Protocol

from sonique.v1 import models_pb2, models_pb2_grpc

from sonique_daemon.catalogue.keeper import Kept
from sonique_daemon.catalogue.names import MODEL
from sonique_daemon.catalogue.pull import Step, Told
from sonique_daemon.domain.events import Stage
from sonique_daemon.errors import Cancelled, MediaNotFound, ModelNotFound, PathRefused
from sonique_daemon.server.engines import Catalogue, Workers
from sonique_daemon.server.status import Context
from sonique_daemon.server.wire.fields import identifier, limited, present, sendable
from sonique_daemon.server.wire.planned import STAGE_NUMBERS, write_planned
from sonique_daemon.server.wire.terms import write_terms
from sonique_daemon.stages.casting import Outlook
from sonique_daemon.timeline.roots import Roots

_PATH_LIMIT = 4096
_TELL_SECONDS = 0.1
"""The shortest time between two messages about one file."""
_RULE = "1 to 64 lower-case letters, digits, “.” and “-”"

Progress = AsyncIterator[models_pb2.ModelProgress]


class Keeping(Protocol):
    """What the service needs of the keeper; its methods may take hours, and are safe from any thread."""

    @property
    def root(self) -> Path:
        """The folder of all weights."""

    def models(self) -> Sequence[Kept]:
        """All models."""

    def kept(self, name: str) -> Kept:
        """The model of that name; raises ``ModelNotFound``."""

    def free_bytes(self) -> int:
        """Room on the disk of the weights."""

    def pull(self, name: str, told: Told, *, update: bool) -> Kept:
        """Brings its weights here."""

    def remove(self, name: str, told: Told) -> tuple[Kept, int]:
        """Removes its weights, and gives the bytes that were freed."""

    def verify(self, name: str, told: Told) -> Kept:
        """Checks its weights."""

    def add(self, name: str, path: Path, config: Path | None, told: Told) -> Kept:
        """Takes weights of this machine."""


class Foreseeing(Protocol):
    """What the service needs to speak of profiles."""

    def outlooks(self) -> Sequence[Outlook]:
        """All profiles, each with what it would do here."""


class NoModels:
    """Keeps no weights and knows no profiles: for servers of other engines, and for tests."""

    root = Path()

    def models(self) -> tuple[Kept, ...]:
        """None."""
        return ()

    def outlooks(self) -> tuple[Outlook, ...]:
        """None."""
        return ()

    def free_bytes(self) -> int:
        """None."""
        return 0

    def kept(self, name: str) -> NoReturn:
        """Raises ``ModelNotFound``."""
        raise ModelNotFound(f"There is no model “{name}”; this daemon keeps none.")

    def pull(self, name: str, told: Told, *, update: bool) -> NoReturn:
        """Raises ``ModelNotFound``."""
        self.kept(name)

    def remove(self, name: str, told: Told) -> NoReturn:
        """Raises ``ModelNotFound``."""
        self.kept(name)

    def verify(self, name: str, told: Told) -> NoReturn:
        """Raises ``ModelNotFound``."""
        self.kept(name)

    def add(self, name: str, path: Path, config: Path | None, told: Told) -> NoReturn:
        """Raises ``ModelNotFound``."""
        self.kept(name)


class Models(models_pb2_grpc.ModelsServicer):
    """Speaks of models.

    Args:
        keeper: keeps their weights.
        engines: which engines run them.
        workers: where those run.
        profiles: which profiles name them.
        roots: where weights that are added may stand.
    """

    def __init__(
        self, keeper: Keeping, engines: Catalogue, workers: Workers, profiles: Foreseeing, roots: Roots
    ) -> None:
        self._keeper, self._engines, self._workers = keeper, engines, workers
        self._profiles, self._roots = profiles, roots

    async def List(self, request: models_pb2.ListModelsRequest, context: Context) -> models_pb2.ListModelsResponse:
        """All models."""
        return await asyncio.to_thread(self._all)

    async def Pull(self, request: models_pb2.PullRequest, context: Context) -> Progress:
        """Brings weights here."""
        name = _name(request.name)
        async for told in _followed(lambda told: self._keeper.pull(name, told, update=request.update), self._settled):
            yield told

    async def Remove(self, request: models_pb2.RemoveRequest, context: Context) -> models_pb2.RemoveResponse:
        """Removes weights."""
        name, gone = _name(request.name), Event()
        try:
            await asyncio.to_thread(self._let_go, name)
            kept, freed = await asyncio.to_thread(self._keeper.remove, name, _unless(gone))
        finally:
            gone.set()  # nobody waits any more: nothing is to be removed once a pull is over
        return models_pb2.RemoveResponse(model=self._write(kept), freed_bytes=freed)

    async def Verify(self, request: models_pb2.VerifyRequest, context: Context) -> Progress:
        """Checks weights."""
        name = _name(request.name)
        async for told in _followed(lambda told: self._keeper.verify(name, told), self._write):
            yield told

    async def Add(self, request: models_pb2.AddRequest, context: Context) -> Progress:
        """Takes weights of this machine."""
        name, path = _name(request.name), self._allowed(request.path, "path")
        config = self._allowed(request.config, "config") if request.config else None

        def add(told: Told) -> Kept:
            self._require_inside(path)
            return self._keeper.add(name, path, config, told)

        async for told in _followed(add, self._settled):
            yield told

    async def ListProfiles(
        self, request: models_pb2.ListProfilesRequest, context: Context
    ) -> models_pb2.ListProfilesResponse:
        """All profiles."""
        found = await asyncio.to_thread(self._profiles.outlooks)
        return models_pb2.ListProfilesResponse(profiles=[_write_profile(outlook) for outlook in found])

    def _all(self) -> models_pb2.ListModelsResponse:
        runs = self._run()
        return models_pb2.ListModelsResponse(
            models=[_write(kept, runs) for kept in self._keeper.models()],
            folder=sendable(str(self._keeper.root)),
            free_bytes=self._keeper.free_bytes(),
        )

    def _settled(self, kept: Kept) -> models_pb2.Model:
        """The model as it is now; workers that hold its weights as they were are let go."""
        self._let_go(kept.model.name)
        return self._write(kept)

    def _let_go(self, name: str) -> None:
        for descriptor in self._engines.descriptors():
            if descriptor.model == name:
                self._workers.unload(descriptor)

    def _write(self, kept: Kept) -> models_pb2.Model:
        return _write(kept, self._run())

    def _run(self) -> frozenset[str]:
        """Names of the models that an engine runs."""
        return frozenset(descriptor.model for descriptor in self._engines.descriptors())

    def _require_inside(self, folder: Path) -> None:
        """Raises ``PathRefused`` where a link in the folder leads out of the roots."""
        for link in _links(folder):
            self._roots.check_folder(link) if link.is_dir() else self._roots.check(link)

    def _allowed(self, text: str, field: str) -> Path:
        present(bool(text), field)
        path = Path(limited(text, field, _PATH_LIMIT))
        if not path.is_absolute():
            raise PathRefused(f"“{sendable(text)[:200]}” is no absolute path; name the weights by one.")
        try:
            return self._roots.check_folder(path) if os.path.isdir(path) else self._roots.check(path)  # noqa: PTH112 - no error
        except MediaNotFound:
            raise MediaNotFound(f"“{sendable(text)}” is not there; name a folder of weights, or a file.") from None
        except PathRefused:
            raise PathRefused(
                f"“{sendable(text)}” may not be read by the daemon; move it below a folder that it reads "
                "(`sonique daemon status` lists them), or add its folder to them with the daemon's setting media_root."
            ) from None


def _links(folder: Path) -> Iterator[Path]:
    """The symbolic links at any depth of ``folder`` that lead somewhere."""
    for place, folders, files in os.walk(folder):
        paths = (Path(place, name) for name in (*folders, *files))
        yield from (path for path in paths if path.is_symlink() and os.path.exists(path))  # noqa: PTH110 - no error


def _name(text: str) -> str:
    present(bool(text), "name")
    return identifier(MODEL, text, "model", _RULE)


async def _followed(work: Callable[[Told], Kept], write: Callable[[Kept], models_pb2.Model]) -> Progress:
    """What ``work`` tells while it runs in a thread; it is told to stop where the caller goes."""
    loop, gone = asyncio.get_running_loop(), Event()
    steps: asyncio.Queue[Step | None] = asyncio.Queue(1)

    stop = _unless(gone)

    def told(step: Step) -> None:
        stop(step)
        loop.call_soon_threadsafe(_offer, steps, step)

    running = asyncio.ensure_future(asyncio.to_thread(work, told))
    running.add_done_callback(lambda _: _offer(steps, None))
    try:
        while not running.done() and (step := await steps.get()) is not None:
            yield models_pb2.ModelProgress(done_bytes=step.done, total_bytes=step.total, file=sendable(step.file))
            await asyncio.wait({running}, timeout=_TELL_SECONDS)
        kept = await running
        model = await asyncio.to_thread(write, kept)
        yield models_pb2.ModelProgress(done_bytes=kept.size, total_bytes=kept.size, model=model)
    finally:
        gone.set()


def _unless(gone: Event) -> Told:
    """Raises ``Cancelled`` once ``gone`` is set."""

    def told(_: Step) -> None:
        if gone.is_set():
            raise Cancelled

    return told


def _offer(steps: "asyncio.Queue[Step | None]", step: Step | None) -> None:
    """Puts the latest step in the place of one that nobody took yet."""
    if steps.full():
        steps.get_nowait()
    steps.put_nowait(step)


def _write(kept: Kept, runs: frozenset[str]) -> models_pb2.Model:
    model = kept.model
    return models_pb2.Model(
        name=model.name,
        family=model.family,
        stages=[STAGE_NUMBERS[Stage(stage)] for stage in model.stages],
        summary=sendable(model.summary),
        hub=sendable(model.hub),
        obtain=sendable(model.obtain),
        gated=model.gated or any(part.gated for part in model.parts),
        terms=write_terms(model.terms),
        parameters=model.parameters,
        needs=[
            models_pb2.Need(
                quantisation=need.quantisation, weights_bytes=need.weights_bytes, working_bytes=need.working_bytes
            )
            for need in model.needs
        ],
        checked=sendable(model.checked),
        weights_present=kept.present,
        weights_bytes=kept.size,
        folder=sendable(str(kept.folder)),
        commit=kept.commit,
        runs=model.name in runs,
    )


def _write_profile(outlook: Outlook) -> models_pb2.Profile:
    return models_pb2.Profile(
        name=outlook.profile.name,
        summary=sendable(outlook.profile.summary),
        chosen=outlook.chosen,
        plan=write_planned(outlook.plan),
        missing=[sendable(sentence) for sentence in outlook.missing],
    )
