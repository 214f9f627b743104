"""The link to the daemon: whether one is there, which, and how it is started; a step at a time, and never waiting."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from .gateway import Gateway, Gone, Unanswered, Unusable
from .patience import Patience

_LOOK_SECONDS = 1.0
"""How often it is looked whether a daemon has come, where none is there."""
_WATCH_SECONDS = 0.1
"""The same while one starts."""
_START_SECONDS = 30.0
_TRACES_SECONDS = 5.0
"""How long a start that was asked for outlasts a daemon that turned out to have ended just before."""
_SULK_SECONDS = 5.0
"""How long a daemon that does not answer is left alone."""


class State(Enum):
    """What the link is at."""

    ABSENT = "No daemon runs"
    STARTING = "The daemon starts"
    GREETING = "Connecting"
    READY = "Connected"
    REFUSED = "The daemon cannot be used"
    SILENT = "The daemon does not answer"


class Caller(Protocol):
    """A connection on which nobody has answered yet."""

    def greeted(self) -> Gateway | None:
        """The gateway once the daemon has answered, None before; raises ``Unanswered``, ``Unusable``, ``Gone``."""

    def close(self) -> None:
        """Lets the connection go."""


class Launch(Protocol):
    """A daemon that was started and does not listen yet."""

    def look(self) -> bool:
        """Whether it listens now; raises ``Unusable`` where it ended."""


class Doors(Protocol):
    """The seam to the machine: how a daemon is found, started and called. None of it waits."""

    def hire(self) -> bool:
        """Has somebody there who can call a daemon, and says whether that one is new; raises ``Unusable``.

        It may take some milliseconds, and so belongs to a click and not into a tick.
        """

    def dismiss(self) -> None:
        """Lets whoever calls go; what was asked for is done all the same."""

    def there(self) -> str | None:
        """A name of the daemon that runs, which another one after it does not have; None where none runs.

        Raises ``Unusable`` where what is there is not to be trusted.
        """

    def start(self) -> Launch:
        """Starts a daemon; raises ``Unusable``. Never called while one is there."""

    def discard(self, folder: Path) -> bool:
        """Has whoever is hired remove the folder of a render; False where nobody is."""

    def take_back(self, target: Path) -> bool:
        """Has whoever is hired remove what the last fetch to that target wrote; False where nobody is."""

    def call(self) -> Caller:
        """Calls the daemon that is there; raises ``Unusable``, also where nobody is hired who could."""


@dataclass(frozen=True, slots=True)
class LinkView:
    """What a panel shows of the link: its state, and a sentence of more, or the daemon's release."""

    state: State = State.ABSENT
    sentence: str = ""
    release: str = ""


