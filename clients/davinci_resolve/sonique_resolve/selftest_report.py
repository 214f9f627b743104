"""What a self-test found, as plain data to be sent back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sonique_resolve.errors import ResolveError

RATES = (("24", 86_400), ("25", 90_000), ("29.97 DF", 107_892))
"""The rates that are tried, with the frame of 01:00:00:00 in each."""


@dataclass(slots=True)
class Report:
    """What came out.

    Attributes:
        facts: about this machine and its Resolve.
        checks: each with its rate, its name, whether it passed, what was expected and what was found.
        notes: what could not be tried or undone, and why.
    """

    facts: dict[str, Any] = field(default_factory=dict)
    checks: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether all was tried and is as it should be."""
        rates = {check["rate"] for check in self.checks}
        return not self.notes and rates >= {name for name, _ in RATES} and all(check["passed"] for check in self.checks)

    def to_data(self) -> dict[str, Any]:
        """The report as JSON holds it."""
        return {"report": 1, "passed": self.passed, **self.facts, "checks": self.checks, "notes": self.notes}


@contextmanager
def noted(report: Report, doing: str) -> Iterator[None]:
    """What goes wrong inside becomes a note, whatever it is: a report that is not whole is no report."""
    try:
        yield
    except ResolveError as error:
        report.notes.append(f"While {doing}: {error.code}: {error.sentence}")
    except Exception as error:  # noqa: BLE001 - a fault of ours has to be in the report as well
        report.notes.append(f"While {doing}: {type(error).__name__}: {error}")
