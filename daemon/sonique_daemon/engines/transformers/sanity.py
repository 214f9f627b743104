"""Sanity: whether what a model wrote is text at all. Noise is told, and never passed on."""

from collections import Counter
from collections.abc import Sequence

from sonique_daemon.engines.transformers.writing import Text

_ENOUGH = 12
"""Tokens from which on repetition says something."""

_MOST_OF_ONE = 0.5
"""Share of a text that one token may make up."""

_LONGEST_PERIOD = 8
_TURNS = 4
"""A text that ends in so many turns of at most so many tokens goes round in circles."""

_LEAST_LETTERS = 0.5
"""Share of letters and spaces that text in any language has at the least."""


def complaint(written: Text, *, prose: bool = True) -> str:
    """What is wrong with a text, to follow “it wrote”; "" where nothing is. ``prose`` is made of words, JSON is not."""
    text = written.text.strip()
    if not text:
        return "nothing"
    if _repeats(written.tokens):
        return "the same over and over"
    if prose and _letters(text) < _LEAST_LETTERS:
        return "signs that are no words"
    return ""


def _repeats(tokens: Sequence[int]) -> bool:
    if len(tokens) < _ENOUGH:
        return False
    (_, most), *_ = Counter(tokens).most_common(1)
    return most > _MOST_OF_ONE * len(tokens) or any(_circles(tokens, period) for period in range(1, _LONGEST_PERIOD))


def _circles(tokens: Sequence[int], period: int) -> bool:
    """Whether it ends in turns of that many tokens."""
    span = max(period * _TURNS, _ENOUGH)
    tail = tokens[-span:]
    return len(tail) == span and all(tail[place] == tail[place - period] for place in range(period, span))


def _letters(text: str) -> float:
    return sum(sign.isalpha() or sign.isspace() for sign in text) / len(text)
