"""Whether this Blender can run Sonique: asked before anything else, and answered by a sentence rather than a trace."""

import sys
from importlib.util import find_spec

_NEEDED = ("grpc", "google.protobuf", "sonique_client", "sonique")


def why_not() -> str:
    """What is missing, and the way out; "" where nothing is. Nothing is imported."""
    missing = [name for name in _NEEDED if not _is_there(name)]
    if not missing:
        return ""
    python = ".".join(map(str, sys.version_info[:2]))
    return (
        f"Sonique lacks {', '.join(missing)} for this Blender's Python {python} on {sys.platform}; install the zip "
        "that “sonique blender build” makes for your system, into a Blender from blender.org."
    )


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):
        return False
