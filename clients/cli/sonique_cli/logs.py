"""``sonique logs``: what the daemon wrote down, of this run, the one before, or the last that broke."""

import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from sonique_cli import places
from sonique_cli.exits import CommandError, Exit
from sonique_cli.printable import printable

_LOOK_SECONDS = 0.25
_BLOCK = 65_536


def logs(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written; Ctrl-C ends it.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, max=1_000_000, help="The last so many lines.")] = 50,
    previous: Annotated[bool, typer.Option("--previous", help="The log of the run before.")] = False,
    crash: Annotated[bool, typer.Option("--crash", help="What broke a daemon last.")] = False,
) -> None:
    """Print the end of the daemon's log; it is there when no daemon runs, too.

    sonique logs -f

    sonique logs --crash --lines 200
    """
    if previous and crash:
        raise CommandError("Which log? Give --previous or --crash, not both.", Exit.USAGE)
    if follow and (previous or crash):
        raise CommandError("That log has ended; -f goes with the running one alone.", Exit.USAGE)
    path = find_log(places.PREVIOUS if previous else places.CRASH if crash else places.LOG)
    if not follow and (not path.exists() or (crash and not places.has_crash(path.parent))):
        raise CommandError(_missing(path, previous=previous, crash=crash), Exit.INPUT)
    kept, place = tail(path, lines) if path.exists() else ([], 0)
    _print("\n".join(kept) + "\n" if kept else "")
    if follow:
        _follow(path, place)


def find_log(name: str) -> Path:
    """The log of that name: beside the one that the running daemon names, else in the user's folder of logs."""
    return (running_log() or places.log_folder() / places.LOG).with_name(name)


def running_log() -> Path | None:
    """The log that the running daemon names; None where none runs, or it does not tell.

    Raises:
        CommandError: the daemon is on another machine.
    """
    from sonique_client.connection import connect
    from sonique_client.errors import ClientError

    try:
        with connect(start=None) as connection:
            told, place, local = connection.info.log, connection.place, connection.local
    except ClientError:
        return None
    if not local:
        raise CommandError(f"The daemon is on {place}; its log is there: “{told}”.", Exit.INPUT)
    return Path(told) if told else None


def tail(path: Path, lines: int) -> tuple[list[str], int]:
    """The last lines of a log, older pieces of it included, and the place in bytes where its newest piece ends.

    Raises:
        CommandError: it cannot be read.
    """
    kept: deque[bytes] = deque(maxlen=lines)
    place = 0
    try:
        for piece in places.log_pieces(path):
            with piece.open("rb") as file:
                kept.extend(file)
                place = file.tell()
    except OSError as error:
        raise CommandError(f"“{path}” cannot be read: {error.strerror}.", Exit.INPUT) from error
    return [line.decode("utf-8", "replace").rstrip("\r\n") for line in kept], place


def additions(path: Path, place: int) -> Iterator[str]:
    """What is written to the file after that place, as it comes; "" where nothing came for a while.

    Where another file takes its name, as at a daemon's next start, that one is read from its beginning.
    """
    known = _identity(path)
    while True:
        found = _identity(path)
        if found != known or _size(path) < place:
            known, place = found, 0
        piece, place = _piece(path, place)
        yield piece


def _follow(path: Path, place: int) -> None:
    try:
        for piece in additions(path, place):
            if piece:
                _print(piece)
            else:
                time.sleep(_LOOK_SECONDS)
    except KeyboardInterrupt:  # which is how it is meant to end
        raise typer.Exit(Exit.CANCELLED) from None


def _piece(path: Path, place: int) -> tuple[str, int]:
    """The next whole lines from that place on, and the place after them."""
    try:
        with path.open("rb") as file:
            file.seek(place)
            block = file.read(_BLOCK)
    except OSError:
        return "", place
    whole = block if len(block) == _BLOCK and b"\n" not in block else block[: block.rfind(b"\n") + 1]
    return whole.decode("utf-8", "replace"), place + len(whole)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _size(path: Path) -> int:
    try:
        return os.path.getsize(path)  # noqa: PTH202 - the plain number
    except OSError:
        return 0


def _print(text: str) -> None:
    """Prints whole lines; what would steer a terminal is taken out."""
    for line in text.splitlines():
        sys.stdout.write(f"{printable(line)}\n")
    sys.stdout.flush()


def _missing(path: Path, *, previous: bool, crash: bool) -> str:
    if crash:
        return f"Nothing broke a daemon, as far as “{path.parent}” tells."
    if previous:
        return f"There is no earlier log: “{path}” is not there."
    return f"No daemon has written a log yet: “{path}” is not there."
