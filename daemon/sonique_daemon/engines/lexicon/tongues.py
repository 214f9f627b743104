"""Tongues: what German, French and Spanish prompts say of when somebody plays, in the English words for it.

Only the small words are put into English; instruments go by their names in these languages in the lexicon itself.
"""

import re
from functools import cache

_GERMAN = (
    (r"kein(?:e[nmr]?)?|ohne", "no"),
    (r"bis zum (?:ende|schluss)", "until the end"),
    (r"(?:erst )?(?:am|zum|gegen) (?:ende|schluss)(?: erst)?", "at the end"),
    (r"(?:erst )?(?:ab|nach) der (?:halfte|mitte)", "from halfway"),
    (r"bis zur (?:halfte|mitte)", "until halfway"),
    (r"(?:erst )?in der zweiten halfte", "in the second half"),
    (r"in der ersten halfte", "in the first half"),
    (r"am (?:anfang|beginn)|zu beginn", "at the start"),
    (r"(?:beginnt|beginne|beginnen|startet|anfangen|fangt|fang) (?:nur )?mit", "starts with"),
    (r"(?:erst )?(?:ab|bei)(?= \d{1,2}:\d\d)", "from"),
    (r"(?:und )?(?:dann|danach|spater)", "then"),
    (r"nur", "only"),
    (r"(?:kommt|kommen|setzt|setzen)(?: erst)?(?= (?:at|from|in) )", "enters"),
)
_FRENCH = (
    (r"(?:pas|sans|aucun|aucune)(?: de| d)?", "no"),
    (r"jusqu ?a la fin", "until the end"),
    (r"(?:seulement |uniquement )?a la fin", "at the end"),
    (r"a partir de la moitie|des la moitie", "from halfway"),
    (r"jusqu ?a la moitie", "until halfway"),
    (r"dans la (?:deuxieme|seconde) moitie", "in the second half"),
    (r"dans la premiere moitie", "in the first half"),
    (r"au debut", "at the start"),
    (r"(?:commence|commencer|debute) (?:seulement )?(?:avec|par)(?: le| la| les)?", "starts with"),
    (r"a partir de(?= \d{1,2}:\d\d)", "from"),
    (r"(?:et )?(?:puis|ensuite)(?: le| la| les)?", "then"),
    (r"seulement|uniquement|seule?s?", "only"),
)
_SPANISH = (
    (r"sin|nada de|ningun|ninguna", "no"),
    (r"hasta el (?:final|fin)", "until the end"),
    (r"(?:solo )?al (?:final|fin)", "at the end"),
    (r"(?:desde|a partir de) la mitad", "from halfway"),
    (r"hasta la mitad", "until halfway"),
    (r"en la segunda (?:mitad|parte)", "in the second half"),
    (r"en la primera (?:mitad|parte)", "in the first half"),
    (r"al (?:principio|inicio|comienzo)", "at the start"),
    (r"(?:empieza|empezar|comienza|comenzar) (?:solo )?con(?: el| la| los| las)?", "starts with"),
    (r"(?:desde|a partir de)(?= \d{1,2}:\d\d)", "from"),
    (r"(?:y )?(?:luego|despues)(?: el| la| los| las)?", "then"),
    (r"solamente|solo", "only"),
)
_MARKS = (
    (_GERMAN, r"bis zu[mr]|(?:am|zum|gegen) (?:ende|schluss|anfang)|zu beginn|halfte|beginnt mit|ab \d|dann|spater"),
    (_FRENCH, r"jusqu\w*|moitie|au debut|a la fin|(?:commence|debute)\w* (?:avec|par)|partir de \d|puis|ensuite"),
    (_SPANISH, r"hasta|mitad|desde \d|al (?:final|fin|principio|inicio)|(?:empieza|comienza) con|luego|despues"),
)
"""Each language's phrases, the longer before the shorter, and words, none of them English, that show them needed."""


def in_english(text: str) -> str:
    """A folded text with the phrases of its language in English; one that says nothing of time stays as it is."""
    for phrases, marks in _MARKS:
        if _compiled(marks).search(text):
            for pattern, english in phrases:
                text = _compiled(pattern).sub(english, text)
            return text
    return text


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})(?!\w)")
