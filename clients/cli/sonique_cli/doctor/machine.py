"""What the machine is and has: releases, processor, memory, codecs, graphics cards, environment, settings."""

import os
import platform
import shutil
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sonique_cli import places
from sonique_cli.doctor.finding import Finding, Findings, note, well, wrong
from sonique_cli.quantities import size_text

_LITTLE_MEMORY = 2 * 10**9
_LITTLE_ROOM = 2 * 10**9
_NEEDED = {"h264", "hevc", "aac", "prores"}
_QUERY = "name,driver_version,memory.total,memory.used"
_SECONDS = 10


def software() -> Findings:
    """Sonique, Python, and the system."""
    release = platform.python_version()
    text = f"Sonique {_release('sonique')} on Python {release} ({platform.python_implementation()})"
    yield well("Release", text)
    yield well("System", f"{platform.platform()} on {platform.machine()}")
    parts = ("grpcio", "protobuf", "numpy", "scipy", "av", "opentimelineio", "pedalboard")
    yield well("Libraries", ", ".join(f"{name} {_release(name)}" for name in parts))


def hardware() -> Findings:
    """Processor and memory."""
    import psutil

    usable = len(psutil.Process().cpu_affinity()) if hasattr(psutil.Process, "cpu_affinity") else os.cpu_count()
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    yield well("Processor", f"{platform.processor() or platform.machine()}, {usable} usable cores{load}")
    memory = psutil.virtual_memory()
    text = f"{size_text(memory.available)} free of {size_text(memory.total)}"
    if memory.available < _LITTLE_MEMORY:
        yield note("Memory", text, "Close other programs while long ranges are scored.")
    else:
        yield well("Memory", text)


def codecs() -> Findings:
    """FFmpeg's libraries as PyAV brings them."""
    try:
        import av
    except ImportError as error:
        yield wrong("Codecs", f"PyAV cannot be loaded ({error})", "Reinstall it: pip install --force-reinstall av")
        return
    missing = sorted(_NEEDED - av.codecs_available)
    if missing:
        text = f"PyAV {av.__version__} lacks {', '.join(missing)}"
        yield wrong("Codecs", text, "Reinstall it: pip install --force-reinstall av")
    else:
        yield well("Codecs", f"PyAV {av.__version__} with H.264, HEVC, ProRes and AAC")
    libraries = av.library_versions.items()
    yield well("FFmpeg", ", ".join(f"{name} {'.'.join(map(str, numbers))}" for name, numbers in libraries))


def graphics() -> Findings:
    """NVIDIA graphics cards, as their driver tells; the embedded engines need none."""
    command = shutil.which("nvidia-smi")
    if command is None:
        yield well("Graphics", "no NVIDIA driver; the embedded engines need none")
        return
    try:
        done = subprocess.run(  # noqa: S603 - the driver's own command
            [command, f"--query-gpu={_QUERY}", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        yield note("Graphics", f"nvidia-smi does not answer ({error})", "See to the driver, if you need the card.")
        return
    cards = "; ".join(line.strip() for line in done.stdout.splitlines() if line.strip())
    if done.returncode or not cards:
        yield note("Graphics", "nvidia-smi tells of no card", "See to the driver, if you need the card.")
    else:
        yield well("Graphics", cards)


def environment() -> Findings:
    """Variables that steer Sonique; the values of those that may hold a secret are never told."""
    found = sorted(name for name in os.environ if name.startswith("SONIQUE_"))
    told = [name if "TOKEN" in name else f"{name}=“{os.environ[name]}”" for name in found]
    yield well("Environment", ", ".join(told) or "no SONIQUE_ variable is set")


def settings() -> Findings:
    """The daemon's file of settings."""
    path = places.config_file()
    try:
        keys = sorted(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        named = os.environ.get("SONIQUE_CONFIG")
        if named:
            yield wrong("Settings", f"SONIQUE_CONFIG names “{path}”, which is not there", "Make the file, or unset it.")
        else:
            yield well("Settings", f"none (“{path}” is not there)")
    except (OSError, ValueError) as error:
        yield wrong("Settings", f"“{path}” cannot be read: {error}", "Mend it, or move it away.")
    else:
        yield well("Settings", f"“{path}” sets {', '.join(keys) or 'nothing'}")


def disk(topic: str, folder: Path) -> Finding:
    """The room on the disk of a folder that may not be there yet, and whether it can be written."""
    existing = next((path for path in (folder, *folder.parents) if path.exists()), Path("/"))
    free = shutil.disk_usage(existing).free
    text = f"“{folder}”, {size_text(free)} free"
    if not os.access(existing, os.W_OK):
        return wrong(topic, f"“{folder}” cannot be written", "See to its owner and its permissions.")
    if free < _LITTLE_ROOM:
        return wrong(topic, text, "Make room; sonique prune clears the store.")
    return well(topic, text)


def _release(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(missing)"
