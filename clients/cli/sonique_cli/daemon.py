"""``sonique daemon``: the daemon by hand. It starts by itself whenever a command needs it."""

import typer

from sonique_cli.exits import CommandError, Exit

app = typer.Typer(help="Start, stop, or ask after the daemon; commands start it by themselves.", no_args_is_help=True)


@app.command()
def start() -> None:
    """Start the daemon, where none runs."""
    from sonique_client.connection import connect
    from sonique_client.errors import ClientError

    try:
        with connect() as connection:
            typer.echo(f"The daemon runs: release {connection.info.version}, process {connection.info.pid}.")
    except ClientError as error:
        raise CommandError(error.sentence, Exit.DAEMON) from error


@app.command()
def stop() -> None:
    """Stop the daemon; running jobs are cancelled."""
    from sonique.v1 import daemon_pb2
    from sonique_client.connection import connect
    from sonique_client.discovery import find_daemon
    from sonique_client.errors import ClientError

    if find_daemon() is None:
        typer.echo("No daemon runs.")
        return
    try:
        with connect(start=None) as connection:
            connection.daemon.Shutdown(daemon_pb2.ShutdownRequest())
            _await_end(connection.info.pid)
    except ClientError as error:
        raise CommandError(error.sentence, Exit.DAEMON) from error
    typer.echo("The daemon has stopped.")


@app.command()
def status() -> None:
    """Say whether the daemon runs, and what it is doing; exit code 5 where it does not."""
    from sonique_client.connection import connect
    from sonique_client.discovery import find_daemon
    from sonique_client.errors import ClientError

    if find_daemon() is None:
        raise CommandError(
            "No daemon runs; sonique daemon start, or any command that needs it, starts one.", Exit.DAEMON
        )
    try:
        with connect(start=None) as connection:
            info = connection.info
    except ClientError as error:
        raise CommandError(error.sentence, Exit.DAEMON) from error
    typer.echo(f"The daemon runs: release {info.version}, process {info.pid}, up {info.uptime_seconds:.0f} s.")
    typer.echo(f"Jobs: {info.running_jobs} running, {info.queued_jobs} waiting.")
    typer.echo(f"Store: {info.store}")


def _await_end(pid: int) -> None:
    import time

    from sonique_client.discovery import is_alive

    deadline = time.monotonic() + 15
    while is_alive(pid):
        if time.monotonic() > deadline:
            raise CommandError(f"The daemon (process {pid}) has not stopped after 15 s; end the process.", Exit.DAEMON)
        time.sleep(0.02)
