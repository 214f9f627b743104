"""A window of Resolve's own, drawn and heard by request, beside the calls: Studio only.

Standard library only, and Python 3.6: the script in Resolve's menu runs this file, and so does the bridge from outside.

Resolve's windows answer only while their dispatcher runs, and that holds up the script that runs it. So once a window
is open, the dispatcher runs, and a timer of the window's carries out the requests, those for calls among them: all of
it in one thread, as before.

A request for the window is ``{"id": k, "window": {...}}`` with any of

``open``    a layout: ``["Window", {attributes}, [children]]``, where a child is ``[kind, {attributes}, [children]]``;
``listen``  which events are wanted: ``[["Score", "Clicked"], ...]``; with ``open``;
``items``   the entries of lists: ``{"Styles": ["any", "folk"]}``; what a list shows is kept where it still has it,
            or else its place;
``set``     ``{"Score": {"Enabled": false}}``;
``get``     ``[["Prompt", "PlainText"], ...]``;
``close``   true.

Its answer is ``{"id": k, "ok": {"open": bool, "events": [["Score", "Clicked"]], "values": [...]}}``; ``open`` is false
once the window is closed, by whomever, and where none can be opened.
"""
# ruff: noqa: UP006, UP035 - Python 3.6 runs this file, and names are Resolve's

import contextlib
import json
import queue
import threading
import time
from typing import Any, Dict, List

TICK_MS = 25
"""Milliseconds between two looks at what is asked."""

BUSY_SECONDS = 0.2
"""How long requests are carried out one after the other before the window may draw."""

NEXT_SECONDS = 0.004
"""How long the next request is waited for, since most follow at once."""

MOST_EVENTS = 1000
CLOSE = "Closed"
"""The event that tells that the window was closed."""


