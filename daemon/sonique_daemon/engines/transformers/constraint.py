"""The constraint: lets a model choose only among the tokens that a grammar allows next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sonique_daemon.engines.transformers.loading import Loaded
from sonique_daemon.engines.transformers.writing import endings

_READER = "llguidance"

_COMPACT = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
"""A space after commas and colons and none elsewhere: a model cannot go on with spaces for ever."""


@dataclass(slots=True)
class Constraint:
    """A processor of the odds of the next token, as the library ``transformers`` calls it, for one text.

    Attributes:
        matcher: llguidance's, which knows the grammar and what was written so far.
        begin: tokens of the prompt.
        ends: tokens that end a text.
        read: tokens of the text that the matcher has taken.
    """

    matcher: Any
    begin: int
    ends: frozenset[int]
    read: int = 0

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """The odds, with those of every other token at nothing."""
        import numpy as np
        import torch

        new = input_ids[0, self.begin + self.read :].tolist()
        self.read += len(new)
        self.matcher.consume_tokens(new)
        allowed = torch.zeros(scores.shape[-1], dtype=torch.bool)
        if self.matcher.is_stopped():
            allowed[list(self.ends)] = True
        else:
            bits = np.unpackbits(np.frombuffer(self.matcher.compute_bitmask(), np.uint8), bitorder="little")
            known = min(len(bits), len(allowed))
            allowed[:known] = torch.from_numpy(bits[:known].astype(bool))
        return scores.masked_fill(~allowed.to(scores.device), float("-inf"))


def constraint(held: Loaded, schema: Mapping[str, Any], begin: int) -> Constraint | None:
    """The constraint that holds one text after a prompt of ``begin`` tokens to a JSON schema.

    None where llguidance does not understand the model's tokenizer, which has to be of the fast kind.
    """
    from llguidance import LLMatcher

    reader = _reader(held)
    if reader is None:
        return None
    matcher = LLMatcher(reader, LLMatcher.grammar_from_json_schema(dict(schema), overrides=_COMPACT))
    if matcher.is_error():
        raise ValueError(matcher.get_error())
    return Constraint(matcher, begin, endings(held))


def _reader(held: Loaded) -> Any:
    """Llguidance's view of the tokenizer, made once for a model."""
    if _READER not in held.kept:
        from llguidance.hf import from_tokenizer

        try:
            held.kept[_READER] = from_tokenizer(held.tokenizer, eos_token=sorted(endings(held)))
        except (ValueError, RuntimeError, TypeError):
            held.kept[_READER] = None
    return held.kept[_READER]
