"""The foot of the figure: what the marks mean, the tags with who said so, and where the cue comes from."""

from collections.abc import Iterator
from textwrap import shorten

from sonique.v1 import tags_pb2

from sonique_cli.report import svg
from sonique_cli.report.facts import Facts
from sonique_cli.report.sheet import (
    DIM,
    DUCK,
    EDGE,
    ENERGY,
    FAINT,
    FOOT,
    INK,
    LOUDNESS,
    MARGIN,
    MOTION,
    PANEL,
    SPEECH,
    VERDICT_WORDS,
    VERDICTS,
    WAVE_SOFT,
)

_USER = "#4f9fe0"
_COLUMN = 1010


def foot(facts: Facts) -> Iterator[str]:
    """The legend, the tags and the provenance."""
    yield from _legend()
    yield svg.text(MARGIN, FOOT.top + 62, "Tags", INK, 15, font_weight="600")
    yield svg.text(MARGIN + 44, FOOT.top + 62, "outlined: chosen by the engine · filled: your word", FAINT, 12)
    yield from _tags(facts)
    yield svg.text(_COLUMN, FOOT.top + 62, "Provenance", INK, 15, font_weight="600")
    for number, words in enumerate(_origins(facts)):
        yield svg.text(_COLUMN, FOOT.top + 86 + 19 * number, shorten(words, 88, placeholder=" …"), DIM, 12)


def _legend() -> Iterator[str]:
    x, y = float(MARGIN), FOOT.top + 18
    items = [
        *((VERDICTS[verdict], f"hit {words}") for verdict, words in VERDICT_WORDS.items()),
        (MOTION, "motion"),
        (LOUDNESS, "production sound"),
        (ENERGY, "energy asked of the music"),
        (WAVE_SOFT, "music"),
        (SPEECH, "speech"),
        (DUCK, "gain under speech"),
    ]
    for colour, words in items:
        yield svg.rect(x, y - 9, 12, 10, colour, rx=2)
        yield svg.text(x + 18, y, words, DIM, 12)
        x += 44 + svg.width(words)


def _tags(facts: Facts) -> Iterator[str]:
    """A chip for each tag, in lines."""
    x, y = float(MARGIN), FOOT.top + 78
    for words, mine in _chips(facts):
        width = 24 + svg.width(words)
        if x + width > _COLUMN - 40:
            x, y = float(MARGIN), y + 30
        if y > FOOT.bottom - 30:
            return
        fill, edge = (_USER, _USER) if mine else (PANEL, EDGE)
        yield svg.rect(x, y, width, 22, fill, rx=11, stroke=edge, stroke_width=1.0)
        yield svg.text(x + width / 2, y + 15, words, "#08131d" if mine else INK, 12, text_anchor="middle")
        x += width + 8


def _chips(facts: Facts) -> Iterator[tuple[str, bool]]:
    """The words of each tag, and whether the user said so."""
    tags = facts.tags
    if tags is None:
        return
    if facts.key:
        yield facts.key, _mine(tags.key.origin)
    if tags.HasField("tempo"):
        yield f"{tags.tempo.bpm:.0f} bpm", _mine(tags.tempo.origin)
    for tag in tags.tags:
        words = f"no {tag.text}" if tag.kind == tags_pb2.TAG_KIND_NEGATIVE else tag.text
        yield words[:40], _mine(tag.origin)


def _mine(origin: "tags_pb2.Origin.ValueType") -> bool:
    return origin in (tags_pb2.ORIGIN_USER, tags_pb2.ORIGIN_UNSPECIFIED)


def _origins(facts: Facts) -> Iterator[str]:
    told = facts.provenance
    yield told.get("MACHINE_MADE", f"Machine-made with the engine {facts.take.engine}, seed {facts.take.seed}.")
    if told.get("LICENCE"):
        yield f"Licence of the engine: {told['LICENCE']}"
    if told.get("PROMPT"):
        yield f"Prompt: “{told['PROMPT']}”"
    sha256 = next((file.sha256 for file in facts.take.files if file.name == "mix"), "")
    if sha256:
        yield f"SHA-256 of the mix: {sha256[:32]}…"
    yield from facts.notes
