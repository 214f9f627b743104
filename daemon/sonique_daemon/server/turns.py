"""Turns: many who wake at the same moment go on a few at a time, and step back for whoever waits for one answer."""

import asyncio
from collections import deque

_AT_ONCE = 2
"""How many go on in one round of the event loop; sending one event takes about a tenth of a millisecond."""

_PATIENCE_SECONDS = 0.01
"""How long nobody goes on for the sake of one answer, at the most."""


class Turns:
    """Lets ``at_once`` through in each round of the event loop, in the order in which they came. Belongs to one loop.

    Without it, an event that 64 clients watch is sent 64 times in one round, and a call that needs five rounds waits
    five times as long.
    """

    def __init__(self, at_once: int = _AT_ONCE, patience: float = _PATIENCE_SECONDS) -> None:
        self._at_once = self._left = at_once
        self._patience = patience
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._renewal: asyncio.Handle | None = None
        self._until = 0.0
        self._went = True

    async def take(self) -> None:
        """Returns when it is the caller's turn: at once where few ask."""
        loop = asyncio.get_running_loop()
        self._renew_soon(loop)
        if self._left > 0 and not self._waiting and loop.time() >= self._until:
            self._let_one()
            return
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        await turn

    def step_back(self) -> None:
        """Gives nobody a turn until ``go_on``, or until patience ends; but never twice without a turn between."""
        if self._went:
            self._went = False
            self._until = asyncio.get_running_loop().time() + self._patience

    def go_on(self) -> None:
        """Gives turns again."""
        if not self._until:
            return
        self._until = 0.0
        if self._renewal is not None:
            self._renewal.cancel()
            self._renewal = None
            self._renew_soon(asyncio.get_running_loop())

    def _renew_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._renewal is None:
            later = self._until > loop.time()
            self._renewal = loop.call_at(self._until, self._renew) if later else loop.call_soon(self._renew)

    def _renew(self) -> None:
        loop = asyncio.get_running_loop()
        self._renewal = None
        if self._until <= loop.time():
            self._until, self._left = 0.0, self._at_once
            self._let_through()
        if self._waiting:
            self._renew_soon(loop)

    def _let_through(self) -> None:
        while self._waiting and self._left > 0:
            turn = self._waiting.popleft()
            if not turn.done():  # else whoever waited is gone
                turn.set_result(None)
                self._let_one()

    def _let_one(self) -> None:
        self._left -= 1
        self._went = True
