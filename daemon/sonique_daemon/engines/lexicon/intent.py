"""Intent: all that a brief says, gathered from its fields and its prompt, checked and in order of weight."""

import difflib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.form import Stretch
from sonique_daemon.domain.tags import Key
from sonique_daemon.engines.lexicon.concept import ConceptKind
from sonique_daemon.engines.lexicon.entrances import entrances_in
from sonique_daemon.engines.lexicon.index import names
from sonique_daemon.engines.lexicon.key import key_name, key_names, keys_in, parse_key
from sonique_daemon.engines.lexicon.metre import metres_in
from sonique_daemon.engines.lexicon.pace import Pace, exact, paces_in
from sonique_daemon.engines.lexicon.reading import Finding, Polarity, read
from sonique_daemon.engines.lexicon.spelling import ordinary, respelled, times_taken
from sonique_daemon.engines.lexicon.words import folded
from sonique_daemon.errors import InvalidBrief, LimitExceeded

PROMPT_LIMIT, ITEM_LIMIT, LIST_LIMIT = 4000, 100, 64
"""Characters of a prompt, characters of an item or key, items of a list."""

_LISTS = {"genres": "genre", "moods": "mood", "instruments": "instrument", "negatives": "negative"}
_KINDS = {"genres": ConceptKind.GENRE, "moods": ConceptKind.MOOD, "instruments": ConceptKind.INSTRUMENT}
_ITEMS = re.compile(r"[,;\n|]|\s/\s|\s\+\s")


@dataclass(slots=True)
class Intent:
    """What the user wants.

    Attributes:
        findings: concepts of the fields first (genres, moods, instruments), then of the prompt.
        named: names of the concepts that the brief's genres hold, in order.
        negative_words: negatives that the lexicon does not know, as written.
        paces: tempi that were said, the one that counts first.
        banned_paces: tempi that were ruled out.
        keys: keys that were said, the one that counts first.
        metres: metres that were said, the one that counts first.
        entrances: from and until when instruments are to play.
        unknown: words of the prompt that mean nothing to the lexicon.
        notes: sentences for the user.
    """

    findings: list[Finding] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    negative_words: list[str] = field(default_factory=list)
    paces: list[Pace] = field(default_factory=list)
    banned_paces: list[Pace] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    metres: list[str] = field(default_factory=list)
    entrances: list[Stretch] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def wanted(self) -> list[Finding]:
        """What is wanted and not ruled out elsewhere; see ``settle``."""
        return [finding for finding in self.findings if finding.wanted]

    @property
    def denied(self) -> list[Finding]:
        """What is ruled out, wholly or by half."""
        return [finding for finding in self.findings if not finding.wanted]


def intent(brief: Brief) -> Intent:
    """Reads a brief.

    Each item of a list may hold several things (“piano,drums”), a tempo, a key or a negation. An item of genres or
    instruments that holds nothing known is an error; unknown moods are noted and left out; unknown negatives are passed
    on as words. A thing in the wrong list is taken for what it is, with a note.

    Raises:
        LimitExceeded: a text or a list is over its limit.
        InvalidBrief: an unknown genre, instrument or key, or a tempo or hit strength out of bounds.
    """
    _check_limits(brief)
    _check_numbers(brief)
    said = Intent()
    if brief.bpm is not None:
        said.paces.append(exact(brief.bpm))
    if brief.key.strip():
        said.keys.append(_key(brief.key))
    for name, kind in _KINDS.items():
        for item in _items(getattr(brief, name)):
            _take_item(said, item, kind, name)
    for item in _items(brief.negatives):
        _take_negative(said, item)
    _take_prompt(said, brief.prompt)
    return said


def _take_prompt(said: Intent, prompt: str) -> None:
    """Reads the prompt, its misspelt words as those that they stand for, and keeps what is not understood."""
    entrances, rest = entrances_in(prompt)
    said.entrances.extend(entrances)
    times, rest = times_taken(_numbers_taken(said, rest))
    rest, mended = respelled(rest, read(rest).unknown)
    said.notes.extend(f"“{wrong}” is read as “{right}”." for wrong, right in mended)
    reading = read(rest)
    said.findings.extend(reading.findings)
    said.unknown.extend(word for word in dict.fromkeys(reading.unknown) if not ordinary(word))
    if times:
        said.notes.append(
            f"{_listed(times)} names a moment, which words cannot place; set a marker there, and the music meets it."
        )


def _check_limits(brief: Brief) -> None:
    if len(brief.prompt) > PROMPT_LIMIT:
        raise LimitExceeded(f"The prompt has {len(brief.prompt)} characters and may have {PROMPT_LIMIT}; shorten it.")
    for name, word in _LISTS.items():
        items: tuple[str, ...] = getattr(brief, name)
        if len(items) > LIST_LIMIT:
            raise LimitExceeded(f"There are {len(items)} {name} and may be {LIST_LIMIT}; keep the most important ones.")
        for item in items:
            if len(item) > ITEM_LIMIT:
                raise LimitExceeded(
                    f"The {word} “{item[:20]}…” has {len(item)} characters and may have {ITEM_LIMIT}; "
                    "put long texts in the prompt."
                )
    if len(brief.key) > ITEM_LIMIT:
        raise LimitExceeded(
            f"The key has {len(brief.key)} characters and may have {ITEM_LIMIT}; write it like “D minor”."
        )


