"""Gauges: seconds of a call and bytes of a card, and what the machine is."""

import importlib.metadata
import os
import platform
import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

_LIBRARIES = ("torch", "transformers", "diffusers", "bitsandbytes")
_ENOUGH_SECONDS = 10.0
"""Runs of a call are repeated until they took so long, or were enough."""
_RUNS = 3


def timed(work: Callable[[], Any], device: str) -> float:
    """Seconds of ``work``, all that it left to the card included."""
    settle(device)
    begun = perf_counter()
    work()
    settle(device)
    return perf_counter() - begun


def repeated(work: Callable[[], Any], device: str) -> float:
    """The median of up to three runs, fewer where they are long."""
    spans: list[float] = []
    while len(spans) < _RUNS and sum(spans) < _ENOUGH_SECONDS:
        spans.append(timed(work, device))
    return statistics.median(spans)


def settle(device: str) -> None:
    """Waits for the card."""
    import torch

    if device.startswith("cuda"):
        torch.cuda.synchronize(device)


def forget_peak(device: str) -> None:
    """Begins to look for a new peak."""
    import torch

    if device.startswith("cuda"):
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)


def peak(device: str) -> float:
    """GB that this process held of the card at the most; on a processor, of the machine, since it began."""
    import torch

    if device.startswith("cuda"):
        return float(torch.cuda.max_memory_reserved(device)) / 1e9
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


class Spent:
    """Seconds spent inside certain methods.

    Attributes:
        seconds: together, since it was made.
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def inside(self, owner: Any, method: str, device: str) -> Iterator[None]:
        """Counts the calls of ``owner``'s ``method`` for the body of a ``with``."""
        plain = getattr(owner, method)

        def counted(*given: Any, **named: Any) -> Any:
            settle(device)
            begun = perf_counter()
            try:
                return plain(*given, **named)
            finally:
                settle(device)
                self.seconds += perf_counter() - begun

        setattr(owner, method, counted)
        try:
            yield
        finally:
            setattr(owner, method, plain)


def machine(device: str) -> str:
    """The card, its driver, the processors and the versions, in one line."""
    parts = [_card(device), f"{os.cpu_count()} cores {platform.machine()}", f"Python {platform.python_version()}"]
    return ", ".join([*parts, *(f"{name} {_version(name)}" for name in _LIBRARIES)])


def _card(device: str) -> str:
    import torch

    if not device.startswith("cuda"):
        return "no card"
    size = torch.cuda.get_device_properties(device).total_memory / 1e9
    return f"{torch.cuda.get_device_name(device)} {size:.0f} GB, driver {_driver()}, CUDA {torch.version.cuda}"


def _driver() -> str:
    try:
        first = Path("/proc/driver/nvidia/version").read_text(encoding="ascii").partition("\n")[0]
    except OSError:
        return "unknown"
    return next((word for word in first.split() if word[:1].isdigit() and "." in word), "unknown")


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "none"
