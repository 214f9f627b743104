"""Checks of a style's file: what a musician wrote is told in one sentence for each fault, before anything plays it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sonique_daemon.engines.composer.composition import Instrument

ROLES = ("drums", "bass", "pad", "chords", "figure", "pulse", "lead", "counter", "drone", "drops", "noise")
ENDINGS = ("button", "ring", "fade", "open", "sting", "stop")
SCALES = ("mode", "pentatonic", "chromatic", "semitone")
EFFECTS = ("riser", "impact", "cymbal swell", "reverse cymbal")
GROUPS = ("drums", "bass", "harmony", "lead", "texture")

_NUMERAL = re.compile(r"[b#]?(VII|VI|IV|V|III|II|I|vii|vi|iv|v|iii|ii|i)[^/\s]*(/[1357])?")
_PATTERN = re.compile(r"(?P<energy>\d(\.\d+)?)( ([A-Za-z]+:)?\S+)+")
_STEPS = (4, 8, 12, 16)
_NEEDED = ("name", "words", "tempo", "room", "harmony", "timing", "tune", "endings", "layers")
_KNOWN = (*_NEEDED, "effects", "stops")
_NUMBERS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "room": {"decay": (0.4, 7), "brightness": (0.4, 2.5), "width": (0, 1), "pump_db": (0, 8), "glue": (0, 1)},
    "harmony": {"extension": (0, 2), "cadence": (0, 1), "inversion": (0, 1), "pedal": (0, 1)},
    "tune": {"share": (0, 1), "rest": (0, 1), "leap": (0, 1), "lift": (-24, 24)},
    "timing": {"swing_unit": (0, 16), "swing": (0, 0.75)},
}
_LAYER: Mapping[str, tuple[float, float]] = {
    "enters": (0, 1),
    "leaves": (0, 1.1),
    "low": (0, 127),
    "high": (0, 127),
    "length": (0.2, 1.1),
    "gain_db": (-60, 24),
    "pan": (-1, 1),
    "send_db": (-60, 12),
}
_OPTIONAL = {"room": {"brightness", "width", "pump_db", "glue"}, "timing": {"swing_unit", "swing", "lag_ms"}}
_MORE = {"harmony": {"rate", "major", "minor"}, "tune": {"cells", "scale"}, "timing": {"spread_ms", "lag_ms"}}


def faults(data: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each fault of a style as its file says it; none where it can be played."""
    yield from (f"It lacks “{key}”." for key in _NEEDED if key not in data)
    yield from (f"It does not know “{key}”." for key in data if key not in _KNOWN)
    tempo = data.get("tempo")
    if tempo is not None and not (_numbers(tempo, 3) and 20 <= tempo[0] <= tempo[1] <= tempo[2] <= 300):
        yield "“tempo” must be three tempi from 20 to 300, the slowest, the home tempo and the fastest."
    yield from _texts(data, "words")
    yield from _chosen(data.get("endings", {}), ENDINGS, "endings")
    yield from _chosen(data.get("effects", ()), EFFECTS, "effects")
    for section in _NUMBERS:
        yield from _section(data, section)
    yield from _harmony(data.get("harmony", {}))
    yield from _tune(data.get("tune", {}))
    layers = data.get("layers", ())
    if not isinstance(layers, list) or not layers:
        yield "It needs at least one “[[layers]]”, or nobody plays."
        return
    for number, layer in enumerate(layers, 1):
        yield from _layer(layer, f"Layer {number}")


def _section(data: Mapping[str, Any], name: str) -> Iterator[str]:
    section = data.get(name, {})
    if not isinstance(section, dict):
        yield f"“{name}” must be a table, “[{name}]”."
        return
    for key, bounds in _NUMBERS[name].items():
        if key in section:
            yield from _within(section[key], bounds, f"“{key}” in [{name}]")
        elif name in data and key not in _OPTIONAL.get(name, set()):
            yield f"[{name}] lacks “{key}”."
    for key in section.keys() - _NUMBERS[name].keys() - _MORE.get(name, set()):
        yield f"[{name}] does not know “{key}”."
    for key in sorted(_MORE.get(name, set()) - _OPTIONAL.get(name, set())) if name in data else ():
        if key not in section:
            yield f"[{name}] lacks “{key}”."
    for key in ("spread_ms", "lag_ms"):
        table = section.get(key, {})
        known = (*GROUPS, "snare") if key == "lag_ms" else GROUPS
        if not isinstance(table, dict) or not all(name in known and _number(ms) for name, ms in table.items()):
            yield f"“{key}” in [timing] must give milliseconds for {', '.join(known)}."


