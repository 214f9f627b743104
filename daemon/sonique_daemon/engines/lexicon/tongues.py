"""Tongues: what German, French and Spanish prompts say of when somebody plays, in the English words for it.

Only the small words are put into English; instruments, and how a cue runs, go by their names there in ``tongues.toml``.
"""

import re
from functools import cache

_SOFT = r"(?:leise|ruhig|sanft)(?:er)?"
_DOUX = r"(?:calme|doux|douce|doucement)"
_SUAVE = r"(?:suave|tranquil[oa])"
_FINIT = r"(?:(?:se )?(?:termine|terminer)|finit|finir)"
_TERMINA = r"(?:termina|terminar|acaba|acabar)"

_GERMAN = (
    (rf"{_SOFT} (?:am|zum|gegen) (?:ende|schluss)|(?:am|zum) (?:ende|schluss) {_SOFT}", "quiet at the end"),
    (rf"{_SOFT} am anfang|(?:am anfang|anfangs) {_SOFT}", "quiet at the start"),
    (r"kein(?:e[nmr]?)?|ohne", "no"),
    (r"bis zum (?:ende|schluss)", "until the end"),
    (r"(?:erst )?(?:am|zum|gegen) (?:ende|schluss)(?: erst)?", "at the end"),
    (r"(?:erst )?(?:ab|nach) der (?:halfte|mitte)", "from halfway"),
    (r"bis zur (?:halfte|mitte)", "until halfway"),
    (r"(?:erst )?in der zweiten halfte", "in the second half"),
    (r"in der ersten halfte", "in the first half"),
    (r"am (?:anfang|beginn)|zu beginn", "at the start"),
    (r"(?:beginnt|beginne|beginnen|startet|anfangen|fangt|fang) (?:nur )?mit", "starts with"),
    (r"(?:endet|endend|enden|schliesst) nur mit", "ends with only"),
    (r"(?:endet|endend|enden|schliesst) mit", "ends with"),
    (r"(?:erst )?(?:ab|bei)(?= \d{1,2}:\d\d)", "from"),
    (r"(?:und )?(?:dann|danach|spater)", "then"),
    (r"nur|alleine?", "only"),
    (r"(?:kommt|kommen|setzt|setzen)(?: erst)?(?= (?:at|from|in) )", "enters"),
)
_FRENCH = (
    (rf"{_DOUX} a la fin|a la fin {_DOUX}", "quiet at the end"),
    (rf"{_DOUX} au debut|au debut {_DOUX}", "quiet at the start"),
    (r"(?:pas|sans|aucun|aucune)(?: de| d)?", "no"),
    (r"jusqu ?a la fin", "until the end"),
    (r"(?:seulement |uniquement )?a la fin", "at the end"),
    (r"(?:a partir de|des|a) la moitie", "from halfway"),
    (r"jusqu ?a la moitie", "until halfway"),
    (r"dans la (?:deuxieme|seconde) moitie", "in the second half"),
    (r"dans la premiere moitie", "in the first half"),
    (r"au debut", "at the start"),
    (r"(?:commence|commencer|debute) (?:seulement )?(?:avec|par)(?: le| la| les)?", "starts with"),
    (rf"{_FINIT} (?:seulement|uniquement) (?:avec|par|sur)(?: des| les| le| la)?", "ends with only"),
    (rf"{_FINIT} (?:avec|par|sur)(?: des| les| le| la)?", "ends with"),
    (r"a partir de(?= \d{1,2}:\d\d)", "from"),
    (r"(?:et )?(?:puis|ensuite)(?: le| la| les)?", "then"),
    (r"seulement|uniquement|seule?s?", "only"),
    (r"(?:entre|entrent|arrive|arrivent)(?: seulement)?(?= (?:at|from|in) )", "enters"),
)
_SPANISH = (
    (rf"{_SUAVE} al (?:final|fin)|al (?:final|fin) {_SUAVE}", "quiet at the end"),
    (rf"{_SUAVE} al (?:principio|inicio)|al (?:principio|inicio) {_SUAVE}", "quiet at the start"),
    (r"sin|nada de|ningun|ninguna", "no"),
    (r"hasta el (?:final|fin)", "until the end"),
    (r"(?:solo )?al (?:final|fin)", "at the end"),
    (r"(?:desde|a partir de) la mitad", "from halfway"),
    (r"hasta la mitad", "until halfway"),
    (r"en la segunda (?:mitad|parte)", "in the second half"),
    (r"en la primera (?:mitad|parte)", "in the first half"),
    (r"al (?:principio|inicio|comienzo)", "at the start"),
    (r"(?:empieza|empezar|comienza|comenzar) (?:solo )?con(?: el| la| los| las)?", "starts with"),
    (rf"{_TERMINA} (?:solo|solamente) con(?: el| la| los| las)?", "ends with only"),
    (rf"{_TERMINA} con(?: el| la| los| las)?", "ends with"),
    (r"(?:desde|a partir de)(?= \d{1,2}:\d\d)", "from"),
    (r"(?:y )?(?:luego|despues)(?: el| la| los| las)?", "then"),
    (r"solamente|solo", "only"),
    (r"(?:entra|entran|llega|llegan)(?: solo)?(?= (?:at|from|in) )", "enters"),
)
_MARKS = (
    (
        _GERMAN,
        (
            r"bis zu[mr]|(?:am|zum|gegen) (?:ende|schluss|anfang)|zu beginn|halfte|ab \d|dann|spater"
            r"|(?:beginnt|startet|endet|schliesst)(?: nur)? mit"
        ),
    ),
    (
        _FRENCH,
        (
            r"jusqu\w*|moitie|au debut|a la fin|partir de \d|puis|ensuite"
            r"|(?:commence|debute|termine|finit)\w* (?:\w+ )?(?:avec|par|sur)"
        ),
    ),
    (
        _SPANISH,
        (
            r"hasta|mitad|desde \d|al (?:final|fin|principio|inicio)|luego|despues"
            r"|(?:empieza|comienza|termina|acaba) (?:solo |solamente )?con"
        ),
    ),
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
