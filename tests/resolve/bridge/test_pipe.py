"""The desk of the menu's pipes: what it does when nobody answers."""

import json
import os
from collections.abc import Iterator
from typing import BinaryIO

import pytest
from sonique_resolve.bridge.limits import Limits
from sonique_resolve.calls import RESOLVE, Call
from sonique_resolve.desk_pipe import PipeDesk
from sonique_resolve.errors import ResolveBusy, ResolveGone

VERSION = Call(RESOLVE, "GetVersionString")


class Ends:
    """A desk, and the ends of its pipes that the script in Resolve holds."""

    def __init__(self) -> None:
        incoming, answers = os.pipe()
        requests, outgoing = os.pipe()
        self.desk = PipeDesk(os.fdopen(incoming, "rb"), os.fdopen(outgoing, "wb"), Limits(batch=0.1))
        self.requests: BinaryIO = os.fdopen(requests, "rb")
        self.answers: BinaryIO = os.fdopen(answers, "wb")

    def answer(self, text: bytes) -> None:
        self.answers.write(text + b"\n")
        self.answers.flush()


@pytest.fixture
def ends() -> Iterator[Ends]:
    made = Ends()
    yield made
    made.desk.close()
    made.answers.close()
    made.requests.close()


def test_while_a_call_hangs_no_other_is_sent_after_it(ends: Ends) -> None:
    for _ in range(3):
        with pytest.raises(ResolveBusy):
            ends.desk.do([VERSION])
    ends.desk.close()
    assert len(ends.requests.read().splitlines()) == 1


def test_a_late_answer_is_not_taken_for_the_next(ends: Ends) -> None:
    with pytest.raises(ResolveBusy):
        ends.desk.do([VERSION])
    first = json.loads(ends.requests.readline())
    ends.answer(json.dumps({"id": first["id"], "ok": ["late"]}).encode())
    ends.answer(json.dumps({"id": first["id"] + 1, "ok": ["next"]}).encode())
    assert ends.desk.do([VERSION]) == ["next"]


def test_noise_between_answers_is_passed_over(ends: Ends) -> None:
    ends.answer(b"Traceback (most recent call last):")
    ends.answer(b"[1, 2]")
    ends.answer(b'{"id": 1, "ok": ["21.0"]}')
    assert ends.desk.do([VERSION]) == ["21.0"]


def test_an_answer_to_something_else_is_no_answer(ends: Ends) -> None:
    ends.answer(b'{"id": 1, "ok": ["one", "too many"]}')
    with pytest.raises(ResolveGone, match="something else than it was asked"):
        ends.desk.do([VERSION])


def test_a_script_that_ended_is_told_with_the_way_out(ends: Ends) -> None:
    ends.answers.close()
    for _ in range(2):
        with pytest.raises(ResolveGone, match="Start Workspace ▸ Scripts ▸ Sonique again"):
            ends.desk.do([VERSION])


def test_a_desk_that_was_closed_sends_nothing(ends: Ends) -> None:
    ends.desk.close()
    with pytest.raises(ResolveGone):
        ends.desk.do([VERSION])
    assert ends.requests.read() == b""
