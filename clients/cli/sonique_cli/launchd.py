"""The daemon as a launchd agent (macOS)."""

import os
import plistlib
import re
import subprocess
from pathlib import Path

from sonique_cli.service_files import mark
from sonique_cli.systemd import Household

LABEL = "sonique.daemon"
COMMENT = re.compile(r"<!-- [^\n]* -->\n")
"""The comment that carries the mark."""

_SECONDS = 30


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
    try:
        done = subprocess.run(  # noqa: S603 - the system's own command
            ["launchctl", *arguments],  # noqa: S607 - wherever the system has it
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    told = done.stderr.strip().splitlines()
    return "" if done.returncode == 0 else (told[-1] if told else f"launchctl ended with code {done.returncode}")
