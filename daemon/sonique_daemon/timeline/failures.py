"""Failures: which clips could not be shown, and why."""

from dataclasses import dataclass, field

from sonique_daemon.errors import NothingToSee, SoniqueError


@dataclass(slots=True)
class Failures:
    """What could not be shown: each error once, and how many clips there are."""

    errors: dict[str, SoniqueError] = field(default_factory=dict)
    clips: int = 0

    def add(self, error: SoniqueError) -> None:
        """Keeps ``error`` for one more clip."""
        self.errors.setdefault(error.sentence, error)
        self.clips += 1

    def verdict(self) -> SoniqueError:
        """The error to raise where nothing else is to be seen: the one there is, or one for all of them."""
        first = next(iter(self.errors.values()))
        if len(self.errors) == 1:
            return first
        return NothingToSee(f"None of the {self.clips} clips in the range can be shown. The first: {first.sentence}")
