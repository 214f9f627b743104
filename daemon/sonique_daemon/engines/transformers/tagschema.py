"""The tag schema: the form of a tagging model's answer, in the lexicon's own words."""

from functools import cache
from typing import Any

from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.lexicon.concept import ConceptKind, concepts
from sonique_daemon.engines.lexicon.key import key_names
from sonique_daemon.engines.lexicon.vocabulary import instrument_names

SLOWEST, FASTEST = 40, 200
"""Beats per minute that a model may choose from."""

ANSWER_TOKENS = 320
"""Most tokens of an answer; the longest that the schema allows has fewer where a word has four."""

_TENTHS = tuple(round(tenth / 10, 1) for tenth in range(-10, 11))
_SHARES = tuple(round(tenth / 10, 1) for tenth in range(11))
_MOST_GENRES, _MOST_MOODS, _MOST_INSTRUMENTS, _MOST_NEGATIVES = 2, 3, 5, 4


@cache
def genre_words() -> tuple[str, ...]:
    """The lexicon's genres, each by its own name alone."""
    return _names(ConceptKind.GENRE)


@cache
def mood_words() -> tuple[str, ...]:
    """The lexicon's moods, each by its own name alone."""
    return _names(ConceptKind.MOOD)


@cache
def schema() -> dict[str, Any]:
    """The answer as a JSON schema: every word is one of a list, and every number one of a scale, so that it ends."""
    properties = {
        "style": {"enum": list(styles())},
        "genres": _list(genre_words(), 0, _MOST_GENRES),
        "moods": _list(mood_words(), 1, _MOST_MOODS),
        "instruments": _list(instrument_names(), 1, _MOST_INSTRUMENTS),
        "negatives": _list(instrument_names(), 0, _MOST_NEGATIVES),
        "bpm": {"type": "integer", "minimum": SLOWEST, "maximum": FASTEST},
        "key": {"enum": list(key_names())},
        "valence": {"enum": list(_TENTHS)},
        "arousal": {"enum": list(_TENTHS)},
        "tension": {"enum": list(_TENTHS)},
        "density": {"enum": list(_SHARES)},
    }
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _list(words: tuple[str, ...], fewest: int, most: int) -> dict[str, Any]:
    return {"type": "array", "items": {"enum": list(words)}, "minItems": fewest, "maxItems": most}


def _names(kind: ConceptKind) -> tuple[str, ...]:
    return tuple(dict.fromkeys(concept.name for concept in concepts() if concept.kind is kind))
