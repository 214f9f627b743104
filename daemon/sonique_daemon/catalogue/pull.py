"""Pulling: a model's files come from the hub into a folder of their own, and count once all of them are there.

What a branch stands for is written down when it is first pulled, with each file's size and digest; later pulls take the
same commit, and what they bring must have the same digests, unless an update is asked for.
"""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sonique_daemon.catalogue.download import download
from sonique_daemon.catalogue.hub import Hub
from sonique_daemon.catalogue.layouts import CONFIG, PIPELINE, design_of, needs_pipeline
from sonique_daemon.catalogue.model import Model
from sonique_daemon.catalogue.wanted import SAFE, UNSAFE, WantedFile, checked, sources, wanted_files
from sonique_daemon.catalogue.weights import HeldFile, Record, Weights, held_file, sha256_of
from sonique_daemon.errors import StoreFull, WeightsMissing, WeightsRefused

_SPARE_BYTES = 2**30
"""Room that is left on the disk."""
_TEXT = ".json"


@dataclass(frozen=True, slots=True)
class Step:
    """How far it is.

    Attributes:
        done: bytes that are there.
        total: bytes of all files.
        file: which one comes now, or "".
    """

    done: int
    total: int
    file: str = ""


class Convert(Protocol):
    """Brings weights into the form in which they are run, where nothing can happen to this process."""

    def __call__(self, source: Path, target: Path) -> None:
        """Writes ``target``: safetensors of a file that can carry code, or diffusers' layout of a makers' folder.

        Raises:
            WeightsRefused: the file carries code; it is not loaded then.
            EngineUnavailable: what the folder holds cannot be brought into that layout, or a library is missing.
        """


Told = Callable[[Step], None]
"""Takes each step; raises ``Cancelled`` to stop."""


@dataclass(frozen=True, slots=True)
class Puller:
    """Pulls weights.

    Attributes:
        weights: where they go.
        hub: where they come from.
        convert: brings them into the form in which they are run.
    """

    weights: Weights
    hub: Hub
    convert: Convert

    def pull(self, model: Model, told: Told, *, update: bool = False) -> Record:
        """Brings all files of ``model`` here; a model that is whole already stays as it is unless it is updated.

        What came stays where this fails or is cancelled, and the next pull goes on with it.

        Raises:
            SoniqueError: a sentence for whatever is in the way.
            Cancelled: ``told`` said so.
        """
        held = self.weights.record(model)
        if held is not None and self.weights.present(model) and not update:
            told(Step(held.size, held.size))
            return held
        if not model.hub:
            raise WeightsMissing(f"No hub has “{model.name}”: {model.obtain}.")
        known = () if held is None or held.folder or update else held.files
        commits = {} if held is None or update else held.commits
        files = checked(self._listed(model, commits), model, known)
        return self._brought(model, files, told)

    def _listed(self, model: Model, commits: dict[str, str]) -> tuple[WantedFile, ...]:
        found: list[WantedFile] = []
        for part in sources(model):
            revision = self.hub.revision(part.hub, commits.get(part.hub, part.revision))
            found.extend(wanted_files(model, part, revision))
        return tuple(found)

    def _brought(self, model: Model, files: tuple[WantedFile, ...], told: Told) -> Record:
        staging = self.weights.staging(model)
        total = sum(file.size for file in files)
        try:
            staging.mkdir(parents=True, exist_ok=True)
            self._reuse(model, files, staging)
            _require_room(model, staging, files)
            held: list[HeldFile] = []
            done = 0
            for file in sorted(files, key=_after_texts):
                if not held or (held[-1].path.endswith(_TEXT) and not file.path.endswith(_TEXT)):
                    _require_design(model, staging, files)
                held.append(self._one(file, staging, done, total, told))
                done += file.size
            kept = safe_files(staging, tuple(held), self.convert)
            kept = with_pipeline(model, staging, kept, self.convert, told)
            _clear(staging, kept)
            record = Record(model.name, model.hub, {file.hub: file.commit for file in files}, kept)
            self.weights.settle(model, record)
        except OSError as error:
            raise unwritable(self.weights.root, error) from error
        return record

    def _one(self, file: WantedFile, staging: Path, before: int, total: int, told: Told) -> HeldFile:
        there = staging / file.path
        if file.sha256 and there.is_file() and sha256_of(there) == file.sha256:
            return HeldFile(file.path, file.size, file.sha256, there.stat().st_mtime_ns)
        return download(self.hub, file, staging, lambda done: told(Step(before + done, total, file.path)))

    def _reuse(self, model: Model, files: tuple[WantedFile, ...], staging: Path) -> None:
        """Takes over what stands in the model's folder already; it is checked like what comes."""
        for file in files:
            old, new = self.weights.home(model) / file.path, staging / file.path
            if file.sha256 and old.is_file() and not new.exists():
                new.parent.mkdir(parents=True, exist_ok=True)
                with suppress(OSError):
                    os.link(old, new)