class Windows:
    """The one window that may be open.

    Args:
        resolve: the object that every script begins with.
        bmd: the table of helpers, or the module, that makes dispatchers; None where there is none.
    """

    def __init__(self, resolve: Any, bmd: Any) -> None:
        self._resolve = resolve
        self._bmd = bmd
        self._dispatcher: Any = None
        self._window: Any = None
        self._timer: Any = None
        self._items: Dict[str, Any] = {}
        self._entries: Dict[str, List[str]] = {}
        self._events: List[List[str]] = []
        self._gone = 0
        self.is_open = False

    def answer(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """Carries out a request for the window; whatever goes wrong with it closes it."""
        asked = request["window"]
        values: List[Any] = []
        try:
            if "open" in asked and not self.is_open:
                self._open(asked["open"], asked.get("listen", []))
            if asked.get("close"):
                self.close()
            if self.is_open:
                self._fill(asked.get("items", {}))
                self._set(asked.get("set", {}))
                values = [self._get(name, attribute) for name, attribute in asked.get("get", [])]
        except Exception as problem:  # noqa: BLE001 - a window that fails is no window
            self.close()
            return {"id": request.get("id"), "ok": self._told(values), "text": str(problem)[:500]}
        return {"id": request.get("id"), "ok": self._told(values)}

    def _told(self, values: List[Any]) -> Dict[str, Any]:
        events, self._events = self._events, []
        return {"open": self.is_open, "events": events, "values": values}

    def run(self, pump: Any) -> None:
        """Lets the window be seen and heard until it is closed; ``pump`` is called again and again meanwhile."""

        def tick(event: Any = None) -> None:
            del event
            try:
                self._watch()
                pump()
            except Exception:  # noqa: BLE001 - what escapes a handler closes the window without a word
                self.close()

        self._dispatcher.On.Timeout = tick
        self._timer.Start()
        self._dispatcher.RunLoop()
        self._timer.Stop()
        self.is_open = False

    def close(self) -> None:
        """Closes the window, and ends its dispatcher."""
        if self._window is None:
            return
        window, self._window = self._window, None
        self.is_open = False
        self._events.append([CLOSE, CLOSE])
        for end in (window.Hide, self._dispatcher.ExitLoop):
            with contextlib.suppress(Exception):  # it may be gone already
                end()

    def _open(self, layout: List[Any], listen: List[List[str]]) -> None:
        """Never asked of Free: from 19.1 on the mere question opens an offer to buy Studio."""
        if self._bmd is None or "studio" not in str(self._resolve.GetProductName()).lower():
            return
        ui = self._manager()
        if ui is None:
            return
        dispatcher = self._bmd.UIDispatcher(ui)
        timer = ui.Timer({"ID": "SoniqueTimer", "Interval": TICK_MS}) if dispatcher is not None else None
        if timer is None:
            return
        _, attributes, children = layout
        window = dispatcher.AddWindow(dict(attributes), [_made(ui, child) for child in children])
        if window is None:
            return
        self._dispatcher, self._timer, self._window = dispatcher, timer, window
        self._items = window.GetItems()
        for name, event in listen:
            setattr(window.On[name], event, self._hearer(name, event))
        window.On[attributes["ID"]].Close = self._closed
        window.Show()
        self.is_open = True

    def _manager(self) -> Any:
        """Fusion's; some releases have it as an attribute, some as a method."""
        fusion = self._resolve.Fusion()
        found = getattr(fusion, "UIManager", None)
        return found if found is None or getattr(found, "VGroup", None) is not None else found()

    def _closed(self, told: Any = None) -> None:
        del told
        self.close()

    def _hearer(self, name: str, event: str) -> Any:
        def hear(told: Any = None) -> None:
            del told
            if len(self._events) < MOST_EVENTS:
                self._events.append([name, event])

        return hear

    def _watch(self) -> None:
        """Some builds close a window from its title bar without telling; twice not to be seen is closed."""
        window = self._window
        visible = None if window is None else getattr(window, "Visible", None)
        self._gone = self._gone + 1 if visible is False else 0
        if self._gone >= 2:
            self.close()

    def _fill(self, lists: Dict[str, List[str]]) -> None:
        for name, entries in lists.items():
            if self._entries.get(name) == entries:
                continue
            box = self._items[name]
            shown, place = (box.CurrentText, box.CurrentIndex) if name in self._entries else (None, 0)
            box.Clear()
            box.AddItems(list(entries))
            box.CurrentIndex = entries.index(shown) if shown in entries else max(0, min(place, len(entries) - 1))
            self._entries[name] = list(entries)

    def _set(self, changes: Dict[str, Dict[str, Any]]) -> None:
        for name, attributes in changes.items():
            for attribute, value in attributes.items():
                setattr(self._items[name], attribute, value)

    def _get(self, name: str, attribute: str) -> Any:
        found = getattr(self._items[name], attribute)
        return found if isinstance(found, (bool, int, float, str)) else None


def _made(ui: Any, described: List[Any]) -> Any:
    kind, attributes, children = described
    maker = getattr(ui, kind)
    inner = [_made(ui, child) for child in children]
    return maker(dict(attributes), inner) if inner else maker(dict(attributes))


def serve(interpreter: Any, windows: Windows, requests: Any, answers: Any, most_bytes: int) -> None:
    """Answers lines of UTF-8 JSON from ``requests`` on ``answers``, both binary streams, until the former ends.

    As long as no window is open each line is read when the one before it is answered. While one is, a thread reads.
    """
    while True:
        line = requests.readline(most_bytes + 2)
        if not line:
            return
        _answer(interpreter, windows, line, answers)
        if windows.is_open:
            _Pump(interpreter, windows, requests, answers, most_bytes).run()
            return


class _Pump:
    """Carries out requests while a window is open, and after it is closed."""

    def __init__(self, interpreter: Any, windows: Windows, requests: Any, answers: Any, most_bytes: int) -> None:
        self._interpreter = interpreter
        self._windows = windows
        self._requests = requests
        self._answers = answers
        self._most_bytes = most_bytes
        self._lines: Any = queue.Queue()
        self._ended = False

    def run(self) -> None:
        threading.Thread(target=self._read, daemon=True).start()
        while not self._ended:
            if self._windows.is_open:
                self._windows.run(self._turn)
            else:
                self._take(None)

    def _read(self) -> None:
        line = b"-"
        while line:
            try:
                line = self._requests.readline(self._most_bytes + 2)
            except (OSError, ValueError):
                line = b""
            self._lines.put(line)

    def _turn(self) -> None:
        """What there is to do now; then the window may draw."""
        end = time.monotonic() + BUSY_SECONDS
        while self._windows.is_open and time.monotonic() < end and self._take(NEXT_SECONDS):
            continue

    def _take(self, seconds: Any) -> bool:
        """Carries out the next request; False where none came in so many seconds."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            return False
        if not line:
            self._ended = True
            self._windows.close()
            return False
        try:
            _answer(self._interpreter, self._windows, line, self._answers)
        except OSError:  # nobody is there any more
            self._ended = True
            self._windows.close()
        return True


def _answer(interpreter: Any, windows: Windows, line: bytes, answers: Any) -> None:
    text = line.decode("utf-8", "replace")
    answered = _for_window(windows, text)
    written = interpreter.answer_line(text) if answered is None else json.dumps(answered)
    answers.write(written.encode("ascii") + b"\n")
    answers.flush()


def _for_window(windows: Windows, text: str) -> Any:
    """The answer, where the line is a request for the window."""
    if '"window"' not in text:
        return None
    try:
        request = json.loads(text)
    except ValueError:
        return None
    return windows.answer(request) if isinstance(request, dict) and isinstance(request.get("window"), dict) else None
