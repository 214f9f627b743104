"""Every name of Resolve's windows that the fake has, or that the panel speaks, is in the listing of those documented.

The listings of Resolve's scripting interface hold none of them. Spelling is proved, not behaviour.
"""

import ast
import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sonique_resolve.bridge import window
from sonique_resolve.fake import windows
from sonique_resolve.panel_resolve import _FIELDS, LISTEN, _attributes, _lists, layout
from sonique_resolve.panel_view import View

LISTING: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "stubs" / "uimanager.json").read_text(encoding="utf-8")
)


def attributes(kind: str) -> set[str]:
    """Those that are documented, or seen in scripts that people run."""
    return {*LISTING["common"], *LISTING["attributes"][kind], *LISTING["seen"].get(kind, [])}


def elements(described: list[Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The kind and attributes of an element and of all below it."""
    kind, given, children = described
    yield kind, given
    for child in children:
        yield from elements(child)


KINDS = {given["ID"]: kind for kind, given in elements(layout()) if "ID" in given}


def test_every_element_and_attribute_of_the_layout_is_listed() -> None:
    for kind, given in elements(layout()):
        assert set(given) <= attributes(kind), kind


def test_every_attribute_that_is_set_or_read_is_listed() -> None:
    drawn = [(name, attribute) for name, each in _attributes(View()).items() for attribute in each]
    for name, attribute in [*drawn, *_FIELDS]:
        assert attribute in attributes(KINDS[name]), name


def test_every_event_that_is_heard_is_listed_and_switched_on() -> None:
    switched = {given["ID"]: given.get("Events", {}) for _, given in elements(layout()) if "ID" in given}
    for name, event in LISTEN:
        assert event in LISTING["events"][KINDS[name]]
        assert event == "Clicked" or switched[name][event]


def test_every_list_that_is_filled_is_one() -> None:
    assert {KINDS[name] for name in _lists(View())} == {"ComboBox"}


def test_no_element_has_a_name_that_the_dispatcher_keeps_for_itself() -> None:
    assert not set(KINDS) & set(LISTING["reserved"])
    assert len(KINDS) == len([1 for _, given in elements(layout()) if "ID" in given])


def test_the_functions_that_the_bridge_calls_on_windows_are_listed() -> None:
    known = {name for names in LISTING["functions"].values() for name in names} | set(LISTING["attributes"])
    own = {"GetProductName", "Fusion", "UIManager", "UIDispatcher", "Queue", "Thread", "BaseException"}
    calls = [node.func for node in ast.walk(ast.parse(inspect.getsource(window))) if isinstance(node, ast.Call)]
    spoken = {func.attr for func in calls if isinstance(func, ast.Attribute) and func.attr[0].isupper()}
    assert {"AddWindow", "RunLoop", "GetItems", "AddItems"} <= spoken
    assert spoken - own <= known


@pytest.mark.parametrize("kind", windows.ATTRIBUTES)
def test_the_fakes_attributes_and_events_are_listed(kind: str) -> None:
    allowed = attributes(kind) | {"SingleShot"}  # documented as Singleshot, which scripts write so
    assert set(windows.ATTRIBUTES[kind]) <= allowed
    assert set(windows.EVENTS.get(kind, ())) <= set(LISTING["events"].get(kind, []))


def test_the_fakes_functions_are_listed() -> None:
    for kind, made in (("ComboBox", windows.ComboBox), ("Window", windows.Window), ("Timer", windows.Timer)):
        named = {name for name in vars(made) if name[0].isupper()}
        assert named <= {*LISTING["functions"]["common"], *LISTING["functions"][kind]}, kind
    dispatcher = {name for name in vars(windows.UIDispatcher) if name[0].isupper()}
    assert dispatcher <= set(LISTING["functions"]["UIDispatcher"])


def test_a_name_that_is_not_there_is_refused_by_the_fake() -> None:
    label = windows.UIManager().Label({"Text": "x"})
    with pytest.raises(AttributeError, match="Label has no “Progress”"):
        label.Progress = 3
