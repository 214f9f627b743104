"""Overhearing: what our code asks of a library, kept, so that the bare call is the same work and nothing else."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A call that was overheard.

    Attributes:
        call: what was called.
        given: its arguments by place.
        named: its arguments by name.
        answer: what it gave.
    """

    call: Any
    given: tuple[Any, ...]
    named: Mapping[str, Any]
    answer: Any

    def again(self, *without: str, **instead: Any) -> Any:
        """The same call once more, without some of its arguments and with others instead."""
        kept = {name: value for name, value in self.named.items() if name not in without}
        return self.call(*self.given, **{**kept, **instead})


@contextmanager
def overheard(owner: Any, name: str) -> Iterator[list[Asked]]:
    """The calls of ``owner``'s ``name`` during the body of a ``with``."""
    plain, calls = getattr(owner, name), list[Asked]()

    def listening(*given: Any, **named: Any) -> Any:
        answer = plain(*given, **named)
        calls.append(Asked(plain, given, dict(named), answer))
        return answer

    own = name in vars(owner)
    setattr(owner, name, listening)
    try:
        yield calls
    finally:
        if own or isinstance(owner, type):
            setattr(owner, name, plain)
        else:
            delattr(owner, name)
