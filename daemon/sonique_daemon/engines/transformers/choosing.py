"""Choosing: how tokens of audio are drawn, each take from a source of chance of its own, and how steps are told.

The library draws all takes of a batch from one source. Here the draw is made before it: Gumbel noise from each take's
own source is added to the logits, the largest of which is a fair draw (Gumbel, 1954), and no choice is left.
"""

from collections.abc import Sequence
from typing import Any

from transformers import LogitsProcessor, StoppingCriteria

from sonique_daemon.engines.music.player import OnStep

_MOST_LIKELY = 250
"""Only so many tokens are drawn from; the setting that the model was published with."""
_NEVER = -1e9


class Choosing(LogitsProcessor):  # type: ignore[misc]
    """Draws a token for each row, from the source of the take that the row belongs to.

    Args:
        sources: one generator of torch for each take.
        guidance: how far the logits of the prompt are followed away from those without; 1 is not at all.
    """

    def __init__(self, sources: Sequence[Any], guidance: float) -> None:
        self._sources, self._guidance = sources, guidance

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Logits that leave one token each; ``scores`` is ``[takes · codebooks, tokens]``, twice that where guided."""
        import torch

        del input_ids
        guided = self._guidance > 1.0
        logits = scores.float()
        if guided:
            towards, away = logits.chunk(2)
            logits = away + self._guidance * (towards - away)
        chosen = (self._likely(logits) + self._noise(logits)).argmax(-1, keepdim=True)
        answer = torch.full_like(logits, _NEVER).scatter_(-1, chosen, 0.0)
        return torch.cat((answer, answer)) if guided else answer

    @staticmethod
    def _likely(logits: Any) -> Any:
        import torch

        count = min(_MOST_LIKELY, logits.shape[-1])
        least = torch.topk(logits, count).values[..., -1:]
        return logits.masked_fill(logits < least, _NEVER)

    def _noise(self, logits: Any) -> Any:
        import torch

        rows = logits.shape[0] // len(self._sources)
        shape = (rows, logits.shape[-1])
        even = torch.cat([torch.rand(shape, generator=source) for source in self._sources])
        return -torch.log(-torch.log(even.clamp(1e-10, 1 - 1e-7))).to(logits.device)


class Stepping(StoppingCriteria):  # type: ignore[misc]
    """Tells each step and never stops by itself; what telling raises ends the generation.

    Args:
        on_step: is told.
        total: steps that there will be.
    """

    def __init__(self, on_step: OnStep, total: int) -> None:
        self._on_step, self._total, self._done = on_step, total, 0

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        """No row is done."""
        import torch

        del scores
        self._done += 1
        self._on_step(min(self._done, self._total), self._total)
        return torch.zeros(input_ids.shape[0], dtype=torch.bool, device=input_ids.device)
