"""Tables on standard output: fitted to a terminal's width, and whole where they go into a pipe."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from sonique_cli.printable import printable

_PIPE_WIDTH = 10_000
_GAP = "  "
_NARROWEST = 6
"""Letters that a column keeps which gives way."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        title: what stands over it.
        right: whether its cells stand at the right.
        gives: whether its cells are cut where the terminal is narrow; the others keep their width.
    """

    title: str
    right: bool = False
    gives: bool = False


Cell = str | Text


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
    """Prints the rows under the columns' titles, each on one line."""
    console = output()
    titles = tuple(Text(column.title, "bold") for column in columns)
    table = [titles, *(tuple(_cell(cell) for cell in row) for row in rows)]
    widths = _widths(columns, table, console.width)
    for row in table:
        line = Text(_GAP).join(map(_fitted, row, columns, widths))
        line.rstrip()
        console.print(line, soft_wrap=True)


def print_line(text: Cell = "") -> None:
    """Prints one line, which a terminal may wrap."""
    output().print(_cell(text), soft_wrap=True)


def output() -> Console:
    """Standard output; in a pipe nothing is cut to a width."""
    console = Console(file=sys.stdout, highlight=False, markup=False)
    if console.is_terminal:
        return console
    return Console(file=sys.stdout, highlight=False, markup=False, width=_PIPE_WIDTH)


def _widths(columns: Sequence[Column], table: Sequence[Sequence[Text]], room: int) -> list[int]:
    """The width of each column; where they do not all fit, the widest of those that give way is narrowed first."""
    widths = [max(row[place].cell_len for row in table) for place in range(len(columns))]
    excess = sum(widths) + len(_GAP) * (len(columns) - 1) - room
    for _ in range(excess):
        giving = [place for place, column in enumerate(columns) if column.gives and widths[place] > _NARROWEST]
        if not giving:
            break
        widths[max(giving, key=lambda place: widths[place])] -= 1
    return widths


def _fitted(cell: Text, column: Column, width: int) -> Text:
    fitted = cell.copy()
    fitted.truncate(width, overflow="ellipsis")
    fitted.align("right" if column.right else "left", width)
    return fitted


def _cell(cell: Cell) -> Text:
    return Text(printable(cell)) if isinstance(cell, str) else cell
