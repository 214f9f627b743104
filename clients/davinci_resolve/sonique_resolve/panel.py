"""The panel: Resolve's own window in Studio, else one of the system's, or the terminal.

``python -m sonique_resolve.panel``. It runs in Sonique's own Python, never in Resolve's; one mind (``panel_presenter``)
serves every window. Resolve's own (UIManager) exist in Studio alone, and are drawn over the same bridge as the calls.
"""

import contextlib
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib.util import find_spec
from typing import Literal, TypeAlias

from sonique_client.connection import connect

from sonique_resolve.calls import Desk
from sonique_resolve.errors import ResolveError, ResolveRefused
from sonique_resolve.panel_presenter import Presenter
from sonique_resolve.transports import open_desk

Transport: TypeAlias = Literal["auto", "external", "menu", "mailbox"]
Show: TypeAlias = Callable[[Presenter], None]
WINDOWS = ("auto", "resolve", "system", "terminal")
"""Which window: the first there is, Resolve's own, the system's, or none."""
_TRANSPORTS: dict[str, Transport] = {"auto": "auto", "external": "external", "menu": "menu", "mailbox": "mailbox"}

NO_WINDOW = (
    "This Python has no tkinter, or the system no screen; install it (on Linux the package python3-tk), "
    "or use “sonique resolve score” in a terminal."
)


class _Opener:
    """Opens desks; one that was opened before is the first.

    Attributes:
        first: it, until it is taken.
    """

    def __init__(self, kind: Transport) -> None:
        self._kind: Transport = kind
        self.first: Desk | None = None

    def __call__(self) -> Desk:
        desk, self.first = self.first, None
        return open_desk(self._kind) if desk is None else desk

    def close(self) -> None:
        """Closes what nobody took."""
        desk, self.first = self.first, None
        if desk is not None:
            with contextlib.suppress(ResolveError):
                desk.close()


def open_panel(transport: str = "auto", window: str = "auto") -> int:
    """Opens the panel and stays until it is closed; returns the exit code.

    Args:
        transport: how Resolve is reached.
        window: ``resolve`` for one of Resolve's own, ``system``, ``terminal``; ``auto`` takes the first there is.

    Raises:
        ResolveRefused: there is no such window.
        ResolveGone: Resolve ended, and its own window with it.
        ResolveBusy: it does not answer, and no other window than its own is wanted.
    """
    kind = _TRANSPORTS[transport]
    opener = _Opener(kind)
    presenter = Presenter(opener, connect)
    try:
        show = (
            _own(opener, window) or _systems(window) or _terminal(bridged=kind == "menu", wanted=window == "terminal")
        )
        presenter.start()
        show(presenter)
    finally:
        presenter.close()
        opener.close()
    return 0


def _own(opener: _Opener, window: str) -> Show | None:
    """The view in a window of Resolve's own, where that is wanted and there is one."""
    if window not in {"auto", "resolve"}:
        return None
    from sonique_resolve import panel_resolve

    found = None
    try:
        opener.first = opener()
        found = panel_resolve.opened(opener.first)
    except ResolveError:
        if window == "resolve":
            raise
    if found is None and window == "resolve":
        raise ResolveRefused("This DaVinci Resolve has no windows for scripts; Studio has. Use “--window system”.")
    return None if found is None else partial(panel_resolve.show, window=found)


def has_windows() -> bool:
    """Whether this Python can open windows, a screen given."""
    return find_spec("_tkinter") is not None


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: ``--bridge`` where Resolve's menu started it, ``--window WHICH``; returns the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    bridged = "--bridge" in given
    rest = [each for each in given if each != "--bridge"]
    window = rest[1] if len(rest) == 2 and rest[0] == "--window" else "auto"
    if (rest and len(rest) != 2) or window not in WINDOWS or rest[:1] not in ([], ["--window"]):
        sys.stderr.write(f"sonique_resolve.panel: only --bridge and --window {'|'.join(WINDOWS)} are known.\n")
        return 2
    try:
        return open_panel("menu" if bridged else "auto", window)
    except ResolveError as error:
        sys.stderr.write(f"{error.sentence}\n")
        return 1


def _systems(window: str) -> Show | None:
    """The view in a window of the system's; None where there can be none."""
    return None if window == "terminal" else _window()


def _window() -> Show | None:
    try:
        from sonique_resolve.panel_tk import can_show, show
    except ImportError:
        return None
    return show if can_show() else None


def _terminal(*, bridged: bool, wanted: bool) -> Show:
    """The view in the terminal; the bridge's own streams are none."""
    if bridged or not sys.stdin.isatty():
        raise ResolveRefused(NO_WINDOW)
    if not wanted:
        sys.stderr.write(f"{NO_WINDOW}\n")
    from sonique_resolve.panel_text import show

    return show


if __name__ == "__main__":
    sys.exit(main())
