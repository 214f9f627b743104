"""The desk that is the same over every transport: one request at a time, and silence is looked into."""

import threading
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from sonique_resolve.bridge import wire
from sonique_resolve.bridge.limits import Limits
from sonique_resolve.calls import Step, Value
from sonique_resolve.errors import ResolveBusy, ResolveError


class WiredDesk(ABC):
    """A desk whose requests something carries into Resolve.

    Attributes:
        limits: how long each may take.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._one = threading.Lock()

    def do(self, steps: Sequence[Step]) -> list[Value]:
        """Runs ``steps`` in order and answers each.

        Raises:
            ResolveGone: Resolve ended, or the bridge to it.
            ResolveBusy: it did not answer in time: a dialog is open, most likely.
            ResolveRefused: it does not let scripts in.
            ResolveError: a call failed inside.
        """
        with self._one:
            answers = self._run(steps)
            if wire.says_nothing(answers, steps) and self._run(wire.LIVENESS)[-1] is None:
                raise self.silence()
            return answers

    def silence(self) -> ResolveError:
        """What it is taken for that Resolve answers nothing to everything: a dialog, as far as can be told."""
        return ResolveBusy(wire.BUSY)

    def ask_window(self, request: dict[str, Any], seconds: float | None = None) -> dict[str, Any]:
        """One exchange with a window of Resolve's own; see ``bridge.window``.

        Args:
            request: what is asked.
            seconds: how long its answer is waited for; as for a batch where None.

        Raises:
            ResolveError: this bridge has no windows; or as ``do``.
        """
        with self._one:
            answer = self.exchange({"window": request}, self.limits.batch if seconds is None else seconds)
        if "error" in answer:
            raise wire.failure(answer, ())
        told = answer.get("ok")
        return told if isinstance(told, dict) else {"open": False, "events": [], "values": []}

    def _run(self, steps: Sequence[Step]) -> list[Value]:
        return wire.values(self.exchange(wire.request(steps), self.limits.of(steps)), steps)

    @abstractmethod
    def exchange(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Carries one request in, and its answer out.

        Raises:
            ResolveError: as ``do``.
        """

    @abstractmethod
    def close(self) -> None:
        """Lets go of all objects, and of Resolve."""
