"""Sending: an errand is done by a process of its own, by the Python of its family; its rows come back one by one."""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic

import msgspec
from sonique_daemon.errors import SoniqueError

from bench.full import saving
from bench.gpu.errands import MARK, REST, Errand, Order
from bench.gpu.rows import Row
from bench.gpu.subjects import entry

_KEPT_BYTES = 3_000_000_000
"""What stays free on the disk."""
_TINY_BYTES = 20_000_000
_LEAST_SECONDS = 5.0


class _Lacking(Exception):
    """What is missing, as the rest of a sentence."""


@dataclass(slots=True)
class Sender:
    """Sends errands.

    Attributes:
        shelf: folder of the models' files.
        device: where models are computed.
        tiny: whether they are tiny.
        lengths: seconds of the audio that is made.
    """

    shelf: Path
    device: str
    tiny: bool
    lengths: tuple[int, ...]

    def send(self, errand: Errand, later: Sequence[Errand], seconds: float) -> Iterator[Row]:
        """The rows of ``errand``, which may take ``seconds``; what it does not get to is a row of why.

        Files of models that no errand needs ``later`` are removed after it.
        """
        try:
            _require_time(seconds)
            names = models_of(errand)
            self._make_room(names)
            yield from self._done(errand, self._python(names), seconds)
        except (_Lacking, SoniqueError, ValueError) as error:
            for section in errand.sections:
                yield Row(section, errand.subject, "all", why=_sentence(error))
        finally:
            self._tidy(later)

    def _python(self, names: Sequence[str]) -> str:
        families = {entry(name)[0].family for name in names}
        return saving.tools_python() if families == {saving.TOOLS} else sys.executable

    def _make_room(self, names: Sequence[str]) -> None:
        """Says what will be written; raises ``_Lacking`` where the disk has too little."""
        missing = [name for name in names if not (self.shelf / entry(name)[0].name).exists()]
        needed = sum(_TINY_BYTES if self.tiny else saving.bytes_of(*entry(name)) for name in missing)
        free = shutil.disk_usage(self.shelf).free
        if missing and free - needed < _KEPT_BYTES:
            self._remove({entry(name)[0].name for name in names})
            free = shutil.disk_usage(self.shelf).free
        print(f"{', '.join(names)}: {needed / 1e9:.1f} GB to write, {free / 1e9:.1f} GB free", file=sys.stderr)
        if free - needed < _KEPT_BYTES:
            raise _Lacking(f"the disk has {free / 1e9:.1f} GB free, and {needed / 1e9:.1f} GB and 3 besides are needed")

    def _tidy(self, later: Sequence[Errand]) -> None:
        self._remove({entry(name)[0].name for errand in later for name in _known(errand)})

    def _remove(self, kept: set[str]) -> None:
        for folder in self.shelf.iterdir():
            if folder.is_dir() and folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)

    def _done(self, errand: Errand, python: str, seconds: float) -> Iterator[Row]:
        order = Order(errand.sections, errand.subject, str(self.shelf), self.device, self.tiny, self.lengths)
        command = (python, "-m", "bench.gpu.errand", msgspec.json.encode(order).decode())
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=saving.environment(), cwd=saving.REPOSITORY
        ) as process:
            lines: SimpleQueue[bytes | None] = SimpleQueue()
            said: list[bytes] = []
            Thread(target=_read, args=(process.stdout, lines), daemon=True).start()
            Thread(target=_keep, args=(process.stderr, said), daemon=True).start()
            try:
                yield from _rows(lines, errand, seconds)
            finally:
                process.kill()
        last = next((line for line in reversed(said) if line.strip()), b"").decode(errors="replace").strip()[:200]
        if process.returncode > 0:
            yield Row(errand.sections[-1], errand.subject, REST, why=f"its process failed: {last}")
        elif process.returncode < 0 and process.returncode != -9:
            yield Row(
                errand.sections[-1], errand.subject, REST, why=f"its process died of signal {-process.returncode}"
            )


def _require_time(seconds: float) -> None:
    if seconds < _LEAST_SECONDS:
        raise _Lacking("no time was left")


def models_of(errand: Errand) -> tuple[str, ...]:
    """The models that an errand needs, as subjects are named."""
    from bench.gpu.chaining import subjects_of

    return subjects_of(errand.subject) if errand.sections == ("chain",) else (errand.subject,)


def _known(errand: Errand) -> tuple[str, ...]:
    """The same; () where the catalogue does not have them, which is told when their turn comes."""
    try:
        names = models_of(errand)
        for name in names:
            entry(name)
    except (SoniqueError, ValueError):
        return ()
    return names


def _rows(lines: "SimpleQueue[bytes | None]", errand: Errand, seconds: float) -> Iterator[Row]:
    end = monotonic() + seconds
    while True:
        try:
            line = lines.get(timeout=max(0.0, end - monotonic()))
        except Empty:
            yield Row(errand.sections[-1], errand.subject, REST, why=f"its time, {seconds:.0f} s, was over")
            return
        if line is None:
            return
        if line.startswith(MARK.encode()):
            yield msgspec.json.decode(line[len(MARK) :], type=Row)


def _read(stream: object, lines: "SimpleQueue[bytes | None]") -> None:
    for line in stream:  # type: ignore[attr-defined]
        lines.put(line)
    lines.put(None)


def _keep(stream: object, said: list[bytes]) -> None:
    for line in stream:  # type: ignore[attr-defined]
        said[:] = [*said[-30:], line]


def _sentence(error: Exception) -> str:
    return error.sentence if isinstance(error, SoniqueError) else str(error)
