"""Reading: free text to findings, each a concept with its strength and whether the text wants it or rules it out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sonique_daemon.engines.lexicon.concept import Concept, ConceptKind
from sonique_daemon.engines.lexicon.index import Match, Steer, fillers, longest
from sonique_daemon.engines.lexicon.words import Break, Token, tokens

REACH = 4
"""Unknown words after which a negation is forgotten."""

_ADJECTIVES = frozenset({ConceptKind.MOOD, ConceptKind.TEXTURE, ConceptKind.TEMPO, ConceptKind.MODE, ConceptKind.FORM})
_NEGATIONS = {
    Steer.EXCLUDE: Steer.EXCLUDE,
    Steer.EXCEPT: Steer.EXCLUDE,
    Steer.DENY: Steer.DENY,
    Steer.SOFTEN: Steer.SOFTEN,
}
"""Words that open a negation, and which."""


_AND, _OR = frozenset({"and", "und", "et", "y"}), frozenset({"or", "nor", "oder", "ou", "o", "ni"})


class Polarity(StrEnum):
    """Whether a text wants a thing."""

    WANTED = "wanted"
    HALF_DENIED = "half denied"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Finding:
    """One concept that a text speaks of.

    Attributes:
        concept: what it is.
        words: how the text says it, folded.
        polarity: whether it is wanted.
        strength: 1 plain, above with “very”, below with “slightly”.
        alone: whether the text says that nothing else may play.
        spared: whether it is wanted although what the text rules out would take it along: “no drums except timpani”.
    """

    concept: Concept
    words: str
    polarity: Polarity = Polarity.WANTED
    strength: float = 1.0
    alone: bool = False
    spared: bool = False

    @property
    def wanted(self) -> bool:
        """Whether the text wants it."""
        return self.polarity is Polarity.WANTED


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says: findings in order, and the words that mean nothing to the lexicon."""

    findings: tuple[Finding, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Element:
    """A phrase of the text in its place: its tokens, the break before it, and what it means, if anything."""

    words: str
    before: Break
    match: Match | None
    concept: Concept | None = None

    def steers(self, *kinds: Steer) -> bool:
        return self.match is not None and any(kind in self.match.steers for kind in kinds)


def read(text: str, preferred: ConceptKind | None = None) -> Reading:
    """Reads a text; where a word has several meanings, that of the preferred kind is taken."""
    elements = _elements(tokens(text), preferred)
    reader = _Reader(elements)
    for place in range(len(elements)):
        reader.take(place)
    return Reading(tuple(reader.findings), tuple(reader.unknown))


def _elements(words: Sequence[Token], preferred: ConceptKind | None) -> tuple[_Element, ...]:
    found: list[_Element] = []
    place = 0
    while place < len(words):
        match = longest(words, place)
        length = match.length if match else 1
        text = " ".join(token.text for token in words[place : place + length])
        found.append(_Element(text, words[place].before, match, match.concept(preferred) if match else None))
        place += length
    return tuple(found)


@dataclass(slots=True)
class _Scope:
    """An open negation: how far it has reached, what it ruled out last, how many, and how many before that."""

    steer: Steer
    gap: int = 0
    last: Concept | None = None
    hits: int = 0
    attributes: int = 0
    listing: bool = False


@dataclass(slots=True)
class _Reader:
    """Walks the elements once, with the negation and the intensity that are in force."""

    elements: tuple[_Element, ...]
    findings: list[Finding] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    scope: _Scope | None = None
    strength: float = 1.0
    alone: bool = False
    sparing: bool = False

    def take(self, place: int) -> None:
        """Takes in the element at that place."""
        element = self.elements[place]
        self._cross(place)
        if element.concept is not None and self._is_prose(place):
            self.unknown.append(element.words)
        elif element.concept is not None:
            self._find(element, element.concept)
        elif element.match is None:
            self._pass(place)
        elif element.steers(Steer.JOIN):
            self._join(place)
        else:
            self._steer(place)

    def _cross(self, place: int) -> None:
        """A break ends a negation, save a comma in a list that an “or” closes or that a colon opened (“avoid: …”)."""
        before = self.elements[place].before
        if before is Break.NONE:
            return
        self.alone, self.strength = False, 1.0
        self.sparing = self.sparing and before is Break.LIST
        scope, self.scope = self.scope, None
        if scope is None:
            return
        if before is Break.COLON and scope.last is None:
            self.scope = _Scope(scope.steer, listing=True)
        elif before is Break.LIST and (scope.listing or (scope.last is not None and self._is_closed_list(place))):
            self.scope = _Scope(scope.steer, listing=scope.listing)

    def _is_closed_list(self, place: int) -> bool:
        """Whether concepts, commas and fillers from here on lead to an “or” or “nor” with a concept after it."""
        for ahead in range(place, len(self.elements)):
            element = self.elements[ahead]
            if ahead > place and element.before in {Break.CLAUSE, Break.COLON}:
                return False
            if element.words in _OR:
                return self._concept_after(ahead) is not None
            if element.concept is None and element.words not in fillers() and element.words not in _AND:
                return False
        return False

    def _is_prose(self, place: int) -> bool:
        """“a minor setback in a major city”: a bare “major” or “minor” before a thing that has no mode is no mode."""
        if self.elements[place].words not in {"major", "minor"} or place + 1 == len(self.elements):
            return False
        after = self.elements[place + 1]
        if after.before is not Break.NONE:
            return False
        plain = after.match is None and after.words not in fillers()
        return plain or (after.concept is not None and after.concept.kind is ConceptKind.SCENE)

    def _concept_after(self, place: int) -> Concept | None:
        """The concept that follows, with fillers and intensifiers between."""
        following = self._element_after(place)
        return following.concept if following else None

    def _element_after(self, place: int) -> _Element | None:
        """What names that concept."""
        for ahead in range(place + 1, len(self.elements)):
            element = self.elements[ahead]
            if element.before is not Break.NONE or element.concept is not None:
                return element if element.before is Break.NONE else None
            steers = element.match is not None and bool(element.match.steers) and not element.steers(Steer.JOIN)
            if steers or (element.match is None and element.words not in fillers()):
                return None
        return None

    def _find(self, element: _Element, concept: Concept) -> None:
        polarity = self._polarity(concept)
        self._drop_attributes(concept, polarity)
        strength, self.strength = self.strength, 1.0
        plays = concept.kind is ConceptKind.INSTRUMENT
        alone, spared = self.alone and plays, self.sparing and plays and polarity is Polarity.WANTED
        self.findings.append(Finding(concept, element.words, polarity, strength, alone, spared))

    def _polarity(self, concept: Concept) -> Polarity:
        """What the open negation makes of the concept; a noun, or one adjective of a “not”, uses the negation up."""
        scope = self.scope
        if scope is None or (scope.last is not None and not self._reaches_on(scope)):
            self.scope = None
            return Polarity.WANTED
        scope.attributes = scope.hits
        scope.hits += 1
        scope.last = concept
        return Polarity.HALF_DENIED if scope.steer is Steer.SOFTEN else Polarity.DENIED

    def _drop_attributes(self, concept: Concept, polarity: Polarity) -> None:
        """“no heavy drums” rules out drums, and says nothing against what is heavy."""
        if polarity is Polarity.WANTED or concept.kind in _ADJECTIVES or self.scope is None:
            return
        del self.findings[len(self.findings) - self.scope.attributes :]

    @staticmethod
    def _reaches_on(scope: _Scope) -> bool:
        """“no heavy drums”: an excluder reaches through adjectives to the noun."""
        return scope.steer is Steer.EXCLUDE and scope.last is not None and scope.last.kind in _ADJECTIVES

    def _pass(self, place: int) -> None:
        """A filler counts for nothing, “free” after a thing denies it, other words without meaning tire a negation."""
        element = self.elements[place]
        if element.words in fillers():
            return
        if self._denies_backwards(place):
            last = self.findings.pop()
            self.findings.append(Finding(last.concept, last.words, Polarity.DENIED, last.strength))
            return
        self.unknown.append(element.words)
        self.strength = 1.0
        if self.scope is not None:
            self.scope.gap += 1
            if self.scope.last is not None or self.scope.gap > REACH:
                self.scope = None

    def _denies_backwards(self, place: int) -> bool:
        """“drum free”, and “out” or “off” in “leave the drums out”."""
        word = self.elements[place].words
        away = word in {"out", "off"} and bool(self.unknown) and self.unknown[-1] in {"leave", "keep", "turn", "switch"}
        return (word == "free" or away) and self._follows_thing(place)

    def _follows_thing(self, place: int) -> bool:
        before = self.elements[place - 1].concept if place and self.elements[place].before is Break.NONE else None
        return before is not None and before.kind in {ConceptKind.INSTRUMENT, ConceptKind.GENRE}

    def _join(self, place: int) -> None:
        """“or” and “nor” carry a negation on; “and” does so between things of one kind."""
        if self.scope is None or self.scope.last is None:
            return
        following = self._concept_after(place)
        same = following is not None and following.kind is self.scope.last.kind
        carries = following is not None and (self.elements[place].words not in _AND or same)
        self.scope = _Scope(self.scope.steer, listing=self.scope.listing) if carries else None

    def _steer(self, place: int) -> None:
        element = self.elements[place]
        match = element.match
        assert match is not None
        if match.strength is not None and not match.steers:
            self.strength = min(max(self.strength * match.strength, 0.2), 2.0)
        elif self._takes_back(place):
            self.scope, self.sparing = None, True
        elif element.steers(Steer.ONLY) and not (self.scope and self.scope.last is None):
            self._only(place)
        elif element.steers(Steer.NEUTRAL):
            self.scope = None
        elif element.steers(*_NEGATIONS):
            self._negate(match)
        elif element.steers(Steer.CONTRAST) and not self._waits(element):
            self.scope = None

    def _waits(self, element: _Element) -> bool:
        """“don't use drums”: words that lead to what is ruled out do not end a negation that has hit nothing."""
        return self.scope is not None and self.scope.last is None and element.words in fillers()

    def _negate(self, match: Match) -> None:
        """The newest negation counts."""
        self.scope = _Scope(next(_NEGATIONS[steer] for steer in match.steers if steer in _NEGATIONS))
        self.sparing = False

    def _takes_back(self, place: int) -> bool:
        """“no drums except timpani”, “strings only, apart from a harp”, and “no drums, but timpani”."""
        element = self.elements[place]
        if element.steers(Steer.EXCEPT) and self._follows_ruling(place):
            return True
        return element.steers(Steer.RESERVE) and self._is_ruled_out(place)

    def _follows_ruling(self, place: int) -> bool:
        """Whether what was just said rules something out, or says that it plays alone."""
        back = place - 1
        while back >= 0 and self.elements[back].concept is None:
            element = self.elements[back]
            small = element.words in fillers() or element.steers(Steer.ONLY)
            if not small or element.before is not Break.NONE:
                return False
            back -= 1
        last = self.findings[-1] if back >= 0 and self.findings else None
        return last is not None and last.concept is self.elements[back].concept and (last.alone or not last.wanted)

    def _is_ruled_out(self, place: int) -> bool:
        """Whether an instrument follows that goes with what was ruled out, by a name that was not said before."""
        denied = [finding for finding in self.findings if not finding.wanted]
        gone = {instrument for finding in denied for instrument in finding.concept.removes}
        following = self._element_after(place)
        concept = following.concept if following else None
        if following is None or concept is None or following.words in {finding.words for finding in denied}:
            return False
        return bool(concept.plays) and gone.issuperset(concept.plays)

    def _only(self, place: int) -> None:
        """“only piano” and “piano only”: marks the instrument beside it as all that may play."""
        self.scope = None
        element = self.elements[place]
        following = self._concept_after(place)
        if following is not None:
            self.alone = True
            return
        before = self.elements[place - 1].concept if place and element.before is Break.NONE else None
        if before is not None and self.findings and self.findings[-1].concept is before:
            last = self.findings.pop()
            alone = before.kind is ConceptKind.INSTRUMENT
            self.findings.append(Finding(last.concept, last.words, last.polarity, last.strength, alone))
