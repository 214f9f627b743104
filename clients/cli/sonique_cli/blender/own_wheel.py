"""The shared client and the contract as one wheel of our own, which Blender unpacks beside the others."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from sonique_cli.exits import CommandError, Exit

PACKAGES = ("sonique", "sonique_client")
"""What it holds."""

_NAME = "sonique_client"
_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive, so that the same files make the same archive."""


def own_wheel() -> tuple[str, bytes]:
    """Its file's name, and its bytes; the same at each call.

    Its version is the release's and a digest of what it holds: Blender unpacks no wheel of a version that is there.

    Raises:
        CommandError: this installation lacks a part of it.
    """
    entries = [entry for name in PACKAGES for entry in python_files(source_of(name), name)]
    release = f"{version('sonique')}+{hashlib.sha256(zipped(entries)).hexdigest()[:12]}"
    info = f"{_NAME}-{release}.dist-info"
    entries += [(f"{info}/METADATA", _metadata(release)), (f"{info}/WHEEL", _TAGS)]
    record = "".join(f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in entries)
    entries.append((f"{info}/RECORD", f"{record}{info}/RECORD,,\n".encode()))
    return f"{_NAME}-{release}-py3-none-any.whl", zipped(entries)


def source_of(package: str) -> Path:
    """The folder of one of this installation's packages, which is not imported.

    Raises:
        CommandError: it is not there.
    """
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise CommandError(f"This installation lacks “{package}”; install the package “sonique” anew.", Exit.FAILED)
    return Path(next(iter(found.submodule_search_locations)))


def python_files(folder: Path, name: str) -> Iterator[tuple[str, bytes]]:
    """The Python files below ``folder``, each by its path in an archive in which the folder is called ``name``."""
    for path in sorted(folder.rglob("*.py")):
        yield f"{name}/{path.relative_to(folder).as_posix()}", path.read_bytes()


def zipped(entries: list[tuple[str, bytes]]) -> bytes:
    """An archive of the entries; the same ones make the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries:
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".whl") else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return out.getvalue()


_TAGS = b"Wheel-Version: 1.0\nGenerator: sonique blender build\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def _metadata(release: str) -> bytes:
    lines = (
        "Metadata-Version: 2.4",
        "Name: sonique-client",
        f"Version: {release}",
        "Summary: What every client of Sonique shares, and the contract.",
        "License-Expression: GPL-3.0-or-later",
        "Requires-Dist: grpcio",
        "Requires-Dist: protobuf",
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
