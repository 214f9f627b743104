"""Every way into Resolve, with a fake at its end: ``DESKS[name](world, folder)`` is a desk like a user's.

``external`` has a real child process that loads a real module; its calls come back here, as Resolve's own go to its
process. ``menu`` has pipes and a thread that plays Resolve's Python. ``mailbox-*`` run the Lua that is installed,
fenced as in the Free edition, in a thread that plays Resolve, with a real preferences file. Closing a desk ends all.
"""

import importlib
import itertools
import os
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from typing import Any, TypeAlias

from sonique_resolve.bridge.interpreter import MOST_BYTES, Interpreter
from sonique_resolve.bridge.limits import Limits
from sonique_resolve.bridge.prefs import Prefs
from sonique_resolve.bridge.scripts import mailbox_text
from sonique_resolve.bridge.window import Windows, serve
from sonique_resolve.bridge.wired import WiredDesk
from sonique_resolve.calls import Desk, Step, Value
from sonique_resolve.desk_external import ExternalDesk, Python
from sonique_resolve.desk_mailbox import MailboxDesk
from sonique_resolve.desk_pipe import PipeDesk
from sonique_resolve.errors import ResolveRefused
from sonique_resolve.fake.desk import FakeDesk
from sonique_resolve.fake.fusion import Bmd, Fusion
from sonique_resolve.fake.host import DialogOpenError, ResolveEndedError
from sonique_resolve.fake.world import World

Factory: TypeAlias = Callable[..., Desk]
"""``factory(world, folder, limits=LIMITS)``; ``folder`` is a new folder of the test's own."""

LIMITS = Limits(start=60.0, batch=60.0, slow=60.0, answering=60.0, alive=0.05)
OUTSIDE = Path(__file__).parent / "bridge" / "outside"
_PLAIN = (type(None), bool, int, float, str)


class Hosted:
    """A desk, and what plays Resolve at its end.

    Attributes:
        desk: the desk itself.
    """

    def __init__(self, desk: Desk, end: Callable[[], None]) -> None:
        self.desk = desk
        self._end = end

    def do(self, steps: Sequence[Step]) -> list[Value]:
        """Runs ``steps``."""
        return self.desk.do(steps)

    def ask_window(self, request: dict[str, Any], seconds: float | None = None) -> dict[str, Any]:
        """Asks its window."""
        assert isinstance(self.desk, WiredDesk)
        return self.desk.ask_window(request, seconds)

    def close(self) -> None:
        """Closes the desk, then ends what is at its end."""
        try:
            self.desk.close()
        finally:
            self._end()


# From outside


class Remote:
    """The fake's side of the module that the child loads: one thread for each child."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._objects: list[Any] = []
        self._numbers: dict[int, int] = {}
        self._listener = Listener()
        self.address = str(self._listener.address)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Lets no child in any more."""
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: "Connection[Any, Any]") -> None:
        try:
            while True:
                question, *rest = self._inward(connection.recv())
                connection.send(self._answer(question, rest))
        except (EOFError, OSError):
            connection.close()

    def _answer(self, question: str, rest: list[Any]) -> tuple[str | None, Any]:
        try:
            return None, self._outward(getattr(self, "_" + question)(*rest))
        except ResolveEndedError as problem:
            return "gone", str(problem)
        except DialogOpenError as problem:
            return "busy", str(problem)
        except Exception as problem:  # noqa: BLE001 - the child is told whatever it is
            return "broken", f"{type(problem).__name__}: {problem}"

    def _scriptapp(self, name: str) -> Any:
        return self._world.scriptapp(name)

    def _get(self, number: int, name: str) -> Any:
        found = getattr(self._objects[number], name, None)
        return "method" if callable(found) else found

    def _call(self, number: int, name: str, args: tuple[Any, ...]) -> Any:
        return getattr(self._objects[number], name)(*args)

    def _outward(self, value: Any) -> Any:
        if isinstance(value, _PLAIN):
            return value
        if isinstance(value, list):
            return [self._outward(each) for each in value]
        if isinstance(value, tuple):
            return ("tuple", [self._outward(each) for each in value])
        if isinstance(value, dict):
            return {key: self._outward(each) for key, each in value.items()}
        number = self._numbers.setdefault(id(value), len(self._objects))
        if number == len(self._objects):
            self._objects.append(value)
        return ("object", number)

    def _inward(self, value: Any) -> Any:
        if isinstance(value, tuple):
            kind, content = value
            return self._objects[content] if kind == "object" else tuple(self._inward(each) for each in content)
        if isinstance(value, list):
            return [self._inward(each) for each in value]
        if isinstance(value, dict):
            return {key: self._inward(each) for key, each in value.items()}
        return value


