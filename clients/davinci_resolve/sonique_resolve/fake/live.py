"""What every live object of Resolve has in common, seen from a script."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from sonique_resolve.fake import releases
from sonique_resolve.fake.host import Host
from sonique_resolve.fake.log import Seen

_ALWAYS_HEARD = frozenset({"Fusion", "ProjectManager"})


class Live:
    """An object as a script gets it: a new one for each answer, over shared state.

    A name that it lacks, or that its release lacks, is there and is None, so that ``hasattr`` says nothing. Names with
    a leading underscore are Python's own.
    """

    def __init__(self, host: Host, state: Any) -> None:
        self._host = host
        self._state = state

    def __getattribute__(self, name: str) -> Any:
        if not name[0].isupper():
            return object.__getattribute__(self, name)
        host: Host = object.__getattribute__(self, "_host")
        kind = type(self)
        function = getattr(kind, name, None)
        if not callable(function) or not releases.has(kind.__name__, name, host.settings.release):
            return object.__getattribute__(self, "_constant")(name)
        return partial(_answer, host, self, name, function)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return None

    def __dir__(self) -> Iterable[str]:
        release = self._host.settings.release
        kind = type(self)
        return [name for name in methods(kind) if releases.has(kind.__name__, name, release)]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {identity_of(self)}>"

    def _constant(self, name: str) -> Any:
        del name


def _answer(host: Host, live: Live, name: str, function: Callable[..., Any], *args: Any) -> Any:
    """What a call answers; nothing where it was met by a dialog, or where what it is about is gone."""
    going_on = host.meets(Seen(type(live).__name__, identity_of(live), name, args))
    if not going_on or getattr(state_of(live), "gone", False) or _unheard(host, live, name):
        return None
    return function(live, *args)


def _unheard(host: Host, live: Live, name: str) -> bool:
    """Whether the call would change something while the project manager stands before the pages (reported by users)."""
    manager_shows = not host.page and not host.settings.headless
    return manager_shows and type(live).__name__ not in _ALWAYS_HEARD and not name.startswith(("Get", "Is", "Fusion"))


def methods(kind: type[Live]) -> dict[str, Callable[..., Any]]:
    """The methods of a kind of live object by name, those of later releases as well."""
    names = (name for name in dir(kind) if name[0].isupper())
    return {name: getattr(kind, name) for name in names}


def state_of(live: Any) -> Any:
    """The state behind a live object; None where it is none."""
    return object.__getattribute__(live, "_state") if isinstance(live, Live) else None


def identity_of(live: Live) -> str:
    """What tells the object from others of its kind."""
    state = state_of(live)
    return str(getattr(state, "identity", ""))


def is_whole(value: Any) -> bool:
    """Whether a number is a whole one; Resolve takes 24.0 for 24, and refuses 24.5."""
    return isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()
