"""Tags on the wire."""

from collections.abc import Iterable
from dataclasses import replace

from sonique.v1 import tags_pb2

from sonique_daemon.domain.tags import Affect, Key, Origin, Tag, TagKind, Tags, Tempo
from sonique_daemon.errors import InvalidRequest
from sonique_daemon.server.wire.brief import FASTEST_BPM, SLOWEST_BPM, WORD_LIMIT, read_hit_strength
from sonique_daemon.server.wire.fields import chosen, counted, limited, present, quoted, sendable, within

TAGS_LIMIT = 200
LOWEST_BPM, HIGHEST_BPM = 10.0, 600.0
"""How far the bounds of a tempo may reach."""

_ORIGINS = {
    tags_pb2.ORIGIN_UNSPECIFIED: Origin.USER,
    tags_pb2.ORIGIN_USER: Origin.USER,
    tags_pb2.ORIGIN_ENGINE: Origin.ENGINE,
}
_KINDS = {
    tags_pb2.TAG_KIND_GENRE: TagKind.GENRE,
    tags_pb2.TAG_KIND_MOOD: TagKind.MOOD,
    tags_pb2.TAG_KIND_INSTRUMENT: TagKind.INSTRUMENT,
    tags_pb2.TAG_KIND_NEGATIVE: TagKind.NEGATIVE,
    tags_pb2.TAG_KIND_FORM: TagKind.FORM,
}
_ORIGIN_NUMBERS = {Origin.USER: tags_pb2.ORIGIN_USER, Origin.ENGINE: tags_pb2.ORIGIN_ENGINE}
_KIND_NUMBERS = {kind: number for number, kind in _KINDS.items()}
_MODES = {
    **{mode: mode for mode in ("ionian", "dorian", "phrygian", "lydian", "mixolydian", "aeolian", "locrian")},
    "major": "ionian",
    "minor": "aeolian",
}


def read_tags(message: tags_pb2.Tags) -> Tags:
    """The tag set; its notes are passed over.

    Raises:
        InvalidRequest: a required field is missing, or one is out of bounds.
        LimitExceeded: too many tags, or one too long.
    """
    present(bool(message.style), "tags.style")
    present(message.HasField("tempo"), "tags.tempo")
    present(message.HasField("key"), "tags.key")
    counted(message.tags, "tags.tags", TAGS_LIMIT)
    return Tags(
        style=limited(message.style, "tags.style", WORD_LIMIT),
        tags=_merged(_read_tag(tag) for tag in message.tags),
        tempo=_read_tempo(message.tempo),
        key=_read_key(message.key),
        affect=_read_affect(message.affect),
        density=within(message.density, "tags.density", 0.0, 1.0),
        hit_strength=read_hit_strength(message, "tags.hit_strength"),
    )


def write_tags(tags: Tags) -> tags_pb2.Tags:
    """The tag set."""
    tempo, key, affect = tags.tempo, tags.key, tags.affect
    return tags_pb2.Tags(
        style=tags.style,
        tags=[_write_tag(tag) for tag in tags.tags],
        tempo=tags_pb2.Tempo(bpm=tempo.bpm, low=tempo.low, high=tempo.high, origin=_ORIGIN_NUMBERS[tempo.origin]),
        key=tags_pb2.Key(tonic=key.tonic, mode=key.mode, origin=_ORIGIN_NUMBERS[key.origin]),
        affect=tags_pb2.Affect(valence=affect.valence, arousal=affect.arousal, tension=affect.tension),
        density=tags.density,
        hit_strength=tags.hit_strength,
        notes=[sendable(note) for note in tags.notes],
    )


def _read_tag(message: tags_pb2.Tag) -> Tag:
    text = limited(message.text, "A tag's text", WORD_LIMIT).strip().lower()
    present(bool(text), "A tag's text")
    return Tag(
        chosen(_KINDS, message.kind, f"The kind of the tag {quoted(text)}"),
        text,
        chosen(_ORIGINS, message.origin, f"The origin of the tag {quoted(text)}"),
    )


def _write_tag(tag: Tag) -> tags_pb2.Tag:
    return tags_pb2.Tag(kind=_KIND_NUMBERS[tag.kind], text=sendable(tag.text), origin=_ORIGIN_NUMBERS[tag.origin])


def _merged(tags: Iterable[Tag]) -> tuple[Tag, ...]:
    """Each tag once, where it stands first; said by the user where the user said it at all."""
    found: dict[tuple[TagKind, str], Tag] = {}
    for tag in tags:
        known = found.setdefault((tag.kind, tag.text), tag)
        if tag.origin is Origin.USER and known.origin is not Origin.USER:
            found[tag.kind, tag.text] = replace(known, origin=Origin.USER)
    return tuple(found.values())


def _read_tempo(message: tags_pb2.Tempo) -> Tempo:
    bpm = within(message.bpm, "tags.tempo.bpm", SLOWEST_BPM, FASTEST_BPM)
    low = within(message.low, "tags.tempo.low", LOWEST_BPM, HIGHEST_BPM) if message.low else bpm
    high = within(message.high, "tags.tempo.high", LOWEST_BPM, HIGHEST_BPM) if message.high else bpm
    if not low <= bpm <= high:  # somebody wrote another tempo and left the bounds of the old one
        low = high = bpm
    return Tempo(bpm, low, high, chosen(_ORIGINS, message.origin, "tags.tempo.origin"))


def _read_key(message: tags_pb2.Key) -> Key:
    if not 0 <= message.tonic <= 11:
        raise InvalidRequest(f"tags.key.tonic is {message.tonic}; it must be 0 (C) to 11 (B).")
    mode = _MODES.get(message.mode.strip().lower())
    if mode is None:
        raise InvalidRequest(f"tags.key.mode {quoted(message.mode)} is unknown; choose one of {', '.join(_MODES)}.")
    return Key(message.tonic, mode, chosen(_ORIGINS, message.origin, "tags.key.origin"))


def _read_affect(message: tags_pb2.Affect) -> Affect:
    return Affect(
        within(message.valence, "tags.affect.valence", -1.0, 1.0),
        within(message.arousal, "tags.affect.arousal", -1.0, 1.0),
        within(message.tension, "tags.affect.tension", -1.0, 1.0),
    )
