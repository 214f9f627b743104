"""Rows: what was measured, what could not be and why, and the tables made of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line.

    Attributes:
        section: of the benchmark.
        subject: a model as it is held, or a profile.
        what: was measured.
        value: what came out; None where nothing did.
        unit: of it; "" for a ratio.
        most: what it may be on an H200, or None.
        why: nothing came out, or a remark on what did.
    """

    section: str
    subject: str
    what: str
    value: float | None = None
    unit: str = ""
    most: float | None = None
    why: str = ""

    @property
    def met(self) -> bool:
        """Whether it is what it may be."""
        return self.most is None or (self.value is not None and self.value <= self.most)


def details(rows: Iterable[Row]) -> str:
    """All rows as a table."""
    return "\n".join(["| section | model or profile | what | value | |", "|---|---|---|---|---|", *map(_line, rows)])


def _line(row: Row) -> str:
    return f"| {row.section} | {row.subject} | {row.what} | {_value(row)} | {row.why} |"


def _value(row: Row) -> str:
    return "not measured" if row.value is None else f"{row.value:.3g} {row.unit}".rstrip()


def figures(rows: Iterable[Row], *, judged: bool) -> str:
    """The rows that have a figure to reach, as a table.

    Args:
        rows: all of them.
        judged: whether it is told if they are met: by full-size models on a card.
    """
    lines = ["| what | to be reached on an H200 | measured | met |", "|---|---|---|---|"]
    lines += [
        f"| {row.what}: {row.section}, {row.subject} | {_wanted(row)} | {_value(row)} | {_met(row, judged=judged)} |"
        for row in _with_figure(rows)
    ]
    return "\n".join(lines)


def _wanted(row: Row) -> str:
    return f"≤ {row.most:g} {row.unit}".rstrip()


def _with_figure(rows: Iterable[Row]) -> Iterator[Row]:
    yield from (row for row in rows if row.most is not None)


def _met(row: Row, *, judged: bool) -> str:
    if not judged or row.value is None:
        return "not measured"
    return "yes" if row.met else "**no**"
