"""The courier: a child process that speaks to the daemon for Blender, so that Blender never waits for either.

It holds the connection, fetches files and reads what the daemon says; Blender writes a small frame and looks, at a
later tick, whether the answer is there. It ends by itself as soon as Blender hangs up or is gone. A library that
crashes takes the courier down, and Blender stays.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from .calls import Call, LetGo, call_frame, read_answer
from .frames import BrokenFrame, Frame
from .gateway import Gone, Pending
from .line import Cut, Line

_SCRIPT = Path(__file__).parent.parent / "courier_child.py"
_START_SECONDS = 30.0
_GOODBYE_SECONDS = 0.05
_LOOK_SECONDS = 0.002
_WAY_OUT = "jobs go on in the daemon; press Start to connect again"
_MOST_OUTSTANDING = 1000


class NoCourier(Exception):
    """It cannot be started; its text says why, without a full stop."""


class Courier:
    """A courier at work. Nothing here waits unless it is told to; starting it takes a few milliseconds.

    Args:
        command: what runs it; by default this Python, with the script beside this package.
        environment: its environment; by default this process's own.

    Raises:
        NoCourier: it cannot be started.
    """

    def __init__(self, command: Sequence[str] = (), environment: Mapping[str, str] | None = None) -> None:
        command = command or own_command()
        self._numbers: dict[Call, int] = {}
        self._answers: dict[int, deque[Frame]] = {}
        self._last, self._ended = 0, ""
        self._begun = time.monotonic()
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the courier may write to it
        try:
            self._line = Line()
            self._process = _started(command, environment, self._words)
            self._tell_how_to_call()
        except OSError as error:
            self._words.close()
            raise NoCourier(str(error.strerror or error)) from error

    @property
    def ended(self) -> bool:
        """Whether it is gone."""
        return bool(self._ended)

    @property
    def why_ended(self) -> str:
        """What became of it and what to do, in a sentence; "" as long as it is at work."""
        return self._ended

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def ask(self, call: Call, seconds: float = 0.0) -> Any:
        """The answer to a call, where it is there; the same call is made once, however often it is asked for.

        Args:
            call: what to do.
            seconds: how long to wait for the answer.

        Raises:
            Pending: it is not there yet.
            Gone: the courier is gone, or the daemon.
            Unanswered, Refused, Unusable, BlenderError: what the call itself raised there.
        """
        if call not in self._numbers:
            if len(self._numbers) >= _MOST_OUTSTANDING:
                self.forget(self._numbers.pop(next(iter(self._numbers))))  # its job has ended meanwhile
            self._numbers[call] = self.begin(call)
        number = self._numbers[call]
        frame = self.next(number, seconds)
        if frame is None:
            raise Pending
        del self._numbers[call]
        self.forget(number)
        return read_answer(frame)

    def begin(self, call: Call) -> int:
        """Makes a call; its answers are found by the number that is returned.

        Raises:
            Gone: the courier is gone.
        """
        if self.ended:
            raise Gone(self._ended)
        self._last += 1
        self._answers[self._last] = deque()
        self._line.send(call_frame(self._last, call))
        return self._last

    def next(self, number: int, seconds: float = 0.0) -> Frame | None:
        """The next answer to the call of that number; None where there is none within that time.

        Raises:
            Gone: the courier is gone.
        """
        end = time.monotonic() + seconds
        self._exchange()
        while not self._answers[number] and time.monotonic() < end:
            time.sleep(_LOOK_SECONDS)
            self._exchange()
        return self._answers[number].popleft() if self._answers[number] else None

    def forget(self, number: int) -> None:
        """Passes over what may still come for the call of that number."""
        self._answers.pop(number, None)

    def tell(self, call: Call) -> bool:
        """Makes a call that is never answered, at once where it can be; False where the courier is gone."""
        if not self.ended:
            self.forget(self.begin(call))
            with suppress(Gone):
                self._exchange()
        return not self.ended

    def let_go(self) -> None:
        """Has it let the daemon go; answers that are still on their way are of no use any more."""
        self._numbers.clear()
        self._answers.clear()
        if not self.ended:
            self.forget(self.begin(LetGo()))

    def close(self) -> None:
        """Hangs up; it does what it was asked to, and ends."""
        if not self.ended:
            self._end("")
            self._line.close(_GOODBYE_SECONDS)

    def _exchange(self) -> None:
        if self.ended:
            raise Gone(self._ended)
        try:
            frames = self._line.exchange()
        except (Cut, BrokenFrame):
            raise self._lost("stopped") from None
        for frame in frames:
            answers = self._answers.get(frame.head.get("number", 0))
            if answers is not None:
                answers.append(frame)
        if self._line.met:
            return
        if self._process.poll() is not None:
            raise self._lost("did not start")
        if time.monotonic() - self._begun > _START_SECONDS:
            raise self._lost(f"did not answer within {_START_SECONDS:g} s")

    def _lost(self, what: str) -> Gone:
        self._line.close(0.0)
        said = self._last_words()
        self._end(
            f"The process that speaks to the daemon for Blender {what}{f' ({said})' if said else ''}; {_WAY_OUT}."
        )
        return Gone(self._ended)

    def _last_words(self) -> str:
        self._words.seek(0)
        lines = self._words.read().decode("utf-8", "replace").split("\n")
        return next((line.strip().rstrip(".") for line in reversed(lines) if line.strip()), "")[:200]

    def _end(self, sentence: str) -> None:
        self._ended = sentence or "The process that speaks to the daemon was let go."
        self._words.close()
        _LEFT.append(self._process)

    def _tell_how_to_call(self) -> None:
        """What it needs to call back and to find its packages, where no other process can read it."""
        told = {"port": self._line.port, "token": self._line.token.hex(), "reply": self._line.reply.hex()}
        assert self._process.stdin is not None
        with self._process.stdin as pipe:
            pipe.write(json.dumps({**told, "path": sys.path}).encode() + b"\n")


_LEFT: "list[subprocess.Popen[bytes]]" = []
"""Couriers that were let go: they end by themselves, and are buried when the next one is started."""


def own_command() -> tuple[str, ...]:
    """What runs a courier: the Python that Blender brings along, on its own; nothing of it sees Blender.

    Raises:
        NoCourier: there is none; a Blender that has none may name itself in its place.
    """
    if "python" not in Path(sys.executable or "").name.lower():
        raise NoCourier("this Blender brings no Python program along")
    caches = ("-B",) if sys.dont_write_bytecode else ()
    return (sys.executable, "-I", *caches, str(_SCRIPT))


def _started(command: Sequence[str], environment: Mapping[str, str] | None, words: Any) -> "subprocess.Popen[bytes]":
    from sonique_client.discovery import lasting_folder

    _LEFT[:] = [process for process in _LEFT if process.poll() is None]
    return subprocess.Popen(  # noqa: S603 - Blender's own Python, with a script of ours
        command,
        stdin=subprocess.PIPE,
        stdout=words,
        stderr=words,
        cwd=lasting_folder(),
        env=None if environment is None else dict(environment),
        **_apart(),
    )


def _apart() -> Mapping[str, Any]:
    """What keeps it out of the terminal's signals, and on Windows without a console and behind Blender.

    It stays in Blender's session: where Linux shares processors out by session, its niceness counts against Blender
    there alone. In one of its own, it weighed as much as Blender, and a tick that woke it could lose its turn.
    """
    if sys.platform == "win32":
        flags = (
            subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.BELOW_NORMAL_PRIORITY_CLASS
        )
        return {"creationflags": flags}
    return {"process_group": 0}
