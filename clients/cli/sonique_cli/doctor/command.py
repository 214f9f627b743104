"""The command ``sonique doctor``."""

import json
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

import typer

from sonique_cli import options, places
from sonique_cli.doctor.finding import Finding, Findings, Level, wrong
from sonique_cli.exits import CommandError, Exit

if TYPE_CHECKING:
    from sonique.v1.jobs_pb2 import Job

    from sonique_cli.session import Session

_JOBS = 200
_STYLES = {Level.WELL: "green", Level.NOTE: "yellow", Level.WRONG: "red"}


def doctor(
    bundle: Annotated[
        Path | None,
        typer.Option("--bundle", metavar="FILE.zip", help="Write what was found, logs and jobs, into a ZIP file."),
    ] = None,
    with_names: Annotated[
        bool, typer.Option("--with-names", help="Let the bundle tell names of media, titles and folders.")
    ] = False,
    force: options.Force = False,
    json_lines: options.JsonRows = False,
) -> None:
    """Look at everything that a support thread would ask for; exit code 1 where something is wrong.

    The bundle holds no media, no prompts and no tokens; the home folder and the user's name are replaced.

      sonique doctor

      sonique doctor --bundle report.zip
    """
    from sonique_cli.outputs import require_free

    require_free([bundle] if bundle else [], force=force)
    with _asked() as asked:
        findings = tuple(_examined(asked))
        _show(findings, json_lines=json_lines)
        if bundle is not None:
            _write(bundle, findings, asked, with_names=with_names)
            if not json_lines:
                typer.echo(f"Wrote “{bundle}”.", err=True)
    count = sum(finding.level is Level.WRONG for finding in findings)
    if count:
        raise CommandError(f"{count} of {len(findings)} findings are wrong; see above.", Exit.FAILED)


class _Asked:
    """The daemon, where it answers: a session with it, or the finding that says why there is none."""

    def __init__(self, session: "Session | None", refusal: Finding | None, close: Callable[[], None]) -> None:
        self.session, self.refusal, self._close = session, refusal, close

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()


def _asked() -> _Asked:
    """Finds or starts the daemon."""
    from contextlib import ExitStack

    from sonique_cli.display import open_display
    from sonique_cli.session import open_session

    stack = ExitStack()
    try:
        display = stack.enter_context(open_display(json_lines=False, quiet=True))
        session = stack.enter_context(open_session(display))
    except CommandError as error:
        stack.close()
        ways_out = "sonique logs tells more; sonique daemon start tries again."
        refusal = wrong("Daemon", error.sentence, "" if os.environ.get("SONIQUE_DAEMON") else ways_out)
        return _Asked(None, refusal, lambda: None)
    return _Asked(session, None, stack.close)


def _examined(asked: _Asked) -> Iterator[Finding]:
    from sonique_cli.doctor import journal, machine, service

    for look in (machine.software, machine.hardware, machine.codecs, machine.graphics):
        yield from _survived(look)
    yield machine.disk("Output", Path.cwd())
    yield from _survived(machine.environment)
    yield from _survived(machine.settings)
    session = asked.session
    if session is None or session.connection.local:
        yield from _survived(service.runtime)
    if session is None:
        assert asked.refusal is not None
        yield asked.refusal
        yield machine.disk("Store", places.store_folder())
    else:
        for ask in (service.daemon, service.store, service.workers, service.engines, service.queue):
            yield from _survived(partial(ask, session))
    yield from _survived(lambda: journal.logs(_log_folder(asked)))


def _survived(look: Callable[[], Findings]) -> Findings:
    """What was found; where looking itself breaks, that is a finding as well."""
    try:
        yield from look()
    except Exception as error:  # noqa: BLE001 - one thing that cannot be looked at must not hide the others
        from sonique_cli.session import sentence_of

        yield wrong("Doctor", f"something could not be looked at: {sentence_of(error)}", "Tell us of this.")


def _show(findings: tuple[Finding, ...], *, json_lines: bool) -> None:
    from rich.text import Text

    from sonique_cli.printable import printable
    from sonique_cli.tables import print_line

    for finding in findings:
        if json_lines:
            typer.echo(json.dumps(finding.plain(), ensure_ascii=False))
            continue
        line = Text.assemble((f"{finding.level:5} ", _STYLES[finding.level]), (finding.topic, "bold"))
        line.append(
            f": {printable(finding.text)}"
            + (f"{'' if finding.text.endswith('.') else '.'} {finding.way_out}" if finding.way_out else "")
        )
        print_line(line)


def _write(bundle: Path, findings: tuple[Finding, ...], asked: _Asked, *, with_names: bool) -> None:
    from sonique_cli.doctor.bundle import Contents, write_bundle

    write_bundle(bundle, Contents(findings, _jobs(asked), _log_folder(asked), with_names))


def _jobs(asked: _Asked) -> tuple["Job", ...]:
    from itertools import islice

    from sonique_cli.choosing import pages

    if asked.session is None:
        return ()
    return tuple(islice(pages(asked.session.connection, page=_JOBS), _JOBS))


def _log_folder(asked: _Asked) -> Path:
    connection = None if asked.session is None else asked.session.connection
    told = connection.info.log if connection is not None and connection.local else ""
    return Path(told).parent if told else places.log_folder()
