"""Entrances: from and until when an instrument is to play, as prompts say it: “no drums until the end”.

A prompt's clauses are matched one by one. What names the instrument is read as everywhere else, and what is no
instrument (“quiet at the end”) is left to whoever reads the rest.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from sonique_daemon.domain.form import ALL_BUT, Stretch
from sonique_daemon.engines.composer.composition import Instrument
from sonique_daemon.engines.lexicon.concept import Concept, ConceptKind
from sonique_daemon.engines.lexicon.reading import read
from sonique_daemon.engines.lexicon.tongues import in_english
from sonique_daemon.engines.lexicon.words import folded

MOST = 8
"""Entrances that a prompt may name; the first count."""

_INSTRUMENTS = frozenset(instrument.value for instrument in Instrument)

_INNER = (0.33, 0.67)
"""Where what plays in the middle begins and ends, as shares of the cue."""

_END = r"the (?:very )?(?:end|ending|finale|finish|climax|(?:last|final) (?:quarter|part|section|bit|shot))"
_SECOND_HALF = r"the (?:second|last|latter|other) half"
_MIDWAY = r"half ?way(?: through| in)?|midway(?: through)?|the half ?way (?:point|mark)|the half"
_MIDDLE = r"the middle"
_FIRST_HALF = r"the first half"
_START = r"the (?:very )?(?:start|beginning|opening|intro|first (?:part|section|bit|quarter))"
_TIME = r"(?:\d{1,2}:[0-5]\d|\d{1,3} ?(?:seconds?|secs?|s))(?: in)?"
_LATER = rf"(?P<when>{_END}|{_SECOND_HALF}|{_MIDWAY}|{_MIDDLE}|{_TIME})"
_SOONER = rf"(?P<when>{_START}|{_FIRST_HALF}|the first {_TIME}|first)"
_FIRST = rf"(?P<when>{_FIRST_HALF}|the first {_TIME})"
_AT = r"(?:only )?(?:right )?(?:(?:at|in|near|towards?|by|around|about|after|from|during|for|on) )?"
_ON = r"(?: onwards?| on)?(?: only)?"
_COME = (
    r"(?:(?:that |which )?(?:come|comes|coming|kick|kicks|kicking|join|joins|joining|enter|enters|entering|start|starts"
    r"|starting|begin|begins|drop|drops|appear|appears|arrive|arrives)(?: in| up)?)"
)
_ENTER = rf"(?:{_COME} |in (?=(?:at|after|from|around|near) ))"
_LEAVE = (
    r"(?:(?:that |which )?(?:drop|drops|fall|falls|fade|fades|go|goes|cut|cuts) (?:out|away|off|silent) "
    r"|(?:stop|stops|leave|leaves|end|ends) )"
)
_WHO = r"(?P<who>(?:[\w-]+ ){1,4}?)"
_WHO_LAST = r"(?P<who>[\w-]+(?: [\w-]+){0,3}?)"
_NO = r"(?:(?:no|without|skip) (?:the |any )?)"
_HOLD = r"(?:(?:no|without|hold(?: back)?|save|skip) (?:the |any )?)"
_BRING = r"(?:(?:then )?(?:bring in|bring|add|introduce) (?:the |some )?)"
_STOPS = frozenset({"with", "then", "but", "plus", "while", "where"})

_ALONE = r"(?:only|just|nothing but|(?:an? )?(?:solo|lone))"
_OPEN = r"(?:starts?|starting|begins?|beginning|opens?|opening)(?: off| out)? (?:with|on)"
_CLOSE = r"(?:ends?|ending|finish(?:es|ing)?|closes?|closing) (?:with|on)"
_WHO_IS_LEFT = (
    r"(?:an? |the |some )?(?P<who>[\w-]+(?: [\w-]+)?(?: and (?!then|add|later|bring)[\w-]+(?: [\w-]+)?)?)"
    r"(?=$| (?:and |before |until |for |in |at ))"
)
_THEN = r"(?:and )?(?:then|later|afterwards?|after that)"

_CLAUSES = r"([,;!?\n()|]+|\.(?!\d)|:(?!\d\d)| - )"
_LEADING = rf"(?P<first>(?:^|[,.;] ?){_AT}{_LATER}), "
"""“Halfway through, the drums come in”: the comma parts nothing."""


_OPENING = rf"({_OPEN} [^,;.!?\n]*?) (?=(?:and )?then )"
"""“Start with piano then drums”: what comes then is a clause of its own."""

_SHARES = (
    (_END, 0.75),
    (f"{_SECOND_HALF}|{_MIDWAY}|{_MIDDLE}|{_FIRST_HALF}", 0.5),
    (f"{_START}|first", 0.25),
)
"""Moments as shares of the cue."""


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to say it.

    Attributes:
        pattern: of ``who`` and ``when``.
        begins: whether the instrument plays from then on; else it plays until then.
        wanted: whether this says that the instrument is wanted at all.
        within: whether what begins in the middle ends there too.
        share: when, as a share of the cue, for a way that has no word for it; else None.
        others: whether it is everybody else who begins or ends then.
    """

    pattern: str
    begins: bool
    wanted: bool = True
    within: bool = False
    share: float | None = None
    others: bool = False


