"""``sonique daemon``: the daemon by hand. It starts by itself whenever a command needs it."""

import time
from typing import TYPE_CHECKING, Annotated

import typer

from sonique_cli import options
from sonique_cli.command_line import CommandLine
from sonique_cli.exits import CommandError, Exit
from sonique_cli.printable import printable

if TYPE_CHECKING:
    from sonique.v1.daemon_pb2 import InfoResponse

    from sonique_cli.session import Session

app = CommandLine(
    help="Start, stop, or ask after the daemon; commands start it by themselves.",
    no_args_is_help=True,
    rich_markup_mode="rich",
)

_LOOK_SECONDS = 0.02
_END_SECONDS = 15.0
"""How long a daemon may take to end beyond the time that its jobs are given."""
_LONGEST_DRAIN_SECONDS = 3600.0

Drain = Annotated[
    str,
    typer.Option(
        "--drain",
        metavar="SPAN",
        help="How long running jobs have to end: 30s, 10min. Without it, as the daemon is set.",
    ),
]
Now = Annotated[bool, typer.Option("--now", help="Give running jobs no time.")]


@app.command()
def start() -> None:
    """Start the daemon, where none runs. Jobs that had not ended when the last one stopped go on."""
    from sonique_client.connection import connect

    from sonique_cli.session import speaking

    with speaking(), connect() as connection:
        release = printable(connection.info.version)
        typer.echo(f"The daemon runs: release {release}, process {connection.info.pid}.")
        _tell_jobs(connection.info)


@app.command()
def stop(drain: Drain = "", now: Now = False) -> None:
    """Stop the daemon. It takes no new jobs and gives the running ones some time to end.

    What has not ended then is kept, and goes on from where it is when a daemon starts again; nothing is cancelled.

      sonique daemon stop --drain 5min
    """
    seconds = _drain_seconds(drain, now=now)
    if not _stop(seconds):
        typer.echo("No daemon runs.")


@app.command()
def restart(drain: Drain = "", now: Now = False) -> None:
    """Stop the daemon and start it again, with the settings and the release that are there now."""
    seconds = _drain_seconds(drain, now=now)
    _require_local()
    if not _stop(seconds):
        typer.echo("No daemon ran.")
    start()


@app.command()
def status(json_lines: options.JsonRows = False) -> None:
    """Say whether the daemon runs, what it is doing and what it may hold; exit code 5 where none runs."""
    from sonique_cli.display import open_display
    from sonique_cli.documents import to_line
    from sonique_cli.session import open_session

    with open_display(json_lines=False, quiet=True) as display, open_session(display, start=False) as session:
        if json_lines:
            typer.echo(to_line(session.connection.info))
        else:
            _print_status(session)


@app.command()
def install(
    memory_max: Annotated[
        str, typer.Option("--memory-max", metavar="SIZE", help="Most memory for the daemon and its workers (systemd).")
    ] = "",
) -> None:
    """Have the system start the daemon when you log in, and again where it breaks.

    That is a systemd user unit on Linux, and a launchd agent on macOS.

    A file that is not its own is left alone. The settings stand in config.toml; soniqued --help lists them.
    """
    from sonique_cli.installation import install as put_in
    from sonique_cli.installation import service_here
    from sonique_cli.quantities import read_size

    service = service_here()
    told = put_in(service, read_size(memory_max) if memory_max else None)
    typer.echo(f"Wrote “{service.path}”.")
    typer.echo(told)


@app.command()
def uninstall() -> None:
    """Undo install: stop the service and remove its file. Jobs, takes and settings stay."""
    from sonique_cli.installation import service_here
    from sonique_cli.installation import uninstall as take_out

    service = service_here()
    told = take_out(service)
    typer.echo(told)
    typer.echo(f"Removed “{service.path}”.")


