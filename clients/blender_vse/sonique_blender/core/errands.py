"""What runs in the courier: Blender's calls one after the other, each answered, until Blender hangs up.

Nobody waits for this process, so that here a call may take its time, a thread may read ahead, and a file is copied in
one go.
"""

import os
import queue
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path

from sonique.runtime_file import RuntimeFile
from sonique_client.connection import Knock
from sonique_client.errors import ClientError, DaemonGone

from .calls import (
    AskMemory,
    AskVocabulary,
    Call,
    Cancel,
    Connect,
    Discard,
    Fetch,
    Follow,
    FreeMemory,
    Greeting,
    LetGo,
    Submit,
    TakeBack,
    Unanswerable,
    answer_frame,
    failure_frame,
    read_call,
)
from .clearing import Written, discard
from .copying import copied
from .errors import BlenderError
from .frames import BrokenFrame, Frame, Reader
from .gateway import Ends, Gone, Refused, Unanswered, Unusable
from .grpc_gateway import GrpcGateway

_ANSWER_SECONDS = 2.0
"""How long the daemon may take to answer a call."""
_NEWS_SECONDS = 0.1
"""How often the daemon is asked what a job has said."""
_NICE = 5
"""How far it stands behind Blender where the processors are wanted."""
_SLICE = 2**18


def serve(port: int, token: bytes, reply: bytes) -> None:
    """Calls Blender, and does what it asks for until it hangs up.

    Args:
        port: on the loopback interface, where Blender listens.
        token: shown to it.
        reply: what it has to show then; where it does not, nothing is done for it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for Blender, which hangs up
    _give_way()
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.settimeout(None)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line.sendall(token)
    if not compare_digest(_exactly(line, len(reply)), reply):
        return
    frames: queue.SimpleQueue[Frame | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(line, frames), daemon=True).start()
    errands = Errands()
    while True:
        answers: list[Frame] = []
        with suppress(queue.Empty):
            frame = frames.get(timeout=errands.pause)
            if frame is None:
                break
            answers += errands.answer(frame)
        answers += errands.news()
        with suppress(OSError):  # Blender hung up: what it asked for is done all the same
            line.sendall(b"".join(each.to_bytes() for each in answers))
    errands.let_go()


@dataclass(slots=True)
class _Followed:
    """A job that is followed: by which call, what was told of it, and when it is asked again."""

    number: int
    seq: int
    told: bool = False
    due: float = 0.0


class Errands:
    """Does the calls; keeps to one daemon at a time."""

    def __init__(self) -> None:
        self._gateway: GrpcGateway | None = None
        self._knock: tuple[str, Knock] | None = None
        self._followed: dict[str, _Followed] = {}
        self._written = Written()

    @property
    def pause(self) -> float | None:
        """For how many seconds there is nothing to do; None as long as nobody asks for anything."""
        if not self._followed:
            return None
        return max(0.0, min(each.due for each in self._followed.values()) - time.monotonic())

    def answer(self, frame: Frame) -> list[Frame]:
        """Does what a frame asks for; where that has an answer, it is the one in the list."""
        number, call = read_call(frame)
        if isinstance(call, TakeBack | Discard | LetGo):
            self._do(call)
            return []
        if isinstance(call, Follow):
            self._followed[call.job_id] = _Followed(number, call.after_seq)
            return []
        return [self._answer(number, call)]

    def _do(self, call: Unanswerable) -> None:
        match call:
            case TakeBack(target):
                self._written.take_back(target)
            case Discard(folder):
                discard(Path(folder))
            case LetGo():
                self.let_go()

    def news(self) -> Iterator[Frame]:
        """What the jobs that are followed have said."""
        for job_id, followed in list(self._followed.items()):
            if followed.due <= time.monotonic() and self._followed.get(job_id) is followed:
                yield from self._heard(job_id, followed)

    def _heard(self, job_id: str, followed: _Followed) -> Iterator[Frame]:
        try:
            told = self._reached().poll(job_id, followed.seq, _ANSWER_SECONDS)
        except (Unanswered, Gone, Refused) as failure:
            if not isinstance(failure, Unanswered):
                del self._followed[job_id]
            yield failure_frame(followed.number, failure)
            return
        followed.due = time.monotonic() + _NEWS_SECONDS
        if told.words or not followed.told:
            yield answer_frame(followed.number, told)
        followed.seq, followed.told = told.seq, True
        if told.words and isinstance(told.words[-1], Ends):
            del self._followed[job_id]

    def _answer(self, number: int, call: Call) -> Frame:
        try:
            return answer_frame(number, self._done(call))
        except (Unanswered, Gone, Refused, Unusable, BlenderError) as failure:
            return failure_frame(number, failure)

    def let_go(self) -> None:
        """Lets the daemon go."""
        for each in (self._gateway, self._knock and self._knock[1]):
            if each is not None:
                each.close()
        self._gateway = self._knock = None
        self._followed.clear()

    def _reached(self) -> GrpcGateway:
        if self._gateway is None:
            raise Gone
        return self._gateway

    def _done(self, call: Call) -> object:
        if isinstance(call, Connect):
            return self._connected(call)
        gateway = self._reached()
        match call:
            case Submit(job_id, order):
                gateway.submit(job_id, order, _ANSWER_SECONDS)
            case Cancel(job_id):
                gateway.cancel(job_id, _ANSWER_SECONDS)
            case Fetch(take_id, file, target):
                found = gateway.locate(take_id, file.name, _ANSWER_SECONDS)
                path = copied(Path(found), Path(target), file.size, file.sha256)
                self._written.note(target, path)
                return path
            case AskMemory():
                return gateway.memory(_ANSWER_SECONDS)
            case AskVocabulary():
                return gateway.vocabulary(_ANSWER_SECONDS)
            case FreeMemory():
                gateway.free_memory(_ANSWER_SECONDS)
        return None

    def _connected(self, call: Connect) -> Greeting:
        if self._knock is None or self._knock[0] != call.runtime:
            self.let_go()
            self._knock = (call.runtime, Knock(RuntimeFile.from_json(call.runtime)))
        try:
            connection = self._knock[1].answered(_ANSWER_SECONDS)
        except DaemonGone as error:
            self.let_go()
            raise Gone from error
        except ClientError as error:
            self.let_go()
            raise Unusable(error.sentence) from None
        if connection is None:
            raise Unanswered
        self._gateway, self._knock = GrpcGateway(connection), None
        return Greeting(self._gateway.release, self._gateway.local)


def _give_way() -> None:
    """Has the system never take the processor from Blender because Blender has just written to this process."""
    if sys.platform == "win32":
        return  # Blender starts it with a low priority
    os.nice(_NICE)
    if hasattr(os, "sched_setscheduler"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def _read(line: socket.socket, frames: "queue.SimpleQueue[Frame | None]") -> None:
    """Puts frames into the queue as they come, and None at the end."""
    reader = Reader()
    with suppress(OSError, BrokenFrame):
        while data := line.recv(_SLICE):
            reader.feed(data)
            while (frame := reader.next()) is not None:
                frames.put(frame)
    frames.put(None)


def _exactly(line: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count and (more := line.recv(count - len(data))):
        data += more
    return data
