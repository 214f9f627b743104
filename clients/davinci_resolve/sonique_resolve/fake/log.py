"""The calls that reached the fake, for tests of how few they are."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Seen:
    """One call: of which kind of object, of which one, which method, with what."""

    kind: str
    identity: str
    method: str
    args: tuple[Any, ...]

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes two calls the same."""
        return self.kind, self.identity, self.method, repr(self.args)


@dataclass(slots=True)
class CallLog:
    """All calls since the last ``clear``."""

    calls: list[Seen] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.calls)

    def __iter__(self) -> Iterator[Seen]:
        return iter(self.calls)

    def clear(self) -> None:
        """Forgets them."""
        self.calls.clear()

    def count(self, method: str) -> int:
        """How often ``method`` was called, on whatever object."""
        return sum(seen.method == method for seen in self.calls)

    def methods(self) -> list[str]:
        """The methods in the order of their calls."""
        return [seen.method for seen in self.calls]

    def repeated(self) -> list[str]:
        """The calls that were made more than once on one object with the same arguments: ``"Timeline.GetName ×2"``."""
        counts = Counter(seen.key for seen in self.calls)
        return [f"{key[0]}.{key[2]} ×{count}" for key, count in counts.items() if count > 1]
