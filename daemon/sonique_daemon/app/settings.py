"""What the daemon was told on its command line and by its environment."""

import argparse
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sonique.runtime_file import runtime_folder

LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a daemon is to run.

    Attributes:
        host: loopback address that it listens on.
        port: TCP port; 0 for one that the system gives.
        socket: whether it listens on a Unix socket too, where the platform has them.
        store: folder of takes and uploads.
        media_roots: folders under which media may be opened, besides the user's home and the mounted volumes.
        runtime: folder of the runtime file, the lock and the socket.
        logs: folder of the log.
        log_level: what goes into the log.
    """

    host: str
    port: int
    socket: bool
    store: Path
    media_roots: tuple[Path, ...]
    runtime: Path
    logs: Path
    log_level: str


def read_settings(arguments: Sequence[str]) -> Settings:
    """The settings; ends the process with a sentence where the command line makes no sense."""
    given = _parser().parse_args(arguments)
    return Settings(
        host=given.host,
        port=given.port,
        socket=given.socket,
        store=(given.store or _store()).expanduser().absolute(),
        media_roots=tuple(root.expanduser().absolute() for root in given.media_root),
        runtime=runtime_folder().absolute(),
        logs=_logs().absolute(),
        log_level=given.log_level,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("soniqued", description="The Sonique daemon: scores ranges of timelines.")
    parser.add_argument("--host", type=_loopback, default="127.0.0.1", help="loopback address (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=0, help="TCP port; 0 is one that the system gives (default)")
    parser.add_argument(
        "--store", type=Path, help="folder of takes and uploads (default: SONIQUE_STORE, or the user's)"
    )
    parser.add_argument(
        "--media-root",
        type=Path,
        action="append",
        default=[],
        help="folder under which media may be opened, besides home and mounted volumes; may be given again",
    )
    parser.add_argument("--log-level", choices=LOG_LEVELS, default="info", help="default: %(default)s")
    parser.add_argument("--no-socket", dest="socket", action="store_false", help="listen on TCP alone")
    return parser


def _loopback(text: str) -> str:
    try:
        loopback = ipaddress.ip_address(text).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise argparse.ArgumentTypeError(f"“{text}” is no loopback address; the daemon serves this machine alone")
    return text


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{port} is no port; choose 0 to 65535")
    return port


def _store() -> Path:
    named = os.environ.get("SONIQUE_STORE")
    if named:
        return Path(named)
    from platformdirs import user_data_path

    return user_data_path("sonique", appauthor=False)


def _logs() -> Path:
    """The user's folder of logs; a second daemon, with a runtime folder of its own, keeps its log there."""
    named = os.environ.get("SONIQUE_LOG_DIR") or os.environ.get("SONIQUE_RUNTIME_DIR")
    if named:
        return Path(named)
    from platformdirs import user_log_path

    return user_log_path("sonique", appauthor=False)
