"""The daemon's file of settings: ``config.toml`` in the user's configuration folder, one line for each option."""

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sonique_daemon.app.options import OPTIONS, Option


class Misconfigured(Exception):
    """A setting makes no sense; its text is one sentence that names it and the way out."""


def config_path() -> Path:
    """Where the file stands, if there is one; ``SONIQUE_CONFIG`` names another."""
    named = os.environ.get("SONIQUE_CONFIG")
    if named:
        return Path(named).expanduser()
    from platformdirs import user_config_path

    return user_config_path("sonique", appauthor=False) / "config.toml"


def read_config(path: Path) -> dict[str, Any]:
    """The values of the file by name of the option; nothing where there is no file, unless ``SONIQUE_CONFIG`` names it.

    Raises:
        Misconfigured: the file cannot be read, names an unknown key, or a value makes no sense.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return _values(path, text, tomllib.loads(text))
    except FileNotFoundError:
        if os.environ.get("SONIQUE_CONFIG"):
            raise Misconfigured(f"SONIQUE_CONFIG: “{path}” is not there; name a file, or unset it.") from None
        return {}
    except OSError as error:
        raise Misconfigured(f"“{path}” cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"“{path}” is no text in UTF-8; save it as such.") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Misconfigured(f"“{path}” is no TOML: {error}.") from None


def _values(path: Path, text: str, table: Mapping[str, Any]) -> dict[str, Any]:
    options = {option.name: option for option in OPTIONS}
    found = {}
    for key, value in table.items():
        where = f"“{path}”{_line(text, key)}: "
        if key not in options:
            raise Misconfigured(f"{where}“{key}” is no setting; {_nearest(key, options)}")
        found[key] = _read(options[key], value, f"{where}{key}", path.absolute().parent)
    return found


def _read(option: Option, value: Any, where: str, folder: Path) -> Any:
    if option.many:
        return tuple(_one(option, part, where, folder) for part in (value if isinstance(value, list) else [value]))
    return _one(option, value, where, folder)


def _one(option: Option, value: Any, where: str, folder: Path) -> Any:
    text = _text(value)
    if text is None:
        raise Misconfigured(f"{where}: the value must be a text, a number, or true or false.")
    try:
        read = option.read(text)
    except ValueError as error:
        raise Misconfigured(f"{where}: “{text}” {error}.") from None
    return folder / read if isinstance(read, Path) else read  # relative paths start from the file's own folder


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, str | int | float) else None


def _line(text: str, key: str) -> str:
    """Where the key stands, as the end of the file's name in a sentence; "" where it is written in another way."""
    pattern = re.compile(rf"""\s*\[?\s*["']?{re.escape(key)}["']?\s*[\].=]""")
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.match(line):
            return f", line {number}"
    return ""


def _nearest(key: str, options: Mapping[str, Option]) -> str:
    near = difflib.get_close_matches(key, options, 1)
    return f"did you mean “{near[0]}”?" if near else "“soniqued --help” lists them."