def safe_files(folder: Path, held: tuple[HeldFile, ...], convert: Convert) -> tuple[HeldFile, ...]:
    """``held`` with every file in ``folder`` that can carry code replaced by its safetensors."""
    kept = []
    for file in held:
        if not file.path.endswith(UNSAFE):
            kept.append(file)
            continue
        target = Path(file.path).with_suffix(".safetensors")
        try:
            convert(folder / file.path, folder / target)
        except WeightsRefused:
            (folder / file.path).unlink()
            raise
        (folder / file.path).unlink()
        kept.append(held_file(folder, target.as_posix()))
    return tuple(kept)


def with_pipeline(
    model: Model, folder: Path, held: tuple[HeldFile, ...], convert: Convert, told: Told
) -> tuple[HeldFile, ...]:
    """``held``, and where ``folder`` has another layout than the one in which ``model`` is run, files of that too."""
    if not needs_pipeline(model.family, {file.path for file in held}):
        return held
    return (*held, *written_pipeline(model, folder, folder, convert, told))


def written_pipeline(model: Model, source: Path, folder: Path, convert: Convert, told: Told) -> tuple[HeldFile, ...]:
    """Writes diffusers' layout of the makers' in ``source`` below ``folder``, and gives its files."""
    design_of(model.name, source)
    target, size = folder / PIPELINE, _weights_size(source)
    shutil.rmtree(target, ignore_errors=True)
    require_free(folder, size)
    told(Step(0, size, f"{model.name} in diffusers' layout, {size / 1e9:.1f} GB"))
    try:
        convert(source, target)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    paths = [path.relative_to(folder).as_posix() for path in sorted(target.rglob("*")) if path.is_file()]
    held = tuple(held_file(folder, path) for path in paths)
    told(Step(size, size))
    return held


def _weights_size(folder: Path) -> int:
    """Bytes of the safetensors that a pipeline is made of."""
    return sum(path.stat().st_size for path in (*folder.glob(f"*{SAFE}"), *folder.glob(f"*/*{SAFE}")))


def _after_texts(file: WantedFile) -> bool:
    """Configurations come first, so that a model that cannot be run is told before its gigabytes come."""
    return not file.path.endswith(_TEXT)


def _require_design(model: Model, staging: Path, files: tuple[WantedFile, ...]) -> None:
    """Raises ``EngineUnavailable`` where a makers' layout cannot be brought into the one in which it is run."""
    if needs_pipeline(model.family, {file.path for file in files}) and (staging / CONFIG).is_file():
        design_of(model.name, staging)


def require_free(folder: Path, size: int) -> None:
    """Raises ``StoreFull`` where the disk of ``folder`` has no room for so many bytes more."""
    free = shutil.disk_usage(folder).free
    if size and size + _SPARE_BYTES > free:
        raise StoreFull(
            f"The weights need {size / 1e9:.1f} GB more, and 1 GB is to stay free, but the disk of "
            f"“{folder.parent}” has {free / 1e9:.1f} GB; make room, or name another folder in SONIQUE_WEIGHTS."
        )


def unwritable(root: Path, error: OSError) -> StoreFull:
    """The weights' folder cannot be written."""
    return StoreFull(f"The weights' folder “{root}” cannot be written ({error.strerror or error}); make room there.")


def _require_room(model: Model, staging: Path, files: tuple[WantedFile, ...]) -> None:
    """Raises ``StoreFull`` where the disk has too little room for what is still to come."""
    missing = sum(max(0, file.size - _there(staging, file)) for file in files)
    twice = (SAFE, *UNSAFE) if needs_pipeline(model.family, {file.path for file in files}) else UNSAFE
    missing += sum(file.size for file in files if file.path.endswith(twice))  # in two forms, some for a while
    require_free(staging, missing)


def _there(staging: Path, file: WantedFile) -> int:
    for path in (staging / file.path, staging / f"{file.path}.{file.mark}.part"):
        with suppress(OSError):
            return path.stat().st_size
    return 0


def _clear(staging: Path, kept: tuple[HeldFile, ...]) -> None:
    """Removes what belongs to no file that is kept: parts of files that have changed since."""
    wanted = {staging / file.path for file in kept}
    for path in staging.rglob("*"):
        if path.is_file() and path not in wanted:
            path.unlink()
