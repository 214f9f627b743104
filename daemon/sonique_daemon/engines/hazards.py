"""Engines that misbehave on purpose, each in its own way: for tests of what has to survive them."""

import ctypes
import errno
import mmap
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.note import Note, NoteKind
from sonique_daemon.engines.engine import Descriptor, Report
from sonique_daemon.engines.fake import fakes
from sonique_daemon.engines.registry import Offer, Registry, Shelf

_HOME = "hazards"
_STEP_SECONDS = 0.005
_WORD_SECONDS = 0.1
"""So long, what a hazard said last needs to be on its way for certain."""
_FAR = 2**30

Deed = Callable[[Report], None]
"""What a hazard does instead of its work; where it returns, the fake engine of its stage does the work."""


def _crash(_: Report) -> None:
    ctypes.string_at(0)


def _abort(_: Report) -> None:
    os.abort()


def _leave(_: Report) -> None:
    os._exit(3)


def _quit(_: Report) -> None:
    sys.exit(3)


def _hang(_: Report) -> None:
    while True:
        time.sleep(60.0)


def _hold(_: Report) -> None:
    """Sleeps in a library without giving up the interpreter's lock."""
    sleep = ctypes.PyDLL("kernel32").Sleep if sys.platform == "win32" else ctypes.PyDLL(None).sleep
    time.sleep(_WORD_SECONDS)
    while True:
        sleep(_FAR)


def _spin(_: Report) -> None:
    while True:
        pass


def _hoard(report: Report) -> None:
    """Takes memory without end."""
    kept = []
    while True:
        kept.append(bytearray(2**24))
        report.check()


def _share(report: Report) -> None:
    """Takes memory without end that no limit of the system's counts as its own."""
    kept = []
    while True:
        block = mmap.mmap(-1, 2**24)
        block[:: mmap.PAGESIZE] = bytes(2**24 // mmap.PAGESIZE)
        kept.append(block)
        report.check()
        time.sleep(_STEP_SECONDS)


def _print(_: Report) -> None:
    sys.stdout.write("A line for nobody.\n" * 10)
    os.write(1, b"\xff\xff\xff\xff and what a library in C prints\n")


def _flood(_: Report) -> None:
    for _line in range(200):
        os.write(1, b"All work and no play makes a dull log.\n" * 1000)


def _garble(_: Report) -> None:
    """Writes what is no frame into every pipe that it can reach."""
    for number in range(3, 64):
        with suppress(OSError):
            if stat.S_ISFIFO(os.fstat(number).st_mode):
                os.write(number, b"\xff" * 64)
    time.sleep(60.0)


def _deafen(report: Report) -> None:
    """Goes on working, and never looks whether it was cancelled."""
    while True:
        report.warn("It goes on.")
        time.sleep(0.05)


def _raise(_: Report) -> None:
    raise ZeroDivisionError("Something that nobody foresaw.")


def _starve(_: Report) -> None:
    raise MemoryError


def _fill(_: Report) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def _talk(report: Report) -> None:
    """Says much in a short time, and then does its work."""
    for index in range(100):
        report.progress(index / 100, 2.0, "s of nothing")
        if index % 10 == 0:
            report.note(Note(NoteKind.SHOT, index, bytes([index]) * 1000))
            report.warn(f"So far {index}.")


def _linger(report: Report) -> None:
    """Works without end, and stops when it is cancelled."""
    while True:
        report.progress(1.0, 2.0, "s of nothing")
        time.sleep(_STEP_SECONDS)


def _chatter(report: Report) -> None:
    """Says more than anybody keeps up with."""
    for index in range(30_000):
        report.warn(f"Word {index}.")


def _check(report: Report) -> None:
    """Works without end or progress, and stops when it is cancelled."""
    while True:
        report.check()
        time.sleep(_STEP_SECONDS)


def _beget(report: Report) -> None:
    """Starts a process that stays, and works without end."""
    with subprocess.Popen((sys.executable, "-c", "import time; time.sleep(3600)")):
        _linger(report)


def _swell(report: Report) -> None:
    """Holds 200 MB and works without end, and stops when it is cancelled."""
    kept = bytes(200_000_000 * b"\1")
    while kept:
        report.progress(1.0, 2.0, "s of nothing")
        time.sleep(_STEP_SECONDS)


DEEDS: Mapping[str, Deed] = {
    "segfault": _crash,
    "abort": _abort,
    "exit": _leave,
    "quit": _quit,
    "hang": _hang,
    "hold": _hold,
    "spin": _spin,
    "hoard": _hoard,
    "share": _share,
    "print": _print,
    "flood": _flood,
    "garble": _garble,
    "deaf": _deafen,
    "raise": _raise,
    "starve": _starve,
    "fill": _fill,
    "talk": _talk,
    "chatter": _chatter,
    "linger": _linger,
    "still": _check,
    "parent": _beget,
    "swell": _swell,
}
"""By the name of the engine that does it."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """An engine that says that it begins, and then does its deed.

    Attributes:
        descriptor: what it is.
        deed: what it does.
        fake: the engine that does the work where the deed lets it.
    """

    descriptor: Descriptor
    deed: Deed
    fake: Any

    def run(self, request: Any, report: Report) -> Any:
        """Tells a first progress, does the deed, and where that comes to an end, the work."""
        report.progress(0.0, 2.0, "s of nothing")
        self.deed(report)
        return self.fake.run(request, report)


def hazards() -> Registry:
    """The fakes, which come first, and every hazard as an engine of every stage; all hazards share one worker."""
    harmless = fakes()
    return Registry(
        Shelf(Stage.DESCRIBE, {**harmless.describers.offers, **_offers(Stage.DESCRIBE, harmless.describe_engine(""))}),
        Shelf(Stage.TAG, {**harmless.taggers.offers, **_offers(Stage.TAG, harmless.tag_engine(""))}),
        Shelf(Stage.GENERATE, {**harmless.generators.offers, **_offers(Stage.GENERATE, harmless.generate_engine(""))}),
    )


HAZARDS = "sonique_daemon.engines.hazards:hazards"
"""Names ``hazards`` for ``registry.registry_named``."""


def _offers(stage: Stage, fake: Any) -> dict[str, Offer[Any]]:
    return {name: _offer(name, stage, deed, fake) for name, deed in DEEDS.items()}


def _offer(name: str, stage: Stage, deed: Deed, fake: Any) -> Offer[Any]:
    descriptor = Descriptor(
        name=name,
        stage=stage,
        summary="Misbehaves on purpose.",
        licence="GPL-3.0-or-later",
        version="1",
        shortest=fake.descriptor.shortest,
        longest=fake.descriptor.longest,
        sample_rate=fake.descriptor.sample_rate,
        channels=fake.descriptor.channels,
        stems=fake.descriptor.stems,
        home=_HOME,
    )
    return Offer(descriptor, lambda: Hazard(descriptor, deed, fake))
