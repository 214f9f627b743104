"""The panel as a window of Resolve's own (UIManager); Studio only.

It is drawn by the script inside Resolve, or by the process that holds Resolve's library; this side tells what to show
and asks what the user did. It has not been seen inside Resolve by us.
"""

import html
import time
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from sonique_resolve.calls import RESOLVE, Call, Desk
from sonique_resolve.errors import ResolveBusy, ResolveError
from sonique_resolve.panel_fields import ANY, PHASES, RANGES, RENDER, STEMS, Fields, range_of, wishes_of
from sonique_resolve.panel_presenter import Presenter
from sonique_resolve.panel_view import Phase, View

_LOOK_SECONDS = 0.1
_ANSWER_SECONDS = 5.0
"""How long a window may take to answer once it is open; its timer ticks forty times a second."""
_WINDOW = "SoniqueWindow"
_BAR = 30
_FIELDS = (
    ("Which", "CurrentText"),
    ("Prompt", "PlainText"),
    ("Style", "CurrentText"),
    ("Bpm", "Text"),
    ("Hit", "Value"),
    ("Takes", "Value"),
    ("Seed", "Text"),
    ("Stems", "Checked"),
    ("Render", "Checked"),
    ("List", "CurrentIndex"),
)
LISTEN = (
    ("Score", "Clicked"),
    ("Cancel", "Clicked"),
    ("Again", "Clicked"),
    ("Swap", "Clicked"),
    ("Leave", "Clicked"),
    ("Which", "Activated"),
    ("Which", "ReturnPressed"),
)
"""The events that the panel hears."""


def _made(kind: str, attributes: dict[str, Any], *children: list[Any]) -> list[Any]:
    return [kind, attributes, list(children)]


def _row(*children: list[Any], weight: int = 0) -> list[Any]:
    return _made("HGroup", {"Weight": weight}, *children)


def _label(text: str = "", identity: str = "", weight: int = 0) -> list[Any]:
    return _made("Label", {"Text": text, "Weight": weight, "WordWrap": True, **({"ID": identity} if identity else {})})


def _button(identity: str, text: str, *, enabled: bool = True) -> list[Any]:
    return _made("Button", {"ID": identity, "Text": text, "Weight": 0, "Enabled": enabled})


def layout() -> list[Any]:
    """The window: each element's kind, attributes and children."""
    heard = {"Events": {"Activated": True, "ReturnPressed": True}}
    which = _made("ComboBox", {"ID": "Which", "Editable": True, "Weight": 1, **heard})
    style = _made("ComboBox", {"ID": "Style", "Weight": 1})
    hit = _made("Slider", {"ID": "Hit", "Minimum": 0, "Maximum": 100, "Value": 50, "Weight": 1})
    takes = _made("SpinBox", {"ID": "Takes", "Minimum": 1, "Maximum": 8, "Value": 3, "Weight": 1})
    score, cancel = (_button(*named, enabled=False) for named in (("Score", "Make music"), ("Cancel", "Cancel")))
    return _made(
        "Window",
        {"ID": _WINDOW, "WindowTitle": "Sonique", "Geometry": [200, 200, 520, 560]},
        _made(
            "VGroup",
            {"Spacing": 8},
            _label(identity="Host"),
            _row(which, _button("Again", "Look again")),
            _label(identity="Range"),
            _label("What you want, in your own words"),
            _made("TextEdit", {"ID": "Prompt", "Weight": 1, "PlainText": ""}),
            _row(_label("Style"), style, _label("Beats a minute"), _line("Bpm")),
            _row(_label("Hit the cuts"), hit, _label("Takes"), takes, _label("Seed"), _line("Seed", "0")),
            _made("CheckBox", {"ID": "Stems", "Text": STEMS, "Weight": 0}),
            _made("CheckBox", {"ID": "Render", "Text": RENDER, "Weight": 0}),
            _row(score, cancel, _button("Leave", "Close")),
            _label(identity="Stage"),
            _label(identity="Message", weight=1),
            _row(_made("ComboBox", {"ID": "List", "Weight": 1}), _button("Swap", "Place this one", enabled=False)),
        ),
    )


def _line(identity: str, text: str = "") -> list[Any]:
    return _made("LineEdit", {"ID": identity, "Text": text, "Weight": 1})


@runtime_checkable
class Bridge(Protocol):
    """A desk over a bridge that carries windows as well; see ``WiredDesk.ask_window``."""

    def ask_window(self, request: dict[str, Any], seconds: float | None = None) -> dict[str, Any]:
        """One exchange with the window."""


