"""The answer of a tagging model, read and checked: words against the lexicon, numbers against their bounds."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from sonique_daemon.domain.tags import Affect, Key
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.lexicon.advice import Advice
from sonique_daemon.engines.lexicon.concept import ConceptKind
from sonique_daemon.engines.lexicon.index import lookup
from sonique_daemon.engines.lexicon.key import parse_key
from sonique_daemon.engines.lexicon.pace import FASTEST, SLOWEST
from sonique_daemon.engines.lexicon.vocabulary import instrument_names

_THOUGHT = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL)
_MOST_WORDS = 8


class NoAnswer(Exception):
    """What a model wrote holds no tags; the message says what is wrong with it, to follow “it”."""


def read_answer(text: str) -> Advice:
    """The choices that ``text`` holds, in the lexicon's words; what the lexicon does not know is left out.

    Numbers out of their bounds are brought to the nearer bound. Prose round the JSON object is passed over.

    Raises:
        NoAnswer: there is no JSON object, or not one word of it is in the lexicon.
    """
    answer = _object(text)
    style = _style(answer.get("style"))
    advice = Advice(
        style=style,
        genres=_concepts(answer.get("genres"), ConceptKind.GENRE),
        moods=_concepts(answer.get("moods"), ConceptKind.MOOD),
        instruments=_instruments(answer.get("instruments")),
        negatives=_instruments(answer.get("negatives")),
        bpm=_number(answer.get("bpm"), SLOWEST, FASTEST),
        key=_key(answer.get("key")),
        affect=_affect(answer),
        density=_number(answer.get("density"), 0.0, 1.0),
    )
    if not (advice.style or advice.genres or advice.moods or advice.instruments):
        raise NoAnswer("names no style, genre, mood or instrument that is known")
    return advice


def _object(text: str) -> Mapping[str, Any]:
    plain = _THOUGHT.sub("", text)
    if not plain.strip():
        raise NoAnswer("is empty")
    begin, end = plain.find("{"), plain.rfind("}")
    if begin < 0:
        raise NoAnswer("holds no JSON object")
    if end < begin:
        raise NoAnswer("is cut off")
    try:
        found = json.loads(plain[begin : end + 1], strict=False)
    except (ValueError, RecursionError):
        raise NoAnswer("holds no JSON object that can be read") from None
    if not isinstance(found, dict):
        raise NoAnswer("holds no JSON object")
    return found


def _words(value: Any) -> list[str]:
    listed = value if isinstance(value, list) else [value]
    return [word.strip().lower() for word in listed if isinstance(word, str) and word.strip()][:_MOST_WORDS]


def _style(value: Any) -> str:
    for word in _words(value):
        if word in styles():
            return word
        concept = lookup(word, ConceptKind.GENRE)
        if concept is not None and concept.main_style:
            return concept.main_style
    return ""


def _concepts(value: Any, kind: ConceptKind) -> tuple[str, ...]:
    found = (lookup(word, kind) for word in _words(value))
    return _once(concept.name for concept in found if concept is not None)


def _instruments(value: Any) -> tuple[str, ...]:
    known = instrument_names()
    found: list[str] = []
    for word in _words(value):
        concept = lookup(word, ConceptKind.INSTRUMENT)
        found += [word] if word in known else concept.plays if concept is not None else ()
    return _once(found)


def _once(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(words))


def _number(value: Any, low: float, high: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return high
    return min(max(number, low), high) if math.isfinite(number) else None


def _key(value: Any) -> Key | None:
    return parse_key(value) if isinstance(value, str) else None


def _affect(answer: Mapping[str, Any]) -> Affect | None:
    parts = [_number(answer.get(name), -1.0, 1.0) for name in ("valence", "arousal", "tension")]
    if all(part is None for part in parts):
        return None
    return Affect(*(part or 0.0 for part in parts))
