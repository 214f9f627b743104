"""Vocabulary: what a brief may name, for lists, completion and checks."""

from sonique_daemon.domain.brief import Brief
from sonique_daemon.engines.composer.composition import Instrument
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.lexicon.concept import ConceptKind
from sonique_daemon.engines.lexicon.index import names
from sonique_daemon.engines.lexicon.intent import intent
from sonique_daemon.engines.lexicon.key import key_name, parse_key
from sonique_daemon.errors import InvalidBrief

__all__ = [
    "check_brief",
    "check_instrument",
    "genre_names",
    "instrument_names",
    "instruments_of",
    "key_name",
    "mood_names",
    "parse_key",
    "style_names",
]


def style_names() -> tuple[str, ...]:
    """The ids of the composer's styles, in alphabetical order."""
    return tuple(styles())


def instrument_names() -> tuple[str, ...]:
    """The composer's instruments by the names that tags use, in its own order."""
    return tuple(instrument.value for instrument in Instrument)


def genre_names() -> tuple[str, ...]:
    """Every word that a brief's genres may hold, in alphabetical order."""
    return names((ConceptKind.GENRE,))


def mood_names() -> tuple[str, ...]:
    """Every word that a brief's moods may hold, in alphabetical order."""
    return names((ConceptKind.MOOD,))


def check_instrument(name: str) -> str:
    """The instrument of that name as tags spell it; raises ``InvalidBrief`` where there is none."""
    plain = name.strip().lower()
    if plain in instrument_names():
        return plain
    played = [found.concept.plays for found in intent(Brief(instruments=(name,))).wanted if found.concept.plays]
    if not played:
        raise InvalidBrief(f"“{name}” names no instrument that is played; `sonique styles` lists them.")
    return played[0][0]


def instruments_of(name: str) -> tuple[str, ...]:
    """The instruments that a name speaks of: those of a group, or the name itself."""
    denied = intent(Brief(negatives=(name,))).denied
    return tuple(found for finding in denied for found in finding.concept.removes) or (name.strip().lower(),)


def check_brief(brief: Brief) -> None:
    """Checks what the brief names against the vocabulary, before any work is done for it.

    Raises:
        InvalidBrief: an unknown genre, instrument or key, or a tempo or hit strength out of bounds.
        LimitExceeded: a text or a list is over its limit.
    """
    intent(brief)
