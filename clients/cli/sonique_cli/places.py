"""Where a daemon of this user keeps its things, told without asking it: for when none runs."""

import os
import tomllib
from pathlib import Path
from typing import Any

LOG, PREVIOUS, CRASH = "soniqued.log", "soniqued.previous.log", "soniqued.crash.log"
"""Names of the log of this run, of the one before it, and of what broke a daemon last."""

_PIECES = 9
"""How many older pieces of a log are looked for; the oldest has the highest number."""


def config_file() -> Path:
    """The daemon's file of settings; it need not be there."""
    named = os.environ.get("SONIQUE_CONFIG")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_config_path

    return user_config_path("sonique", appauthor=False) / "config.toml"


def store_folder() -> Path:
    """The store, as the environment, the file of settings or the user's data folder say."""
    named = os.environ.get("SONIQUE_STORE")
    if named:
        return Path(named).expanduser().absolute()
    chosen = _setting("store")
    if isinstance(chosen, str) and chosen:
        return (config_file().absolute().parent / Path(chosen).expanduser()).absolute()
    from platformdirs import user_data_path

    return user_data_path("sonique", appauthor=False)


def log_folder() -> Path:
    """The folder of the logs; a second daemon, with a runtime folder of its own, keeps them there."""
    named = os.environ.get("SONIQUE_LOG_DIR") or os.environ.get("SONIQUE_RUNTIME_DIR")
    if named:
        return Path(named).absolute()
    from platformdirs import user_log_path

    return user_log_path("sonique", appauthor=False)


def log_pieces(path: Path) -> list[Path]:
    """The files of one log, the oldest first: a long log is turned over to ``soniqued.log.1``, ``.2`` and so on."""
    older = (path.with_name(f"{path.name}.{number}") for number in range(_PIECES, 0, -1))
    return [piece for piece in (*older, path) if piece.exists()]


def has_crash(folder: Path) -> bool:
    """Whether something broke a daemon; a running one keeps an empty file ready."""
    try:
        return (folder / CRASH).stat().st_size > 0
    except OSError:
        return False


def _setting(name: str) -> Any:
    """A value of the file of settings; None where it, or the file, is not there or cannot be read."""
    try:
        return tomllib.loads(config_file().read_text(encoding="utf-8")).get(name)
    except (OSError, ValueError):
        return None
