"""Environments: Pythons of their own for engines whose libraries do not suit the daemon's.

An environment is made from a lock file that ships with this package, in the user's data folder or in the folder that
``SONIQUE_ENGINES`` names. A marker beside it says from which lock file it was made; without that, or with another, it
counts as not there. Nothing is installed unasked.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sonique_daemon.errors import EngineNotFound, EngineUnavailable

ENGINES = "SONIQUE_ENGINES"
_HERE = Path(__file__).resolve().parent
_MARKER = "made-from"
_LONGEST_LINE = 200
_LAST_LINES = 20


@dataclass(frozen=True, slots=True)
class Recipe:
    """How an environment is made.

    Attributes:
        name: of the environment.
        lock: the lock file: what is installed with all that it needs, every version said.
        alone: another one: what is installed without what it asks for, because that clashes; see the comments in it.
    """

    name: str
    lock: Path
    alone: Path

    @property
    def digest(self) -> str:
        """Changes with the lock files and with the version of Python."""
        whole = self.lock.read_bytes() + self.alone.read_bytes() + f"{sys.version_info[:2]}".encode()
        return hashlib.sha256(whole).hexdigest()


RECIPES = {
    "stable-audio-tools": Recipe(
        "stable-audio-tools", _HERE / "stableaudio" / "requirements.lock", _HERE / "stableaudio" / "alone.lock"
    ),
}
"""By name."""


def environments_folder() -> Path:
    """The folder of all environments: the user's data folder, or ``SONIQUE_ENGINES``."""
    named = os.environ.get(ENGINES)
    if named:
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("sonique", appauthor=False).absolute() / "engines"


def interpreter_of(name: str) -> str:
    """Path of the Python of that environment; "" where it was not made, or was made from another lock file."""
    recipe, home = RECIPES[name], environments_folder() / name
    try:
        made_from = (home / _MARKER).read_text(encoding="ascii")
    except OSError:
        return ""
    python = _python(home)
    return str(python) if made_from == recipe.digest and python.is_file() else ""


def make(name: str, say: Callable[[str], None], recipe: Recipe | None = None) -> Path:
    """Makes the environment of that name anew, and gives its Python.

    What was there is replaced once the new one is whole.

    Args:
        name: a key of ``RECIPES``.
        say: is told each line of what the installer says; what it raises ends the work, and nothing is left behind.
        recipe: another than that of ``RECIPES``.

    Raises:
        EngineNotFound: there is no environment of that name.
        EngineUnavailable: it cannot be made; the sentence carries the installer's last words.
    """
    recipe = recipe or _recipe(name)
    home = environments_folder() / name
    fresh = home.with_name(f".{name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.parent.mkdir(parents=True, exist_ok=True)
        _run((sys.executable, "-m", "venv", str(fresh)), say)
        pip = (str(_python(fresh)), "-m", "pip", "install", "--disable-pip-version-check", "--no-input")
        _run((*pip, "--requirement", str(recipe.lock)), say)
        _run((*pip, "--no-deps", "--ignore-requires-python", "--requirement", str(recipe.alone)), say)
        (fresh / _MARKER).write_text(recipe.digest, encoding="ascii")
        shutil.rmtree(home, ignore_errors=True)
        fresh.rename(home)
    except OSError as error:
        raise EngineUnavailable(
            f"“{home}” cannot be written ({error.strerror}); make room there, or name another folder with {ENGINES}."
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return _python(home)


def _recipe(name: str) -> Recipe:
    if name not in RECIPES:
        choices = ", ".join(RECIPES)
        raise EngineNotFound(f"“{name[:60]}” has no environment of its own to install; there is {choices}.")
    return RECIPES[name]


def _python(home: Path) -> Path:
    return home / "Scripts" / "python.exe" if sys.platform == "win32" else home / "bin" / "python"


def _run(command: Sequence[str], say: Callable[[str], None]) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SONIQUE_"))}
    last: list[str] = []
    with subprocess.Popen(  # noqa: S603 - this Python, and pip with the lock files that ship here
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment
    ) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                last = [*last[-_LAST_LINES:], line.strip()]
                say(line.strip()[:_LONGEST_LINE])
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        told = next((line for line in reversed(last) if line.lower().startswith("error")), last[-1] if last else "")
        raise EngineUnavailable(f"The environment cannot be made: {told[:_LONGEST_LINE] or 'pip failed'}.")
