"""Weights: where a model's files stand, whether they are all there, and whether they are what was pulled.

Each model has a folder of its own, which is there once all its files are. A record beside it says what stands in it:
for each file its size, its SHA-256 and when it was last written. It stays when the files go, and a later pull is held
against it. A local folder of the user's may serve too; then the record names it, and nothing in it is ever written or
removed.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from sonique_daemon.catalogue.model import Model
from sonique_daemon.catalogue.places import weights_folder
from sonique_daemon.errors import WeightsDamaged, WeightsMissing

_CHUNK = 2**22


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file as it stood when it was pulled or added.

    Attributes:
        path: below the folder, with ``/``.
        size: bytes.
        sha256: of the whole file, lower-case hexadecimal.
        written_ns: when it was last written; where that is the same, its digest is taken to be the same.
    """

    path: str
    size: int
    sha256: str
    written_ns: int


@dataclass(frozen=True, slots=True)
class Record:
    """What stands in a model's folder.

    Attributes:
        model: its name.
        source: where it came from: ``owner/name`` of the hub, or a path.
        commits: what each repository's revision stood for when it was pulled, by the repository's name.
        files: all of them, by path.
        folder: the user's own folder that serves, or "" for the model's.
    """

    model: str
    source: str
    commits: dict[str, str]
    files: tuple[HeldFile, ...]
    folder: str = ""

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def digest(self) -> str:
        """Changes whenever any file is another: what tells two states of one model apart."""
        listing = "\n".join(f"{file.sha256}  {file.path}" for file in self.files)
        return hashlib.sha256(listing.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights on this machine.

    Attributes:
        root: folder of all of them.
    """

    root: Path

    @classmethod
    def here(cls) -> "Weights":
        """Those in the usual place; see ``places.weights_folder``."""
        return cls(weights_folder())

    def home(self, model: Model) -> Path:
        """The model's own folder, which need not be there."""
        return self.root / model.name

    def staging(self, model: Model) -> Path:
        """Where its files gather before all of them are there."""
        return self.root / f"{model.name}.part"

    def record_path(self, model: Model) -> Path:
        """Where its record stands, if it has one."""
        return self.root / f"{model.name}.json"

    def record(self, model: Model) -> Record | None:
        """What stands in its folder; None where it was never finished."""
        try:
            return msgspec.json.decode(self.record_path(model).read_bytes(), type=Record)
        except (OSError, msgspec.DecodeError):
            return None

    def begun(self, model: Model) -> int:
        """Bytes of what gathered so far of files that are not all there."""
        return sum(path.stat().st_size for path in self.staging(model).rglob("*") if path.is_file())

    def note(self, model: Model, record: Record) -> None:
        """Writes ``record`` down; what stood in the model's own folder goes where another serves now."""
        write_record(self.record_path(model), record)
        shutil.rmtree(self.home(model), ignore_errors=True)

    def settle(self, model: Model, record: Record) -> None:
        """Puts what gathered in the place of what stood there, and says so in the record."""
        home, old = self.home(model), self.root / f"{model.name}.old"
        shutil.rmtree(old, ignore_errors=True)
        if home.exists():
            home.rename(old)
        self.staging(model).rename(home)
        write_record(self.record_path(model), record)
        shutil.rmtree(old, ignore_errors=True)

    def remove(self, model: Model) -> int:
        """Removes its files, also those that only began to come, and gives the bytes that were freed.

        A folder of the user's that serves is left alone. The record stays, so that a later pull is held against it;
        where the user's folder served, it goes, for then nothing else says that the model is here.
        """
        record, freed = self.record(model), 0
        for folder in (self.home(model), self.staging(model)):
            freed += sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
            shutil.rmtree(folder, ignore_errors=True)
        if record is not None and (record.folder or not record.commits):
            self.record_path(model).unlink()
        return freed

    def folder(self, model: Model) -> Path:
        """Where its files stand, or are to stand."""
        record = self.record(model)
        return Path(record.folder) if record is not None and record.folder else self.home(model)

    def present(self, model: Model) -> bool:
        """Whether all its files are there with the size that they had; a look at each file's entry and no more."""
        record = self.record(model)
        return record is not None and not _lacking(self.folder(model), record)

    def require(self, model: Model, check: Callable[[], None] = lambda: None) -> Path:
        """The folder of its files, all of them there and what was pulled.

        A file that was written since is read whole, and its digest compared; ``check`` is asked meanwhile.

        Raises:
            WeightsMissing: some are not there.
            WeightsDamaged: some are not what was pulled.
        """
        record = self._whole_record(model)
        folder = self.folder(model)
        if lacking := _lacking(folder, record):
            raise WeightsMissing(f"The weights of “{model.name}” lack “{lacking[0]}” in “{folder}”; {_again(model)}.")
        if damaged := self._damaged(folder, record, check, trust_dates=True):
            raise WeightsDamaged(
                f"The weights of “{model.name}” are not what was pulled: “{damaged[0]}” differs; {_again(model)}."
            )
        return folder

    def verify(self, model: Model, check: Callable[[], None] = lambda: None) -> tuple[str, ...]:
        """The paths of its files that are not there or differ, every one of them read whole.

        Raises:
            WeightsMissing: it was never finished.
        """
        record = self._whole_record(model)
        folder, lacking = self.folder(model), _lacking(self.folder(model), record)
        return (*lacking, *self._damaged(folder, record, check, trust_dates=False))

    def _whole_record(self, model: Model) -> Record:
        """Its record; raises ``WeightsMissing`` where its files never came or went again."""
        record = self.record(model)
        if record is None or not self.folder(model).is_dir():
            raise WeightsMissing(_absent(model, begun=self.staging(model).is_dir()))
        return record

    @staticmethod
    def _damaged(folder: Path, record: Record, check: Callable[[], None], *, trust_dates: bool) -> tuple[str, ...]:
        found = []
        for held in record.files:
            path = folder / held.path
            if not path.is_file() or (trust_dates and path.stat().st_mtime_ns == held.written_ns):
                continue
            if sha256_of(path, check) != held.sha256:
                found.append(held.path)
        return tuple(found)


def write_record(path: Path, record: Record) -> None:
    """Writes ``record`` to the disk, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")  # and not the folder in which its files gather
    with part.open("wb") as out:
        out.write(msgspec.json.format(msgspec.json.encode(record)))
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)


def held_file(folder: Path, path: str, check: Callable[[], None] = lambda: None) -> HeldFile:
    """The file at ``path`` below ``folder``, read whole for its digest."""
    found = folder / path
    return HeldFile(path, found.stat().st_size, sha256_of(found, check), found.stat().st_mtime_ns)


def sha256_of(path: Path, check: Callable[[], None] = lambda: None) -> str:
    """SHA-256 of the file at ``path``, lower-case hexadecimal; ``check`` is asked every 4 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            check()
    return digest.hexdigest()


def _lacking(folder: Path, record: Record) -> tuple[str, ...]:
    """The files that are not there, or have another size."""
    return tuple(held.path for held in record.files if _size(folder / held.path) != held.size)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _absent(model: Model, *, begun: bool) -> str:
    what = "are only half there" if begun else "are not on this machine"
    return f"The weights of “{model.name}” {what}; {_again(model)}."


def _again(model: Model) -> str:
    """How to get them, as the end of a sentence."""
    if not model.hub:
        return model.obtain or f"give them with `sonique models add {model.name} PATH`"
    terms = f", after its terms are accepted at {model.hub} on the hub" if model.gated else ""
    return f"get them with `sonique models pull {model.name}`{terms}"
