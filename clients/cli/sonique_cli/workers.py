"""``sonique ps``: the worker processes, and the memory that they hold."""

from typing import TYPE_CHECKING

from sonique_cli import options

if TYPE_CHECKING:
    from sonique.v1 import engines_pb2


def ps(json_lines: options.JsonRows = False) -> None:
    """List the worker processes: what they do, what they hold, and when idle ones are let go.

    sonique ps
    """
    from sonique.v1 import engines_pb2

    from sonique_cli.display import open_display
    from sonique_cli.documents import to_line
    from sonique_cli.results import print_result
    from sonique_cli.session import open_session

    with open_display(json_lines=False, quiet=True) as display, open_session(display, start=False) as session:
        found = session.connection.engines.ListWorkers(engines_pb2.ListWorkersRequest())
    if json_lines:
        print_result(to_line(found))
    else:
        _print(found)


def _print(found: "engines_pb2.ListWorkersResponse") -> None:
    from sonique_cli.quantities import size_text
    from sonique_cli.tables import Column, print_line, print_table

    on_card = any(worker.card_bytes for worker in found.workers)
    columns = (
        Column("WORKER"),
        Column("PID", right=True),
        Column("STATE"),
        Column("TASK", gives=True),
        Column("MEMORY", right=True),
        *([Column("CARD", right=True)] if on_card else []),
        Column("AGE", right=True),
        Column("EXPIRES", right=True),
        Column("CALLS", right=True),
    )
    if found.workers:
        print_table(columns, [_row(worker, on_card=on_card) for worker in found.workers])
        print_line()
    else:
        print_line("No workers; they start when a job needs them.")
    held = sum(worker.memory_bytes for worker in found.workers)
    print_line(f"Workers hold {size_text(held)} of the {size_text(found.memory_budget_bytes)} that they may hold.")
    print_line(f"With the daemon itself: {size_text(found.memory_in_use_bytes)}.")
    if on_card:
        print_line(f"Of the card they hold {size_text(sum(worker.card_bytes for worker in found.workers))}.")


def _row(worker: "engines_pb2.Worker", *, on_card: bool) -> tuple[str, ...]:
    from sonique_cli.quantities import short_span, size_text

    return (
        worker.name,
        str(worker.pid),
        state_of(worker),
        worker.task,
        size_text(worker.memory_bytes),
        *([size_text(worker.card_bytes) if worker.card_bytes else ""] if on_card else []),
        short_span(worker.age_seconds),
        short_span(worker.expires_seconds) if worker.HasField("expires_seconds") else "",
        str(worker.calls),
    )


def state_of(worker: "engines_pb2.Worker") -> str:
    """What the worker is at, in a word: "busy"."""
    from sonique.v1 import engines_pb2

    try:
        return engines_pb2.WorkerState.Name(worker.state).removeprefix("WORKER_STATE_").lower()
    except ValueError:
        return str(worker.state)
