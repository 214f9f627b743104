"""What Blender asks its courier to do, and how that, the answer and a failure are written in a frame."""

from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from fractions import Fraction
from typing import Any, TypeAlias

from .errors import BlenderError
from .frames import Frame
from .gateway import (
    Begins,
    End,
    Ends,
    Gone,
    MadeFile,
    MadeTake,
    Memory,
    Moves,
    Refused,
    Stage,
    Tagged,
    Told,
    Unanswered,
    Unusable,
    Vocabulary,
    Waits,
    Warns,
    Word,
)
from .orders import Again, Order, Score, Wishes


@dataclass(frozen=True, slots=True)
class Connect:
    """Call the daemon of which a runtime file says this; any other is let go. Answered by ``Greeting``."""

    runtime: str


@dataclass(frozen=True, slots=True)
class Submit:
    """Take a job in. Answered by nothing, as are ``Cancel`` and ``FreeMemory``."""

    job_id: str
    order: Order


@dataclass(frozen=True, slots=True)
class Follow:
    """What does the job say after that. Answered by ``Told`` at once, and again whenever it says more, until it ends.

    A failure other than ``Unanswered`` ends it too, and so does another one for the same job.
    """

    job_id: str
    after_seq: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """Tell the job to stop."""

    job_id: str


@dataclass(frozen=True, slots=True)
class Fetch:
    """Copy a finished file to where it shall stand. Answered by the path at which it stands."""

    take_id: str
    file: MadeFile
    target: str


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Remove what the last ``Fetch`` to that target wrote, and nothing else. Never answered, as is ``Discard``."""

    target: str


@dataclass(frozen=True, slots=True)
class Discard:
    """Remove the folder of a render whose process has ended, and all in it."""

    folder: str


@dataclass(frozen=True, slots=True)
class AskMemory:
    """What do daemon and workers hold. Answered by ``Memory``."""


@dataclass(frozen=True, slots=True)
class AskVocabulary:
    """Which words may a brief use. Answered by ``Vocabulary``."""


@dataclass(frozen=True, slots=True)
class FreeMemory:
    """Let idle engines go."""


@dataclass(frozen=True, slots=True)
class LetGo:
    """Let the daemon go. Never answered."""


Unanswerable: TypeAlias = TakeBack | Discard | LetGo
"""One thing to do that nobody waits for."""

Call: TypeAlias = Connect | Submit | Follow | Cancel | Fetch | AskMemory | AskVocabulary | FreeMemory | Unanswerable
"""One thing to do; equal calls are the same call, made again."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """The daemon has answered: its release, and whether its store lies on this machine."""

    release: str
    local: bool


class Undone(BlenderError):
    """A file could not be fetched; code and sentence are those of whoever tried."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.code = code  # type: ignore[misc]  # of this one error, in place of the class's own


Failure: TypeAlias = Unanswered | Gone | Refused | Unusable | BlenderError
"""How a call may end but by its answer."""


def call_frame(number: int, call: Call) -> Frame:
    """A call as it is written; its answer carries the same number."""
    if isinstance(call, Submit):
        data, body = _order_data(call.order)
        return Frame({"number": number, "call": "Submit", "of": [call.job_id, data]}, body)
    return Frame({"number": number, "call": type(call).__name__, "of": _plain(call)})


def read_call(frame: Frame) -> tuple[int, Call]:
    """What ``call_frame`` wrote."""
    number, name, given = int(frame.head["number"]), frame.head["call"], frame.head["of"]
    if name == "Submit":
        return number, Submit(given[0], _order(given[1], frame.body))
    if name == "Fetch":
        return number, Fetch(given[0], MadeFile(*given[1]), given[2])
    return number, _CALLS[name](*given)


def answer_frame(number: int, answer: object) -> Frame:
    """The answer to the call of that number."""
    if isinstance(answer, Told):
        told = [[type(word).__name__, *_plain(word)] for word in answer.words]
        return Frame({"number": number, "answer": "Told", "of": [told, answer.seq]})
    if is_dataclass(answer):
        return Frame({"number": number, "answer": type(answer).__name__, "of": _plain(answer)})
    return Frame({"number": number, "answer": "", "of": None if answer is None else str(answer)})


def failure_frame(number: int, failure: Failure) -> Frame:
    """That the call of that number failed."""
    of = [str(failure), getattr(failure, "code", ""), getattr(failure, "retry_seconds", None)]
    kind = BlenderError if isinstance(failure, BlenderError) else type(failure)
    return Frame({"number": number, "failure": kind.__name__, "of": of})


def read_answer(frame: Frame) -> object:
    """What ``answer_frame`` wrote; raises what ``failure_frame`` did."""
    of = frame.head["of"]
    if "failure" in frame.head:
        raise _FAILURES[frame.head["failure"]](*of)
    return _ANSWERS[frame.head["answer"]](of)


def _plain(value: Any) -> Any:
    """A value as JSON has it: a dataclass is the list of its fields, of an enumeration it is the name."""
    if isinstance(value, Enum):
        return value.name
    if is_dataclass(value):
        return [_plain(getattr(value, each.name)) for each in fields(value)]
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return value


def _order_data(order: Order) -> tuple[dict[str, Any], bytes]:
    wishes = order.wishes.to_json()
    if isinstance(order, Again):
        return {"wishes": wishes, "tags": order.tags}, order.recipe
    rate = [order.rate.numerator, order.rate.denominator]
    data = {"wishes": wishes, "rate": rate, "start": order.start, "frames": order.frames, "roots": list(order.roots)}
    return data, order.document.encode()


def _order(data: dict[str, Any], body: bytes) -> Order:
    wishes = Wishes.from_json(data["wishes"])
    if "tags" in data:
        return Again(body, wishes, data["tags"])
    return Score(body.decode(), Fraction(*data["rate"]), data["start"], data["frames"], tuple(data["roots"]), wishes)


def _made_take(take: str, seed: int, engine: str, files: list[Any], ducking: list[Any]) -> MadeTake:
    points = tuple((seconds, decibels) for seconds, decibels in ducking)
    return MadeTake(take, seed, engine, tuple(MadeFile(*file) for file in files), points)


def _words(told: list[Any]) -> tuple[Word, ...]:
    return tuple(_WORDS[name](*given) for name, *given in told)


_CALLS: dict[str, Any] = {
    each.__name__: each
    for each in (Connect, Follow, Cancel, TakeBack, Discard, AskMemory, AskVocabulary, FreeMemory, LetGo)
}
_WORDS: dict[str, Any] = {
    "Waits": Waits,
    "Begins": lambda stage, cached, which: Begins(Stage[stage], cached, which),
    "Moves": lambda stage, share, seconds_left: Moves(Stage[stage], share, seconds_left),
    "Tagged": Tagged,
    "MadeTake": _made_take,
    "Warns": Warns,
    "Ends": lambda how, sentence, code: Ends(End[how], sentence, code),
}
_ANSWERS: dict[str, Any] = {
    "": lambda of: of,
    "Told": lambda of: Told(_words(of[0]), of[1]),
    "Greeting": lambda of: Greeting(*of),
    "Memory": lambda of: Memory(*of),
    "Vocabulary": lambda of: Vocabulary(*map(tuple, of)),
}
_FAILURES: dict[str, Any] = {
    "Unanswered": lambda *_: Unanswered(),
    "Gone": lambda sentence, *_: Gone(sentence),
    "Refused": Refused,
    "Unusable": lambda sentence, *_: Unusable(sentence),
    "BlenderError": lambda sentence, code, _: Undone(sentence, code),
}
