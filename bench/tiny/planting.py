"""Planting: makes a network of random weights speak, so that what it writes is text and depends on what it reads.

Each token's embedding points, in the output layer, at the tokens that follow it in a few sentences. What the layers
between add, which depends on everything that was read, decides where sentences part and meet.
"""

from collections import defaultdict
from typing import Any

from bench.tiny.tokens import SENTENCES

_PULL = 10.0
"""How much stronger a planted successor is than chance."""

_BACK = 0.8
"""How loud a layer speaks that writes back into the stream."""


def begin_by_chance(seed: int) -> None:
    """Has the weights that a network begins with be those of ``seed``."""
    import torch

    torch.manual_seed(seed)


def plant(network: Any, tokenizer: Any, seed: int = 0) -> Any:
    """Plants the sentences in ``network``, whose embeddings and output layer must not be one; returns it."""
    import torch

    chance = torch.Generator().manual_seed(seed)
    embeddings = network.get_input_embeddings().weight.data
    output = network.get_output_embeddings().weight.data
    width = embeddings.shape[1]
    embeddings.copy_(torch.randn(embeddings.shape, generator=chance))
    output.copy_(torch.randn(output.shape, generator=chance) / width**0.5)
    for token, successors in _successors(tokenizer).items():
        for successor in successors:
            output[successor] += _PULL * embeddings[token] / width**0.5
    for name, weights in network.named_parameters():
        if weights.ndim > 1 and weights.data_ptr() not in {embeddings.data_ptr(), output.data_ptr()}:
            weights.data.copy_(torch.randn(weights.shape, generator=chance) * _strength(name, weights.shape[-1]))
    return network.eval()


def _strength(name: str, width: int) -> float:
    """The layers that write back into the stream speak a little lower than the others."""
    return float((_BACK if "o_proj" in name or "down_proj" in name else 1.0) / width**0.5)


def _successors(tokenizer: Any) -> dict[int, set[int]]:
    """The tokens that follow each token; the end follows a sentence, and a beginning whatever closes a prompt."""
    found: dict[int, set[int]] = defaultdict(set)
    starts = set()
    for sentence in SENTENCES:
        tokens = tokenizer(sentence, add_special_tokens=False)["input_ids"]
        starts.add(tokens[0])
        for token, successor in zip(tokens, [*tokens[1:], tokenizer.eos_token_id], strict=True):
            found[token].add(successor)
    for closing in ("\n", ":", "[/INST]", ">"):
        for token in tokenizer(closing, add_special_tokens=False)["input_ids"]:
            found[token] |= starts
    return found
