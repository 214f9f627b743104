"""Motifs: rhythm and steps of one or two bars with one marked feature, and what can become of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sonique_daemon.engines.composer.style import Tune
from sonique_daemon.engines.composer.writing.dice import Roll

_STEPS = {0: 0.13, 1: 0.28, -1: 0.28, 2: 0.10, -2: 0.10, 3: 0.05, -3: 0.06}
"""Steps along the scale between neighbouring notes, about as folk and classical melodies share them out."""

OPERATIONS = {
    "repeat": 0.15,
    "sequence": 0.25,
    "rhythm": 0.25,
    "tail": 0.15,
    "augment": 0.04,
    "fragment": 0.10,
    "invert": 0.03,
    "ornament": 0.03,
}
"""What becomes of a motif when it comes back, and how often."""


@dataclass(frozen=True, slots=True)
class Motif:
    """A motif.

    Attributes:
        cells: rhythm of each of its bars, eight, twelve or sixteen steps to four beats.
        steps: scale steps from each note to the next; the first leads into the first note.
        feature: the note that its marked leap leads to, or -1 where its rhythm is the mark.
    """

    cells: tuple[str, ...]
    steps: tuple[int, ...]
    feature: int = -1

    def __len__(self) -> int:
        return sum(cell.count("x") for cell in self.cells)


def motif(tune: Tune, busyness: float, roll: Roll) -> Motif:
    """A new motif of three to seven notes from the style's cells."""
    cells = _cells(tune, busyness, roll)
    count = sum(cell.count("x") for cell in cells)
    steps = [roll.weigh(_STEPS) for _ in range(max(count, 1))]
    steps = _arched(steps)
    steps[0] = 0
    feature = -1
    if count >= 3 and roll.chance(tune.leap):
        feature = 1 + roll.below(min(count - 1, 3))
        steps[feature] = roll.pick((3, 3, 4)) if roll.chance(0.75) else -roll.pick((3, 4))
        if feature + 1 < count:
            steps[feature + 1] = -1 if steps[feature] > 0 else 1
    return Motif(cells, tuple(steps), feature)


def _cells(tune: Tune, busyness: float, roll: Roll) -> tuple[str, ...]:
    """Two bars of rhythm that hold three to seven notes, fewer where the mood is calm."""
    wanted = 2.6 * min(max(busyness, 0.5), 1.8)
    weights = {cell: 1.0 / (0.4 + abs(cell.count("x") - wanted)) for cell in tune.cells}
    first = roll.weigh(weights)
    second = roll.weigh({cell: weight for cell, weight in weights.items() if cell != first} or weights)
    if first.count("x") + second.count("x") > 7:
        second = min(tune.cells, key=lambda cell: (cell.count("x"), cell))
    return (first, _breathing(second))


def _breathing(cell: str) -> str:
    """The cell with a breath at its end."""
    size = len(cell) // 8
    return cell[: len(cell) - size] + "." * size if cell[-size:].strip(".") else cell


def _arched(steps: list[int]) -> list[int]:
    """Steps that rise rather at first and fall rather later."""
    middle = len(steps) / 2
    turned = []
    for place, step in enumerate(steps):
        rising = place < middle
        turned.append(abs(step) if rising and place % 3 != 2 else -abs(step) if not rising and place % 3 else step)
    return turned


def derived(plain: Motif, tune: Tune, roll: Roll) -> Motif:
    """A second idea from the first: its second bar's rhythm first, its steps turned round."""
    fresh = tuple(-step for step in plain.steps)
    other = roll.pick([cell for cell in tune.cells if cell not in plain.cells] or list(tune.cells))
    cells = (plain.cells[-1].replace(".", "-", 1), _breathing(other))
    return _fitted(Motif(cells, fresh, plain.feature))


def changed(plain: Motif, operation: str, roll: Roll) -> Motif:
    """The motif after one of ``OPERATIONS``; "sequence" leaves it as it is, for it moves as a whole."""
    change = {
        "rhythm": _same_rhythm,
        "tail": _new_tail,
        "augment": _augmented,
        "fragment": _fragmented,
        "invert": _inverted,
        "ornament": _ornamented,
    }.get(operation)
    return _fitted(change(plain, roll)) if change is not None else plain


def closed(plain: Motif) -> Motif:
    """The motif ending on one long note."""
    cell = plain.cells[-1]
    first = cell.find("x")
    size = len(cell)
    last = "x" + "-" * (3 * size // 4 - 1) + "." * (size // 4)
    late = "." * (size // 4) + "x" + "-" * (size // 2 - 1) + "." * (size // 4)
    cells = (*plain.cells[:-1], last if first <= 0 else late)
    return _fitted(replace(plain, cells=cells))


def _fitted(plain: Motif) -> Motif:
    """As many steps as notes."""
    count = len(plain)
    steps: Sequence[int] = plain.steps
    grown = tuple(steps[place % len(steps)] if steps else 0 for place in range(count))
    return replace(plain, steps=grown, feature=plain.feature if plain.feature < count else -1)


def _same_rhythm(plain: Motif, roll: Roll) -> Motif:
    steps = [0, *(roll.weigh(_STEPS) for _ in plain.steps[1:])]
    if 0 < plain.feature < len(steps):
        steps[plain.feature] = plain.steps[plain.feature]
    return replace(plain, steps=tuple(steps))


def _new_tail(plain: Motif, roll: Roll) -> Motif:
    cut = max(1, 2 * len(plain.steps) // 3)
    return replace(plain, steps=(*plain.steps[:cut], *(roll.weigh(_STEPS) for _ in plain.steps[cut:])))


def _augmented(plain: Motif, _: Roll) -> Motif:
    cell = plain.cells[0]
    wide = "".join(symbol + ("-" if symbol in "x-" else ".") for symbol in cell)
    return replace(plain, cells=(wide[: len(cell)], _breathing(wide[len(cell) :])))


def _fragmented(plain: Motif, _: Roll) -> Motif:
    cell = plain.cells[0]
    half = cell[: len(cell) // 2]
    twice = half + half if "x" in half else cell
    return replace(plain, cells=(twice, plain.cells[-1]))


def _inverted(plain: Motif, _: Roll) -> Motif:
    return replace(plain, steps=tuple(-step for step in plain.steps))


def _ornamented(plain: Motif, roll: Roll) -> Motif:
    cell = plain.cells[0]
    holds = [place for place, symbol in enumerate(cell) if symbol == "-"]
    if not holds:
        return plain
    place = roll.pick(holds)
    return replace(plain, cells=(cell[:place] + "x" + cell[place + 1 :], *plain.cells[1:]))
