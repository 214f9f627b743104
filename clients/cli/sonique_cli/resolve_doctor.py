"""``sonique resolve doctor``: what it looks at."""

from pathlib import Path

from sonique_client.connection import connect
from sonique_client.errors import ClientError, DaemonUnreachable
from sonique_resolve.doctor import Diagnosis, Surroundings, examine, listens_everywhere, places_here, pythons_here
from sonique_resolve.folders import Folders, folders_of
from sonique_resolve.install import Script, Which, installed
from sonique_resolve.panel import has_windows
from sonique_resolve.transports import survey

from sonique_cli.resolve_errors import telling
from sonique_cli.resolve_options import WindowChoice
from sonique_cli.resolve_scripts import scripts_here


def diagnose(home: Path | None) -> Diagnosis:
    """Looks at this machine, with the scripts of ``home``."""
    folders = folders_of(home)
    with telling():
        return examine(
            Surroundings(
                folders=folders,
                survey=survey,
                scripts=_scripts(folders),
                places=places_here,
                windows=has_windows(),
                daemon=daemon_state,
                listener=listens_everywhere,
                pythons=lambda: pythons_here(folders.system),
            )
        )


def _scripts(folders: Folders) -> tuple[Script, ...]:
    """The scripts as they would be installed now, for the window that those which are there were installed for."""
    for window in WindowChoice:
        scripts = tuple(scripts_here(Which, window.value))
        if any(found.current and found.which is Which.MENU for found in installed(folders, scripts)):
            return scripts
    return tuple(scripts_here(Which))


def daemon_state() -> tuple[str, bool]:
    """How the daemon is, as a phrase, and whether that is well: one that does not run is started when it is needed."""
    try:
        with connect(start=None) as connection:
            info = connection.info
            return f"release {info.version} runs, {info.running_jobs} jobs in it", True
    except DaemonUnreachable:
        return "does not run; it is started when it is needed", True
    except ClientError as error:
        return error.sentence, False