def entrances_in(text: str) -> tuple[tuple[Stretch, ...], str]:
    """From and until when instruments are to play, and the text without that; what is wanted stays in it by name."""
    found: list[Stretch] = []
    plain = _compiled(_LEADING).sub(r"\g<first> ", in_english(folded(text)).replace("&", " and "))
    plain = _compiled(_OPENING).sub(r"\1, ", plain)
    clauses = _compiled(_CLAUSES).split(plain)
    rest = "".join(_taken(clause, found) if place % 2 == 0 else clause for place, clause in enumerate(clauses))
    return (tuple(dict.fromkeys(found))[:MOST], rest) if found else ((), text)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when a prompt is first read: a daemon that starts has no time for it."""
    return re.compile(pattern)


def _taken(clause: str, found: list[Stretch]) -> str:
    """The clause without what it says of entrances, which are added to ``found``."""
    plain = " ".join(clause.split())
    for way in _WAYS:
        for match in _compiled(way.pattern).finditer(plain):
            who, concepts = _named(match["who"].split(), trailing=match.end("who") < match.end())
            if concepts:
                found += _stretches(concepts, way, match.groupdict().get("when", ""))
                before = plain[: match.start()] + match["who"][: match["who"].rfind(who)] if who else plain
                kept = f" {before.strip()} {who if way.wanted else ''} "
                return kept + _taken(plain[match.end() :], found)
    return clause


def _named(words: Sequence[str], *, trailing: bool) -> tuple[str, list[Concept]]:
    """The most of the words that name nothing but instruments, and these: the last words, or the first ones."""
    stop = max((place + 1 for place, word in enumerate(words) if word in _STOPS), default=0) if trailing else 0
    for count in range(len(words) - stop, 0, -1):
        part = words[len(words) - count :] if trailing else words[:count]
        reading = read(" ".join(part))
        if reading.unknown or not reading.findings or part[0] in {"and", "or"}:
            continue
        if all(one.concept.kind is ConceptKind.INSTRUMENT and one.wanted for one in reading.findings):
            return " ".join(part), [one.concept for one in reading.findings]
    return "", []


def _stretches(concepts: Iterable[Concept], way: _Way, when: str) -> Iterator[Stretch]:
    names = [name for one in concepts for name in ([one.name] if one.name in _INSTRUMENTS else one.plays)]
    if way.others:
        yield Stretch(ALL_BUT + ", ".join(dict.fromkeys(names)), way.begins, way.share)
        return
    for name in names:
        if way.within and re.fullmatch(_MIDDLE, when):
            yield Stretch(name, begins=True, share=_INNER[0])
            yield Stretch(name, begins=False, share=_INNER[1])
        else:
            yield Stretch(name, way.begins, *((way.share, None) if when == "" else _moment(when)))


def _moment(when: str) -> tuple[float | None, float | None]:
    """A share of the cue, or seconds."""
    clock = re.search(r"(\d{1,2}):(\d\d)", when)
    if clock:
        return None, 60.0 * int(clock[1]) + int(clock[2])
    count = re.search(r"\d+", when)
    if count:
        return None, float(count[0])
    return next(share for pattern, share in _SHARES if re.fullmatch(pattern, when)), None


def _way(pattern: str, *, begins: bool, wanted: bool = True, within: bool = False) -> _Way:
    return _Way(rf"\b{pattern}(?![\w:])", begins, wanted, within)


def _alone(pattern: str, share: float, *, begins: bool) -> _Way:
    """A way to say who plays alone: until when, where others begin then, else from when on."""
    return _Way(rf"\b{pattern}(?![\w:])", begins, share=share, others=True)


def _later(pattern: str) -> _Way:
    """A way to say who comes later, without saying when."""
    return _Way(pattern, begins=True, share=0.5)


_WAYS = (
    _way(rf"{_HOLD}{_WHO}(?:until|till|before|up to) {_LATER}{_ON}", begins=True),
    _way(rf"(?:hold|save|keep) (?:the )?{_WHO}for {_LATER}", begins=True),
    _way(rf"{_WHO}not (?:until|till|before) {_LATER}{_ON}", begins=True),
    _way(rf"{_NO}{_WHO}(?:at|in|during|for|over) {_SOONER}", begins=True),
    _way(rf"{_NO}{_WHO}(?:at|in|during|for|over|after|from|towards?) {_LATER}{_ON}", begins=False, wanted=False),
    _way(rf"{_BRING}{_WHO}(?:in )?{_AT}{_LATER}{_ON}", begins=True, within=True),
    _way(rf"{_AT}{_LATER} (?:the |then the |then )?{_BRING}{_WHO_LAST}$", begins=True, within=True),
    _way(rf"{_AT}{_LATER} (?:the |then the |then )?{_WHO}{_COME}", begins=True, within=True),
    _way(rf"{_WHO}{_LEAVE}{_AT}{_LATER}{_ON}", begins=False),
    _way(rf"{_WHO}(?:only )?(?:until|till|up to) {_LATER}", begins=False),
    _way(rf"{_WHO}(?:only|just) (?:(?:at|in|during|for|over) )?{_SOONER}", begins=False),
    _way(rf"(?:only|just) {_WHO}(?:(?:at|in|during|for|over) ){_SOONER}", begins=False),
    _way(rf"{_WHO}(?:only |just )?(?:for|during|in|over) {_FIRST}", begins=False),
    _way(rf"{_WHO}{_ENTER}{_AT}{_LATER}{_ON}", begins=True, within=True),
    _way(rf"{_WHO}{_AT}{_LATER}{_ON}", begins=True, within=True),
    _alone(rf"{_OPEN} {_ALONE} {_WHO_IS_LEFT}(?: only| alone| solo)?", 0.25, begins=True),
    _alone(rf"{_OPEN} (?:an? |the )?{_WHO_LAST} (?:only|alone|solo|by itself)", 0.25, begins=True),
    _alone(rf"{_OPEN} {_WHO_IS_LEFT}", 0.15, begins=True),
    _alone(rf"{_WHO}(?:intro|introduction)", 0.15, begins=True),
    _alone(rf"{_CLOSE} {_ALONE} {_WHO_IS_LEFT}(?: only| alone| solo)?", 0.75, begins=False),
    _alone(rf"{_CLOSE} (?:an? |the )?{_WHO_LAST} (?:only|alone|solo|by itself)", 0.75, begins=False),
    _alone(rf"{_WHO}(?:outro|coda)", 0.85, begins=False),
    _later(rf"^{_THEN} (?:{_BRING})?(?:the |some |comes? )?{_WHO_LAST}(?: {_COME})?$"),
    _later(rf"{_WHO}(?:{_COME} )?(?:later|afterwards?)(?: on)?$"),
)
"""In the order in which they are tried: what says more comes first."""
