"""The fake seen through the same interpreter that runs inside Resolve."""

import json
from collections.abc import Sequence
from typing import Any

from sonique_resolve.bridge import wire
from sonique_resolve.bridge.interpreter import Interpreter
from sonique_resolve.bridge.limits import Limits
from sonique_resolve.bridge.wired import WiredDesk
from sonique_resolve.calls import Step, Value
from sonique_resolve.errors import ResolveBusy
from sonique_resolve.fake.world import World


class FakeDesk(WiredDesk):
    """A desk over a fake: every batch goes as text through the interpreter that runs inside Resolve.

    A dialog that ``blocks`` and is open before a batch is given up on after the batch's time limit, on the world's
    clock; one that opens in the middle of a batch blocks here as well, unless it ``raises`` or ``fails``.

    Attributes:
        world: the fake.
        batches: how many batches were sent.
        closed: whether it was let go of.
    """

    def __init__(self, world: World) -> None:
        super().__init__(Limits())
        self.world = world
        self.batches = 0
        self.closed = False
        self._interpreter = Interpreter(world.resolve)

    def do(self, steps: Sequence[Step]) -> list[Value]:
        """Runs ``steps`` in order and answers each; see ``WiredDesk``."""
        self.batches += 1
        return super().do(steps)

    def exchange(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Carries one request in, and its answer out, both as text."""
        if self.world.dialog == "blocks" and not self.world.ended:
            self.world.elapsed += seconds
            raise ResolveBusy(wire.BUSY)
        answer: dict[str, Any] = json.loads(self._interpreter.answer_line(json.dumps(request)))
        return answer

    def close(self) -> None:
        """Lets go of all objects."""
        self._interpreter.answer(dict(wire.RELEASE))
        self.closed = True
