"""Spelling: misspelt words, words that no one need understand, and moments that words cannot place."""

import re
from collections.abc import Iterable
from functools import cache

from sonique_daemon.engines.lexicon.concept import ConceptKind, abroad, concepts, data
from sonique_daemon.engines.lexicon.index import fillers
from sonique_daemon.engines.lexicon.words import folded, forms, phrase

_SHORTEST = 5
"""Letters from which on a word may be misspelt."""

_TIME = re.compile(
    r"(?:\b(?:at|by|from|after|until|till|around|@)\s*)?(?<![\d:/.])\d{1,2}:\d{2}(?::\d{2}){0,2}(?![\d:/])",
    re.IGNORECASE,
)


def times_taken(text: str) -> tuple[tuple[str, ...], str]:
    """The moments that a text names (“at 0:30”), and the text without them."""
    found: list[str] = []

    def take(match: re.Match[str]) -> str:
        found.append(" ".join(match[0].split()))
        return " , "

    rest = _TIME.sub(take, text)
    return tuple(dict.fromkeys(found)), rest


def respelled(text: str, unknown: Iterable[str]) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The text with its misspelt words as the lexicon has them, and each with what it is read as.

    Args:
        text: a free text.
        unknown: its words that mean nothing to the lexicon, folded.
    """
    mended = tuple((word, right) for word in dict.fromkeys(unknown) if (right := _meant(word)) is not None)
    plain = folded(text)
    for wrong, right in mended:
        plain = re.sub(rf"\b{re.escape(wrong)}\b", right, plain)
    return plain if mended else text, mended


def ordinary(word: str) -> bool:
    """Whether a word that the lexicon does not know says nothing of music, so that nobody misses it."""
    return len(word) < 2 or word.isdigit() or any(form in _ordinary() for form in forms(word))


def _meant(word: str) -> str | None:
    """The one word of the lexicon that a word is a slip of the finger from, or None."""
    if len(word) < _SHORTEST or not word.isalpha() or ordinary(word):
        return None
    near = [other for other in _words().get(word[0], ()) if abs(len(other) - len(word)) <= 1 and _slipped(word, other)]
    return near[0] if len(near) == 1 else None


def _slipped(word: str, other: str) -> bool:
    """Whether one letter is left out, doubled or put in, or two are exchanged; a letter for another makes other words.

    What merely has an ending more, like “stranger”, is no slip.
    """
    if word.startswith(other) or other.startswith(word):
        return False
    if len(word) == len(other):
        apart = [place for place in range(len(word)) if word[place] != other[place]]
        return len(apart) == 2 and apart[1] == apart[0] + 1 and sorted(word) == sorted(other)
    short, long = sorted((word, other), key=len)
    return any(long[:place] + long[place + 1 :] == short for place in range(len(long)))


@cache
def _words() -> dict[str, tuple[str, ...]]:
    """Single words of the lexicon for music that are long enough, by their first letter.

    Those of other tongues are none of them: “oregano” is no slip of “organo”.
    """
    found: dict[str, list[str]] = {}
    foreign = {word for entries in abroad().values() for words in entries.values() for word in words}
    for concept in concepts():
        for name in concept.words if concept.kind is not ConceptKind.SCENE else (concept.name,):
            words = phrase(name)
            if len(words) == 1 and len(words[0]) >= _SHORTEST and name not in foreign:
                found.setdefault(words[0][0], []).append(words[0])
    return {letter: tuple(sorted(set(words))) for letter, words in found.items()}


@cache
def _ordinary() -> frozenset[str]:
    grammar = data("grammar")
    return frozenset(word for name in ("ordinary", "joiners", "contrasts") for word in grammar[name]) | fillers()
