"""The index: finds the longest phrase of the lexicon at a place in a text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from sonique_daemon.engines.lexicon.concept import Concept, ConceptKind, concepts, data
from sonique_daemon.engines.lexicon.words import Break, Token, forms, phrase


class Steer(StrEnum):
    """What a word of grammar does."""

    EXCLUDE = "excluders"
    EXCEPT = "exceptions"
    RESERVE = "reservations"
    DENY = "deniers"
    SOFTEN = "softeners"
    NEUTRAL = "neutral"
    ONLY = "only"
    CONTRAST = "contrasts"
    JOIN = "joiners"


@dataclass(slots=True)
class _Node:
    """One step of a phrase: what follows, and what the phrase means if it ends here."""

    next: dict[str, "_Node"] = field(default_factory=dict)
    concepts: list[Concept] = field(default_factory=list)
    steers: list[Steer] = field(default_factory=list)
    strength: float | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found: how many tokens it takes and what it means; all concepts that share it, in order of lookup."""

    length: int
    concepts: tuple[Concept, ...] = ()
    steers: tuple[Steer, ...] = ()
    strength: float | None = None

    def concept(self, preferred: ConceptKind | None) -> Concept | None:
        """The concept of the preferred kind, else the first, or None."""
        wanted = (concept for concept in self.concepts if concept.kind is preferred)
        return next(wanted, self.concepts[0] if self.concepts else None)


@cache
def index() -> _Node:
    """The tree of all phrases of concepts and grammar."""
    root = _Node()
    for concept in concepts():
        for word in concept.words:
            node = _node(root, phrase(word))
            if concept not in node.concepts:
                node.concepts.append(concept)
    grammar = data("grammar")
    for steer in Steer:
        for word in grammar[steer.value]:
            _node(root, phrase(word)).steers.append(steer)
    for word, strength in grammar["intensifiers"].items():
        _node(root, phrase(word)).strength = strength
    return root


@cache
def fillers() -> frozenset[str]:
    """Words that may stand between a negation and what it rules out."""
    return frozenset(data("grammar")["fillers"])


def longest(tokens: Sequence[Token], start: int) -> Match | None:
    """The longest phrase that begins at ``start``; breaks are not crossed.

    Only its last word may be inflected, so that “car chases” is one and “drums and bass” is not “drum and bass”.
    """
    return _walk(index(), tokens, start, 0)


def lookup(text: str, kind: ConceptKind) -> Concept | None:
    """The concept of that kind whose phrase is the whole text, or None."""
    words = tuple(Token(word) for word in phrase(text))
    match = longest(words, 0) if words else None
    if match is None or match.length != len(words):
        return None
    return next((concept for concept in match.concepts if concept.kind is kind), None)


def _node(root: _Node, words: tuple[str, ...]) -> _Node:
    node = root
    for word in words:
        node = node.next.setdefault(word, _Node())
    return node


def _walk(node: _Node, tokens: Sequence[Token], place: int, length: int) -> Match | None:
    best = _meaning(node, length)
    if place >= len(tokens) or (length and tokens[place].before is not Break.NONE):
        return best
    word = tokens[place].text
    for form in forms(word):
        if form not in node.next:
            continue
        following = node.next[form]
        found = _walk(following, tokens, place + 1, length + 1) if form == word else _meaning(following, length + 1)
        if found is not None and (best is None or found.length > best.length):
            best = found
    return best


def _meaning(node: _Node, length: int) -> Match | None:
    if not (node.concepts or node.steers or node.strength is not None):
        return None
    return Match(length, tuple(node.concepts), tuple(node.steers), node.strength)


def names(kinds: Mapping[ConceptKind, None] | Sequence[ConceptKind]) -> tuple[str, ...]:
    """All words of the concepts of those kinds, in alphabetical order."""
    return tuple(sorted({word for concept in concepts() if concept.kind in kinds for word in concept.words}))
