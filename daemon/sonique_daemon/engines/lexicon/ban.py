"""The ban: everything that a brief rules out, with synonyms and families, and what it does to what the brief wants."""

from collections.abc import Iterable
from dataclasses import dataclass

from sonique_daemon.domain.tags import Origin, Tag, TagKind
from sonique_daemon.engines.composer.composition import Instrument
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.lexicon.concept import Concept, ConceptKind, concepts, profile
from sonique_daemon.engines.lexicon.index import lookup
from sonique_daemon.engines.lexicon.intent import Intent
from sonique_daemon.engines.lexicon.reading import Finding, Polarity
from sonique_daemon.engines.lexicon.words import phrase

NEGATIVE_LIMIT = 80
"""Names of things ruled out that tags carry; the instruments that go with them come on top."""

_STYLE_KINDS = frozenset({ConceptKind.GENRE, ConceptKind.MOOD, ConceptKind.TEXTURE, ConceptKind.SCENE})


@dataclass(frozen=True, slots=True)
class Ban:
    """What must not be there.

    Attributes:
        instruments: the composer's instruments.
        concepts: concepts of any kind that were ruled out, in the order in which they were said.
        styles: the composer's styles.
        families: families of moods of which an engine takes none.
        alone: whether the user let only his own instruments play.
        unsaid: instruments that go with others, but whose name would take one of the user's own along with it, or is
            that of a genre of his (“drone”).
    """

    instruments: frozenset[str]
    concepts: tuple[Concept, ...]
    styles: frozenset[str]
    families: frozenset[str]
    alone: bool
    unsaid: frozenset[str] = frozenset()

    def allows_mood(self, mood: Concept) -> bool:
        """Whether an engine may choose that mood."""
        return mood not in self.concepts and (not mood.family or mood.family not in self.families)


def ban(said: Intent) -> Ban:
    """Everything that the brief rules out."""
    denied = tuple(dict.fromkeys((*_ruled_out(said), *_implied(said.wanted))))
    by_name, others, spared = _removed(denied), _all_but_alone(said), _spared(said)
    removed = (by_name | others) - {name for concept in spared for name in concept.plays}
    kept = {name for finding in said.wanted for name in finding.concept.plays} - removed
    genres = {finding.concept.name for finding in said.wanted if finding.concept.kind is not ConceptKind.INSTRUMENT}
    called = genres - {concept.name for concept in denied}
    return Ban(
        instruments=removed,
        concepts=tuple(concept for concept in denied if concept not in spared),
        styles=_banned_styles(said, removed),
        families=frozenset(concept.family for concept in denied if concept.family),
        alone=any(finding.alone for finding in said.wanted),
        unsaid=frozenset(name for name in others - by_name if _reach(name) & kept) | (removed & called),
    )


def _ruled_out(said: Intent) -> list[Concept]:
    """What was ruled out by word; “sad but not too sad” rules nothing out, and merely says how sad."""
    wanted = {finding.concept for finding in said.wanted if finding.concept.kind is not ConceptKind.INSTRUMENT}
    half = Polarity.HALF_DENIED
    return [found.concept for found in said.denied if found.polarity is not half or found.concept not in wanted]


def settle(said: Intent, banned: Ban) -> list[Finding]:
    """The wanted findings that the ban leaves; what it takes away is told in the intent's notes."""
    kept: list[Finding] = []
    names = {concept.name for concept in banned.concepts}
    for finding in said.wanted:
        if finding.concept.name in names or _is_silenced(finding.concept, banned):
            said.notes.append(_conflict(finding, said))
        else:
            kept.append(finding)
    for finding in said.denied:
        if finding.polarity is Polarity.HALF_DENIED and finding.concept.kind is ConceptKind.INSTRUMENT:
            said.notes.append(f"An instrument plays or does not: less of “{finding.words}” is read as none.")
    return kept


def negatives(said: Intent, banned: Ban) -> list[Tag]:
    """The negative tags: what was ruled out by name, then every instrument that goes with it."""
    words = [concept.name for concept in banned.concepts]
    words.extend(said.negative_words)
    words.extend(pace.words.lower() for pace in said.banned_paces)
    named = list(dict.fromkeys(words))
    if len(named) > NEGATIVE_LIMIT:
        said.notes.append(f"{len(named)} things are ruled out; tags carry the first {NEGATIVE_LIMIT} of their names.")
    silent = banned.instruments - banned.unsaid
    texts = (*named[:NEGATIVE_LIMIT], *(instrument.value for instrument in Instrument if instrument.value in silent))
    return [Tag(TagKind.NEGATIVE, text, Origin.USER) for text in dict.fromkeys(texts)]


