"""The keeper: all that can be done with the weights on this machine, by a model's name. Safe to call from threads."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from sonique_daemon.catalogue.adding import Adder
from sonique_daemon.catalogue.catalogue import Catalogue
from sonique_daemon.catalogue.hub import Hub
from sonique_daemon.catalogue.model import Model
from sonique_daemon.catalogue.pull import Convert, Puller, Step, Told
from sonique_daemon.catalogue.weights import Weights
from sonique_daemon.errors import WeightsDamaged

_CHUNK = 2**22
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Kept:
    """A model, and what is here of it.

    Attributes:
        model: what is known of it.
        present: whether all its weights are here.
        size: bytes that are here.
        folder: where they stand, or are to stand.
        commit: what was pulled, or "".
    """

    model: Model
    present: bool
    size: int
    folder: Path
    commit: str


@dataclass(frozen=True, slots=True)
class Keeper:
    """Keeps weights; one thing at a time is done with those of one model.

    Attributes:
        catalogue: which models there are.
        weights: where they stand.
        convert: brings weights into the form in which they are run.
    """

    catalogue: Catalogue
    weights: Weights
    convert: Convert
    _locks: dict[str, Lock] = field(default_factory=dict)

    @property
    def root(self) -> Path:
        """The folder of all weights."""
        return self.weights.root

    def models(self) -> tuple[Kept, ...]:
        """All models."""
        return tuple(self._kept(model) for model in self.catalogue)

    def kept(self, name: str) -> Kept:
        """The model of that name; raises ``ModelNotFound``."""
        return self._kept(self.catalogue.model(name))

    def free_bytes(self) -> int:
        """Room on the disk of the weights."""
        folder = next(path for path in (self.weights.root, *self.weights.root.parents) if path.exists())
        return shutil.disk_usage(folder).free

    def pull(self, name: str, told: Told, *, update: bool) -> Kept:
        """Pulls it; see ``Puller.pull``."""
        model = self.catalogue.model(name)
        with self._alone(model, told):
            Puller(self.weights, Hub.here(), self.convert).pull(model, told, update=update)
        return self._kept(model)

    def remove(self, name: str, told: Told) -> tuple[Kept, int]:
        """Removes its weights, and gives the bytes that were freed; ``told`` is asked while something else is done."""
        model = self.catalogue.model(name)
        with self._alone(model, told):
            told(Step(0, 0))
            freed = self.weights.remove(model)
        return self._kept(model), freed

    def verify(self, name: str, told: Told) -> Kept:
        """Reads its weights whole.

        Raises:
            WeightsMissing: they are not here.
            WeightsDamaged: some are not what was pulled.
        """
        model = self.catalogue.model(name)
        record = self.weights.record(model)
        total, done = (0 if record is None else record.size), 0

        def move() -> None:
            nonlocal done
            done += _CHUNK
            told(Step(min(done, total), total))

        with self._alone(model, told):
            damaged = self.weights.verify(model, move)
        if damaged:
            named = ", ".join(f"“{path}”" for path in damaged[:5])
            raise WeightsDamaged(
                f"The weights of “{name}” are not what was pulled: {named}; `sonique models pull {name}` mends them."
            )
        return self._kept(model)

    def add(self, name: str, path: Path, config: Path | None, told: Told) -> Kept:
        """Takes what is on this machine; see ``Adder.add``."""
        model = self.catalogue.model(name)
        with self._alone(model, told):
            Adder(self.weights, self.convert).add(model, path, config, told)
        return self._kept(model)

    def _kept(self, model: Model) -> Kept:
        record, present = self.weights.record(model), self.weights.present(model)
        size = record.size if present and record is not None else self.weights.begun(model)
        commit = "" if record is None or not present else record.commits.get(model.hub, "")
        return Kept(model, present, size, self.weights.folder(model), commit)

    @contextmanager
    def _alone(self, model: Model, told: Told) -> Iterator[None]:
        lock = self._locks.setdefault(model.name, Lock())
        while not lock.acquire(timeout=_LOOK_SECONDS):
            told(Step(0, 0))
        try:
            yield
        finally:
            lock.release()
