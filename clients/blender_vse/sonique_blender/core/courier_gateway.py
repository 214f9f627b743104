"""The gateway that Blender uses: the courier makes the calls."""

from dataclasses import dataclass
from pathlib import Path

from .calls import (
    AskMemory,
    AskVocabulary,
    Cancel,
    Connect,
    Fetch,
    Follow,
    FreeMemory,
    Greeting,
    Submit,
    read_answer,
)
from .courier import Courier
from .gateway import Ends, Gateway, Gone, MadeFile, Memory, Pending, Refused, Told, Vocabulary
from .orders import Order


@dataclass(slots=True)
class _Ear:
    """A job that the courier follows.

    Attributes:
        number: of the call.
        seq: the last event that was heard.
        heard: whether an answer came since.
    """

    number: int
    seq: int
    heard: bool = False


class CourierGateway:
    """A daemon that has answered a courier.

    Args:
        courier: makes the calls.
        greeting: what the daemon said.
    """

    def __init__(self, courier: Courier, greeting: Greeting) -> None:
        self.courier, self.greeting = courier, greeting
        self._ears: dict[str, _Ear] = {}

    @property
    def release(self) -> str:
        """The daemon's release."""
        return self.greeting.release

    @property
    def local(self) -> bool:
        """Whether its store lies on this machine."""
        return self.greeting.local

    def submit(self, job_id: str, order: Order, seconds: float = 0.0) -> None:
        """Takes a job in."""
        self.courier.ask(Submit(job_id, order), seconds)

    def poll(self, job_id: str, after_seq: int, seconds: float = 0.0) -> Told:
        """What the job said after ``after_seq``: the courier follows it from the first such call on."""
        ear = self._ears.get(job_id)
        if ear is None or ear.seq != after_seq:
            self._close_ear(job_id)
            ear = self._ears[job_id] = _Ear(self.courier.begin(Follow(job_id, after_seq)), after_seq)
        frame = self.courier.next(ear.number, 0.0 if ear.heard else seconds)
        if frame is None:
            if ear.heard:
                return Told((), after_seq)
            raise Pending
        try:
            told = read_answer(frame)
        except (Gone, Refused):
            self._close_ear(job_id)
            raise
        assert isinstance(told, Told)
        ear.heard, ear.seq = True, told.seq
        if told.words and isinstance(told.words[-1], Ends):
            self._close_ear(job_id)
        return told

    def cancel(self, job_id: str, seconds: float = 0.0) -> None:
        """Tells the job to stop."""
        self.courier.ask(Cancel(job_id), seconds)

    def fetch(self, take_id: str, file: MadeFile, target: Path, seconds: float = 0.0) -> Path:
        """Copies a finished file to where it shall stand, or beside what stands there."""
        return Path(self.courier.ask(Fetch(take_id, file, str(target)), seconds))

    def memory(self, seconds: float = 0.0) -> Memory:
        """What daemon and workers hold."""
        held: Memory = self.courier.ask(AskMemory(), seconds)
        return held

    def vocabulary(self, seconds: float = 0.0) -> Vocabulary:
        """The words that a brief may use."""
        words: Vocabulary = self.courier.ask(AskVocabulary(), seconds)
        return words

    def free_memory(self, seconds: float = 0.0) -> None:
        """Lets all idle engines go."""
        self.courier.ask(FreeMemory(), seconds)

    def close(self) -> None:
        """Lets the daemon go; the courier stays for the next one."""
        self._ears.clear()
        self.courier.let_go()

    def _close_ear(self, job_id: str) -> None:
        ear = self._ears.pop(job_id, None)
        if ear is not None:
            self.courier.forget(ear.number)


@dataclass(frozen=True, slots=True)
class CourierCaller:
    """A daemon that a courier calls.

    Attributes:
        courier: makes the call.
        runtime: what the daemon's runtime file says.
    """

    courier: Courier
    runtime: str

    def greeted(self) -> Gateway | None:
        """The gateway, once the daemon has answered with the same version of the contract."""
        try:
            return CourierGateway(self.courier, self.courier.ask(Connect(self.runtime)))
        except Pending:
            return None

    def close(self) -> None:
        """Lets the call be."""
        self.courier.let_go()
