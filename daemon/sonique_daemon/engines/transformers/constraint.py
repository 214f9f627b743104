"""The constraint: lets a model choose only among the tokens that a grammar allows, and only where there is a choice."""

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
    """Holds one text to a grammar: a processor of the odds of the next token, as ``transformers`` calls it, and a
    ``writing.Guide``, which writes by itself what leaves no choice.

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
        import torch

        self._take(input_ids)
        allowed = torch.tensor(self._allowed(scores.shape[-1]), device=scores.device)
        kept = torch.full_like(scores, float("-inf"))
        kept[:, allowed] = scores[:, allowed]
        return kept

    def forced(self, written: Any) -> tuple[int, ...]:
        """The tokens that must follow on ``written``, prompt included, whatever the model says."""
        self._take(written)
        return () if self.matcher.is_stopped() else tuple(self.matcher.compute_ff_tokens())

    def over(self, written: Any) -> bool:
        """Whether the text may not go on."""
        self._take(written)
        return bool(self.matcher.is_stopped())

    def _take(self, written: Any) -> None:
        new = written[0, self.begin + self.read :].tolist()
        self.read += len(new)
        self.matcher.consume_tokens(new)

    def _allowed(self, known: int) -> list[int]:
        """The numbers below ``known`` of the tokens that may come next."""
        import numpy as np

        if self.matcher.is_stopped():
            return sorted(self.ends)
        bits = np.unpackbits(np.frombuffer(self.matcher.compute_bitmask(), np.uint8), bitorder="little")
        return [int(token) for token in np.flatnonzero(bits[:known])]


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
