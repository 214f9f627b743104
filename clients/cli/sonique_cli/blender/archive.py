"""The zip that an editor drops onto Blender: one for each platform."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from sonique_cli.blender.lock import LockedWheel, missing_for, read_lock, wheels_for
from sonique_cli.blender.own_wheel import own_wheel, python_files, source_of, zipped
from sonique_cli.blender.platforms import Platform
from sonique_cli.blender.wheels import gather
from sonique_cli.exits import CommandError, Exit

_MANIFEST = "blender_manifest.toml"
_FIRST_TABLE = "\n[permissions]"


def build(platform: Platform, folder: Path, given: Path | None = None) -> Path:
    """Builds the zip for ``platform`` in ``folder``, in place of one of the same name; returns its path.

    Args:
        platform: what it is for.
        folder: where it goes; made where it is not there.
        given: a folder that holds the wheels; None to have pip fetch those that are not kept yet.

    Raises:
        CommandError: a wheel cannot be had, or the zip cannot be written.
    """
    lock = read_lock()
    missing = missing_for(platform, lock)
    if missing:
        raise CommandError(f"The lock has no {', '.join(missing)} on {platform.name}; nothing was built.", Exit.FAILED)
    entries = _entries(platform, wheels_for(platform, lock), given)
    target = folder / f"sonique-{_release(entries)}-{platform.name}.zip"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(target, zipped(entries))
    except OSError as error:
        raise CommandError(f"“{target}” cannot be written ({error.strerror}).", Exit.OUTPUT) from error
    return target


def manifest(platform: Platform, wheels: Iterable[str]) -> str:
    """The manifest of the zip for ``platform`` that carries these wheels."""
    text = (source_of("sonique_blender") / _MANIFEST).read_text(encoding="utf-8")
    lines = [f'platforms = ["{platform.name}"]', "wheels = [", *(f'    "./wheels/{name}",' for name in wheels), "]"]
    own = "\n".join(line for line in text.splitlines() if not line.startswith("# ")) + "\n"
    return own.replace(_FIRST_TABLE, "\n".join(("", *lines, "")) + _FIRST_TABLE, 1)


def _entries(platform: Platform, locked: tuple[LockedWheel, ...], given: Path | None) -> list[tuple[str, bytes]]:
    name, data = own_wheel()
    wheels = [(path.name, path.read_bytes()) for path in gather(locked, given)]
    wheels.append((name, data))
    text = manifest(platform, [wheel for wheel, _ in wheels])
    code = [(path.partition("/")[2], data) for path, data in python_files(source_of("sonique_blender"), "extension")]
    presets = source_of("sonique_blender") / "presets"
    code += [(f"presets/{path.name}", path.read_bytes()) for path in sorted(presets.glob("*.toml"))]
    return [(_MANIFEST, text.encode()), *code, *((f"wheels/{wheel}", content) for wheel, content in wheels)]


def _release(entries: list[tuple[str, bytes]]) -> str:
    """The release that the manifest among the entries names."""
    import tomllib

    return str(tomllib.loads(dict(entries)[_MANIFEST].decode())["version"])


def _write(target: Path, data: bytes) -> None:
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
