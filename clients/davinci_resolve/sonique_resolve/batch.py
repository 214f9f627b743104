"""A batch of calls as it is put together, and its answers as the kinds of value that they should be.

Resolve answers numbers as text, text as numbers, and None for whatever went wrong; so every answer is asked for as what
it is meant to be, and is None, or empty, where it is not.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from sonique_resolve.calls import RESOLVE, Argument, Call, Desk, Handle, Has, Ref, Step, Value
from sonique_resolve.errors import ResolveBusy

LONGEST = 2000
"""Steps that are sent at once; more go in several batches, and none of them refers to one of another."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What a batch answered, by the ``Ref`` of each call."""

    values: Sequence[Value]

    def value(self, ref: Ref) -> Value:
        """As it came."""
        return self.values[ref.call]

    def text(self, ref: Ref) -> str:
        """As text; empty where it is none."""
        return as_text(self.value(ref))

    def whole(self, ref: Ref) -> int | None:
        """As a whole number."""
        return as_whole(self.value(ref))

    def number(self, ref: Ref) -> float | None:
        """As a number."""
        return as_number(self.value(ref))

    def yes(self, ref: Ref) -> bool:
        """Whether it is true."""
        return self.value(ref) in (True, 1, "1", "true", "True")

    def handle(self, ref: Ref) -> Handle | None:
        """As an object."""
        value = self.value(ref)
        return value if isinstance(value, Handle) else None

    def handles(self, ref: Ref) -> tuple[Handle, ...]:
        """As objects; what is none is left out."""
        value = self.value(ref)
        return tuple(each for each in value if isinstance(each, Handle)) if isinstance(value, list) else ()

    def table(self, ref: Ref) -> dict[str, Value]:
        """As a table."""
        value = self.value(ref)
        return value if isinstance(value, dict) else {}


@dataclass(slots=True)
class Batch:
    """Steps that are sent together."""

    steps: list[Step] = field(default_factory=list)

    def call(self, on: Handle | Ref, method: str, *args: Argument) -> Ref:
        """Adds a call, and returns what its answer goes by."""
        self.steps.append(Call(on, method, args))
        return Ref(len(self.steps) - 1)

    def has(self, on: Handle | Ref, method: str) -> Ref:
        """Adds the question whether an object has a method."""
        self.steps.append(Has(on, method))
        return Ref(len(self.steps) - 1)

    def run(self, desk: Desk) -> Answers:
        """Sends it; a long one that refers to nothing of its own goes in several."""
        values: list[Value] = []
        for start in range(0, len(self.steps), LONGEST):
            values += desk.do(self.steps[start : start + LONGEST])
        return Answers(values)

    def surely(self, desk: Desk) -> Answers:
        """Sends it, and sees that Resolve was there to the end of it.

        While a dialog is open, some releases answer None to everything; taken for "there is nothing on this track",
        that would have us change what is not ours.

        Raises:
            ResolveBusy: it answers nothing.
        """
        probe = self.call(RESOLVE, "GetVersion")
        answers = self.run(desk)
        if answers.value(probe) is None:
            raise ResolveBusy("DaVinci Resolve does not answer; close the dialog that is open in it, and try again.")
        return answers


def as_text(value: Value) -> str:
    """Text, numbers as text too; empty for anything else."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def as_number(value: Value) -> float | None:
    """A finite number, of text too."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def as_whole(value: Value) -> int | None:
    """The nearest whole number."""
    number = as_number(value)
    return None if number is None else round(number)
