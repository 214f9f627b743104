"""Threes: beats of three parts, as in 6/8. Styles are written in beats of two and four parts, and played so here.

What falls on a beat stays there. Of two parts the second comes on the last third, as in a jig; of four parts one falls
away. Broken chords that never rest run on in eighths, three to a beat.
"""

from collections.abc import Sequence
from dataclasses import replace

from sonique_daemon.engines.composer.style import Layer, Style
from sonique_daemon.engines.composer.writing.score import Event, Score

PARTS = 3
"""Of a beat."""

_BEATS = 4
"""Of a pattern."""

_HELD = "-"

_TIMEKEEPERS, _STROKES = "HPRAQNGF", "123456789"
"""Drums that mark the parts of each beat, and how a stroke of theirs is written."""

_LATER = {0.25: 1 / 3, 0.5: 2 / 3, 0.75: 2 / 3}
"""Where a position within a beat of two or four parts goes."""

_ROUNDING = 0.02
"""Beats within which two positions are one."""


def in_threes(text: str, rest: str = ".", light: str = "o", beats: int = _BEATS) -> str:
    """A pattern of beats of one, two or four parts, in three parts to each beat; one in threes stays as it is.

    Args:
        text: a symbol for each part; ``-`` holds what stands before it.
        rest: the symbol of a part where nothing begins; "0" for drums, which hold nothing.
        light: symbols of strokes that come twice where a beat's second half begins with one: “oom-pah-pah”.
        beats: how many it lasts.
    """
    if len(text) == beats:
        text = "".join(symbol + (rest if rest in ("0", symbol) else _HELD) for symbol in text)
    parts = len(text) // beats
    if parts == PARTS:
        return text
    change = _of_two if parts < PARTS else _of_four
    return "".join(change(text[start : start + parts], rest, light) for start in range(0, len(text), parts))


def adapted(style: Style) -> Style:
    """The style in threes: its patterns and its tunes' rhythms, without the swing that would take them elsewhere."""
    return replace(
        style,
        tune=replace(style.tune, cells=tuple(in_threes(cell) for cell in style.tune.cells)),
        timing=replace(style.timing, swing_unit=0),
        layers=tuple(_layer(layer) for layer in style.layers),
    )


def _layer(layer: Layer) -> Layer:
    rows = [tuple((name, _row(layer.role, name, text)) for name, text in pattern.rows) for pattern in layer.patterns]
    patterns = (replace(pattern, rows=made) for pattern, made in zip(layer.patterns, rows, strict=True))
    return replace(layer, patterns=tuple(patterns))


def _row(role: str, name: str, text: str) -> str:
    if role == "drums":
        return in_threes(text, rest="0", light=_STROKES if name in _TIMEKEEPERS else "")
    return running(text) if role == "figure" else in_threes(text)


def running(text: str) -> str:
    """A pattern of broken chords, in three parts to each beat: one that never rests runs on as it is."""
    if len(text) == 2 * _BEATS and text.isdigit():
        return (text + text)[: PARTS * _BEATS]
    return in_threes(text)


def _of_two(symbols: str, rest: str, light: str) -> str:
    """Long and short, or heavy, light and light."""
    first, second = symbols[0], symbols[1]
    if second in light:
        return first + second + second
    return first + (rest if rest in ("0", first, second) else _HELD) + second


def _of_four(symbols: str, rest: str, light: str) -> str:
    """The beat, what begins early in it, and what begins late."""
    _, early, middle, late = (symbol not in (rest, _HELD) for symbol in symbols)
    if not early and not late and (middle or _HELD not in symbols):
        return _of_two(symbols[0] + symbols[2], rest, light)
    second = 2 if not early and middle and late else 1
    third = 2 if middle and not late else 3
    return symbols[0] + symbols[second] + symbols[third]


def lilted(score: Score, events: Sequence[Event]) -> list[Event]:
    """The events, where beats have three parts with none between those; what is pinned to the picture stays."""
    if not score.threes:
        return list(events)
    return [event if event.pinned else replace(event, beat=_place(event.beat)) for event in events]


def _place(beat: float) -> float:
    whole = (beat + _ROUNDING) // 1
    inside = beat - whole
    return whole + next((later for place, later in _LATER.items() if abs(place - inside) < _ROUNDING), inside)