def _drain_seconds(drain: str, *, now: bool) -> float | None:
    """How long jobs are given; None for as long as the daemon is set to.

    Raises:
        CommandError: the options contradict each other, or the span is none or too long.
    """
    from sonique_cli.quantities import read_span

    if drain and now:
        raise CommandError("How long? Give --drain or --now, not both.", Exit.USAGE)
    seconds = 0.0 if now else read_span(drain) if drain else None
    if seconds is not None and seconds > _LONGEST_DRAIN_SECONDS:
        raise CommandError(f"“{drain}” is too long; running jobs may be given an hour at most.", Exit.USAGE)
    return seconds


def _require_local() -> None:
    """Raises ``CommandError`` where the environment names a daemon on another machine, which cannot be started here."""
    from sonique_client.elsewhere import named_daemon

    from sonique_cli.session import speaking

    with speaking():
        there = named_daemon()
    if there is not None:
        raise CommandError(f"The daemon is on {there.address}; it can be started there alone.", Exit.USAGE)


def _stop(drain_seconds: float | None) -> bool:
    """Stops the daemon and waits until its process is gone; returns whether one ran."""
    from sonique.v1 import daemon_pb2
    from sonique_client.connection import connect
    from sonique_client.discovery import find_daemon
    from sonique_client.elsewhere import named_daemon

    from sonique_cli.session import speaking

    with speaking():
        if named_daemon() is None and find_daemon() is None:
            return False
    with speaking(), connect(start=None) as connection:
        _tell_jobs(connection.info)
        request = daemon_pb2.ShutdownRequest()
        if drain_seconds is not None:
            request.drain_seconds = drain_seconds
        connection.daemon.Shutdown(request)
        if not connection.local:
            typer.echo(f"The daemon on {connection.place} was told to stop.")
            return True
        usual = _LONGEST_DRAIN_SECONDS if connection.info.running_jobs else 0.0
        given = usual if drain_seconds is None else drain_seconds
        _await_end(connection.info.pid, given + _END_SECONDS)
    typer.echo("The daemon has stopped.")
    return True


def _await_end(pid: int, seconds: float) -> None:
    from sonique_client.discovery import is_alive

    deadline = time.monotonic() + seconds
    while is_alive(pid):
        if time.monotonic() > deadline:
            sentence = f"The daemon (process {pid}) has not stopped after {seconds:.0f} s; end the process."
            raise CommandError(sentence, Exit.DAEMON)
        time.sleep(_LOOK_SECONDS)


def _tell_jobs(info: "InfoResponse") -> None:
    """Says what becomes of the jobs that have not ended, where there are any."""
    if info.running_jobs or info.queued_jobs:
        typer.echo(f"Jobs: {info.running_jobs} running, {info.queued_jobs} waiting; none is lost or cancelled.")


def _print_status(session: "Session") -> None:
    from sonique.v1 import engines_pb2, store_pb2

    from sonique_cli.quantities import size_text, span_text

    info = session.connection.info
    memory = session.connection.engines.ListWorkers(engines_pb2.ListWorkersRequest())
    store = session.store.Usage(store_pb2.UsageRequest())
    leaving = ", on its way out" if info.draining else ""
    budget = size_text(store.budget_bytes) if store.budget_bytes else "no limit"
    facts = (
        ("Daemon", f"release {info.version}, contract {info.contract}, process {info.pid}{leaving}"),
        ("Up", span_text(info.uptime_seconds)),
        ("Platform", info.platform),
        ("Place", session.connection.whereabouts),
        ("Jobs", f"{info.running_jobs} running, {info.queued_jobs} waiting"),
        ("Workers", f"{len(memory.workers)}"),
        (
            "Memory",
            f"{size_text(memory.memory_in_use_bytes)} in use; workers may hold {size_text(memory.memory_budget_bytes)}",
        ),
        ("Store", f"{size_text(store.bytes)} ({budget}), {size_text(store.free_bytes)} free: {info.store}"),
        ("Media", ", ".join(info.media_roots)),
        ("Log", info.log),
    )
    for name, fact in facts:
        typer.echo(f"{name + ':':10}{printable(fact)}")
