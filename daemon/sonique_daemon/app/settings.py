"""What the daemon was told: on its command line, by its environment and in its file, in this order."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, NoReturn

from sonique.runtime_file import runtime_folder

from sonique_daemon.app.configfile import Misconfigured, config_path, read_config
from sonique_daemon.app.options import OPTIONS, Option
from sonique_daemon.app.tokenfile import check_private, read_token
from sonique_daemon.catalogue.places import weights_folder
from sonique_daemon.engines.registry import EVERYTHING

USAGE = 2
"""Exit code for settings that make no sense."""

_DESCRIPTION = """The Sonique daemon: scores ranges of timelines for this user's editors. Clients start it by
themselves; one daemon serves all of them. SIGTERM, SIGINT or SIGHUP stop it in order, a second one without
waiting for jobs."""

_EPILOG = """Every option can also stand in the environment as SONIQUE_ and its name (SONIQUE_STORE_BUDGET=50GB), or
as a line (store_budget = "50GB") in the file
  {config}
SONIQUE_CONFIG names another file. A flag wins over the environment, and that over the file.
SONIQUE_RUNTIME_DIR and SONIQUE_LOG_DIR name the folders of the runtime file and of the log.

exit codes: 0 stopped in order, 1 something failed, 2 the settings make no sense, 3 a daemon runs already,
4 the disk of the store is full or cannot be written, 5 another daemon has the store,
6 the store was made by a newer release"""


@dataclass(frozen=True, slots=True)
class Tls:
    """What an address that others can reach needs.

    Attributes:
        certificate: file of the certificate chain, PEM.
        key: file of the private key, PEM.
        token: what every call from there must carry.
    """

    certificate: Path
    key: Path
    token: str


@dataclass(frozen=True, slots=True)
class Settings:
    """How a daemon is to run.

    Attributes:
        host: IP address that it listens on.
        port: TCP port; 0 for one that the system gives.
        socket: whether it listens on a Unix socket too, where the platform has them.
        tls: certificate, key and token where ``host`` is served with TLS, else None.
        store: folder of jobs, takes, uploads and results.
        media_roots: folders under which media may be opened, besides the user's home and the mounted volumes.
        runtime: folder of the runtime file, the lock and the socket.
        logs: folder of the log.
        log_level: what goes into the log.
        at_once: jobs that run at a time.
        waiting_limit: jobs that may wait.
        keep_alive_seconds: how long a worker stays warm after its last work.
        warm: whether workers start before they are needed.
        memory_budget_bytes: what workers may hold together; 0 for what the machine allows.
        profile: which engines run where a request names none.
        weights: folder of models' weights.
        device: where models are computed.
        card_budget_bytes: what models may hold of the card together; 0 for what it allows.
        store_budget_bytes: what the store may hold; 0 for no limit.
        drain_seconds: how long running jobs may go on when the daemon is told to stop.
        idle_exit_seconds: after how long without job or call it stops; 0 for never.
        metrics_port: where metrics are served on loopback, or None.
        registry: which engines there are, as ``module:function``.
    """

    host: str
    port: int
    socket: bool
    tls: Tls | None
    store: Path
    media_roots: tuple[Path, ...]
    runtime: Path
    logs: Path
    log_level: str
    at_once: int
    waiting_limit: int
    keep_alive_seconds: float
    warm: bool
    memory_budget_bytes: int
    profile: str
    weights: Path
    device: str
    card_budget_bytes: int
    store_budget_bytes: int
    drain_seconds: float
    idle_exit_seconds: float
    metrics_port: int | None
    registry: str


def read_settings(arguments: Sequence[str]) -> Settings:
    """The settings; ends the process with a sentence and code 2 where they make no sense."""
    flags = _parser().parse_args(arguments)
    try:
        told = {option.name: _told(option, getattr(flags, option.name)) for option in OPTIONS}
        configured = read_config(config_path())
        chosen = {**{option.name: option.default for option in OPTIONS}, **configured, **_given(told)}
        return _settings(chosen, flags.registry)
    except Misconfigured as error:
        _refuse(str(error))


def _settings(chosen: Mapping[str, Any], registry: str) -> Settings:
    return Settings(
        host=chosen["host"],
        port=chosen["port"],
        socket=chosen["socket"],
        tls=_tls(chosen),
        store=(chosen["store"] or _store()).absolute(),
        media_roots=tuple(root.absolute() for root in chosen["media_root"]),
        runtime=runtime_folder().absolute(),
        logs=_logs().absolute(),
        log_level=chosen["log_level"],
        at_once=chosen["at_once"],
        waiting_limit=chosen["waiting_limit"],
        keep_alive_seconds=chosen["keep_alive"],
        warm=chosen["warm"],
        memory_budget_bytes=chosen["memory_budget"],
        profile=chosen["profile"],
        weights=(chosen["weights"] or weights_folder()).absolute(),
        device=chosen["device"],
        card_budget_bytes=chosen["card_budget"],
        store_budget_bytes=chosen["store_budget"],
        drain_seconds=chosen["drain_seconds"],
        idle_exit_seconds=chosen["idle_exit"] * 60,
        metrics_port=chosen["metrics_port"],
        registry=registry,
    )


def _tls(chosen: Mapping[str, Any]) -> Tls | None:
    """Certificate, key and token: all of them, or on loopback none.

    A token file alone asks for nothing there: in the environment it may be meant for a client of another machine's
    daemon.
    """
    wanted = {"--tls-cert": chosen["tls_cert"], "--tls-key": chosen["tls_key"], "--token-file": chosen["token_file"]}
    missing = [flag for flag, path in wanted.items() if path is None]
    if ip_address(chosen["host"]).is_loopback and chosen["tls_cert"] is None and chosen["tls_key"] is None:
        return None
    if missing:
        raise Misconfigured(
            f"A daemon on {chosen['host']} needs {_listed(missing)}{_besides(missing, wanted)}; "
            "without them it serves this machine alone, on 127.0.0.1."
        )
    for flag, path in wanted.items():
        if not path.is_file():
            raise Misconfigured(f"{flag}: “{path}” is no file; name one that is there.")
    check_private("--tls-key", chosen["tls_key"])
    return Tls(chosen["tls_cert"].absolute(), chosen["tls_key"].absolute(), read_token(chosen["token_file"]))


def _listed(flags: Sequence[str]) -> str:
    return flags[0] if len(flags) == 1 else f"{', '.join(flags[:-1])} and {flags[-1]}"


def _besides(missing: Sequence[str], wanted: Mapping[str, Any]) -> str:
    return "" if len(missing) == len(wanted) else " too"


def _told(option: Option, flag: "str | list[str] | bool | None") -> Any:
    """What the command line, or else the environment, says; None where neither does."""
    if isinstance(flag, bool):
        return flag
    if flag is not None:
        return _read(option, flag, option.flag)
    text = os.environ.get(option.variable, "")
    if not text:
        return None
    return _read(option, text.split(os.pathsep) if option.many else text, option.variable)


def _read(option: Option, text: "str | list[str]", where: str) -> Any:
    def one(part: str) -> Any:
        try:
            return option.read(part)
        except ValueError as error:
            raise Misconfigured(f"{where}: “{part}” {error}.") from None

    return tuple(one(part) for part in text if part) if isinstance(text, list) else one(text)


def _given(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value is not None}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "soniqued",
        description=_DESCRIPTION,
        epilog=_EPILOG.format(config=config_path()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    groups = {name: parser.add_argument_group(name) for name in dict.fromkeys(option.group for option in OPTIONS)}
    for option in OPTIONS:
        _add(groups[option.group], option)
    parser.add_argument("--registry", default=EVERYTHING, help=argparse.SUPPRESS)
    return parser


def _add(group: "argparse._ArgumentGroup", option: Option) -> None:
    if not option.metavar:
        group.add_argument(option.flag, action=argparse.BooleanOptionalAction, help=option.help)
    elif option.many:
        group.add_argument(option.flag, action="append", metavar=option.metavar, help=option.help)
    else:
        group.add_argument(option.flag, metavar=option.metavar, help=option.help)


def _refuse(sentence: str) -> NoReturn:
    print(f"soniqued: {sentence}", file=sys.stderr)  # noqa: T201 - the command's own words
    raise SystemExit(USAGE)


def _store() -> Path:
    from platformdirs import user_data_path

    return user_data_path("sonique", appauthor=False)


def _logs() -> Path:
    """The user's folder of logs; a second daemon, with a runtime folder of its own, keeps its log there."""
    named = os.environ.get("SONIQUE_LOG_DIR") or os.environ.get("SONIQUE_RUNTIME_DIR")
    if named:
        return Path(named)
    from platformdirs import user_log_path

    return user_log_path("sonique", appauthor=False)
