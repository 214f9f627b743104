"""Guidance: classifier-free guidance for pipelines that have none of their own.

Of the pipelines for Stable Audio 3 only the plain one is guided; those that start from audio are not. Here the network
itself answers as if it were guided (Ho and Salimans, 2022), with the spread of the unguided answer given back in part
(Lin et al., 2024), so that all three are guided alike and a negative prompt holds in each.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Against:
    """What the network is guided away from, ``[batch, tokens, dim]`` and its mask, and how far."""

    hidden_states: Any
    mask: Any
    scale: float
    rescale: float


@contextmanager
def guided(network: Any, against: Against | None) -> Iterator[None]:
    """Has ``network`` answer guided, for the body of a ``with``; None leaves it as it is."""
    if against is None:
        yield
        return
    plain = network.forward

    def forward(latents: Any, time: Any, **given: Any) -> tuple[Any]:
        return (_guided(plain, against, latents, time, given),)

    network.forward = forward
    try:
        yield
    finally:
        network.forward = plain


def _guided(plain: Any, against: Against, latents: Any, time: Any, given: dict[str, Any]) -> Any:
    import torch

    twice = {name: _twice(value) for name, value in given.items()}
    twice["encoder_hidden_states"] = torch.cat((against.hidden_states, given["encoder_hidden_states"]))
    twice["encoder_attention_mask"] = torch.cat((against.mask, given["encoder_attention_mask"]))
    both = plain(_twice(latents), _twice(time), **twice)[0]
    away, towards = both.chunk(2)
    answer = away + against.scale * (towards - away)
    if not against.rescale:
        return answer
    axes = tuple(range(1, answer.dim()))
    matched = answer * (towards.std(axes, keepdim=True) / answer.std(axes, keepdim=True).clamp_min(1e-8))
    return against.rescale * matched + (1 - against.rescale) * answer


def _twice(value: Any) -> Any:
    import torch

    return torch.cat((value, value)) if isinstance(value, torch.Tensor) else value
