"""How a daemon is really found, started and called. A courier calls it; gRPC is never loaded here."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sonique_client.errors import ClientError

from .calls import Discard, TakeBack
from .courier import Courier, NoCourier
from .courier_gateway import CourierCaller
from .gateway import Unusable
from .link import Caller, Launch

if TYPE_CHECKING:
    from sonique.runtime_file import RuntimeFile
    from sonique_client.discovery import Launch as ProcessLaunch

_ELSEWHERE = "SONIQUE_DAEMON"


class OwnDoors:
    """The doors to the user's own daemon on this machine.

    Args:
        command: says how a daemon is started: the program and its options; an empty one is “soniqued” on PATH.
        options: says with which options besides.
        courier: starts a courier.
    """

    def __init__(
        self,
        command: Callable[[], Sequence[str]],
        options: Callable[[], Sequence[str]] = tuple,
        courier: Callable[[], Courier] = Courier,
    ) -> None:
        self._command, self._options, self._start_courier = command, options, courier
        self._courier: Courier | None = None

    def hire(self) -> bool:
        """Starts a courier where none is at work."""
        if self._courier is not None and not self._courier.ended:
            return False
        try:
            self._courier = self._start_courier()
        except NoCourier as error:
            raise Unusable(
                f"The process that speaks to the daemon for Blender cannot be started ({error}); start Blender anew, "
                "or install it again."
            ) from error
        return True

    def dismiss(self) -> None:
        """Hangs up; the courier ends once it has done what it was asked to."""
        courier, self._courier = self._courier, None
        if courier is not None:
            courier.close()

    def there(self) -> str | None:
        """Process id and address of the daemon that runs."""
        if os.environ.get(_ELSEWHERE, "").strip():
            raise Unusable(
                f"{_ELSEWHERE} names a daemon elsewhere, and Blender speaks to one on this computer alone; start "
                "Blender without it, or use the command line."
            )
        found = _found()
        return None if found is None else f"{found.pid} {found.address}"

    def start(self) -> Launch:
        """Starts one as a process of its own, which outlives Blender."""
        from sonique_client.discovery import Launch as ProcessLaunch

        try:
            return _Starting(ProcessLaunch(self._command(), self._options()))
        except ClientError as error:
            raise Unusable(error.sentence) from None

    def discard(self, folder: Path) -> bool:
        """Has the courier remove it."""
        return self._courier is not None and self._courier.tell(Discard(str(folder)))

    def take_back(self, target: Path) -> bool:
        """Has the courier remove it, once that fetch is over."""
        return self._courier is not None and self._courier.tell(TakeBack(str(target)))

    def call(self) -> Caller:
        """Has the courier call it."""
        if self._courier is None:
            raise Unusable("Nobody speaks to the daemon for Blender yet; press Start.")
        if self._courier.ended:
            raise Unusable(self._courier.why_ended)
        found = _found()
        if found is None:
            raise Unusable("The daemon stopped; start it again.")
        return CourierCaller(self._courier, found.to_json())


def _found() -> "RuntimeFile | None":
    from sonique_client.discovery import find_daemon

    try:
        return find_daemon()
    except ClientError as error:
        raise Unusable(error.sentence) from None


@dataclass(frozen=True, slots=True)
class _Starting:
    launch: "ProcessLaunch"

    def look(self) -> bool:
        """Whether it listens."""
        try:
            return self.launch.look() is not None
        except ClientError as error:
            raise Unusable(error.sentence) from None
