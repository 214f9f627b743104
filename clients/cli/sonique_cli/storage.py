"""``sonique du`` and ``sonique prune``: what the store holds, and clearing it."""

import sys
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from sonique_cli import options
from sonique_cli.exits import CommandError, Exit

if TYPE_CHECKING:
    from sonique.v1 import store_pb2


class KindChoice(StrEnum):
    """What may be cleared."""

    RESULTS = "results"
    UPLOADS = "uploads"
    TAKES = "takes"
    JOBS = "jobs"


_TOLD = {
    "results": "results of stages, kept to save work",
    "takes": "audio and notes of takes",
    "uploads": "media that clients sent",
    "jobs": "jobs and their events",
    "scratch": "unfinished files of running jobs",
}


def du(json_lines: options.JsonRows = False) -> None:
    """Say how much the daemon's store holds, by kind, how much it may hold, and how much room the disk has.

    sonique du
    """
    from sonique.v1 import store_pb2

    from sonique_cli.display import open_display
    from sonique_cli.documents import to_line
    from sonique_cli.results import print_result
    from sonique_cli.session import open_session

    with open_display(json_lines=False, quiet=True) as display, open_session(display) as session:
        usage = session.store.Usage(store_pb2.UsageRequest())
        place = session.connection.info.store
    if json_lines:
        print_result(to_line(usage))
    else:
        _print_usage(usage, place)


def prune(
    keep: Annotated[
        str, typer.Option("--keep", metavar="SIZE", help="Stop when at most so much is left: 5GB. The rest stays.")
    ] = "",
    older_than: Annotated[
        str, typer.Option("--older-than", metavar="SPAN", help="Only what was not used for so long: 7d, 12h.")
    ] = "",
    kind: Annotated[list[KindChoice], typer.Option("--kind", help="Only such things. May be given again.")] = [],
    rehearse: Annotated[
        bool, typer.Option("--rehearse", "--dry-run", help="Only say what would go.", show_default=False)
    ] = False,
    yes: options.Yes = False,
    json_lines: options.JsonRows = False,
) -> None:
    """Clear the daemon's store: results of stages first, then uploads, then ended jobs with their takes.

    The longest unused go first. Jobs that wait or run keep all that they need, and files that you saved are yours.
    Says what would go and asks, unless --yes is given.

      sonique prune --older-than 7d

      sonique prune --kind results --kind uploads --yes

      sonique prune --keep 5GB --rehearse
    """
    from sonique_cli.display import open_display
    from sonique_cli.documents import to_line
    from sonique_cli.results import print_result
    from sonique_cli.session import open_session

    order = prune_order(keep, older_than, kind)
    with open_display(json_lines=False, quiet=True) as display, open_session(display) as session:
        if not yes or rehearse:
            order.rehearse = True
            expected = session.store.Prune(order)
            if rehearse or not _agreed(expected):
                _report(expected, json_lines=json_lines, rehearsed=rehearse)
                return
        order.rehearse = False
        gone = session.store.Prune(order)
    if json_lines:
        print_result(to_line(gone))
    else:
        _print_cleared("Gone", gone)


def prune_order(keep: str, older_than: str, kinds: Iterable[KindChoice]) -> "store_pb2.PruneRequest":
    """What the options ask to clear.

    Raises:
        CommandError: a size or a span of time is none.
    """
    from sonique.v1 import store_pb2

    from sonique_cli.quantities import read_size, read_span

    return store_pb2.PruneRequest(
        kinds=[store_pb2.StoreKind.Value(f"STORE_KIND_{kind.name}") for kind in kinds],
        keep_bytes=read_size(keep) if keep else 0,
        keep_seconds=read_span(older_than) if older_than else 0.0,
    )


def _agreed(expected: "store_pb2.PruneResponse") -> bool:
    """Whether there is something to clear, and the user wants it.

    Raises:
        CommandError: nobody is there to be asked, or the answer was no.
    """
    if not expected.cleared:
        return False
    if not sys.stdin.isatty():
        raise CommandError("Nobody is there to be asked; add --yes, or --rehearse to see what would go.", Exit.USAGE)
    _print_cleared("Would go", expected)
    if not typer.confirm("Clear it?"):
        raise CommandError("Nothing was cleared.", Exit.FAILED)
    return True


def _report(expected: "store_pb2.PruneResponse", *, json_lines: bool, rehearsed: bool) -> None:
    from sonique_cli.documents import to_line
    from sonique_cli.results import print_result

    if json_lines:
        print_result(to_line(expected))
    else:
        _print_cleared("Would go" if rehearsed else "Gone", expected)


def _print_usage(usage: "store_pb2.UsageResponse", place: str) -> None:
    from sonique_cli.quantities import size_text
    from sonique_cli.tables import Column, print_line, print_table

    columns = (Column("KIND"), Column("COUNT", right=True), Column("SIZE", right=True), Column("WHAT", gives=True))
    print_table(columns, [_row(holding) for holding in usage.holdings])
    print_line()
    limit = f"of the {size_text(usage.budget_bytes)} that it may" if usage.budget_bytes else "(no limit is set)"
    print_line(f"The store holds {size_text(usage.bytes)} {limit}; its disk has {size_text(usage.free_bytes)} free.")
    print_line(place)


def _row(holding: "store_pb2.Holding") -> tuple[str, str, str, str]:
    from sonique_cli.quantities import size_text

    kind = kind_of(holding)
    return kind, str(holding.count), size_text(holding.bytes), _TOLD.get(kind, "")


def _print_cleared(title: str, cleared: "store_pb2.PruneResponse") -> None:
    from sonique_cli.quantities import size_text
    from sonique_cli.tables import Column, print_line, print_table

    if not cleared.cleared:
        print_line("Nothing to clear.")
        return
    print_line(f"{title}: {size_text(cleared.bytes)} in all.")
    columns = (Column("KIND"), Column("COUNT", right=True), Column("SIZE", right=True), Column("WHAT", gives=True))
    print_table(columns, [_row(holding) for holding in cleared.cleared])


def kind_of(holding: "store_pb2.Holding") -> str:
    """What is held, in a word: "takes"."""
    from sonique.v1 import store_pb2

    try:
        return store_pb2.StoreKind.Name(holding.kind).removeprefix("STORE_KIND_").lower()
    except ValueError:
        return str(holding.kind)
