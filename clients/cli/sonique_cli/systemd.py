"""The daemon as a systemd user unit (Linux)."""

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sonique_cli.service_commands import complaint
from sonique_cli.service_files import mark

UNIT = "sonique.service"
COMMENT = re.compile(r"\A# [^\n]*\n")
"""The comment that carries the mark."""


@dataclass(frozen=True, slots=True)
class Household:
    """What a service is told of where it lives.

    Attributes:
        command: the absolute command of the daemon with its arguments.
        environment: variables that it is given.
        runtime: the folder of the runtime file.
        writable: folders that it writes.
        memory_max: most memory in bytes that it and its workers may hold, or None.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    runtime: Path
    writable: tuple[Path, ...]
    memory_max: int | None = None


def unit_path() -> Path:
    """Where the unit stands."""
    configured = os.environ.get("XDG_CONFIG_HOME")
    base = Path(configured) if configured else Path.home() / ".config"
    return base / "systemd" / "user" / UNIT


def unit_text(household: Household) -> str:
    """The whole unit file, with the comment that says who wrote it.

    It may read all that the user may, because media lies anywhere, and write its own folders alone. /tmp is the
    machine's own, because films are scored from there too.
    """
    body = "\n".join((*_unit(), "", *_service(household), "", *_install())) + "\n"
    return f"# {mark(body)}\n{body}"


def _unit() -> tuple[str, ...]:
    return (
        "[Unit]",
        "Description=Sonique, background music for timelines",
        "StartLimitIntervalSec=300",
        "StartLimitBurst=5",
    )


def _service(household: Household) -> tuple[str, ...]:
    environment = (f"Environment={_quoted(f'{name}={value}')}" for name, value in sorted(household.environment.items()))
    limit = () if household.memory_max is None else (f"MemoryMax={household.memory_max}",)
    return (
        "[Service]",
        "Type=exec",
        f"ExecStart={' '.join(_quoted(part.replace('$', '$$')) for part in household.command)}",
        *environment,
        "Restart=on-failure",
        "RestartSec=5",
        "# 2: the settings make no sense; 3: a daemon runs already; 5 and 6: the store is not for this one.",
        "RestartPreventExitStatus=2 3 5 6",
        "# The daemon ends its workers itself, once their jobs are where they can go on.",
        "KillMode=mixed",
        "TimeoutStopSec=90",
        *limit,
        "UMask=0077",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        *_writable(household),
        "LockPersonality=yes",
        "RestrictRealtime=yes",
        "RestrictSUIDSGID=yes",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
        "SystemCallArchitectures=native",
    )


def _writable(household: Household) -> tuple[str, ...]:
    """The folders that the unit may write; its runtime folder is made anew by systemd at each login."""
    session = os.environ.get("XDG_RUNTIME_DIR")
    of_session = session is not None and household.runtime == Path(session) / "sonique"
    kept = household.writable if of_session else (household.runtime, *household.writable)
    made = ("RuntimeDirectory=sonique", "RuntimeDirectoryMode=0700", "RuntimeDirectoryPreserve=yes")
    return (*(made if of_session else ()), *(f"ReadWritePaths={_quoted(f'-{path}')}" for path in kept))


def _install() -> tuple[str, ...]:
    return ("[Install]", "WantedBy=default.target")


def _quoted(text: str) -> str:
    """The text as systemd reads it in a list: no specifier, spaces kept together."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{plain}"' if re.search(r"[\s'\"\\]", text) else plain


def runs() -> bool:
    """Whether this user has a systemd of their own that answers."""
    return shutil.which("systemctl") is not None and _systemctl("show-environment") == ""


def tell(*verbs: Sequence[str]) -> str:
    """Runs ``systemctl --user`` with each of the verbs; returns "" or what went wrong first."""
    for verb in verbs:
        wrong = _systemctl(*verb)
        if wrong:
            return wrong
    return ""


def _systemctl(*arguments: str) -> str:
    return complaint("systemctl", "--user", *arguments)
