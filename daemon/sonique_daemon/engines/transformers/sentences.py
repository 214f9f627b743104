"""Sentences: what a describing model is asked, and what is made of its answers."""

import re
from collections.abc import Sequence

from sonique_daemon.domain.description import ShotDescription
from sonique_daemon.engines.transformers.writing import Text

SHOT_TOKENS = 96
"""Most tokens of a sentence on a shot."""

SUMMARY_TOKENS = 128
"""Most tokens of the summary."""

SHOT_QUESTION = (
    "These frames are from one shot of a film. Write one sentence that says what it shows: who or what, where, what "
    "happens, and the mood. Write that sentence alone."
)
SUMMARY_QUESTION = (
    "These are the shots of a film, in order, each with the second at which it begins:\n\n{shots}\n\nWrite one or two "
    "sentences that sum up what the film shows and how its mood goes. Write these sentences alone."
)

_SHORT = "".join(rf"(?<!\b{word})" for word in ("Mr", "Mrs", "Ms", "Dr", "St", "Mt", "vs", "[A-Z]"))
"""Before a full stop that ends a word and no sentence."""
_END = re.compile(rf"(?:[!?…]|{_SHORT}\.)['\"”’)]*(?=\s|$)|[。！？]")
_MARKS = re.compile(r"^(?:\s*(?:[#>*_`-]+|\d+[.)](?=\s)|\"|“|assistant:|description:|answer:))+\s*", re.IGNORECASE)
_LONGEST = 600


def tidied(written: Text, sentences: int) -> str:
    """The first so many sentences of an answer, on one line, without marks of layout.

    A text that came to its limit in the middle of its first sentence ends in “…”.
    """
    text = _MARKS.sub("", " ".join(written.text.replace("\ufffd", "").split())).strip(' *_`"“”')
    ends = [found.end() for found in _END.finditer(text)]
    if ends:
        text = text[: ends[min(sentences, len(ends)) - 1]]
    elif text:
        text += " …" if not written.ended else "" if text.endswith((".", "!", "?", "…")) else "."
    text = text[:_LONGEST]
    return text[:1].upper() + text[1:]


def complete(text: str, sentences: int) -> bool:
    """Whether so many sentences of a text that is being written have ended, and something follows them."""
    plain = _MARKS.sub("", text).rstrip()
    return sum(found.end() < len(plain) for found in _END.finditer(plain)) >= sentences


def shot_lines(shots: Sequence[ShotDescription]) -> list[str]:
    """A line for each shot: when it begins, and what it shows."""
    return [f"{float(shot.record.start):.1f} s: {shot.sentence}" for shot in shots]


def thinned(lines: Sequence[str], most: int) -> list[str]:
    """At most so many of the lines, spread evenly, the first and the last among them."""
    if most >= len(lines):
        return list(lines)
    if most < 2:
        return list(lines[: max(0, most)])
    return [lines[round(index * (len(lines) - 1) / (most - 1))] for index in range(most)]
