"""The interpreter by itself."""

import json
import math
from typing import Any

import pytest
from sonique_resolve.bridge.interpreter import MOST_BYTES, Interpreter


class Live:
    """As Resolve's objects: names that are not there are there and None."""

    answer: Any = None

    def __getattr__(self, name: str) -> Any:
        return None

    def GetName(self) -> Any:  # noqa: N802 Resolve's name
        return self.answer

    def SetName(self, value: Any) -> Any:  # noqa: N802 Resolve's name
        self.answer = value
        return True


NAME = {"on": 0, "do": "GetName"}


@pytest.fixture
def root() -> Live:
    return Live()


def said(root: Live, answer: Any) -> Any:
    root.answer = answer
    return Interpreter(root).answer({"id": 1, "steps": [NAME]})


def test_whole_numbers_and_others_are_kept_apart(root: Live) -> None:
    written = json.dumps(said(root, [24, 24.0, True, 2**40])["ok"][0])
    assert written == "[24, 24.0, true, 1099511627776]"


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_nothing(root: Live, number: float) -> None:
    assert said(root, number)["ok"] == [None]


def test_keys_become_text(root: Live) -> None:
    assert said(root, {96.0: 1, 3: 2, "in": 3})["ok"] == [{"96.0": 1, "3": 2, "in": 3}]


def test_text_in_bytes_is_read_as_far_as_it_goes(root: Live) -> None:
    assert said(root, b"caf\xc3\xa9 \xff")["ok"] == ["café �"]


def test_the_same_object_keeps_its_number_and_the_root_its_own(root: Live) -> None:
    other = Live()
    assert said(root, [other, root, other, Live()])["ok"] == [[{"h": 1}, {"h": 0}, {"h": 1}, {"h": 2}]]


def test_equal_objects_are_not_taken_for_the_same(root: Live) -> None:
    class Equal(Live):
        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 1

    assert said(root, [Equal(), Equal()])["ok"] == [[{"h": 1}, {"h": 2}]]


def test_objects_are_let_go_one_by_one_or_all(root: Live) -> None:
    root.answer = [Live(), Live()]
    interpreter = Interpreter(root)
    interpreter.answer({"id": 1, "steps": [NAME]})
    assert interpreter.answer({"id": 2, "release": [1, 0, 99]}) == {"id": 2, "ok": []}
    assert interpreter.answer({"id": 3, "steps": [{"on": 1, "do": "GetName"}]})["error"] == "broken"
    assert interpreter.answer({"id": 4, "steps": [{"on": 2, "do": "GetName"}, NAME]})["ok"][0] is None
    interpreter.answer({"id": 5, "release": "all"})
    assert interpreter.answer({"id": 6, "steps": [{"on": 2, "do": "GetName"}]})["error"] == "broken"


def test_numbers_are_never_given_twice(root: Live) -> None:
    root.answer = Live()
    interpreter = Interpreter(root, first=1001)
    first = interpreter.answer({"id": 1, "steps": [NAME]})["ok"]
    interpreter.answer({"id": 2, "release": "all"})
    assert [first, interpreter.answer({"id": 3, "steps": [NAME]})["ok"]] == [[{"h": 1001}], [{"h": 1002}]]


def test_a_batch_stops_at_its_first_failure_and_says_which(root: Live) -> None:
    steps = [
        {"on": 0, "do": "SetName", "args": ["a"]},
        {"on": 5, "do": "GetName"},
        {"on": 0, "do": "SetName", "args": ["b"]},
    ]
    answer = Interpreter(root).answer({"id": 9, "steps": steps})
    assert answer == {"id": 9, "error": "broken", "text": "Object 5 was let go.", "step": 1}
    assert root.answer == "a"


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (ConnectionResetError(), "gone"),
        (TimeoutError(), "busy"),
        (ValueError("x"), "broken"),
        (RecursionError(), "broken"),
    ],
)
def test_what_happens_inside_becomes_an_answer(problem: Exception, kind: str) -> None:
    class Failing(Live):
        def GetName(self) -> Any:  # noqa: N802 Resolve's name
            raise problem

    assert Interpreter(Failing()).answer({"id": 1, "steps": [NAME]})["error"] == kind


@pytest.mark.parametrize(
    "request_",
    [
        None,
        [],
        {},
        {"id": 1},
        {"id": 1, "steps": 5},
        {"id": 1, "steps": [5]},
        {"id": 1, "steps": [{}]},
        {"id": 1, "steps": [{"on": {"ref": 0}, "do": "GetName"}]},
        {"id": 1, "steps": [{"on": 0, "do": ["GetName"]}]},
        {"id": 1, "release": 5},
        {"id": 1, "steps": [{"on": 0, "do": "SetName", "args": [{"const": "GetName"}]}]},
        {"id": 1, "steps": [NAME, {"on": {"ref": -1}, "do": "GetName"}]},
    ],
)
def test_a_request_that_makes_no_sense_is_told(root: Live, request_: Any) -> None:
    assert Interpreter(root).answer(request_)["error"] == "broken"


def test_a_call_on_a_value_is_told(root: Live) -> None:
    root.answer = "text"
    answer = Interpreter(root).answer({"id": 1, "steps": [NAME, {"on": {"ref": 0}, "do": "GetName"}]})
    assert answer["text"] == "“GetName” was asked of a value, not of an object."


def test_tables_that_look_like_objects_are_marked_as_tables(root: Live) -> None:
    assert said(root, {"h": 3})["ok"] == [{"table": {"h": 3}}]
    Interpreter(root).answer({"id": 1, "steps": [{"on": 0, "do": "SetName", "args": [{"table": {"ref": 2}}]}]})
    assert root.answer == {"ref": 2}


def test_answers_that_never_end_are_refused(root: Live) -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert "nested too deeply" in said(root, endless)["text"]


def test_long_lines_are_refused_with_their_identity(root: Live) -> None:
    interpreter = Interpreter(root)
    assert json.loads(interpreter.answer_line(" " * (MOST_BYTES + 1)))["error"] == "broken"
    assert json.loads(interpreter.answer_line("{"))["error"] == "broken"
    root.answer = "x" * MOST_BYTES
    answer = json.loads(interpreter.answer_line(json.dumps({"id": 7, "steps": [NAME]})))
    assert (answer["id"], answer["error"]) == (7, "broken")


def test_only_the_names_that_are_allowed_are_called(root: Live) -> None:
    assert Interpreter(root, names={"GetName"}).answer({"id": 1, "steps": [NAME]})["ok"] == [None]
    refused = Interpreter(root, names={"GetName"}).answer({"id": 1, "steps": [{"on": 0, "has": "SetName"}]})
    assert "not among the calls" in refused["text"]
