"""What prompts say of when an instrument plays."""

import time
from collections.abc import Callable

import pytest
from sonique_daemon.domain.tags import TagKind, Tags
from sonique_daemon.engines.lexicon.entrances import MOST

Tag = Callable[..., Tags]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("sparse piano, no drums until the end", ("drums from 75 %",)),
        ("no drums at first", ("drums from 25 %",)),
        ("no brass in the intro", ("brass from 25 %",)),
        ("no drums for the first 10 seconds", ("drums from 0:10",)),
        ("hold the drums until 0:30", ("drums from 0:30",)),
        ("Piano first. Drums come in at 0:20", ("drums from 0:20",)),
        ("after 20 seconds the drums kick in", ("drums from 0:20",)),
        ("brass joins at 1:05 and drums at 1:10", ("brass from 1:05", "drums from 1:10")),
        ("strings enter halfway through", ("strings from 50 %",)),
        ("halfway through, the strings come in", ("strings from 50 %",)),
        ("in the second half add drums and brass", ("drums from 50 %", "brass from 50 %")),
        ("bring in the choir towards the end", ("choir from 75 %",)),
        ("drums only in the second half", ("drums from 50 %",)),
        ("guitar solo in the middle", ("steel guitar from 33 %", "steel guitar until 67 %")),
        ("drums drop out at the end", ("drums until 75 %",)),
        ("no drums at the end", ("drums until 75 %",)),
        ("soft strings until the middle", ("strings until 50 %",)),
        ("only piano for the first half", ("piano until 50 %",)),
        ("drums for the first 10 seconds", ("drums until 0:10",)),
        ("piano in the first half, strings in the second half", ("piano until 50 %", "strings from 50 %")),
        ("save the drums for the end", ("drums from 75 %",)),
        ("choir not before the climax", ("choir from 75 %",)),
        ("keep the piano until the middle", ("piano until 50 %",)),
        ("start with piano, then strings", ("all but piano from 15 %", "strings from 50 %")),
        ("start with piano then drums", ("all but piano from 15 %", "drums from 50 %")),
        ("starts with just piano, then drums come in", ("all but piano from 25 %", "drums from 50 %")),
        ("begin with a solo piano", ("all but piano from 25 %",)),
        ("opens with strings alone", ("all but strings from 25 %",)),
        ("opens with piano and strings", ("all but piano, strings from 15 %",)),
        ("start with drums and then add brass", ("all but drums from 15 %", "brass from 50 %")),
        ("piano intro then rock", ("all but piano from 15 %",)),
        ("warm jazz with a piano outro", ("all but piano until 85 %",)),
        ("end with just piano", ("all but piano until 75 %",)),
        ("ending with the strings alone", ("all but strings until 75 %",)),
        ("calm piano, then drums", ("drums from 50 %",)),
        ("calm piano, strings come in later", ("strings from 50 %",)),
    ],
)
def test_when_an_instrument_plays_becomes_a_tag_of_form(tag: Tag, prompt: str, expected: tuple[str, ...]) -> None:
    assert tag(prompt=prompt).texts(TagKind.FORM) == expected


@pytest.mark.parametrize(
    "prompt",
    [
        "quiet piano",
        "a film about the end of summer, guitar",
        "music for the first 10 seconds of a film, drums",
        "dance in the middle of the street, drums",
        "no drums",
        "build to the end, strings",
        "start with a bang, drums",
        "opens with a wide shot, piano",
        "then quiet, piano",
        "ends with a cymbal swell",
        "intro music, guitar",
    ],
)
def test_a_moment_that_is_no_instruments_says_nothing_of_when_it_plays(tag: Tag, prompt: str) -> None:
    assert not any(word in text for text in tag(prompt=prompt).texts(TagKind.FORM) for word in (" from ", " until "))


def test_what_comes_later_is_wanted_and_nothing_is_ruled_out(tag: Tag) -> None:
    tags = tag(prompt="sparse piano, no drums until the end")
    assert tags.texts(TagKind.INSTRUMENT)[:2] == ("piano", "drums")
    assert "drums" not in tags.texts(TagKind.NEGATIVE)


def test_an_instrument_that_plays_only_then_does_not_play_alone(tag: Tag) -> None:
    tags = tag(prompt="drums only in the second half")
    assert tags.texts(TagKind.NEGATIVE) == ()


def test_who_plays_alone_at_first_or_at_last_rules_nobody_out(tag: Tag) -> None:
    for prompt in ("starts with just piano, then drums come in", "end with piano only"):
        tags = tag(prompt=prompt)
        assert tags.texts(TagKind.NEGATIVE) == ()
        assert tags.texts(TagKind.INSTRUMENT)[0] == "piano"


def test_an_instrument_that_is_not_to_play_then_is_not_asked_for_else(tag: Tag) -> None:
    assert tag(prompt="calm piano, no drums at the end").texts(TagKind.INSTRUMENT)[0] == "piano"
    assert "drums" not in {one.text for one in tag(prompt="no drums at the end").tags if one.origin.value == "user"} - {
        "drums until 75 %"
    }


def test_the_rest_of_a_prompt_is_read_as_ever(tag: Tag) -> None:
    with_entrance, without = (tag(prompt=text) for text in ("dark, slow jazz, drums at 0:30", "dark, slow jazz, drums"))
    assert with_entrance.affect == without.affect
    assert with_entrance.style == without.style == "jazz"
    assert not any("marker" in note for note in with_entrance.notes)


def test_no_more_than_a_few_entrances_are_taken(tag: Tag) -> None:
    prompt = ", ".join(f"drums at 0:{second:02}" for second in range(10, 50))
    assert len(tag(prompt=prompt).texts(TagKind.FORM)) == MOST


def test_a_long_prompt_of_half_entrances_is_read_at_once(tag: Tag) -> None:
    begun = time.process_time()
    tag(prompt="no drums strings and the only until in the " * 40)
    assert time.process_time() - begun < 5
