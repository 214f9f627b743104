"""Windows of Resolve's own: ``UIManager`` makes elements, ``UIDispatcher`` shows them; and a user who acts on them.

The names are checked against a listing of those that its maker documents; what it does is what people wrote down:
handlers run while the dispatcher does, timers tell the dispatcher, and a window may be closed without a word.
"""
# ruff: noqa: N802 the names are Resolve's, and what they mean stands in its own documents

import queue
import time
from collections.abc import Callable, Iterator
from typing import Any

COMMON = ("ID", "Enabled", "Hidden", "Visible", "Weight", "ToolTip", "StyleSheet", "MinimumSize", "Geometry", "Events")
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "Label": ("Text", "Alignment", "WordWrap"),
    "Button": ("Text", "Checkable", "Checked"),
    "CheckBox": ("Text", "Checkable", "Checked"),
    "ComboBox": ("Editable", "CurrentIndex", "CurrentText", "Count"),
    "SpinBox": ("Value", "Minimum", "Maximum", "SingleStep"),
    "Slider": ("Value", "Minimum", "Maximum", "SingleStep", "Orientation"),
    "LineEdit": ("Text", "PlaceholderText", "ReadOnly"),
    "TextEdit": ("Text", "PlainText", "HTML", "ReadOnly"),
    "Window": ("WindowTitle",),
    "HGroup": ("Spacing",),
    "VGroup": ("Spacing",),
    "Timer": ("Interval", "SingleShot"),
}
EVENTS: dict[str, tuple[str, ...]] = {
    "Button": ("Clicked",),
    "CheckBox": ("Clicked",),
    "ComboBox": ("CurrentIndexChanged", "CurrentTextChanged", "Activated", "ReturnPressed"),
    "SpinBox": ("ValueChanged",),
    "Slider": ("ValueChanged",),
    "LineEdit": ("TextChanged", "ReturnPressed"),
    "TextEdit": ("TextChanged",),
    "Window": ("Close", "Show", "Hide"),
}
_BY_DEFAULT = {"Clicked", "Close"}
_DEFAULTS = {"Text": "", "PlainText": "", "Enabled": True, "Visible": False, "Checked": False, "CurrentIndex": -1}


class Element:
    """An element of a window, or a layout; unknown attributes are refused, so that a test sees them."""

    kind: str
    children: "list[Element]"
    values: dict[str, Any]

    def __init__(self, kind: str, attributes: dict[str, Any], children: "list[Element]") -> None:
        self.__dict__["kind"] = kind
        self.__dict__["children"] = children
        self.__dict__["values"] = {}
        for name, value in attributes.items():
            setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in COMMON and name not in ATTRIBUTES[self.kind]:
            raise AttributeError(f"A {self.kind} has no “{name}”.")
        self.values[name] = value

    def __getattr__(self, name: str) -> Any:
        if name not in COMMON and name not in ATTRIBUTES[self.kind]:
            raise AttributeError(name)
        return self.values.get(name, _DEFAULTS.get(name))

    def everything(self) -> "Iterator[Element]":
        """It and all below it."""
        yield self
        for child in self.children:
            yield from child.everything()


class ComboBox(Element):
    """A list of which one entry is shown; where it may be edited, any text."""

    def __init__(self, kind: str, attributes: dict[str, Any], children: list[Element]) -> None:
        super().__init__(kind, attributes, children)
        self.__dict__["entries"] = []

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name == "CurrentIndex":
            self.values["CurrentText"] = self.entries[value] if 0 <= value < len(self.entries) else ""

    def _show(self, index: int) -> None:
        setattr(self, "CurrentIndex", index)  # noqa: B010 an attribute of Resolve's, not of this class

    def AddItems(self, texts: list[str]) -> None:
        """Adds entries at the end; the first one is shown where none was."""
        self.entries.extend(texts)
        if self.values.get("CurrentIndex", -1) < 0 and self.entries:
            self._show(0)

    def Clear(self) -> None:
        """Removes all entries."""
        self.entries.clear()
        self._show(-1)


class _Handlers:
    """``On``: by the element's ID, then by the event."""

    held: dict[str, Any]

    def __init__(self) -> None:
        self.__dict__["held"] = {}

    def __getitem__(self, name: str) -> "_Handlers":
        made: _Handlers = self.held.setdefault(name, _Handlers())
        return made

    def __getattr__(self, name: str) -> "_Handlers":
        return self[name]

    def __setattr__(self, name: str, handler: Any) -> None:
        self.held[name] = handler


