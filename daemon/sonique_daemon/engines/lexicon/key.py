"""Keys in words: “D minor”, “F# dorian”, “B flat major”."""

import re

from sonique_daemon.domain.tags import Key, Origin

NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
"""Usual names of the pitch classes."""

BRIGHTNESS = {"locrian": -4, "phrygian": -3, "aeolian": -2, "dorian": -1, "mixolydian": 0, "ionian": 1, "lydian": 2}
"""How bright each mode is, by the number of its raised degrees; see music psychology's mode rankings."""

_TONICS = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_SHIFTS = {"#": 1, "sharp": 1, "b": -1, "flat": -1, "": 0}
_MODES = {
    "major": "ionian",
    "maj": "ionian",
    "dur": "ionian",
    "minor": "aeolian",
    "min": "aeolian",
    "moll": "aeolian",
    "m": "aeolian",
    **{mode: mode for mode in BRIGHTNESS},
}
_SIGNS = str.maketrans({"♯": "#", "♭": "b"})
_ACCIDENTAL = r"(?:\s*(#|♯|♭)|(b)(?![a-z])|[\s-]*(sharp|flat)(?![a-z]))?"
_LONG_MODES = "major|minor|maj|min|dur|moll|ionian|dorian|phrygian|lydian|mixolydian|aeolian|locrian"
_KINDS_OF_MINOR = r"(?:(?:natural|harmonic|melodic)\s+)?"
_FIELD = re.compile(
    r"(?:(?:in|the|key|of)\s+|key:\s*)*([a-g])(?:\s*(#)|(b)(?=$|\s|m)|[\s-]*(sharp|flat)(?![a-z]))?"
    rf"[\s-]*(?:{_KINDS_OF_MINOR}({_LONG_MODES}|m))?(?:\s+(?:key|scale|mode))?"
)
_LEAD = r"(?:\bin(?:\s+the)?(?:\s+key(?:\s+of|:)?)?|\bkey(?:\s+of|:|\s+is)?|\bkey\s+signature:?)\s+"
_NAMED = re.compile(
    rf"(?P<lead>{_LEAD})?(?<![A-Za-z0-9#♯♭'’])(?P<note>[A-Ga-g]){_ACCIDENTAL}"
    rf"[\s-]+{_KINDS_OF_MINOR}({_LONG_MODES})\b(?P<tail>\s+(?:key|scale|mode)\b)?",
    re.IGNORECASE,
)
_SHORT = re.compile(rf"{_LEAD}([A-G])(#|♯|b|♭)?(m|min|maj)?(?![\w#♯♭'’])(?=\s*(?:$|[,.;:!?)\n]|at\b|with\b|and\b|\d))")
_FIELD_LENGTH = 40


def parse_key(text: str) -> Key | None:
    """The key that a whole text names, by a user; None where it names none.

    Takes “D minor”, “d”, “F# dorian”, “Bb”, “Dm”, “B flat major”, “key of E”; a tonic without a mode is major, natural,
    harmonic and melodic minor are all aeolian.
    """
    plain = " ".join(text.translate(_SIGNS).split())
    if not plain or len(plain) > _FIELD_LENGTH:
        return None
    if re.fullmatch(r"[A-Ga-g][#b]?M", plain):
        plain = plain[:-1]
    match = _FIELD.fullmatch(plain.lower())
    if match is None:
        return None
    note, sharp, flat, word, mode = match.groups()
    return _key(note, sharp or flat or word or "", mode or "major")


def keys_in(text: str) -> tuple[tuple[Key, ...], str]:
    """The keys that a free text names, in order, and the text without them.

    A free text has to be clear: a note needs its mode (“in D minor”), or the word “key” or “in” before a capital
    (“in Bb”). “a minor setback” is no key: a small “a” counts only after “key of”, or in “in a minor” at the end.
    """
    found: list[tuple[int, Key]] = []

    def named(match: re.Match[str]) -> str:
        if match["note"] in "aA" and not _is_note_a(text, match):
            return match[0]
        sign = next((group for group in match.group(3, 4, 5) if group), "")
        found.append((match.start(), _key(match["note"], sign, match.group(6))))
        return " , "

    def short(match: re.Match[str]) -> str:
        found.append((match.start(), _key(match.group(1), match.group(2) or "", match.group(3) or "major")))
        return " , "

    rest = _SHORT.sub(short, _NAMED.sub(named, text))
    return tuple(key for _, key in sorted(found, key=lambda item: item[0])), rest


def key_name(key: Key) -> str:
    """The key in words: “D minor”, “F# dorian”."""
    return f"{NOTES[key.tonic]} {mode_name(key.mode)}"


def key_names() -> tuple[str, ...]:
    """Every key in words."""
    return tuple(f"{note} {mode_name(mode)}" for note in NOTES for mode in BRIGHTNESS)


def mode_name(mode: str) -> str:
    """The mode as people call it."""
    return {"ionian": "major", "aeolian": "minor"}.get(mode, mode)


def _is_note_a(text: str, match: re.Match[str]) -> bool:
    """Whether an “a” is the note and not the article."""
    lead = (match["lead"] or "").lower()
    if "key" in lead:
        return True
    if match["tail"] or (match["note"] == "a" and not lead):
        return False
    before, after = text[: match.start()].rstrip(), text[match.end() :].lstrip(" ")
    starts_sentence = not before or before[-1] in ".!?\n"
    ends_phrase = after[:1] in {"", ",", ".", ";", ":", "!", "?", ")", "\n"}
    return ends_phrase or (match["note"] == "A" and not starts_sentence)


def _key(note: str, sign: str, mode: str) -> Key:
    shift = _SHIFTS[sign.translate(_SIGNS).lower()]
    return Key((_TONICS[note.lower()] + shift) % 12, _MODES[mode.lower()], Origin.USER)
