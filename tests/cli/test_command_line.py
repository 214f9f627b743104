"""Groups of options are options on the command line, and one value to the command."""

from dataclasses import dataclass, field
from typing import Annotated

import pytest
import typer
from sonique_cli.command_line import CommandLine
from typer.testing import CliRunner


@dataclass(frozen=True)
class Meal:
    dish: Annotated[str, typer.Option("--dish", rich_help_panel="Food")]
    courses: Annotated[int, typer.Option("--courses", min=1)] = 3
    without: Annotated[list[str], typer.Option("--no")] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    seats: Annotated[int, typer.Option("--seats")] = 2

    def __post_init__(self) -> None:
        if self.seats > 12:
            raise typer.BadParameter("No table is that large.")


def served(*arguments: str) -> tuple[str, Meal, Table] | str:
    """What the command was called with, else what was said."""
    app, calls = CommandLine(), list[tuple[str, Meal, Table]]()

    @app.command()
    def serve(guest: str, *, meal: Meal, loud: bool = False, table: Table) -> None:
        calls.append((guest.upper() if loud else guest, meal, table))

    said = CliRunner().invoke(app, arguments, env={"TERMINAL_WIDTH": "100"})
    return calls[0] if calls else said.output


def test_the_command_gets_its_groups_as_they_were_given() -> None:
    given = served("ada", "--dish", "soup", "--no", "salt", "--no", "egg", "--seats", "4", "--loud")
    assert given == ("ADA", Meal("soup", without=["salt", "egg"]), Table(4))


def test_what_is_not_given_is_as_the_group_says() -> None:
    assert served("ada", "--dish", "soup") == ("ada", Meal("soup", 3, []), Table(2))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("ada",), "Missing option '--dish'"),
        (("ada", "--dish", "soup", "--courses", "0"), "Invalid value for '--courses'"),
        (("ada", "--dish", "soup", "--seats", "13"), "No table is that large"),
    ],
)
def test_an_option_of_a_group_is_checked_as_any_other(arguments: tuple[str, ...], sentence: str) -> None:
    assert sentence in served(*arguments)


def test_help_shows_the_options_in_the_groups_place_and_in_their_panels() -> None:
    shown = str(served("--help"))
    places = [shown.index(name) for name in ("--courses", "--no", "--loud", "--seats", "─ Food ", "--dish")]
    assert places == sorted(places)


def test_help_shows_no_type_of_a_flag_but_of_all_else() -> None:
    shown = str(served("--help"))
    assert "--loud" in shown
    assert "bool" not in shown
    assert "<int>" in shown


def test_what_is_registered_can_be_called_with_its_groups_as_before() -> None:
    app, calls = CommandLine(), list[Table]()

    @app.command("lay")
    def lay(table: Table) -> None:
        calls.append(table)

    lay(Table(6))
    assert calls == [Table(6)]


def test_two_options_of_one_name_are_refused_at_once() -> None:
    app = CommandLine()

    def serve(meal: Meal, dish: str) -> None:
        raise AssertionError(meal, dish)

    with pytest.raises(ValueError, match="duplicate parameter name"):
        app.command()(serve)
