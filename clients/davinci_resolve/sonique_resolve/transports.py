"""The ways into Resolve, and what there is on this machine.

``external``: Resolve's own library in a child process; Studio. ``menu``: the panel's pipes to the script that started
it from Resolve's menu; Studio, and Free up to 21.0. ``mailbox``: a Lua script that waits in Resolve; Free from 21.1 on.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from sonique_resolve.bridge import presence
from sonique_resolve.bridge.limits import Limits
from sonique_resolve.bridge.prefs import Prefs
from sonique_resolve.calls import RESOLVE, Call, Desk
from sonique_resolve.desk_external import ExternalDesk, Python
from sonique_resolve.desk_mailbox import NOBODY, MailboxDesk, mailbox_folder, prefs_places
from sonique_resolve.desk_pipe import STARTED_BY_MENU, over_standard_streams
from sonique_resolve.errors import ResolveBusy, ResolveError, ResolveGone, ResolveRefused

Kind: TypeAlias = Literal["external", "menu", "mailbox"]
KINDS: tuple[Kind, ...] = ("external", "menu", "mailbox")


@dataclass(frozen=True, slots=True)
class TransportSettings:
    """What the transports need to know.

    Attributes:
        python: the Python that loads Resolve's library; ours unless ``SONIQUE_RESOLVE_PYTHON`` names another.
        python_environment: what is added to its environment.
        mailbox: the folder of the mailbox; ``SONIQUE_RESOLVE_MAILBOX``, or the system's custom.
        profiles: folders of Fusion's profiles with the pattern of the preferences below them.
        limits: how long each may take.
        from_menu: whether Resolve's menu started this process.
    """

    python: str = field(default_factory=lambda: os.environ.get("SONIQUE_RESOLVE_PYTHON") or sys.executable)
    python_environment: Mapping[str, str] = field(default_factory=dict)
    mailbox: Path = field(default_factory=mailbox_folder)
    profiles: tuple[tuple[Path, str], ...] = field(default_factory=prefs_places)
    limits: Limits = field(default_factory=Limits)
    from_menu: bool = field(default_factory=lambda: os.environ.get(STARTED_BY_MENU) == "pipe")


@dataclass(frozen=True, slots=True)
class Survey:
    """What there is of Resolve.

    Attributes:
        installed: its scripting library is where it belongs.
        running: a process of its name runs, as far as the system tells.
        edition: ``free`` or ``studio``; empty where it cannot be told.
        version: its release, as it spells it; empty likewise.
        transport: the way in that works; None where none does.
        change: the one thing to change; empty where nothing is to be.
        tried: each way that was tried, with its sentence; empty for the one that works.
    """

    installed: bool
    running: bool
    edition: Literal["free", "studio", ""]
    version: str
    transport: Kind | None
    change: str
    tried: tuple[tuple[Kind, str], ...]


def open_desk(kind: Kind | Literal["auto"] = "auto", settings: TransportSettings | None = None) -> Desk:
    """A desk over one way into Resolve; ``auto`` takes the first that works.

    The standard streams of a process that Resolve's menu started are the desk's alone from then on.

    Raises:
        ResolveRefused: no way leads in; the sentence says what to change.
        ResolveBusy: Resolve does not answer; a dialog is open, most likely.
        ResolveGone: it ended, or its library crashed the process that loaded it.
    """
    settings = settings or TransportSettings()
    if kind != "auto":
        return _OPENERS[kind](settings)
    tried: list[tuple[Kind, ResolveError]] = []
    for each in _order(settings):
        try:
            return _OPENERS[each](settings)
        except (ResolveRefused, ResolveGone) as refusal:
            tried.append((each, refusal))
    first = tried[0][1]
    raise type(first)(_change([(each, refusal.sentence) for each, refusal in tried]))


def survey(settings: TransportSettings | None = None) -> Survey:
    """Looks at what there is of Resolve, and which way leads in. Changes nothing there."""
    settings = settings or TransportSettings()
    installed, running = presence.is_installed(), presence.is_running()
    tried: list[tuple[Kind, str]] = []
    for kind in _order(settings):
        try:
            edition, version = _introduced(kind, settings)
        except ResolveBusy as busy:
            tried.append((kind, busy.sentence))
            return Survey(installed, running, "", "", None, busy.sentence, tuple(tried))
        except ResolveError as refusal:
            tried.append((kind, refusal.sentence))
            continue
        return Survey(installed, running, edition, version, kind, "", (*tried, (kind, "")))
    return Survey(installed, running, "", "", None, _change(tried), tuple(tried))


def _introduced(kind: Kind, settings: TransportSettings) -> tuple[Literal["free", "studio"], str]:
    desk = _OPENERS[kind](settings)
    try:
        product, version = desk.do([Call(RESOLVE, "GetProductName"), Call(RESOLVE, "GetVersionString")])
    finally:
        desk.close()
    return "studio" if "studio" in str(product).lower() else "free", str(version)


def _order(settings: TransportSettings) -> tuple[Kind, ...]:
    """The pipes of the menu are there or not; else what needs nothing in Resolve comes first."""
    return ("menu",) if settings.from_menu else ("external", "mailbox")


def _change(tried: list[tuple[Kind, str]]) -> str:
    """The one thing to change: what the first way says, unless only another can be for the Resolve that runs, or the
    mailbox says something else than that nobody is there.
    """
    mailbox = dict(tried).get("mailbox", "")
    if mailbox and (NOBODY not in mailbox or (not presence.is_installed() and presence.is_running())):
        return mailbox
    return tried[0][1]


def _external(settings: TransportSettings) -> Desk:
    return ExternalDesk(Python(settings.python, settings.python_environment), settings.limits)


def _menu(settings: TransportSettings) -> Desk:
    if not settings.from_menu:
        raise ResolveRefused("This process was not started from DaVinci Resolve. Start Workspace ▸ Scripts ▸ Sonique.")
    return over_standard_streams(settings.limits)


def _mailbox(settings: TransportSettings) -> Desk:
    return MailboxDesk(settings.mailbox, Prefs(settings.profiles), settings.limits)


_OPENERS: Mapping[Kind, Callable[[TransportSettings], Desk]] = {
    "external": _external,
    "menu": _menu,
    "mailbox": _mailbox,
}
