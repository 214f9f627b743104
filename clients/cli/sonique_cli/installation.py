"""``sonique daemon install`` and ``uninstall``: the daemon as a service that starts with the user's session."""

import os
import re
import shutil
import sys
from pathlib import Path
from typing import Protocol

from sonique.runtime_file import runtime_folder

from sonique_cli import launchd, places, systemd
from sonique_cli.exits import CommandError, Exit
from sonique_cli.service_files import Ownership, ownership, require_ours, write
from sonique_cli.systemd import Household

_CARRIED = ("SONIQUE_CONFIG", "SONIQUE_LOG_DIR", "SONIQUE_RUNTIME_DIR", "SONIQUE_STORE")
"""Variables that say where things are, which a service of the same user needs as well; never a token."""


class Service(Protocol):
    """A kind of service that a system keeps running."""

    @property
    def path(self) -> Path:
        """The file that tells the system of it."""

    @property
    def comment(self) -> re.Pattern[str]:
        """The comment in that file that says who wrote it."""

    def text(self, household: Household) -> str:
        """What the file says."""

    def begin(self) -> str:
        """Makes the system take it up and start it; returns what to tell the user."""

    def end(self) -> str:
        """Makes the system stop it and forget it, before its file goes; returns what to tell the user."""


class UserUnit:
    """A systemd user unit."""

    path = property(lambda _: systemd.unit_path())
    comment = systemd.COMMENT

    def text(self, household: Household) -> str:
        """The unit."""
        return systemd.unit_text(household)

    def begin(self) -> str:
        """Enables the unit and starts it."""
        by_hand = f"systemctl --user daemon-reload && systemctl --user enable --now {systemd.UNIT}"
        if not systemd.runs():
            return f"No systemd of this user answers here; where one does: {by_hand}"
        wrong = systemd.tell(("daemon-reload",), ("enable", "--now", systemd.UNIT))
        return f"systemd refused ({wrong}); try: {by_hand}" if wrong else "It runs, and starts when you log in."

    def end(self) -> str:
        """Stops the unit and disables it."""
        if not systemd.runs():
            return f"No systemd of this user answers here; where one does: systemctl --user stop {systemd.UNIT}"
        wrong = systemd.tell(("disable", "--now", systemd.UNIT))
        return f"systemd refused ({wrong})." if wrong else "It is stopped."


class Agent:
    """A launchd agent."""

    path = property(lambda _: launchd.agent_path())
    comment = launchd.COMMENT

    def text(self, household: Household) -> str:
        """The property list.

        Raises:
            CommandError: memory is to be limited, which launchd cannot.
        """
        if household.memory_max is not None:
            sentence = "launchd cannot limit memory; set memory_budget in the daemon's config.toml instead."
            raise CommandError(sentence, Exit.USAGE)
        return launchd.agent_text(household, runtime_folder().absolute() / "daemon.out")

    def begin(self) -> str:
        """Loads the agent."""
        launchd.unload()  # an older one, where there is any
        wrong = launchd.load(self.path)
        return f"launchd refused ({wrong})." if wrong else "It runs, and starts when you log in."

    def end(self) -> str:
        """Unloads the agent."""
        wrong = launchd.unload()
        return f"launchd refused ({wrong})." if wrong else "It is stopped."


def service_here() -> Service:
    """The kind of service of this platform.

    Raises:
        CommandError: there is none.
    """
    if sys.platform == "darwin":
        return Agent()
    if sys.platform.startswith("linux"):
        return UserUnit()
    raise CommandError("There is no service for this platform; commands start the daemon by themselves.", Exit.USAGE)


def install(service: Service, memory_max: int | None = None) -> str:
    """Writes the service's file and has the system take it up; returns what to tell the user.

    Raises:
        CommandError: the file is somebody else's or cannot be written, or the daemon is not installed here.
    """
    require_ours(service.path, ownership(service.path, comment=service.comment))
    household = household_here(memory_max)
    text = service.text(household)
    _make_folders(household)
    write(service.path, text)
    return service.begin()


def uninstall(service: Service) -> str:
    """Has the system forget the service and removes its file; returns what to tell the user.

    Raises:
        CommandError: the file is somebody else's, or cannot be removed.
    """
    whose = ownership(service.path, comment=service.comment)
    if whose is Ownership.NOBODYS:
        raise CommandError(f"No service is installed: “{service.path}” is not there.", Exit.INPUT)
    require_ours(service.path, whose)
    told = service.end()
    try:
        service.path.unlink()
    except OSError as error:
        raise CommandError(f"“{service.path}” cannot be removed: {error.strerror}.", Exit.OUTPUT) from error
    if isinstance(service, UserUnit) and systemd.runs():
        systemd.tell(("daemon-reload",))
    return told


def household_here(memory_max: int | None = None) -> Household:
    """Where this user's daemon lives, as this process's environment says.

    Raises:
        CommandError: the daemon is not installed here.
    """
    carried = {name: str(Path(os.environ[name]).expanduser().absolute()) for name in _CARRIED if os.environ.get(name)}
    runtime = runtime_folder().absolute()
    writable = tuple(dict.fromkeys((places.store_folder(), places.log_folder())))
    return Household(_command(), carried, runtime, tuple(path for path in writable if path != runtime), memory_max)


def _command() -> tuple[str, ...]:
    """The daemon's absolute command: the one beside this interpreter, else the one on PATH."""
    beside = shutil.which("soniqued", path=str(Path(sys.executable).parent)) if sys.executable else None
    found = beside or shutil.which("soniqued")
    if found is None:
        sentence = "The Sonique daemon is not installed here; install the package “sonique”."
        raise CommandError(sentence, Exit.DAEMON)
    return (str(Path(found).absolute()),)


def _make_folders(household: Household) -> None:
    """Makes the folders that the service is let write to, because one that is not there cannot be let in."""
    for folder in household.writable:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"“{folder}” cannot be made: {error.strerror}.", Exit.OUTPUT) from error
