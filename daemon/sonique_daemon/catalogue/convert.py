"""Conversion: a checkpoint of torch's becomes safetensors, once, in a worker, for nobody vouches for what it reads."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sonique_daemon.catalogue.pickles import require_harmless
from sonique_daemon.errors import EngineUnavailable, WeightsRefused


def convert(source: Path, target: Path, check: Callable[[], None]) -> int:
    """Writes the tensors of ``source`` to ``target`` as safetensors, and gives how many there are.

    ``weights_only`` is set, and nothing else is tried where that refuses.

    Raises:
        WeightsRefused: it carries code, is no checkpoint, or holds no tensors.
        EngineUnavailable: torch is not installed here.
    """
    require_harmless(source)
    check()
    try:
        import torch
        from safetensors.torch import save_file
    except ImportError as error:
        raise EngineUnavailable(
            f"“{source.name}” has to be converted once, which needs {error.name}; "
            "install it with pip install 'sonique[models]'."
        ) from error
    try:
        loaded = torch.load(source, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:
        raise WeightsRefused(
            f"“{source.name}” holds more than weights ({type(error).__name__}), so it is not loaded; "
            "ask its maker for safetensors."
        ) from error
    check()
    tensors = _tensors(loaded)
    if not tensors:
        raise WeightsRefused(f"“{source.name}” holds no weights; name the checkpoint itself.")
    part = target.with_suffix(".part")
    save_file(tensors, part)
    part.replace(target)
    return len(tensors)


def _tensors(loaded: Any) -> dict[str, Any]:
    """Its tensors by name, each with memory of its own, for safetensors shares none."""
    import torch

    table = loaded.get("state_dict", loaded) if isinstance(loaded, dict) else {}
    found: dict[str, Any] = {}
    seen: set[int] = set()
    for name, value in table.items():
        if isinstance(value, torch.Tensor):
            place = value.untyped_storage().data_ptr()
            own = value.clone(memory_format=torch.contiguous_format) if place in seen else value.contiguous()
            found[str(name)] = own
            seen.add(place)
    return found