class Link:
    """Keeps to one daemon at a time, and finds the next one where it ends.

    Args:
        doors: how a daemon is found, started and called.
        clock: seconds that only ever grow.
    """

    def __init__(self, doors: Doors, clock: Callable[[], float] = time.monotonic) -> None:
        self._doors, self._clock = doors, clock
        self._view = LinkView()
        self._gateway: Gateway | None = None
        self._caller: Caller | None = None
        self._launch: Launch | None = None
        self._launched = self._next = self._start_until = 0.0
        self._refused_by: str | None = None
        self._called: str | None = None
        self._tried = False
        """Whether a start was tried, and no daemon was called since."""
        self.patience = Patience()

    @property
    def view(self) -> LinkView:
        """What is to be seen of it."""
        return self._view

    @property
    def gateway(self) -> Gateway | None:
        """The daemon, where one has answered."""
        return self._gateway

    @property
    def starting(self) -> bool:
        """Whether a daemon starts or is being called."""
        return self._launch is not None or self.calling

    @property
    def calling(self) -> bool:
        """Whether a daemon is being called, so that the next step should come soon."""
        return self._caller is not None

    def start(self) -> None:
        """Has a daemon started where none is there and none starts already; otherwise it is looked for at once."""
        self.seek(start=True)

    def discard(self, folder: Path) -> bool:
        """Has the folder of a render removed, and all in it; False where nobody is there who could, now."""
        return self._doors.discard(folder)

    def take_back(self, target: Path) -> bool:
        """Has that removed which the last fetch to that target wrote or is writing, and nothing else.

        False where nobody is there who could; then nobody fetches either.
        """
        return self._doors.take_back(target)

    def seek(self, *, start: bool) -> None:
        """Looks for a daemon at once, to be called with the next steps.

        Args:
            start: whether one is started where none is there and none starts already.
        """
        self._next, self._refused_by, self._tried = 0.0, None, False
        try:
            there = self._doors.there()
            if there is None:
                self._seek_none(start=start)
            else:
                self._seek_one(there, start=start)
        except Unusable as error:
            self._show(State.REFUSED, error.sentence)

    def step(self, *, wanted: bool) -> None:
        """Goes a step further.

        Args:
            wanted: whether there is something to ask a daemon; where not, it is merely seen whether one is there.
        """
        if self._gateway is not None or self._clock() < self._next:
            return
        try:
            if self._caller is not None:
                self._greet(self._caller)
            elif self._launch is not None:
                self._watch(self._launch)
            else:
                self._look(wanted=wanted)
        except Unusable as error:
            self._refuse(error.sentence)
        except Gone as gone:
            self.lose(gone.sentence)

    def lose(self, sentence: str = "") -> None:
        """The daemon is gone, or who spoke to it, as ``sentence`` then says: another one is looked for."""
        self._drop()
        self._next, self._refused_by = self._clock() + _WATCH_SECONDS, None
        self._show(State.ABSENT, sentence or "The daemon stopped; what it was at goes on when it is started again.")

    def missed(self) -> None:
        """A call was not answered in time; after many in a row the daemon is left alone for a while."""
        self.patience.missed()
        if self.patience.worn:
            self._drop()
            self._next, self._refused_by = self._clock() + _SULK_SECONDS, None
            self._show(State.SILENT, "The daemon does not answer; wait, or stop its process and start it again.")

    def _seek_none(self, *, start: bool) -> None:
        self._drop()  # whoever answered before has ended since
        if start and not self.starting:
            self._begin()
        if self.starting:
            self._doors.hire()
        else:
            self._show(State.ABSENT)

    def _seek_one(self, there: str, *, start: bool) -> None:
        another = self._gateway is not None and there != self._called
        if self._doors.hire() or another:
            self._drop()
        if self._gateway is None and not self.starting:
            # It may be one that has just ended, whose traces are not gone yet.
            self._start_until = self._clock() + _TRACES_SECONDS if start else 0.0
            self._call()

    def _begin(self) -> None:
        self._tried = True
        self._launch, self._launched, self._start_until = self._doors.start(), self._clock(), 0.0
        self._show(State.STARTING)

    def close(self) -> None:
        """Lets the daemon go."""
        self._start_until = 0.0
        self._drop()
        self._doors.dismiss()
        self._show(State.ABSENT)

    def _look(self, *, wanted: bool) -> None:
        self._next = self._clock() + _LOOK_SECONDS
        there = self._doors.there()
        if there is None:
            self._refused_by = None
            if self._clock() < self._start_until:
                self._begin()
            elif self._view.state is not State.ABSENT and not self._tried:
                self._show(State.ABSENT)  # but why a start failed is to be read for as long as nothing else happens
        elif wanted and there != self._refused_by:
            self._refused_by = there
            self._call()

    def _call(self) -> None:
        self._called, self._tried = self._doors.there(), False
        self._caller, self._next = self._doors.call(), 0.0
        self._show(State.GREETING)

    def _watch(self, launch: Launch) -> None:
        self._next = self._clock() + _WATCH_SECONDS
        try:
            listens = launch.look()
        except Unusable:
            self._launch = None
            raise
        if listens:
            self._launch, self._refused_by = None, None
            self._call()
        elif self._clock() - self._launched > _START_SECONDS:
            self._launch = None
            raise Unusable(f"The daemon did not listen within {_START_SECONDS:g} s; see its log, or start it by hand.")

    def _greet(self, caller: Caller) -> None:
        try:
            gateway = caller.greeted()
        except Unanswered:
            self.missed()
            return
        if gateway is None:
            return
        self._caller, self._gateway = None, gateway
        self.patience.met()
        self._refused_by, self._start_until = None, 0.0
        self._show(State.READY, release=gateway.release)

    def _refuse(self, sentence: str) -> None:
        self._drop()
        self._next = self._clock() + _LOOK_SECONDS
        self._show(State.REFUSED, sentence)

    def _drop(self) -> None:
        for each in (self._gateway, self._caller):
            if each is not None:
                each.close()
        self._gateway = self._caller = None
        self.patience = Patience()

    def _show(self, state: State, sentence: str = "", release: str = "") -> None:
        self._view = LinkView(state, sentence, release)
