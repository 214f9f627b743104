"""The Sonique daemon: from a range of a timeline to music that meets it."""


def __getattr__(name: str) -> str:
    """``__version__``, found when it is asked for: looking a release up takes longer than a worker's own imports."""
    if name != "__version__":
        raise AttributeError(f"The package sonique_daemon has no {name}.")
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("sonique")
    except PackageNotFoundError:  # a source tree that was never installed
        return "0.0.0"