def child_environment(remote: Remote | None = None, **more: str) -> dict[str, str]:
    """The environment in which a child finds the fake's module."""
    address = {"FAKE_RESOLVE_ADDRESS": remote.address} if remote is not None else {}
    return {"RESOLVE_SCRIPT_API": str(OUTSIDE), "RESOLVE_SCRIPT_LIB": "", **address, **more}


def external(world: World, folder: Path, limits: Limits = LIMITS) -> Desk:
    """Resolve Studio, from outside."""
    del folder
    remote = Remote(world)
    try:
        surroundings = Python(environment=child_environment(remote))
        desk = ExternalDesk(surroundings, limits, is_running=lambda: not world.ended)
    except BaseException:
        remote.close()
        raise
    return Hosted(desk, remote.close)


# From Resolve's menu


def menu(world: World, folder: Path, limits: Limits = LIMITS) -> Desk:
    """Resolve up to 21.0, or Studio, from its menu."""
    del folder
    resolve = world.scriptapp(outside=False)
    if resolve is None:
        raise ResolveRefused("This Resolve runs no Python from its menu.")
    ours_in, theirs_out = os.pipe()
    theirs_in, ours_out = os.pipe()
    desk = PipeDesk(os.fdopen(ours_in, "rb"), os.fdopen(ours_out, "wb"), limits)
    host = threading.Thread(target=_play_menu, args=(resolve, Bmd(world), theirs_in, theirs_out), daemon=True)
    host.start()
    return Hosted(desk, lambda: host.join(timeout=60))


def _play_menu(resolve: Any, bmd: Any, incoming: int, outgoing: int) -> None:
    with os.fdopen(incoming, "rb") as requests, os.fdopen(outgoing, "wb") as answers:
        serve(Interpreter(resolve), Windows(resolve, bmd), requests, answers, MOST_BYTES)


# From Resolve's Lua


def _lua(name: str) -> str:
    return (OUTSIDE.parent / f"{name}.lua").read_text(encoding="utf-8")


