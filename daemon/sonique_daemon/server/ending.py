"""The daemon's end, as it is asked for: by a signal, by a call, or because nobody needs it."""

import asyncio


class Ending:
    """Asked for once it begins; asked for again it hurries. Belongs to one event loop.

    Attributes:
        drain_seconds: how long running jobs may go on once it has begun.
    """

    def __init__(self, drain_seconds: float) -> None:
        self.drain_seconds = drain_seconds
        self._begun, self._hurried = asyncio.Event(), asyncio.Event()

    @property
    def begun(self) -> bool:
        """Whether the daemon is on its way out."""
        return self._begun.is_set()

    def begin(self, drain_seconds: float | None = None) -> None:
        """Asks for the end; running jobs may go on for ``drain_seconds``, or for as long as was set before."""
        if self.begun:
            self._hurried.set()
            return
        if drain_seconds is not None:
            self.drain_seconds = drain_seconds
        self._begun.set()

    async def wait(self) -> None:
        """Returns when the end was asked for."""
        await self._begun.wait()

    async def wait_hurried(self) -> None:
        """Returns when it was asked for once more."""
        await self._hurried.wait()
