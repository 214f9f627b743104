"""The wire between daemon and worker: messages as frames over a pipe.

A frame is the length of its body as four bytes, big-endian, then the body: the message with the name of its class, as
``domain.codec`` writes it. The daemon sends calls; the worker answers each call with any number of tellings, then
exactly one of ``Returned``, ``Raised``, ``CancelledHere`` and ``Broke``.
"""

from dataclasses import dataclass
from io import BufferedReader, FileIO
from threading import Lock

from sonique_daemon.domain.codec import Undecodable, decode_one_of, encode_one_of
from sonique_daemon.domain.description import ShotDescription
from sonique_daemon.domain.note import Note

MOST_BYTES = 64 * 2**20
"""The longest body of a frame."""


class BrokenFrame(Exception):
    """What came is no frame, or no message."""


class FrameTooLong(Exception):
    """The message does not fit into a frame."""


@dataclass(frozen=True, slots=True)
class Call:
    """To the worker: do ``task`` with ``engine`` and the first ``savings`` of what it can do with less memory.

    ``number`` is new in this worker.
    """

    number: int
    task: str
    engine: str
    request: bytes
    savings: int = 0


@dataclass(frozen=True, slots=True)
class Cancel:
    """To the worker: stop the call of that number at the next check."""

    number: int


@dataclass(frozen=True, slots=True)
class Warm:
    """To the worker: make ready for these tasks and engines whenever there is nothing else to do."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Ready:
    """From the worker, first of all: it runs, and listens."""

    pid: int


@dataclass(frozen=True, slots=True)
class Warmed:
    """From the worker: it is ready for what ``Warm`` named, or for as much of it as can be."""

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Advanced:
    """From the worker: ``Report.progress``."""

    number: int
    done: float
    total: float
    unit: str


@dataclass(frozen=True, slots=True)
class Shown:
    """From the worker: ``Report.shot``."""

    number: int
    index: int
    shot: ShotDescription


@dataclass(frozen=True, slots=True)
class Worded:
    """From the worker: ``Report.wording``."""

    number: int
    shot: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Noted:
    """From the worker: ``Report.note``."""

    number: int
    note: Note


@dataclass(frozen=True, slots=True)
class Warned:
    """From the worker: ``Report.warn``."""

    number: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Alive:
    """From the worker: the call goes on."""

    number: int


@dataclass(frozen=True, slots=True)
class Returned:
    """From the worker: the call's result, and what the process holds of a card's memory since."""

    number: int
    result: bytes
    card_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Raised:
    """From the worker: the call ended with that error of ``errors.py``."""

    number: int
    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class CancelledHere:
    """From the worker: the call was cancelled."""

    number: int


@dataclass(frozen=True, slots=True)
class Broke:
    """From the worker: the call ended with what nobody foresaw, told as that error, and raised there."""

    number: int
    code: str
    sentence: str
    trace: str


@dataclass(frozen=True, slots=True)
class Ended:
    """From nobody, for it is never sent: the worker is gone, with that exit code; negative for a signal."""

    code: int


Order = Call | Cancel | Warm
Telling = Advanced | Shown | Worded | Noted | Warned | Alive
Answer = Returned | Raised | CancelledHere | Broke
Message = Order | Ready | Warmed | Telling | Answer

MESSAGES: dict[str, type[Message]] = {
    kind.__name__: kind
    for kind in (
        Call,
        Cancel,
        Warm,
        Ready,
        Warmed,
        Advanced,
        Shown,
        Worded,
        Noted,
        Warned,
        Alive,
        Returned,
        Raised,
        CancelledHere,
        Broke,
    )
}
"""Every kind of message by its name."""


def frame(message: Message) -> bytes:
    """``message`` as a frame.

    Raises:
        FrameTooLong: it is longer than ``MOST_BYTES``.
    """
    body = encode_one_of(message)
    if len(body) > MOST_BYTES:
        raise FrameTooLong(f"{len(body)} bytes do not fit into a frame of {MOST_BYTES}.")
    return len(body).to_bytes(4, "big") + body


class FrameReader:
    """Reads messages from a pipe; for one thread."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = file

    def receive(self) -> Message | None:
        """The next message; None where the other end is gone, in the middle of a frame too.

        Raises:
            BrokenFrame: what came is no message, or too long.
        """
        head = self._file.read(4)
        if len(head) < 4:
            return None
        length = int.from_bytes(head, "big")
        if length > MOST_BYTES:
            raise BrokenFrame(f"A frame of {length} bytes came; there are none above {MOST_BYTES}.")
        body = self._file.read(length)
        if len(body) < length:
            return None
        try:
            message: Message = decode_one_of(MESSAGES, body)
        except Undecodable as error:
            raise BrokenFrame(str(error)) from None
        return message

    def close(self) -> None:
        """Closes the pipe."""
        self._file.close()


class FrameWriter:
    """Writes frames to a pipe; safe to call from several threads."""

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self._lock = Lock()

    def send(self, whole: bytes) -> None:
        """Writes a frame; blocks while the pipe is full.

        Raises:
            OSError: nobody reads any more.
        """
        with self._lock:
            if self._file.closed:
                raise BrokenPipeError("The pipe is closed.")
            rest = memoryview(whole)
            while rest:
                rest = rest[self._file.write(rest) :]

    def close(self) -> None:
        """Closes the pipe."""
        with self._lock:
            self._file.close()
