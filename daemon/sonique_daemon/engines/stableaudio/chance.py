"""Chance: how each take of a batch draws what it draws alone, though the package draws all from one source.

The package takes its noise from torch's global source, in tensors whose first dimension counts takes. Within
``per_take`` those draws are made row by row, each from its take's own source (torch's ``TorchFunctionMode``).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any


@contextmanager
def per_take(seeds: Sequence[int]) -> Iterator[None]:
    """Seeds torch's global source with the first of ``seeds``, and has normal noise drawn per take, for the body."""
    import torch
    from torch.overrides import TorchFunctionMode

    sources = [torch.Generator("cpu").manual_seed(seed) for seed in seeds]

    class PerTake(TorchFunctionMode):  # type: ignore[misc]
        """Draws row by row."""

        def __torch_function__(self, function: Callable[..., Any], _: Any, given: Any = (), named: Any = None) -> Any:
            named = dict(named or {})
            shape = _shape(torch, function, given)
            if shape is None or shape[0] != len(sources) or "generator" in named:
                return function(*given, **named)
            like = given[0] if function is torch.randn_like else None
            rows = [torch.Tensor.normal_(torch.empty(shape[1:]), generator=source) for source in sources]
            device = named.get("device", getattr(like, "device", "cpu"))
            return torch.stack(rows).to(device=device, dtype=named.get("dtype") or getattr(like, "dtype", None))

    torch.manual_seed(seeds[0])
    with PerTake():
        yield


def _shape(torch: Any, function: Any, given: Any) -> tuple[int, ...] | None:
    """The shape of what ``function`` is to draw; None where it draws no normal noise."""
    if function is torch.randn_like:
        return tuple(given[0].shape)
    if function is torch.randn and given:
        return tuple(given[0]) if isinstance(given[0], list | tuple) else tuple(given)
    return None
