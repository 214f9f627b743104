"""Rows of figures, printed as one Markdown table."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        what: what was measured.
        figure: what came out, medians of several runs where it is a time.
        wanted: what it must be.
        met: whether it is.
        beside: the same work done the plain way, for a ratio that holds on other machines too; or "".
    """

    what: str
    figure: str
    wanted: str
    met: bool
    beside: str = ""


def to_markdown(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | measured | wanted | met | beside it |", "|---|---|---|---|---|"]
    lines += [f"| {r.what} | {r.figure} | {r.wanted} | {'yes' if r.met else '**no**'} | {r.beside} |" for r in rows]
    return "\n".join(lines)
