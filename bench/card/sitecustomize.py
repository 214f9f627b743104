"""Gives each Python the stand-in for a card that was built for its torch; Python imports this by itself at its start.

``card.cpp`` says what it is. It has to be there before torch is, and torch's own Python has to be told of it; hence the
look at each import.
"""

import contextlib
import ctypes
import functools
import hashlib
import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Self

FOLDER = "STAND_IN_CARD"
"""Variable of the environment: where libraries stand, each named for the torch that it was built for."""

_UNHEARD = (
    "_lazy_init",
    "init",
    "empty_cache",
    "synchronize",
    "ipc_collect",
    "set_device",
    "manual_seed",
    "manual_seed_all",
)
"""What a card is told that means nothing to this one. Each has a function of its own: torch tells them apart."""

SIZE = 16 << 30
"""Bytes of memory that the card says it has."""


def library_for(torch: Path, folder: Path) -> Path:
    """Where in ``folder`` the library for that folder of torch's stands, or will."""
    return folder / f"{hashlib.sha256(str(torch).encode()).hexdigest()[:12]}.so"


def loaded(path: Path) -> Any:
    """The library, with what its functions take and give."""
    library = ctypes.CDLL(str(path))
    for name in ("bytes_held", "most_bytes_held"):
        getattr(library, name).restype = ctypes.c_long
    library.limit.argtypes = [ctypes.c_long]
    return library


class _Nothing:
    """A stream or an event: all is done at once."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def __getattr__(self, _name: str) -> Any:
        return lambda *_, **__: self


def _equip(torch: Any, library: Any) -> None:
    """Has the Python of torch find one card."""
    facts = SimpleNamespace(
        name="stand-in", total_memory=SIZE, major=9, minor=0, multi_processor_count=1, gcnArchName="", warp_size=32
    )
    told = {
        "is_available": lambda: True,
        "is_initialized": lambda: True,
        "is_bf16_supported": lambda *_, **__: True,
        "is_current_stream_capturing": lambda: False,
        "device_count": lambda: 1,
        "current_device": lambda: 0,
        "get_device_name": lambda *_: facts.name,
        "get_device_properties": lambda *_: facts,
        "get_device_capability": lambda *_: (facts.major, facts.minor),
        "mem_get_info": lambda *_: (SIZE - library.bytes_held(), SIZE),
        "reset_peak_memory_stats": lambda *_: library.forget_most(),
        "memory_stats": lambda *_: {},
        **{name: lambda *_: library.bytes_held() for name in ("memory_allocated", "memory_reserved")},
        **{name: lambda *_: library.most_bytes_held() for name in ("max_memory_allocated", "max_memory_reserved")},
        **{name: lambda *_, **__: None for name in _UNHEARD},
        **{name: lambda *_: contextlib.nullcontext() for name in ("device", "device_of", "stream")},
        **{name: lambda *_: _Nothing() for name in ("current_stream", "default_stream")},
        "Stream": _Nothing,
        "Event": _Nothing,
    }
    for name, value in told.items():
        setattr(torch.cuda, name, value)
    torch._C._cuda_getCurrentRawStream = lambda *_: 0  # noqa: SLF001 - what libraries look for when they are loaded


class _Loader(importlib.abc.Loader):
    """Loads a module as its own loader does, and something besides."""

    def __init__(self, own: Any, execute: Any) -> None:
        self._own, self._execute = own, execute

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._own.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        self._execute(self._own, module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._own, name)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds torch and bitsandbytes where they are, and changes how they are loaded."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in {"torch", "bitsandbytes"}:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.origin is None:
            return None
        if fullname == "bitsandbytes":
            spec.loader = _Loader(spec.loader, _without_card)
        elif (place := library_for(Path(spec.origin).parent, self._folder)).exists():
            spec.loader = _Loader(spec.loader, functools.partial(_with_card, loaded(place)))
        return spec


def _with_card(library: Any, own: Any, module: ModuleType) -> None:
    """Loads torch, and has it find the card."""
    own.exec_module(module)
    _equip(module, library)


def _without_card(own: Any, module: ModuleType) -> None:
    """Loads bitsandbytes with its kernels for processors alone, which serve here."""
    import torch

    there = torch.cuda.is_available
    torch.cuda.is_available = lambda: False
    try:
        own.exec_module(module)
    finally:
        torch.cuda.is_available = there


if FOLDER in os.environ:
    sys.meta_path.insert(0, _Finder(Path(os.environ[FOLDER])))
