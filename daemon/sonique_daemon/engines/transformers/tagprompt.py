"""The tag prompt: what a tagging model is told of the film, of the brief, and of the words that it may choose from."""

from collections.abc import Sequence
from fractions import Fraction

from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Curve, CurveKind, Description
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.lexicon.vocabulary import instrument_names
from sonique_daemon.engines.transformers.tagschema import FASTEST, SLOWEST, mood_words

SYSTEM = (
    "You are a film composer. You read what a film shows and decide what music fits it. You answer with one JSON "
    "object and nothing else, in English."
)
_FORM = (
    '{"style": one style, "genres": up to two genres, "moods": one to three moods, the strongest first, "instruments": '
    'one to five instruments, the most important first, "negatives": up to four instruments that must not play, "bpm": '
    f'beats per minute from {SLOWEST} to {FASTEST}, "key": a key such as "D minor", "valence": from -1 (sad) to 1 '
    '(happy), "arousal": from -1 (calm) to 1 (excited), "tension": from -1 (at ease) to 1 (uneasy), "density": how '
    "much plays at once, from 0 (one line) to 1 (everything)}"
)
REPAIR = "Your answer {trouble}. Answer again with the JSON object alone, in the words that you were given."

_PARTS = 4
_SCALES = {
    CurveKind.MOTION: ("Motion", ((0.12, "still"), (0.3, "calm"), (0.55, "lively"), (0.8, "fast")), "frantic"),
    CurveKind.LIGHT: ("Light", ((0.12, "black"), (0.3, "dark"), (0.45, "dim"), (0.7, "well lit")), "bright"),
    CurveKind.SATURATION: ("Colour", ((0.12, "colourless"), (0.35, "muted"), (0.6, "coloured")), "vivid"),
    CurveKind.WARMTH: ("Warmth", ((-0.3, "cold"), (-0.08, "cool"), (0.08, "neutral"), (0.3, "warm")), "hot"),
    CurveKind.CUT_RATE: ("Cutting", ((0.05, "no cuts"), (0.2, "slow"), (0.5, "steady"), (1.0, "fast")), "very fast"),
}
"""For each curve what it is called, and words for its values."""


def question(brief: Brief, description: Description | None, shots: Sequence[str]) -> str:
    """All that the model is asked, with as many lines on shots as are given."""
    parts = [f"Choose the music.\n\n{_vocabulary()}"]
    if description is not None:
        parts.append(_film(description, shots))
    wishes = _wishes(brief)
    if wishes:
        parts.append(f"What the editor asks for, which comes before anything else:\n{wishes}")
    parts.append(f"Answer with this JSON object:\n{_FORM}")
    return "\n\n".join(parts)


def _vocabulary() -> str:
    lists = {
        "Styles": tuple(styles()),
        "Moods": mood_words(),
        "Instruments": instrument_names(),
    }
    return "\n".join(f"{name}: {', '.join(words)}." for name, words in lists.items())


def _film(description: Description, shots: Sequence[str]) -> str:
    lines = [f"The film lasts {float(description.duration):.0f} s. {description.summary}"]
    lines += [words for curve in description.curves if (words := curve_in_words(curve))]
    spoken = sum((span.duration for span in description.speech), Fraction(0))
    if spoken > 0:
        lines.append(f"Somebody speaks for {float(100 * spoken / description.duration):.0f} % of it.")
    if shots:
        lines.append("Its shots, each with the second at which it begins:")
    return "\n".join([*lines, *shots])


def curve_in_words(curve: Curve) -> str:
    """How a curve goes over the range, in four equal parts, as “Motion: calm, lively, fast, calm.”; "" for loudness."""
    if curve.kind not in _SCALES or not curve.values:
        return ""
    name, scale, last = _SCALES[curve.kind]
    size = max(1, -(-len(curve.values) // _PARTS))
    parts = [curve.values[at : at + size] for at in range(0, len(curve.values), size)]
    words = [_word(sum(part) / len(part), scale, last) for part in parts]
    told = words[:1] if len(set(words)) == 1 else words
    return f"{name}: {', '.join(told)}."


def _word(value: float, scale: Sequence[tuple[float, str]], last: str) -> str:
    return next((word for limit, word in scale if value < limit), last)


def _wishes(brief: Brief) -> str:
    listed = {
        "Genres": ", ".join(brief.genres),
        "Moods": ", ".join(brief.moods),
        "Instruments": ", ".join(brief.instruments),
        "Not": ", ".join(brief.negatives),
        "Tempo": "" if brief.bpm is None else f"{brief.bpm:g} bpm",
        "Key": brief.key,
    }
    lines = [f"{name}: {text}" for name, text in listed.items() if text]
    return "\n".join([brief.prompt.strip(), *lines] if brief.prompt.strip() else lines)