class BridgedWindow:
    """The window, at the other end of a desk's bridge.

    Args:
        desk: the bridge that makes the calls too.
    """

    def __init__(self, desk: Bridge) -> None:
        self._desk = desk
        self._early: list[list[str]] = []

    def open(self) -> bool:
        """Opens it; False where this Resolve has no windows for scripts, or one that opens and does not answer.

        From outside, such a window goes with the process that drew it; one that the menu's script drew stays until the
        user closes it, and the calls wait for that.
        """
        try:
            told = self._desk.ask_window({"open": layout(), "listen": [list(each) for each in LISTEN]})
            if told.get("open"):
                told = self._desk.ask_window({}, _ANSWER_SECONDS)
        except ResolveError:
            return False
        self._early = told.get("events", [])
        return bool(told.get("open"))

    def ask(self, **request: Any) -> dict[str, Any]:
        """One exchange: what is set, filled and read; see ``bridge.window``.

        Raises:
            ResolveGone: Resolve ended, or the bridge.
            ResolveBusy: it does not answer.
        """
        told = self._desk.ask_window(request)
        early, self._early = self._early, []
        return {**told, "events": [*early, *told["events"]]}


class Panel:
    """Draws the presenter's view into the window, and hands wishes to the presenter.

    Args:
        presenter: started already.
        window: open.
    """

    def __init__(self, presenter: Presenter, window: BridgedWindow) -> None:
        self._presenter, self._window = presenter, window
        self._drawn: dict[str, dict[str, Any]] = {}

    def step(self) -> bool:
        """Draws what is new and hears what was done; False once the window is closed.

        Raises:
            ResolveGone: Resolve ended, and the window with it.
        """
        view = self._presenter.view
        try:
            told = self._window.ask(set=self._changes(view), items=_lists(view))
        except ResolveBusy:
            self._drawn = {}
            return True
        for name, event in told["events"]:
            if not self._heard(name, event):
                self._window.ask(close=True)
                return False
        return bool(told["open"])

    def fields(self) -> tuple[Fields, int]:
        """What stands in the fields, and which take is chosen."""
        found = self._window.ask(get=[list(each) for each in _FIELDS])["values"]
        which, prompt, style, bpm, hit, takes, seed, stems, render, take = found or [None] * len(_FIELDS)
        fields = Fields(
            str(which or ""),
            str(prompt or ""),
            str(style or ANY),
            str(bpm or ""),
            float(hit or 0) / 100,
            str(int(takes or 1)),
            str(seed or ""),
            bool(stems),
            bool(render),
        )
        return fields, int(take or 0)

    def _heard(self, name: str, event: str) -> bool:
        """Does what the user asked for; False where that was to leave."""
        fields, take = (Fields(), 0) if name in {"Leave", "Cancel", "Closed"} else self.fields()
        match name:
            case "Score":
                self._presenter.score(wishes_of(fields))
            case "Cancel":
                self._presenter.cancel()
            case "Swap" if self._presenter.view.can_place:
                self._presenter.place(take)
            case "Again" | "Which":
                self._presenter.look(range_of(fields.which))
        del event
        return name not in {"Leave", "Closed"}

    def _changes(self, view: View) -> dict[str, dict[str, Any]]:
        wanted = _attributes(view)
        changes = {name: each for name, each in wanted.items() if self._drawn.get(name) != each}
        self._drawn = wanted
        return changes


def opened(desk: Desk) -> BridgedWindow | None:
    """The window, open; None where this is no Studio, or gives its scripts no windows.

    Free is not asked, since asking it opens an offer to buy Studio.
    """
    if not isinstance(desk, Bridge):
        return None
    product = desk.do([Call(RESOLVE, "GetProductName")])[0]
    window = BridgedWindow(desk)
    return window if "studio" in str(product).casefold() and window.open() else None


def show(presenter: Presenter, window: BridgedWindow, pause: Callable[[float], None] = time.sleep) -> None:
    """Stays until the window is closed.

    Raises:
        ResolveGone: Resolve ended, and the window with it.
    """
    panel = Panel(presenter, window)
    while panel.step():
        pause(_LOOK_SECONDS)


def _attributes(view: View) -> dict[str, dict[str, Any]]:
    stage = ", ".join(filter(None, (view.stage or PHASES.get(view.phase, ""), view.left)))
    return {
        "Host": {"Text": _plain(view.host or "DaVinci Resolve")},
        "Range": {"Text": _plain(view.range_text)},
        "Stage": {"Text": _plain(f"{_bar(view)}{stage}")},
        "Message": {"Text": _plain(view.message)},
        "Score": {"Enabled": view.can_score},
        "Cancel": {"Enabled": view.can_cancel},
        "Swap": {"Enabled": view.can_place},
        "Again": {"Enabled": view.phase is not Phase.CONNECTING},
    }


def _lists(view: View) -> dict[str, list[str]]:
    rows = [f"{row.text}{', on the timeline' if row.placed else ''}" for row in view.takes]
    return {"Which": list(RANGES), "Style": [ANY, *view.styles], "List": rows or ["No takes yet"]}


def _bar(view: View) -> str:
    """How much is done, as text: there is no bar among the window's elements."""
    if view.share is None:
        return ""
    full = round(min(1.0, max(0.0, view.share)) * _BAR)
    return f"{'▮' * full}{'▯' * (_BAR - full)} {round(100 * view.share)} % "


def _plain(text: str) -> str:
    """Text that is shown as it is: a label takes what looks like HTML for it."""
    return f"<span>{html.escape(text)}</span>" if "<" in text else text
