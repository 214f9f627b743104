"""Briefs on the wire."""

from collections.abc import Sequence

from sonique.v1 import brief_pb2, tags_pb2

from sonique_daemon.domain.brief import Brief
from sonique_daemon.errors import InvalidBrief
from sonique_daemon.server.wire.fields import counted, finite, limited, within

PROMPT_LIMIT = 4000
WORDS_LIMIT = 64
WORD_LIMIT = 100
SLOWEST_BPM, FASTEST_BPM = 20.0, 300.0


def read_brief(message: brief_pb2.Brief) -> Brief:
    """The brief, its sizes and numbers checked; whether its words exist is for the engines to say.

    Raises:
        InvalidBrief: a tempo out of bounds, or an empty word.
        InvalidRequest: a hit strength out of bounds.
        LimitExceeded: too long.
    """
    return Brief(
        prompt=limited(message.prompt, "brief.prompt", PROMPT_LIMIT),
        genres=_words(message.genres, "brief.genres"),
        moods=_words(message.moods, "brief.moods"),
        instruments=_words(message.instruments, "brief.instruments"),
        negatives=_words(message.negatives, "brief.negatives"),
        bpm=_bpm(message.bpm) if message.HasField("bpm") else None,
        key=limited(message.key, "brief.key", WORD_LIMIT),
        hit_strength=read_hit_strength(message, "brief.hit_strength"),
    )


def write_brief(brief: Brief) -> brief_pb2.Brief:
    """The brief."""
    return brief_pb2.Brief(
        prompt=brief.prompt,
        genres=brief.genres,
        moods=brief.moods,
        instruments=brief.instruments,
        negatives=brief.negatives,
        bpm=brief.bpm,
        key=brief.key,
        hit_strength=brief.hit_strength,
    )


def read_hit_strength(message: brief_pb2.Brief | tags_pb2.Tags, field: str) -> float:
    """The message's hit strength, 0 to 1; 0.5 where it is unset."""
    if not message.HasField("hit_strength"):
        return 0.5
    return within(message.hit_strength, field, 0.0, 1.0)


def _words(words: Sequence[str], field: str) -> tuple[str, ...]:
    counted(words, field, WORDS_LIMIT)
    for word in words:
        if not limited(word, f"An entry of {field}", WORD_LIMIT).strip():
            raise InvalidBrief(f"{field} has an empty entry; leave it out.")
    return tuple(words)


def _bpm(bpm: float) -> float:
    if not SLOWEST_BPM <= finite(bpm, "brief.bpm") <= FASTEST_BPM:
        raise InvalidBrief(f"The tempo {bpm:g} bpm is out of bounds; choose {SLOWEST_BPM:g} to {FASTEST_BPM:g}.")
    return bpm