def _harmony(harmony: Any) -> Iterator[str]:
    if not isinstance(harmony, dict):
        return
    if "rate" in harmony and not _numbers(harmony["rate"], 2):
        yield "“rate” in [harmony] must be two numbers: chords a bar at energy 0 and at energy 1."
    for family in ("major", "minor"):
        progressions = harmony.get(family, {})
        for kind in ("opening", "verse", "lift", "close"):
            lines = progressions.get(kind) if isinstance(progressions, dict) else None
            if not isinstance(lines, list) or not lines or not all(isinstance(line, str) and line for line in lines):
                yield f'[harmony.{family}] needs “{kind}”: a list of progressions such as "I V vi IV".'
                continue
            for chord in " ".join(lines).split():
                if not _NUMERAL.fullmatch(chord):
                    yield f"“{chord}” in [harmony.{family}] is no chord; write a numeral such as IV, bVII7 or V/3."


def _tune(tune: Any) -> Iterator[str]:
    if not isinstance(tune, dict):
        return
    if "scale" in tune and tune["scale"] not in SCALES:
        yield f"“scale” in [tune] must be one of {', '.join(SCALES)}."
    cells = tune.get("cells", ["x---"])
    if not isinstance(cells, list) or not cells or not all(re.fullmatch(r"[x.-]{8}|[x.-]{16}", str(c)) for c in cells):
        yield "“cells” in [tune] must be rhythms of 8 or 16 steps: x a note, - held, . a rest."


def _layer(layer: Any, name: str) -> Iterator[str]:
    if not isinstance(layer, dict):
        yield f"{name} must be a table, “[[layers]]”."
        return
    if layer.get("role") not in ROLES:
        yield f"{name} needs a “role”: one of {', '.join(ROLES)}."
    instruments = layer.get("instruments")
    if not isinstance(instruments, list) or not instruments:
        yield f"{name} needs “instruments”: who may play it, the first choice first."
    else:
        yield from _chosen(instruments, tuple(Instrument), f"instruments of {name.lower()}")
    for key, bounds in _LAYER.items():
        if key in layer:
            yield from _within(layer[key], bounds, f"“{key}” of {name.lower()}")
    for key in layer.keys() - _LAYER.keys() - {"role", "instruments", "figure", "patterns"}:
        yield f"{name} does not know “{key}”."
    for pattern in layer.get("patterns", ()):
        if not _is_pattern(pattern):
            where = name.lower()
            yield f'“{pattern}” of {where} is no pattern; write "0.3 1---5---", or "0.3 K:9000 S:0090" for drums.'


def _is_pattern(pattern: Any) -> bool:
    if not isinstance(pattern, str) or not _PATTERN.fullmatch(pattern):
        return False
    energy, *rows = pattern.split()
    return float(energy) <= 1 and all(len(row.rpartition(":")[2]) in _STEPS for row in rows)


def _chosen(items: Any, known: tuple[str, ...], where: str) -> Iterator[str]:
    if not isinstance(items, list | tuple | dict):
        yield f"“{where}” must be a list."
        return
    yield from (
        f"“{item}” in the {where} is unknown; it knows {', '.join(known)}." for item in items if item not in known
    )


def _texts(data: Mapping[str, Any], key: str) -> Iterator[str]:
    texts = data.get(key, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) and text.strip() for text in texts):
        yield f"“{key}” must be a list of words."


def _within(value: Any, bounds: tuple[float, float], where: str) -> Iterator[str]:
    if not _number(value) or not bounds[0] <= value <= bounds[1]:
        yield f"{where} must be a number from {bounds[0]:g} to {bounds[1]:g}."


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(values: Any, count: int) -> bool:
    return isinstance(values, list) and len(values) == count and all(map(_number, values))
