"""Filling: a network that was built without memory gets memory, and numbers by chance that do no harm."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

_SCALE = 0.02
"""How far matrices reach, as those of most models when they are new."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a network is to stand, and in what kind of numbers.

    Attributes:
        device: as torch calls it; one with the most memory and the fastest chance.
        kind: torch's kind of numbers.
    """

    device: str
    kind: Any


def filled(network: Any, place: Place) -> Any:
    """``network``, which stands on the meta device, in memory at that place.

    Matrices are small noise and norms are one, so that nothing runs over. What the network makes itself and never
    saves, such as tables of angles, is not restored: it is good for saving, and not for running.
    """
    import torch

    torch.manual_seed(0)
    network = network.to(place.kind).to_empty(device=place.device)
    if hasattr(network, "tie_weights"):
        network.tie_weights()
    with torch.no_grad():
        for name, value in _numbers(network):
            _fill(name, value)
    return network.eval().requires_grad_(requires_grad=False)


def _numbers(network: Any) -> Iterator[tuple[str, Any]]:
    return chain(network.named_parameters(), network.named_buffers())


def _fill(name: str, value: Any) -> None:
    if not value.is_floating_point():
        value.zero_()
    elif value.ndim > 1:
        value.normal_(0.0, _SCALE)
    else:
        value.fill_(0.0 if name.endswith("bias") else 1.0)
