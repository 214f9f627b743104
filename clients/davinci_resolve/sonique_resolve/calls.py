"""Calls into Resolve: the one small interface between all that this client knows and whatever carries it inside.

What runs inside Resolve is a dumb interpreter of batches of calls, the same in Python and in Lua. It holds objects in a
table and hands out their numbers. Everything else (what to ask, what it means, how music is placed) is on this side, so
that one reader and one placer serve every edition.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Handle:
    """An object inside Resolve, by its number in the interpreter's table."""

    number: int


RESOLVE = Handle(0)
"""The object that every script begins with."""


@dataclass(frozen=True, slots=True)
class Ref:
    """The answer of an earlier call of the same batch, by its index; where that is a list, one entry of it."""

    call: int
    entry: int | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A constant of the live object, such as ``EXPORT_OTIO``; its text would silently fail."""

    name: str


Value: TypeAlias = "bool | int | float | str | Handle | list[Value] | dict[str, Value] | None"
"""What Resolve answers. Keys of tables are text here, numbers among them too (``"96.0"``)."""

Argument: TypeAlias = (
    "bool | int | float | str | Handle | Ref | Constant | Sequence[Argument] | dict[str, Argument] | None"
)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method.

    Attributes:
        on: the object.
        method: its name, one of ``METHODS``.
        args: positional; whole numbers stay whole.
    """

    on: Handle | Ref
    method: str
    args: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Has:
    """Asks whether an object has a method; older releases lack some. Answers a bool."""

    on: Handle | Ref
    method: str


Step: TypeAlias = Call | Has


class Desk(Protocol):
    """Resolve, seen from outside. One batch at a time, from one thread."""

    def do(self, steps: Sequence[Step]) -> list[Value]:
        """Runs ``steps`` in order and answers each; a step on nothing (None, an empty ``Ref``) answers None.

        Raises:
            ResolveGone: Resolve ended, or the bridge to it.
            ResolveBusy: it did not answer in time: a dialog is open, most likely.
            ResolveRefused: it does not let scripts in; the sentence says what to change.
        """

    def close(self) -> None:
        """Lets go of all objects, and of Resolve."""
