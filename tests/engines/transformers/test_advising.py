"""What becomes of a tagging model's answer, good and bad; a scripted author stands in for the model."""

import json
from fractions import Fraction

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description, Look, ShotDescription
from sonique_daemon.domain.tags import TagKind
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.engines.engine import RecordedReport, TagRequest
from sonique_daemon.engines.transformers.advising import advised_tags
from sonique_daemon.engines.transformers.author import ScriptedAuthor
from sonique_daemon.errors import InvalidBrief, UnusableOutput

GOOD = {"style": "jazz", "moods": ["playful"], "instruments": ["upright bass"], "bpm": 110, "key": "F dorian"}
SHOT = ShotDescription(TimeRange(Fraction(0), Fraction(4)), "A cat sleeps.", Look())
ASKED = TagRequest(Brief(prompt="light, please"), Description(Fraction(4), "A cat.", (SHOT,)))

BAD = {
    "chatter": "Sure! This scene feels warm and wistful. I would suggest something gentle.",
    "nothing": "",
    "only a thought": "<think>The film is about a cat, so jazz might",
    "another language": json.dumps({"style": "жизнь", "moods": ["грустный"], "instruments": ["балалайка"]}),
    "cut off": '{"style": "jazz", "moods": ["playful", "wa',
    "a list": '["jazz"]',
    "no JSON": "{style: jazz}",
    "empty object": "{}",
    "numbers alone": '{"bpm": 90, "density": 0.5}',
    "deep": "{" * 5000 + "}" * 5000,
}


def test_a_good_answer_is_taken_at_once() -> None:
    author = ScriptedAuthor([json.dumps(GOOD)])
    tags = advised_tags(ASKED, author, RecordedReport())
    assert (tags.style, tags.tempo.bpm, tags.key.mode) == ("jazz", 110.0, "dorian")
    assert tags.texts(TagKind.INSTRUMENT)[0] == "upright bass"
    assert len(author.asked) == 1


def test_the_model_is_told_of_the_film_and_of_the_brief() -> None:
    author = ScriptedAuthor([json.dumps(GOOD)])
    advised_tags(ASKED, author, RecordedReport())
    (turn,) = author.asked[0]
    assert "0.0 s: A cat sleeps." in turn.text
    assert "light, please" in turn.text


@pytest.mark.parametrize("how", BAD)
def test_a_bad_answer_is_repaired_once(how: str) -> None:
    author = ScriptedAuthor([BAD[how], json.dumps(GOOD)])
    assert advised_tags(ASKED, author, RecordedReport()).style == "jazz"
    first, wrong, again = author.asked[1]
    assert (first, wrong.role, again.role) == (author.asked[0][0], "assistant", "user")
    assert "Answer again" in again.text


@pytest.mark.parametrize("how", BAD)
def test_two_bad_answers_are_an_error_of_one_sentence(how: str) -> None:
    author = ScriptedAuthor([BAD[how], BAD[how]])
    with pytest.raises(UnusableOutput, match="“scripted” gave no tags") as failed:
        advised_tags(ASKED, author, RecordedReport())
    assert "\n" not in failed.value.sentence


def test_a_wrong_brief_is_told_before_anybody_is_asked() -> None:
    author = ScriptedAuthor([])
    with pytest.raises(InvalidBrief):
        advised_tags(TagRequest(Brief(bpm=5.0), None), author, RecordedReport())
    assert not author.asked
