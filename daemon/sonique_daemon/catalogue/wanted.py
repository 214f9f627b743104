"""Wanted: which files of which repositories make up a model, and what is known of them before they are pulled."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from sonique_daemon.catalogue.hub import Listed, Revision
from sonique_daemon.catalogue.model import Model, Part
from sonique_daemon.catalogue.weights import HeldFile
from sonique_daemon.errors import HubUnreachable, WeightsDamaged, WeightsRefused

SAFE = ".safetensors"
GGUF = ".gguf"
"""Ending of a chat model in one file, which carries no code either."""
UNSAFE = (".ckpt", ".bin", ".pt", ".pth")
"""Endings of files that torch wrote with pickle, which can carry code."""

_TEXTS = ("*.json", "*.txt", "*.model", "*.jinja")
_WHOLE: Mapping[str, tuple[str, ...]] = {"diffusers": (*_TEXTS, "*/*.json", "*/*.txt", "*/*.model", "*/*.jinja")}
_WEIGHTS: Mapping[str, tuple[str, ...]] = {"diffusers": ("*", "*/*")}
_STEP = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._ +-]{0,200}")
"""One step of a path inside a repository. Names in it are as untrusted as all that comes from outside."""


_LARGEST = 2**50
"""Bytes over which a size is no file's."""


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file that is to be pulled.

    Attributes:
        hub: its repository.
        commit: at that commit.
        source: its path there.
        path: where it belongs below the model's folder, with ``/``.
        size: bytes.
        sha256: of the whole file, or "" where nobody knows it yet.
        blob: Git's SHA-1 of it, or "".
    """

    hub: str
    commit: str
    source: str
    path: str
    size: int
    sha256: str
    blob: str

    @property
    def mark(self) -> str:
        """Tells its bytes from those of any other file: what came of one never goes on as another."""
        return (self.sha256 or self.blob or self.commit)[:16]


def sources(model: Model) -> tuple[Part, ...]:
    """All repositories of ``model``: its own, whose files stand in its folder itself, and its parts."""
    return (Part("", model.hub, model.revision, model.wanted, model.gated), *model.parts)


def wanted_files(model: Model, part: Part, revision: Revision) -> tuple[WantedFile, ...]:
    """The files of ``part`` that make up ``model``.

    Raises:
        WeightsRefused: none of them are weights, or one could leave its folder.
    """
    patterns = _patterns(model, part, revision)
    chosen = [file for file in revision.files if _matches(file.path, patterns)]
    if not any(file.path.endswith((SAFE, GGUF, *UNSAFE)) for file in chosen):
        raise WeightsRefused(f"“{part.hub}” holds no weights that Sonique can read; it takes safetensors.")
    return tuple(_wanted(file, part, revision) for file in chosen)


def checked(files: tuple[WantedFile, ...], model: Model, held: tuple[HeldFile, ...]) -> tuple[WantedFile, ...]:
    """``files`` with all that is known of them from the catalogue and from an earlier pull.

    Raises:
        WeightsDamaged: the hub states something else.
    """
    known = {file.path: (file.size, file.sha256) for file in held}
    known |= {file.path: (file.size, file.sha256) for file in model.files}
    return tuple(_agreed(file, *known.get(file.path, (0, ""))) for file in files)


def _agreed(file: WantedFile, size: int, sha256: str) -> WantedFile:
    if (size and size != file.size) or (sha256 and file.sha256 and sha256 != file.sha256):
        raise WeightsDamaged(
            f"“{file.hub}” now gives another “{file.source}” than the one that is known; nothing was pulled. If its "
            "maker changed it on purpose, `sonique models pull --update` takes the new one."
        )
    return replace(file, sha256=file.sha256 or sha256)


def _patterns(model: Model, part: Part, revision: Revision) -> tuple[str, ...]:
    """What the entry says, or what its kind needs: texts, and weights in safetensors, else in another form."""
    if part.wanted:
        return part.wanted
    texts, roots = _WHOLE.get(model.family, _TEXTS), _WEIGHTS.get(model.family, ("*",))
    safe = tuple(f"{root}{SAFE}" for root in roots)
    if any(_matches(file.path, safe) for file in revision.files):
        return (*texts, *safe)
    if model.family == "llm" and any(file.path.endswith(GGUF) for file in revision.files):
        return (*texts, f"*{GGUF}")
    return (*texts, *(f"{root}{ending}" for root in roots for ending in UNSAFE))


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of ``patterns`` fits, step by step: ``*`` does not cross a ``/``."""
    steps = path.split("/")
    wanted = (pattern.split("/") for pattern in patterns)
    return any(len(steps) == len(pattern) and all(map(fnmatchcase, steps, pattern)) for pattern in wanted)


def _wanted(file: Listed, part: Part, revision: Revision) -> WantedFile:
    if not all(_STEP.fullmatch(step) for step in file.path.split("/")):
        raise WeightsRefused(f"“{part.hub}” has a file whose name is not safe ({file.path[:60]!a}); it is not pulled.")
    if not 0 <= file.size <= _LARGEST:
        raise HubUnreachable(f"The hub's answer about “{part.hub}” cannot be understood; try again later.")
    path = str(PurePosixPath(part.folder, file.path))
    return WantedFile(part.hub, revision.commit, file.path, path, file.size, file.sha256, file.blob)