class LuaHost:
    """Resolve's own Lua, fenced as in the Free edition, with a script that runs in it.

    Attributes:
        said: what the script printed; nobody sees it in Resolve.
        failed: what ended the script, if something did.
        asked_fusion: how often the script called Fusion.

    Args:
        world: the fake.
        script: what the menu runs.
        flavour: of Lua, by lupa's name.
        pause: the longest that it waits for, in seconds.
        waits: how often it may wait before it is ended; without end where None.
    """

    def __init__(
        self, world: World, script: str, flavour: str = "luajit21", pause: float = 0.001, waits: int | None = None
    ) -> None:
        self.said: list[str] = []
        self.failed: Exception | None = None
        self.asked_fusion = 0
        self._world = world
        self._script = script
        self._pause = pause
        self._waits = itertools.count() if waits is None else iter(range(waits))
        self._flavour = importlib.import_module(f"lupa.{flavour}")
        self._objects: list[Any] = [world.resolve]
        self._numbers: dict[int, int] = {id(self._objects[0]): 0}
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._play, daemon=True)

    def start(self) -> None:
        """Starts the script, as the user does from the menu."""
        self._thread.start()

    def end(self) -> None:
        """Ends it, with whatever it does."""
        self._ends.set()
        self._thread.join(timeout=60)

    def join(self) -> None:
        """Waits until it left by itself."""
        self._thread.join(timeout=60)
        assert not self._thread.is_alive(), "The script did not leave."

    @property
    def runs(self) -> bool:
        """Whether it still does."""
        return self._thread.is_alive()

    def _play(self) -> None:
        try:
            self.lua().execute(self._script)
        except Exception as problem:  # noqa: BLE001 - kept for the test
            self.failed = problem

    def lua(self) -> Any:
        """A fenced Lua with what Resolve gives to scripts."""
        lua = self._flavour.LuaRuntime(register_eval=False, register_builtins=False, unpack_returned_tuples=True)
        self._table, self._table_from = lua.table, lua.table_from
        wrap = lua.execute(_lua("objects"), self._kind, self._get, self._call, lambda *words: self._say(words))
        lua.execute(_lua("fence"))
        given = lua.globals()
        given.resolve = wrap(lua.table(object=0))
        bmd = Bmd(self._world, wait=self._wait)
        given.bmd = lua.table(wait=bmd.wait, fileexists=bmd.fileexists, gettime=bmd.gettime, getpid=os.getpid)
        given.fusion = lua.table(GetPrefs=self._get_prefs, SetPrefs=self._set_prefs, SavePrefs=self._save_prefs)
        return lua

    def _say(self, words: tuple[Any, ...]) -> None:
        self.said.append(" ".join(str(word) for word in words))

    def _wait(self, seconds: float) -> None:
        if self._ends.wait(min(self._pause, seconds)) or next(self._waits, None) is None:
            raise ResolveEndedError("The script was ended.")
        self._stays()

    def _stays(self) -> None:
        """A Resolve that ended runs no Lua, and one with a dialog goes on once that is closed."""
        while self._world.dialog in {"raises", "blocks"} and not self._world.ended and not self._ends.is_set():
            time.sleep(0.001)
        if self._world.ended:
            raise ResolveEndedError("DaVinci Resolve ended.")

    # Fusion's preferences count among no calls of Resolve's.

    def _get_prefs(self, _self: Any, name: str) -> Any:
        self.asked_fusion += 1
        return Fusion.GetPrefs(Fusion(self._world, None), name)

    def _set_prefs(self, _self: Any, name: str, value: Any) -> bool:
        self.asked_fusion += 1
        self._stays()
        return Fusion.SetPrefs(Fusion(self._world, None), name, value)

    def _save_prefs(self, _self: Any) -> bool:
        self._stays()
        return Fusion.SavePrefs(Fusion(self._world, None))

    # Live objects

    def _kind(self, number: int, name: str) -> str | None:
        found = getattr(self._objects[number], name, None)
        return "method" if callable(found) else "value" if found is not None else None

    def _get(self, number: int, name: str) -> Any:
        return self._outward(getattr(self._objects[number], name))

    def _call(self, number: int, name: str, given: Any, count: int) -> Any:
        self._stays()
        args = [self._inward(given[index]) for index in range(1, count + 1)]
        return self._outward(getattr(self._objects[number], name)(*args))

    def _outward(self, value: Any) -> Any:
        if isinstance(value, _PLAIN):
            return value
        if isinstance(value, list | tuple):
            content = {index: self._outward(each) for index, each in enumerate(value, 1)}
            return self._table(content=self._table_from(content), list=True)
        if isinstance(value, dict):
            return self._table(content=self._table_from({key: self._outward(each) for key, each in value.items()}))
        number = self._numbers.setdefault(id(value), len(self._objects))
        if number == len(self._objects):
            self._objects.append(value)
        return self._table(object=number)

    def _inward(self, value: Any) -> Any:
        if isinstance(value, _PLAIN):
            return value
        if value["object"] is not None:
            return self._objects[int(value["object"])]
        content = dict(value["content"].items())
        if all(isinstance(key, int | float) for key in content) and sorted(content) == list(range(1, len(content) + 1)):
            return [self._inward(content[key]) for key in sorted(content)]
        return {key: self._inward(each) for key, each in content.items()}


def mailbox_places(world: World, folder: Path) -> tuple[Path, Prefs]:
    """The folder of requests, and the preferences that the fake writes."""
    profile = folder / "Profiles" / "Default"
    profile.mkdir(parents=True, exist_ok=True)
    world.prefs_file = profile / "Fusion.prefs"
    return folder / "mailbox", Prefs([(folder / "Profiles", "*/Fusion.prefs")])


def mailbox(world: World, folder: Path, limits: Limits = LIMITS, flavour: str = "luajit21") -> Desk:
    """Resolve's Free edition from 21.1 on, and any other whose menu runs Lua."""
    requests, prefs = mailbox_places(world, folder)
    requests.mkdir(parents=True, exist_ok=True, mode=0o700)
    host = LuaHost(world, mailbox_text(requests), flavour)
    host.start()
    try:
        desk = MailboxDesk(requests, prefs, limits, is_running=lambda: not world.ended)
    except BaseException:
        host.end()
        raise
    return Hosted(desk, host.end)


def mailbox_lua51(world: World, folder: Path, limits: Limits = LIMITS) -> Desk:
    """The same under plain Lua 5.1."""
    return mailbox(world, folder, limits, "lua51")


def straight(world: World, folder: Path, limits: Limits = LIMITS) -> Desk:
    """The fake itself, with nothing between but the interpreter."""
    del folder, limits
    return FakeDesk(world)


DESKS: dict[str, Factory] = {
    "straight": straight,
    "external": external,
    "menu": menu,
    "mailbox-luajit21": mailbox,
    "mailbox-lua51": mailbox_lua51,
}
