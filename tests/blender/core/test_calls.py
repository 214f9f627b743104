"""Calls, answers and failures: what is written in a frame is read out of it again."""

from fractions import Fraction

import pytest
from sonique_blender.core.calls import (
    AskMemory,
    AskVocabulary,
    Call,
    Cancel,
    Connect,
    Discard,
    Fetch,
    Follow,
    FreeMemory,
    Greeting,
    LetGo,
    Submit,
    TakeBack,
    answer_frame,
    call_frame,
    failure_frame,
    read_answer,
    read_call,
)
from sonique_blender.core.errors import BlenderError, RenderFailed
from sonique_blender.core.frames import Frame, Reader
from sonique_blender.core.gateway import (
    Begins,
    End,
    Ends,
    Gone,
    MadeFile,
    MadeTake,
    Memory,
    Moves,
    Refused,
    Stage,
    Tagged,
    Told,
    Unanswered,
    Unusable,
    Vocabulary,
    Waits,
    Warns,
)
from sonique_blender.core.orders import Again, Score, Wishes

FILE = MadeFile("mix", 3, "ab" * 32)
WISHES = Wishes(prompt="“calm”", moods=("dark",), bpm=96.5, takes=2, ducking=True)
CALLS: tuple[Call, ...] = (
    Connect("{}"),
    Submit("one", Score('{"a": "ü"}', Fraction(24000, 1001), 3, 72, ("/films",), WISHES)),
    Submit("two", Again(b"\x00\xff", WISHES, "{}")),
    Follow("one", 7),
    Cancel("one"),
    Fetch("take", FILE, "/music/cue.wav"),
    AskMemory(),
    AskVocabulary(),
    FreeMemory(),
    TakeBack("/music/cue.wav"),
    Discard("/films/range-1"),
    LetGo(),
)
WORDS = (
    Waits(2),
    Begins(Stage.FIT, cached=True, which=", take 2 of 3"),
    Moves(Stage.GENERATE, 0.25, None),
    Tagged("{}"),
    MadeTake("take", 5, "composer", (FILE, FILE), ((0.5, -9.0), (1.0, 0.0))),
    Warns("“A” is dark."),
    Ends(End.FAILED, "No.", "NO"),
)
ANSWERS = (Told(WORDS, 9), Told(), Greeting("1.0", local=True), Memory(5, 1), Vocabulary(("jazz",)), None, "/a/cue.wav")


def sent(frame: Frame) -> Frame:
    reader = Reader()
    reader.feed(frame.to_bytes())
    found = reader.next()
    assert found is not None
    return found


@pytest.mark.parametrize("call", CALLS, ids=lambda call: type(call).__name__)
def test_a_call_is_read_as_it_was_written(call: Call) -> None:
    assert read_call(sent(call_frame(3, call))) == (3, call)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_an_answer_is_read_as_it_was_written(answer: object) -> None:
    assert read_answer(sent(answer_frame(3, answer))) == answer


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Unanswered(), Unanswered),
        (Gone(), Gone),
        (Refused("No.", "NO", 4.0), Refused),
        (Unusable("No."), Unusable),
        (RenderFailed("No."), BlenderError),
    ],
)
def test_a_failure_is_raised_as_what_it_was(
    failure: Unanswered | Gone | Refused | Unusable | BlenderError, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as raised:
        read_answer(sent(failure_frame(3, failure)))
    for attribute in ("sentence", "code", "retry_seconds"):
        assert getattr(raised.value, attribute, None) == getattr(failure, attribute, None)