class Window(Element):
    """A window."""

    def __init__(self, kind: str, attributes: dict[str, Any], children: list[Element]) -> None:
        super().__init__(kind, attributes, children)
        self.__dict__["On"] = _Handlers()

    def Show(self) -> None:
        """Shows it."""
        self.Visible = True

    def Hide(self) -> None:
        """Hides it."""
        self.Visible = False

    def GetItems(self) -> dict[str, Element]:
        """The elements that have an ID, by it."""
        return {each.ID: each for each in self.everything() if each.ID}

    def RecalcLayout(self) -> None:
        """Lays it out anew."""


class Timer(Element):
    """Tells its dispatcher the time."""

    def __init__(self, kind: str, attributes: dict[str, Any], children: list[Element]) -> None:
        super().__init__(kind, attributes, children)
        self.__dict__["runs"] = False

    def Start(self) -> None:
        """Begins."""
        self.__dict__["runs"] = True

    def Stop(self) -> None:
        """Ends."""
        self.__dict__["runs"] = False


_KINDS: dict[str, type[Element]] = {"ComboBox": ComboBox, "Window": Window, "Timer": Timer}


class UIManager:
    """Makes elements; and the user who acts on the window.

    Args:
        timers: whether there are timers.
        ticks: whether they tell anything.
        tells_close: whether closing a window from its title bar is told.
    """

    def __init__(self, *, timers: bool = True, ticks: bool = True, tells_close: bool = True) -> None:
        self.timers, self.ticks, self.tells_close = timers, ticks, tells_close
        self.window: Window | None = None
        self.made: list[Timer] = []
        self.opened = 0
        self._acts: queue.Queue[Callable[[Window], None]] = queue.Queue()

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in ATTRIBUTES or name == "Window":
            raise AttributeError(name)

        def make(attributes: dict[str, Any] | None = None, children: list[Element] | None = None) -> Element | None:
            if name == "Timer" and not self.timers:
                return None
            made = _KINDS.get(name, Element)(name, attributes or {}, children or [])
            self.made += [made] if isinstance(made, Timer) else []
            return made

        return make

    # The user

    def seen(self, name: str, attribute: str = "Text") -> Any:
        """What an element shows; None while there is no window."""
        item = self.window.GetItems().get(name) if self.window is not None else None
        return getattr(item, attribute) if item is not None else None

    def click(self, name: str) -> None:
        """Presses a button; one that is switched off does nothing."""
        self._acts.put(lambda window: _tell(window, name, "Clicked") if window.GetItems()[name].Enabled else None)

    def type(self, name: str, text: str) -> None:
        """Types into a field."""
        attribute = {"TextEdit": "PlainText", "ComboBox": "CurrentText"}

        def act(window: Window) -> None:
            field = window.GetItems()[name]
            setattr(field, attribute.get(field.kind, "Text"), text)

        self._acts.put(act)

    def choose(self, name: str, index: int) -> None:
        """Chooses an entry of a list."""

        def act(window: Window) -> None:
            window.GetItems()[name].CurrentIndex = index
            _tell(window, name, "Activated")

        self._acts.put(act)

    def tick(self, name: str) -> None:
        """Ticks a box."""
        self._acts.put(lambda window: setattr(window.GetItems()[name], "Checked", True))

    def shut(self) -> None:
        """Closes the window from its title bar."""

        def act(window: Window) -> None:
            window.Visible = False
            if self.tells_close:
                _tell(window, window.ID, "Close")

        self._acts.put(act)

    def act(self) -> None:
        """Does the next thing that the user meant to do."""
        try:
            act = self._acts.get_nowait()
        except queue.Empty:
            return
        if self.window is not None:
            act(self.window)


def _tell(window: Window, name: str, event: str) -> None:
    """Calls the handler of an event that is switched on."""
    item = window if name == window.ID else window.GetItems()[name]
    wanted = event in _BY_DEFAULT or (item.Events or {}).get(event)
    handler = window.On[name].held.get(event)
    if wanted and handler is not None and event in EVENTS[item.kind]:
        handler({"who": name, "what": event})


class UIDispatcher:
    """Shows windows and tells what happens to them, as long as its loop runs."""

    def __init__(self, ui: UIManager) -> None:
        self.On = _Handlers()
        self._ui = ui
        self._code: int | None = None

    def AddWindow(self, attributes: dict[str, Any], children: list[Element]) -> Window:
        """Makes a window."""
        made = Window("Window", attributes, children)
        self._ui.window = made
        self._ui.opened += 1
        return made

    def RunLoop(self) -> int:
        """Until ``ExitLoop``."""
        self._code = None
        while self._code is None:
            self._ui.act()
            handler = self.On.held.get("Timeout")
            for timer in self._ui.made:
                if timer.runs and self._ui.ticks and handler is not None:
                    handler({"who": timer.ID})
            time.sleep(0.001)
        return self._code

    def ExitLoop(self, code: int = 0) -> None:
        """Ends the loop."""
        self._code = code