def _implied(wanted: Iterable[Finding]) -> list[Concept]:
    """What wanted words rule out by their meaning: “beatless” has no drums, and “nothing melodic” no melody."""
    names = {name for finding in wanted for name in finding.concept.negatives}
    kinds = {ConceptKind.INSTRUMENT, ConceptKind.ROLE}
    return [concept for concept in concepts() if concept.kind in kinds and concept.name in names]


def _removed(denied: Iterable[Concept]) -> frozenset[str]:
    return frozenset(instrument for concept in denied for instrument in concept.removes)


def _reach(name: str) -> frozenset[str]:
    """All that is refused where that instrument's name stands among the negatives: “drums” is a family as well."""
    concept = lookup(name, ConceptKind.INSTRUMENT)
    return frozenset(concept.removes) if concept else frozenset()


def _spared(said: Intent) -> frozenset[Concept]:
    """What plays although it goes with something that was ruled out."""
    return frozenset(finding.concept for finding in said.wanted if finding.spared)


def _all_but_alone(said: Intent) -> frozenset[str]:
    """Where something was to play alone, everything that was not asked for."""
    asked = [finding for finding in said.wanted if finding.concept.kind is ConceptKind.INSTRUMENT]
    if not any(finding.alone for finding in asked):
        return frozenset()
    plays = {name for finding in asked for name in (*finding.concept.plays, *finding.concept.removes)}
    return frozenset(instrument.value for instrument in Instrument if instrument.value not in plays)


def _banned_styles(said: Intent, removed: frozenset[str]) -> frozenset[str]:
    """Styles that were ruled out by name, or by another of their words where no genre of theirs is wanted; and the
    styles that lost their voice.
    """
    denied = {finding.concept for finding in said.denied if _is_refused(finding)}
    wanted = {finding.concept for finding in said.wanted if finding.concept.kind is ConceptKind.GENRE} - denied
    spared = {concept.main_style for concept in wanted}
    called = {style for concept in denied for style in _styles_called(concept)}
    named = {style for concept in denied for style in _styles_named(concept)}
    voiceless = {style for style in styles() if profile(style).needs and removed.issuperset(profile(style).needs)}
    return frozenset(called | (named - spared) | voiceless)


def _is_refused(finding: Finding) -> bool:
    """Whether a style of that name is out: a genre is played or not, a mood may be ruled out by half."""
    return finding.polarity is Polarity.DENIED or finding.concept.kind is ConceptKind.GENRE


def _styles_called(concept: Concept) -> set[str]:
    """The styles whose very name the concept is."""
    if concept.kind not in _STYLE_KINDS:
        return set()
    words = {phrase(word) for word in concept.words}
    return {style.id for style in styles().values() if words & {phrase(style.id), phrase(style.name)}}


def _styles_named(concept: Concept) -> set[str]:
    """The styles that the concept is another name for, or a genre of."""
    if concept.kind not in _STYLE_KINDS:
        return set()
    words = {phrase(word) for word in concept.words}
    found = {style.id for style in styles().values() if words & {phrase(word) for word in style.words}}
    return found | {concept.main_style} if concept.kind is ConceptKind.GENRE and concept.main_style else found


def _is_silenced(concept: Concept, banned: Ban) -> bool:
    """Whether an instrument that was asked for has nothing left that may play."""
    return concept.kind is ConceptKind.INSTRUMENT and banned.instruments.issuperset(concept.plays)


def _conflict(finding: Finding, said: Intent) -> str:
    concept = finding.concept
    blockers = (
        other.words
        for other in said.denied
        if other.concept.name == concept.name
        or (other.concept.removes and set(other.concept.removes) & set(concept.plays))
    )
    blocker = next(blockers, "")
    if blocker == finding.words or not blocker:
        return f"“{finding.words}” is both asked for and ruled out; it is left out."
    return f"“{finding.words}” is asked for, but ruling out “{blocker}” takes it away; it is left out."
