"""Adding: weights that are on this machine already become a model's, without a copy where none is needed."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sonique_daemon.catalogue.hub import Listed, Revision
from sonique_daemon.catalogue.layouts import needs_pipeline
from sonique_daemon.catalogue.model import Model
from sonique_daemon.catalogue.pull import Convert, Step, Told, safe_files, unwritable, with_pipeline, written_pipeline
from sonique_daemon.catalogue.wanted import GGUF, SAFE, UNSAFE, sources, wanted_files
from sonique_daemon.catalogue.weights import HeldFile, Record, Weights, held_file
from sonique_daemon.errors import InvalidRequest, WeightsMissing, WeightsRefused

_CHUNK = 2**22
_SINGLE = {"stable-audio-tools": "model_config.json"}
"""What the configuration beside a single file of weights is called, by family; ``config.json`` else."""


@dataclass(frozen=True, slots=True)
class Adder:
    """Takes what is on this machine.

    Attributes:
        weights: where it is written down.
        convert: brings them into the form in which they are run.
    """

    weights: Weights
    convert: Convert

    def add(self, model: Model, path: Path, config: Path | None, told: Told) -> Record:
        """Takes the folder or the file at ``path``; nothing in it is written or removed.

        A folder of safetensors serves where it stands. What can carry code, or stands in another layout than the one in
        which the model is run, is converted into the model's own folder.

        Args:
            model: what it is the weights of.
            path: an existing folder, or a file of weights.
            config: the configuration that belongs to a single file.
            told: takes each step.

        Raises:
            WeightsRefused: there are no weights, or some carry code.
            WeightsMissing: a part of the model is not in the folder.
            InvalidRequest: a configuration beside a folder.
            StoreFull: the model's folder cannot be written.
            Cancelled: ``told`` said so.
        """
        try:
            if path.is_dir():
                if config is not None:
                    raise InvalidRequest("A folder holds its own configuration; name one beside a single file alone.")
                return self._folder(model, path, told)
            return self._file(model, path, config, told)
        except OSError as error:
            raise unwritable(self.weights.root, error) from error

    def _folder(self, model: Model, folder: Path, told: Told) -> Record:
        paths = tuple(_needed(model, folder))
        safe = not any(path.endswith(UNSAFE) for path in paths)
        if safe and needs_pipeline(model.family, set(paths)):
            return self._rebuilt(model, folder, told)
        if safe:
            held = _read(folder, paths, told)
            return self._written(Record(model.name, str(folder), {}, held, str(folder)), model)
        return self._copied(model, {path: folder / path for path in paths}, str(folder), told)

    def _rebuilt(self, model: Model, folder: Path, told: Told) -> Record:
        """The model of the makers' layout in ``folder``, in the one in which it is run."""
        staging = self.weights.staging(model)
        shutil.rmtree(staging, ignore_errors=True)
        staging.mkdir(parents=True)
        try:
            held = written_pipeline(model, folder, staging, self.convert, told)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        record = Record(model.name, str(folder), {}, held)
        self.weights.settle(model, record)
        return record

    def _file(self, model: Model, file: Path, config: Path | None, told: Told) -> Record:
        if not file.name.endswith((SAFE, GGUF, *UNSAFE)):
            raise WeightsRefused(f"“{file.name}” holds no weights that Sonique can read; it takes safetensors.")
        files = {f"model{file.suffix}": file}
        if config is not None:
            files[_SINGLE.get(model.family, "config.json")] = config
        return self._copied(model, files, str(file), told)

    def _copied(self, model: Model, files: dict[str, Path], source: str, told: Told) -> Record:
        staging = self.weights.staging(model)
        shutil.rmtree(staging, ignore_errors=True)
        try:
            for path, file in files.items():
                (staging / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, staging / path)
            held = safe_files(staging, _read(staging, tuple(files), told), self.convert)
            held = with_pipeline(model, staging, held, self.convert, told)
        except BaseException:
            shutil.rmtree(staging, ignore_errors=True)
            raise
        record = Record(model.name, source, {}, held)
        self.weights.settle(model, record)
        return record

    def _written(self, record: Record, model: Model) -> Record:
        self.weights.note(model, record)
        return record


def _needed(model: Model, folder: Path) -> Iterator[str]:
    """The paths below ``folder`` of all files that make up ``model``."""
    for part in sources(model):
        root = folder / part.folder
        if not root.is_dir():
            raise WeightsMissing(
                f"“{folder}” has no folder “{part.folder}” with the files of “{part.hub}”; put it there."
            )
        found = [file for file in sorted(root.rglob("*")) if file.is_file()]
        listed = tuple(Listed(file.relative_to(root).as_posix(), file.stat().st_size) for file in found)
        safe = Revision(str(root), "", tuple(file for file in listed if not _hidden(file.path)))
        yield from (file.path for file in wanted_files(model, part, safe))


def _hidden(path: str) -> bool:
    return any(step.startswith(".") for step in path.split("/"))


def _read(folder: Path, paths: tuple[str, ...], told: Told) -> tuple[HeldFile, ...]:
    total, held, done = sum((folder / path).stat().st_size for path in paths), [], 0
    for path in paths:
        place = _Place(done, total, path, told)
        held.append(held_file(folder, path, place.move))
        done += held[-1].size
    told(Step(total, total))
    return tuple(held)


@dataclass(slots=True)
class _Place:
    """How far the reading is."""

    done: int
    total: int
    path: str
    told: Told

    def move(self) -> None:
        self.done += _CHUNK
        self.told(Step(min(self.done, self.total), self.total, self.path))
