"""The Sonique daemon: from a range of a timeline to music that meets it."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("sonique")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0.0.0"
