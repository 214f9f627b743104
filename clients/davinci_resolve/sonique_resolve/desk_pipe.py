"""The desk of the panel that Resolve's menu started: its calls go through the script that started it.

Nothing here can end a call that hangs in Resolve. It is told after its time, and its late answer is dropped.
"""

import itertools
import os
import sys
from typing import Any, BinaryIO

from sonique_resolve.bridge import wire
from sonique_resolve.bridge.limits import Limits
from sonique_resolve.bridge.lines import Lines
from sonique_resolve.bridge.wired import WiredDesk
from sonique_resolve.errors import ResolveBusy, ResolveGone

GONE = "The script in DaVinci Resolve that this panel came from has ended. Start Workspace ▸ Scripts ▸ Sonique again."
STARTED_BY_MENU = "SONIQUE_RESOLVE_BRIDGE"
"""Set to ``pipe`` in the environment of a panel that Resolve's menu started."""


class PipeDesk(WiredDesk):
    """Resolve, through the script in its menu.

    Args:
        incoming: where its answers come from.
        outgoing: where requests to it go.
        limits: how long it may take.
    """

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO, limits: Limits | None = None) -> None:
        super().__init__(limits or Limits())
        self._lines = Lines(incoming, outgoing)
        self._requests = itertools.count(1)
        self._owed = 0
        self._closed = False

    def exchange(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Carries one request in, and its answer out; while an earlier one hangs, none is sent after it."""
        if self._closed:
            raise ResolveGone(GONE)
        if self._owed:
            self._received(self._owed, seconds)
        self._owed = next(self._requests)
        self._lines.send({**request, "id": self._owed})
        return self._received(self._owed, seconds)

    def close(self) -> None:
        """Lets go of all objects, and of Resolve; the script there ends."""
        self._closed = True
        self._lines.close()

    def _received(self, identity: int, seconds: float) -> dict[str, Any]:
        try:
            answer = self._lines.receive(identity, seconds)
        except TimeoutError:
            raise ResolveBusy(wire.BUSY) from None
        except EOFError:
            raise ResolveGone(GONE) from None
        self._owed = 0
        return answer


def over_standard_streams(limits: Limits | None = None) -> PipeDesk:
    """The desk of this process's own input and output, which are the bridge's alone from now on: prints go to the error
    output, and nothing is to be read.
    """
    incoming, outgoing = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdout.flush()
    os.dup2(2, 1)
    return PipeDesk(incoming, outgoing, limits)
