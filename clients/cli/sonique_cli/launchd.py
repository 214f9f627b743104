"""The daemon as a launchd agent (macOS)."""

import os
import plistlib
import re
from pathlib import Path

from sonique_cli.service_commands import complaint
from sonique_cli.service_files import mark
from sonique_cli.systemd import Household

LABEL = "sonique.daemon"
COMMENT = re.compile(r"<!-- [^\n]* -->\n")
"""The comment that carries the mark."""


def agent_path() -> Path:
    """Where the agent's property list stands."""
    return Path.home() / "Library" / "LaunchAgents" / f"{LABEL}.plist"


def agent_text(household: Household, output: Path) -> str:
    """The whole property list, with the comment that says who wrote it; what the daemon prints goes to ``output``."""
    wanted: dict[str, object] = {
        "Label": LABEL,
        "ProgramArguments": list(household.command),
        "EnvironmentVariables": dict(household.environment),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 30,
        "ExitTimeOut": 90,
        "ProcessType": "Standard",
        "Umask": 0o077,
        "StandardOutPath": str(output),
        "StandardErrorPath": str(output),
    }
    body = plistlib.dumps(wanted).decode()
    head, line, rest = body.partition("<plist")
    return f"{head}<!-- {mark(body)} -->\n{line}{rest}"


def load(path: Path) -> str:
    """Tells launchd of the agent, which starts it; returns "" or what went wrong."""
    return _launchctl("bootstrap", _domain(), str(path))


def unload() -> str:
    """Tells launchd to forget the agent, which stops it; returns "" or what went wrong."""
    return _launchctl("bootout", f"{_domain()}/{LABEL}")


def _domain() -> str:
    return f"gui/{os.getuid()}"


def _launchctl(*arguments: str) -> str:
    return complaint("launchctl", *arguments)
