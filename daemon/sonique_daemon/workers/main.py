"""The worker process: ``python -m sonique_daemon.workers.main --registry module:function --daemon PID …``.

It needs ``msgspec`` and this package. Whatever a task or an engine needs besides is imported when it is first used.
"""

import argparse
import faulthandler
import os
import signal
import sys
from collections.abc import Sequence
from io import BufferedReader, FileIO
from types import FrameType

from sonique_daemon.workers.confines import confine
from sonique_daemon.workers.tether import tether
from sonique_daemon.workers.wire import FrameReader, FrameWriter


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a worker until its daemon is gone; does not return."""
    options = _options(arguments)
    reader, writer = _take_pipes()
    tether(options.daemon)
    confine(options.data_bytes)
    _heed_signals()
    from sonique_daemon.workers.child import Child

    Child(options.registry, options.data_bytes, reader, writer).serve()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A worker of the Sonique daemon, which starts it by itself.")
    parser.add_argument("--registry", required=True, help="module:function that gives the engines")
    parser.add_argument("--name", default="", help="shown in lists of processes")
    parser.add_argument("--daemon", type=int, required=True, help="process id of the daemon")
    parser.add_argument("--data-bytes", type=int, default=0, help="most private memory, 0 for no limit")
    return parser.parse_args(arguments)


def _take_pipes() -> tuple[FrameReader, FrameWriter]:
    """The pipes to the daemon, out of reach of libraries that print: those write to standard error from now on."""
    incoming, outgoing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdin, sys.stdout = open(0, encoding="utf-8", closefd=False), sys.stderr  # noqa: SIM115
    return FrameReader(BufferedReader(FileIO(incoming, "rb"), 2**16)), FrameWriter(FileIO(outgoing, "wb"))


def _heed_signals() -> None:
    """A worker ends with its daemon, which decides when: a signal to stop that reaches both is the daemon's matter."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ignore)  # a handler, for what an engine starts would inherit that a signal is ignored
    faulthandler.enable()
    if sys.platform != "win32":
        faulthandler.register(signal.SIGUSR2)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Does nothing."""


if __name__ == "__main__":
    main()
