"""Musical tags as an editor edits them: a few lines of text, read from and written back to the daemon's own JSON."""

import json
from dataclasses import dataclass
from typing import Any

from .errors import BlenderError
from .orders import words_of

_KINDS = {
    "genres": "TAG_KIND_GENRE",
    "moods": "TAG_KIND_MOOD",
    "instruments": "TAG_KIND_INSTRUMENT",
    "negatives": "TAG_KIND_NEGATIVE",
}
_NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_ALSO = {"DB": 1, "D#": 3, "GB": 6, "G#": 8, "A#": 10, "CB": 11, "B#": 0, "E#": 5, "FB": 4}
_USER = "ORIGIN_USER"


class UnfitTags(BlenderError):
    """Edited tags make no sense."""

    code = "UNFIT_TAGS"


@dataclass(frozen=True, slots=True)
class TagText:
    """Tags as text.

    Attributes:
        style: the style's id.
        bpm: tempo in beats per minute.
        key: "D minor".
        genres: with commas between them; so are the next three.
        moods: moods.
        instruments: that play.
        negatives: what must not be there.
    """

    style: str = ""
    bpm: float = 0.0
    key: str = ""
    genres: str = ""
    moods: str = ""
    instruments: str = ""
    negatives: str = ""


def to_text(tags: str) -> TagText:
    """The tags of the JSON; empty where it says nothing."""
    data = _data(tags)
    key = data.get("key") or {}
    lists = {name: ", ".join(each["text"] for each in _of(data, kind)) for name, kind in _KINDS.items()}
    return TagText(
        style=str(data.get("style", "")),
        bpm=float((data.get("tempo") or {}).get("bpm", 0.0)),
        key=f"{_NOTES[int(key.get('tonic', 0)) % 12]} {key.get('mode', '')}".strip() if key else "",
        **lists,
    )


def edited(tags: str, text: TagText) -> str:
    """The JSON with what ``text`` says otherwise; what was changed counts as the user's own.

    Raises:
        UnfitTags: the tempo or key makes no sense.
    """
    before, data = to_text(tags), _data(tags)
    if text.style != before.style:
        data["style"] = text.style.strip()
    if text.bpm != before.bpm:
        data["tempo"] = {"bpm": _tempo(text.bpm), "origin": _USER}
    if text.key != before.key:
        data["key"] = {**_key(text.key), "origin": _USER}
    for name, kind in _KINDS.items():
        if getattr(text, name) != getattr(before, name):
            data["tags"] = _changed(data, kind, words_of(getattr(text, name)))
    return json.dumps(data, ensure_ascii=False)


def _data(tags: str) -> dict[str, Any]:
    try:
        found = json.loads(tags or "{}")
    except ValueError:
        found = {}
    return found if isinstance(found, dict) else {}


def _of(data: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in data.get("tags") or [] if each.get("kind") == kind and each.get("text")]


def _changed(data: dict[str, Any], kind: str, words: tuple[str, ...]) -> list[dict[str, Any]]:
    """All tags, those of ``kind`` replaced by ``words``; a word that stays keeps who said it."""
    known = {each["text"].casefold(): each for each in _of(data, kind)}
    others = [each for each in data.get("tags") or [] if each.get("kind") != kind]
    return others + [
        known.get(word.casefold(), {"kind": kind, "text": word.lower(), "origin": _USER}) for word in words
    ]


def _tempo(bpm: float) -> float:
    if not 20 <= bpm <= 300:
        raise UnfitTags(f"{bpm:g} is no tempo; write 20 to 300 beats per minute.")
    return bpm


def _key(text: str) -> dict[str, Any]:
    note, _, mode = text.strip().partition(" ")
    names = {name.upper(): number for number, name in enumerate(_NOTES)} | _ALSO
    tonic = names.get(note.upper())
    if tonic is None:
        raise UnfitTags(f"“{text}” is no key; write it like “D minor” or “F# dorian”.")
    return {"tonic": tonic, "mode": mode.strip().lower() or "major"}
