"""Words of free text: folding of case and accents, tokens with the breaks between them, and the forms of a word."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

_APOSTROPHES = re.compile("[’‘‛ʼ´`']")
_ELIDED = re.compile(r"(?<![\w’'])([cdjlmnst]|qu)[’'](?=\w)", re.IGNORECASE)
"""French articles and the like before a vowel, which are words of their own."""
_SIGNS = str.maketrans({"♯": "#", "♭": "b", "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-"})
_PIECE = re.compile(r"[^\W_]+#?|&|[,;:.!?()\[\]{}/|\n+•·*\"“”]| - ")
_SPOKEN = {"&": "and", "/": "or"}
_IRREGULAR = {
    "rainy": "rain",
    "sunny": "sun",
    "darker": "dark",
    "darkest": "dark",
    "brighter": "bright",
    "softer": "soft",
    "louder": "loud",
    "warmer": "warm",
    "sadder": "sad",
    "happier": "happy",
    "calmer": "calm",
    "quieter": "quiet",
    "lighter": "light",
    "heavier": "heavy",
    "gentler": "gentle",
    "simpler": "simple",
    "scarier": "scary",
    "funnier": "funny",
}


class Break(StrEnum):
    """What parts a token from the one before it."""

    NONE = ""
    LIST = ","
    COLON = ":"
    CLAUSE = "."


_BREAKS = {",": Break.LIST, "|": Break.LIST, "+": Break.LIST, ":": Break.COLON}


@dataclass(frozen=True, slots=True)
class Token:
    """One word, folded, with the break that stands before it."""

    text: str
    before: Break = Break.NONE


def folded(text: str) -> str:
    """The text in lower case, without accents and apostrophes, with plain dashes and musical signs."""
    plain = _APOSTROPHES.sub("", _ELIDED.sub(r"\1 ", text.translate(_SIGNS)))
    apart = unicodedata.normalize("NFKD", plain.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def tokens(text: str) -> tuple[Token, ...]:
    """The words in order; “&” reads as “and”, “/” as “or”, hyphens part words, other signs are breaks or nothing."""
    found: list[Token] = []
    pending = Break.NONE
    for piece in _PIECE.findall(folded(text)):
        word = _SPOKEN.get(piece, piece)
        if word[0].isalnum():
            found.append(Token(word, pending))
            pending = Break.NONE
        elif pending is not Break.CLAUSE:
            pending = _BREAKS.get(piece, Break.CLAUSE)
    return tuple(found)


def phrase(text: str) -> tuple[str, ...]:
    """The words of the text alone."""
    return tuple(token.text for token in tokens(text))


def forms(word: str) -> tuple[str, ...]:
    """The word, then what it may be a form of: singulars, adjectives of adverbs and of nouns, the nearest first."""
    found = [word]
    if word in _IRREGULAR:
        found.append(_IRREGULAR[word])
    if len(word) > 3:
        found.extend(stem for stem in _stems(word) if len(stem) > 2)
    return tuple(dict.fromkeys(found))


def _stems(word: str) -> list[str]:
    """Every stem that a common English ending, or the second half of a German word, leaves; a lexicon decides which of
    them is a word.
    """
    stems: list[str] = []
    for ending, instead in _ENDINGS:
        if word.endswith(ending):
            stems.append(word.removesuffix(ending) + instead)
    return stems


_ENDINGS = (
    ("s", ""),
    ("es", ""),
    ("ies", "y"),
    ("ves", "fe"),
    ("ily", "y"),
    ("ly", ""),
    ("iness", "y"),
    ("ness", ""),
    *((joint + thing, "") for thing in ("video", "film", "clip", "musik", "szene", "stimmung") for joint in ("s", "")),
)
