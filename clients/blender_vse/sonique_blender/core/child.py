"""A child process that renders: what it is told, how it says how far it is, and how it is ended.

The order, the progress and the answer are small JSON files in one folder, so that neither side ever waits for the
other.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from .errors import RenderFailed

ORDER, PROGRESS, ANSWER, LOG = "order.json", "progress.json", "answer.json", "log.txt"
"""Files in the child's folder."""

_LAST_WORDS = 3
_END_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class RenderOrder:
    """What a child is to render.

    Attributes:
        blend: the copy of the blend file.
        scene: the scene's name.
        start: first frame.
        end: the frame after the last one.
        film: where the film goes; "" for none.
        sound: where the mixed sound goes; "" for none.
        silent: the custom property of strips that are not to sound.
        side: the film's longer side in pixels, at most.
    """

    blend: str
    scene: str
    start: int
    end: int
    film: str
    sound: str
    silent: str = ""
    side: int = 512


class Child:
    """A child process on its way. Nothing here waits, but for ``remove``.

    Attributes:
        folder: its own.
    """

    def __init__(
        self, folder: Path, order: RenderOrder, command: Sequence[str], environment: Mapping[str, str]
    ) -> None:
        """Starts it.

        Args:
            folder: its own, which is there.
            order: what it is to do.
            command: what runs it; the path of the order is added.
            environment: its environment.

        Raises:
            RenderFailed: it cannot be started.
        """
        self.folder, self._order, self._share, self._end = folder, order, 0.0, 0.0
        told = folder / ORDER
        told.write_text(json.dumps(asdict(order)), encoding="utf-8")
        try:
            with (folder / LOG).open("wb") as log:
                self._process = subprocess.Popen(  # noqa: S603 - Blender itself, with arguments of our own
                    [*command, str(told)],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=dict(environment),
                    creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            raise RenderFailed(f"Blender could not be started to render the range ({error}).") from error

    @property
    def share(self) -> float:
        """How much is rendered, 0 to 1."""
        done = float(_read(self.folder / PROGRESS).get("frames", 0))
        # The file may be read while it is written, and say nothing then.
        self._share = max(self._share, min(1.0, done / max(1, self._order.end - self._order.start)))
        return self._share

    def poll(self) -> bool:
        """Whether it is done.

        Raises:
            RenderFailed: it ended without having done it; the sentence holds its last words.
        """
        code = self._process.poll()
        if code is None:
            return False
        wanted = [Path(path) for path in (self._order.film, self._order.sound) if path]
        if code == 0 and _read(self.folder / ANSWER).get("done") and all(path.is_file() for path in wanted):
            return True
        raise RenderFailed(f"Blender could not render the range: {self._last_words() or f'it ended with {code}'}.")

    def stop(self) -> None:
        """Has it end where it runs; ``gone`` says when it has. Its folder stays until then."""
        if not self._end:
            self._end = time.monotonic() + _END_SECONDS
            self._process.terminate()

    @property
    def gone(self) -> bool:
        """Whether it has ended, so that nobody writes into its folder any more; one that will not is killed."""
        if self._process.poll() is not None:
            return True
        if self._end and time.monotonic() > self._end:
            self._process.kill()
        return False

    def remove(self) -> None:
        """Ends it within two seconds, and removes its folder and all in it."""
        self.stop()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _last_words(self) -> str:
        said = str(_read(self.folder / ANSWER).get("failure", ""))
        try:
            log = (self.folder / LOG).read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            log = []
        return said or " ".join(line.strip() for line in log[-_LAST_WORDS - 1 :] if line.strip()).rstrip(".")


def command(binary: str, script: Path, blend: str) -> list[str]:
    """What runs ``script`` in Blender without a window on ``blend``; the path of its order comes after it.

    Args:
        binary: Blender's own program; "" where Blender is a module of Python, which then runs the script.
        script: the script.
        blend: the file to open.
    """
    if not binary:
        return [sys.executable, str(script), "--"]
    return [binary, "--background", "--factory-startup", blend, "--python", str(script), "--"]


def child_environment() -> dict[str, str]:
    """This process's environment, without what would have the child write Python's caches into the extension."""
    return {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


def _read(path: Path) -> dict[str, Any]:
    """What a small file says; nothing where it is not there or half written."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}