def _check_numbers(brief: Brief) -> None:
    if not (math.isfinite(brief.hit_strength) and 0 <= brief.hit_strength <= 1):
        raise InvalidBrief(
            f"A hit strength of {brief.hit_strength:g} does not exist; give 0 (ignore the cuts) to 1 (meet every cut)."
        )


def _key(text: str) -> Key:
    key = parse_key(text)
    if key is None:
        raise InvalidBrief(
            f"“{text.strip()}” is no key.{_meant(text.strip(), key_names())} Write a note and a mode, like “D minor”, "
            "or leave it empty; `sonique styles` lists the choices."
        )
    return key


def _items(items: Iterable[str]) -> list[str]:
    """The items, those with commas taken apart, without empty ones."""
    return [part.strip() for item in items for part in _ITEMS.split(item) if re.search(r"\w", part)]


def _numbers_taken(said: Intent, text: str) -> str:
    """Takes tempi, keys and metres out of a text and hands back the rest."""
    paces, rest = paces_in(text)
    keys, rest = keys_in(rest)
    metres, notes, rest = metres_in(rest)
    said.paces.extend(paces)
    said.keys.extend(keys)
    said.metres.extend(metres)
    said.notes.extend(notes)
    return rest


def _take_item(said: Intent, item: str, kind: ConceptKind, name: str) -> None:
    count = len(said.paces) + len(said.keys)
    reading = read(_numbers_taken(said, item), kind)
    if not reading.findings and len(said.paces) + len(said.keys) == count:
        _refuse(said, item, kind, name)
        return
    if reading.unknown:
        said.notes.append(f"In “{item}” ({name}), {_listed(reading.unknown)} was not understood and has no effect.")
    for finding in reading.findings:
        if finding.concept.kind is ConceptKind.GENRE and kind is ConceptKind.GENRE and finding.wanted:
            said.named.append(finding.concept.name)
    _note_misplaced(said, item, kind, name, reading.findings)
    said.findings.extend(reading.findings)


def _note_misplaced(said: Intent, item: str, kind: ConceptKind, name: str, findings: tuple[Finding, ...]) -> None:
    kinds = {finding.concept.kind for finding in findings}
    if findings and kind not in kinds and kind is not ConceptKind.MOOD:
        other = findings[0].concept.kind.value
        said.notes.append(f"“{item}” stands among the {name} and is read as {_article(other)} {other}.")


def _refuse(said: Intent, item: str, kind: ConceptKind, name: str) -> None:
    """Says that an item is unknown: an error for genres and instruments, a note for moods."""
    meant = _meant(folded(item), names((kind,)))
    if kind is ConceptKind.MOOD:
        said.notes.append(f"“{item}” ({name}) was not understood and has no effect.{meant}")
        return
    raise InvalidBrief(f"“{item}” is no {_LISTS[name]} that Sonique knows.{meant} `sonique styles` lists the choices.")


def _meant(text: str, choices: Iterable[str]) -> str:
    """A question for the nearest choices, or nothing where none is near."""
    near = difflib.get_close_matches(text, tuple(choices), 3, 0.6)
    return f" Did you mean {_listed(near, 'or')}?" if near else ""


def _take_negative(said: Intent, item: str) -> None:
    """A negative is ruled out whether or not it says “no” itself."""
    paces, rest = paces_in(item)
    said.banned_paces.extend(paces)
    reading = read(rest)
    for finding in reading.findings:
        half = finding.polarity is Polarity.HALF_DENIED
        polarity = Polarity.HALF_DENIED if half else Polarity.DENIED
        said.findings.append(Finding(finding.concept, finding.words, polarity, finding.strength))
    word = " ".join(folded(item).split()).removeprefix("no ")[:ITEM_LIMIT].strip()
    if word and not reading.findings and not paces:
        said.negative_words.append(word)
        said.notes.append(f"The negative “{item}” is unknown to the lexicon; it is passed on as a word.")


def note_numbers(said: Intent) -> None:
    """Notes which of several tempi, keys or metres counts."""
    for other in said.paces[1:]:
        if abs((other.bpm or 0) - (said.paces[0].bpm or 0)) > 0.5 or other.bpm is None:
            said.notes.append(
                f"Both “{said.paces[0].words}” and “{other.words}” were asked for; “{said.paces[0].words}” counts."
            )
    for key in said.keys[1:]:
        if key != said.keys[0]:
            said.notes.append(
                f"Both {key_name(said.keys[0])} and {key_name(key)} were asked for; {key_name(said.keys[0])} counts."
            )
    for metre in said.metres[1:]:
        if metre != said.metres[0]:
            said.notes.append(f"Both {said.metres[0]} and {metre} were asked for; {said.metres[0]} counts.")


def _listed(words: Iterable[str], joiner: str = "and") -> str:
    quoted = [f"“{word}”" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} {joiner} {quoted[-1]}"


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"
