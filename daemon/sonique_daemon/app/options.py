"""Options: everything that a daemon can be told, once, for its command line, its environment and its file alike.

The option ``store_budget`` is the flag ``--store-budget``, the variable ``SONIQUE_STORE_BUDGET`` and the key
``store_budget`` of the file. A flag wins over the environment, and that over the file.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sonique_daemon.app.quantity import read_bytes, read_count, read_number, read_yes
from sonique_daemon.catalogue.names import PROFILE

_DEVICE = re.compile(r"auto|cpu|cuda(:[0-9]{1,2})?|mps")

LOG_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that a daemon can be told.

    Attributes:
        name: of the setting, and of its key in the file; flag and variable follow from it.
        read: from text to value; raises ``ValueError`` with the end of a sentence that begins with the text.
        default: the value where nobody says anything.
        metavar: what stands for the value in the help; "" for yes and no.
        help: what it means, with its default.
        group: the heading of the help under which it stands.
        many: whether it may be given more than once.
    """

    name: str
    read: Callable[[str], Any]
    default: Any
    metavar: str
    help: str
    group: str
    many: bool = False

    @property
    def flag(self) -> str:
        """On the command line."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def variable(self) -> str:
        """In the environment."""
        return f"SONIQUE_{self.name.upper()}"


def _address(text: str) -> str:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        raise ValueError("is no IP address; write it like 127.0.0.1 or 192.168.1.20") from None
    return text


def _level(text: str) -> str:
    if text not in LOG_LEVELS:
        raise ValueError(f"is no level; choose {', '.join(LOG_LEVELS)}")
    return text


def _profile(text: str) -> str:
    if PROFILE.fullmatch(text) is None:
        raise ValueError("is no name of a profile; `sonique profiles` lists them")
    return text


def _device(text: str) -> str:
    if _DEVICE.fullmatch(text) is None:
        raise ValueError("is no device; write auto, cpu, or a card as cuda:0")
    return text


def _path(text: str) -> Path:
    return Path(text).expanduser()


_port = partial(read_count, low=0, high=65_535)

ADDRESS, FILES, WORK, UPKEEP = "where it listens", "what it reads and writes", "how it works", "how it is kept"

OPTIONS = (
    Option(
        "host",
        _address,
        "127.0.0.1",
        "ADDRESS",
        "IP address to listen on (default 127.0.0.1); one that other machines can reach needs --tls-cert, "
        "--tls-key and --token-file",
        ADDRESS,
    ),
    Option("port", _port, 0, "PORT", "TCP port (default 0: one that the system gives)", ADDRESS),
    Option(
        "socket",
        read_yes,
        True,  # noqa: FBT003 - its default
        "",
        "listen on a Unix socket too, where there are any (default yes)",
        ADDRESS,
    ),
    Option("tls_cert", _path, None, "FILE", "certificate chain of the TLS port, PEM", ADDRESS),
    Option("tls_key", _path, None, "FILE", "private key of the TLS port, PEM, readable by this user alone", ADDRESS),
    Option(
        "token_file",
        _path,
        None,
        "FILE",
        "file with the token of the TLS port: at least 32 characters, readable by this user alone",
        ADDRESS,
    ),
    Option("store", _path, None, "FOLDER", "jobs, takes, uploads and results (default: the user's data folder)", FILES),
    Option("weights", _path, None, "FOLDER", "weights of models (default: weights in the user's data folder)", FILES),
    Option(
        "media_root",
        _path,
        (),
        "FOLDER",
        "folder under which media may be opened, besides home and mounted volumes; may be given again",
        FILES,
        many=True,
    ),
    Option("log_level", _level, "info", "LEVEL", f"{', '.join(LOG_LEVELS)} (default info)", FILES),
    Option("at_once", partial(read_count, low=1, high=64), 2, "COUNT", "jobs that run at a time (default 2)", WORK),
    Option(
        "waiting_limit",
        partial(read_count, low=1, high=10_000),
        64,
        "COUNT",
        "jobs that may wait; one more is refused (default 64)",
        WORK,
    ),
    Option(
        "keep_alive",
        partial(read_number, low=0, high=604_800),
        300.0,
        "SECONDS",
        "how long a worker stays warm after its last work (default 300)",
        WORK,
    ),
    Option(
        "warm",
        read_yes,
        True,  # noqa: FBT003 - its default
        "",
        "start the workers at once, so that the first job finds them ready (default yes)",
        WORK,
    ),
    Option(
        "memory_budget",
        read_bytes,
        0,
        "SIZE",
        "memory that all workers may hold together, as 8GB (default 0: the machine's, less a share for other programs)",
        WORK,
    ),
    Option(
        "profile",
        _profile,
        "embedded",
        "NAME",
        "which engines run where a request names none; `sonique profiles` lists them (default embedded)",
        WORK,
    ),
    Option(
        "device",
        _device,
        "auto",
        "DEVICE",
        "where models are computed: auto (the card where there is one), cpu, or a card as cuda:1 (default auto)",
        WORK,
    ),
    Option(
        "card_budget",
        read_bytes,
        0,
        "SIZE",
        "memory of the card that models may hold together, as 8GB (default 0: the card's, less 1 GiB or a tenth)",
        WORK,
    ),
    Option(
        "store_budget",
        read_bytes,
        20 * 10**9,
        "SIZE",
        "disk space for the store, the longest unused results go first (default 20GB; 0 for no limit)",
        UPKEEP,
    ),
    Option(
        "drain_seconds",
        partial(read_number, low=0, high=3600),
        10.0,
        "SECONDS",
        "how long running jobs may go on when the daemon is told to stop; what has not ended then goes on at the next "
        "start (default 10)",
        UPKEEP,
    ),
    Option(
        "idle_exit",
        partial(read_number, low=0, high=525_600),
        0.0,
        "MINUTES",
        "stop after so many minutes without a job or a call (default 0: never)",
        UPKEEP,
    ),
    Option(
        "metrics_port",
        partial(read_count, low=0, high=65_535),
        None,
        "PORT",
        "serve Prometheus metrics at http://127.0.0.1:PORT/metrics (default: off; 0 for a port that the system gives)",
        UPKEEP,
    ),
)
