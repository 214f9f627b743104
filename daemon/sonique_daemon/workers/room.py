"""Room: the memory in which models are computed, the card's where there is one, else the machine's.

A card is asked for by NVIDIA's own library where that is installed, without a context on the card and without any
package: a daemon that has no torch knows what it will be able to hold.
"""

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

CARD, MACHINE = "card", "machine"
"""Whose memory it is."""

_KEPT_BYTES = 2**30
_KEPT_SHARE = 0.1
_BFLOAT_FROM = 8
_NAME = "libnvidia-ml.so.1"
_LIBRARIES = (
    ("nvml.dll",)
    if sys.platform == "win32"
    else (_NAME, f"/usr/lib/wsl/lib/{_NAME}", f"/usr/local/nvidia/lib64/{_NAME}", f"/usr/local/nvidia/lib/{_NAME}")
)
"""Where the system's loader finds it, and where drivers of a host are mounted that it may not know of."""


@dataclass(frozen=True, slots=True)
class Room:
    """Memory for models.

    Attributes:
        place: ``CARD`` or ``MACHINE``.
        total_bytes: how much there is.
        budget_bytes: what models may hold together.
        bfloat: whether bfloat16, in which most models are computed, is reckoned with there as fast as it can be.
    """

    place: str
    total_bytes: int
    budget_bytes: int
    bfloat: bool = True

    @property
    def kept_bytes(self) -> int:
        """What is left to other programs, the editor's above all."""
        return self.total_bytes - self.budget_bytes

    def within(self, limit_bytes: int) -> "Room":
        """The same room of which no more than ``limit_bytes`` may be held; 0 is no limit."""
        return replace(self, budget_bytes=min(self.budget_bytes, limit_bytes)) if limit_bytes else self


def card_budget(total_bytes: int) -> int:
    """What models may hold of a card's memory: all but 1 GiB or a tenth, which are the editor's."""
    return max(0, total_bytes - max(_KEPT_BYTES, int(total_bytes * _KEPT_SHARE)))


def card_memory(device: str = "auto") -> int:
    """Bytes of the card's memory that ``device`` means (``auto``, ``cpu``, ``cuda:1``); 0 where there is no card."""
    return int(_memory(device).total)


def card_use(device: str = "auto") -> int:
    """How many of them all programs hold now."""
    return int(_memory(device).used)


def card_bfloat(device: str = "auto") -> bool:
    """Whether that card multiplies bfloat16 by itself: from NVIDIA's compute capability 8.0 (Ampere) on.

    The ones before (GeForce 16 and 20, T4) go about it by way of float32. torch says of those as well that they have it
    (``is_bf16_supported`` counts emulation), so it is not asked. True where there is no card, or it does not say.
    """
    major, minor = ctypes.c_int(), ctypes.c_int()
    places = ctypes.byref(major), ctypes.byref(minor)
    _ask(device, lambda library, card: library.nvmlDeviceGetCudaComputeCapability(card, *places))
    return not 0 < major.value < _BFLOAT_FROM


class _NoCard(Exception):
    """The driver says that there is none."""


class _Memory(ctypes.Structure):
    """What ``nvmlDeviceGetMemoryInfo`` fills."""

    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


@contextmanager
def _library() -> Iterator[Any]:
    library = _loaded()
    _require(library.nvmlInit_v2())
    try:
        yield library
    finally:
        library.nvmlShutdown()


def _loaded() -> ctypes.CDLL:
    """The library, from the first place where it is; raises ``_NoCard`` where it is nowhere."""
    for place in _LIBRARIES:
        with suppress(OSError):
            return ctypes.CDLL(place)
    raise _NoCard


def _memory(device: str) -> _Memory:
    """What the driver says of the memory of the card that ``device`` means; all zeros where there is none."""
    memory = _Memory()
    _ask(device, lambda library, card: library.nvmlDeviceGetMemoryInfo(card, ctypes.byref(memory)))
    return memory


def _ask(device: str, question: Callable[[Any, ctypes.c_void_p], int]) -> None:
    """Puts ``question``, which answers with the driver's status, of the card that ``device`` means, if there is one."""
    if device == "cpu":
        return
    number = int(device.partition(":")[2] or 0) if device.startswith("cuda") else 0
    with suppress(AttributeError, _NoCard), _library() as library:
        handle = ctypes.c_void_p()
        _require(library.nvmlDeviceGetHandleByIndex_v2(number, ctypes.byref(handle)))
        _require(question(library, handle))


def _require(status: int) -> None:
    if status != 0:
        raise _NoCard
