"""Briefs: their fields, how they merge, their limits."""

from collections.abc import Callable

import pytest
from sonique_daemon.domain.tags import Origin, TagKind, Tags
from sonique_daemon.engines.lexicon.vocabulary import instrument_names, style_names
from sonique_daemon.errors import InvalidBrief, LimitExceeded

Tag = Callable[..., Tags]


def test_empty_fields_leave_no_empty_tags(tag: Tag) -> None:
    tags = tag(genres=("", " "), moods=("",), instruments=(",", " , "), negatives=("", "()"), prompt=" , , ")
    assert all(found.text.strip() for found in tags.tags)
    assert tags == tag()


def test_commas_without_space_part_items(tag: Tag) -> None:
    assert tag(instruments=("piano,drums",)).texts(TagKind.INSTRUMENT)[:2] == ("piano", "drums")
    assert {"piano", "drums"} <= set(tag(prompt="piano,drums").texts(TagKind.INSTRUMENT))


def test_the_same_word_in_another_case_is_one_tag(tag: Tag) -> None:
    tags = tag(instruments=("piano", "Piano", "PIANO "), prompt="Piano")
    assert tags.texts(TagKind.INSTRUMENT).count("piano") == 1
    moods = tag(moods=("Happy", "cheerful", "happy")).texts(TagKind.MOOD)
    assert moods.count("happy") == 1


def test_no_two_tags_of_a_kind_share_their_text(tag: Tag) -> None:
    tags = tag(genres=("jazz", "Jazz"), instruments=("violin", "cello"), prompt="jazz with strings, no drums, no drums")
    pairs = [(found.kind, found.text) for found in tags.tags]
    assert len(pairs) == len(set(pairs))


def test_tags_are_lower_case(tag: Tag) -> None:
    tags = tag(genres=("LO-FI",), moods=("SAD",), instruments=("Rhodes",), negatives=("AutoTune",))
    assert all(found.text == found.text.lower() for found in tags.tags)


def test_lower_case_bpm_in_a_list_is_a_tempo_and_no_tag(tag: Tag) -> None:
    tags = tag(genres=("lo-fi, 80 bpm",))
    assert tags.tempo.bpm == 80
    assert not any("bpm" in found.text for found in tags.tags)


def test_a_range_in_brackets_does_not_pass_into_the_tags(tag: Tag) -> None:
    tags = tag(prompt="Slow, (60-80BPM), ambient")
    assert (tags.tempo.low, tags.tempo.high) == (60, 80)
    assert not any("60" in found.text for found in tags.tags)


def test_an_explanation_around_the_words_does_not_leak(tag: Tag) -> None:
    prompt = "Tags: piano, calm\n\nExplanation: I chose these because the scene calls for them."
    tags = tag(prompt=prompt)
    assert tags.texts(TagKind.INSTRUMENT)[0] == "piano"
    assert not any("explanation" in found.text for found in tags.tags)


def test_the_first_genre_decides_the_style(tag: Tag) -> None:
    assert tag(genres=("jazz", "rock")).style == "jazz"
    assert tag(genres=("rock", "jazz")).style == "rock"


def test_a_named_genre_outranks_everything_in_the_prompt(tag: Tag) -> None:
    tags = tag(genres=("jazz",), prompt="epic battle, horror, techno, scary")
    assert tags.style == "jazz"


@pytest.mark.parametrize("style", style_names())
def test_every_style_can_be_asked_for_by_its_id(tag: Tag, style: str) -> None:
    tags = tag(genres=(style,))
    assert tags.style == style
    assert tags.tags[0].origin is Origin.USER


@pytest.mark.parametrize("instrument", instrument_names())
def test_every_instrument_can_be_asked_for_by_its_name(tag: Tag, instrument: str) -> None:
    tags = tag(instruments=(instrument,))
    first = next(found for found in tags.tags if found.kind is TagKind.INSTRUMENT)
    assert (first.text, first.origin) == (instrument, Origin.USER)


def test_what_the_user_says_is_his_and_the_rest_the_engines(tag: Tag) -> None:
    tags = tag(prompt="wedding, harp")
    origins = {found.text: found.origin for found in tags.tags if found.kind is TagKind.INSTRUMENT}
    assert origins.pop("harp") is Origin.USER
    assert set(origins.values()) == {Origin.ENGINE}


@pytest.mark.parametrize(("field", "word", "near"), [("genres", "jaz", "jazz"), ("instruments", "pianno", "piano")])
def test_an_unknown_name_is_refused_with_what_is_near(tag: Tag, field: str, word: str, near: str) -> None:
    with pytest.raises(InvalidBrief, match=rf"“{word}” is no .*Did you mean .*“{near}”.*`sonique styles`"):
        tag(**{field: (word,)})


def test_an_unknown_name_without_anything_near_is_refused(tag: Tag) -> None:
    with pytest.raises(InvalidBrief, match=r"“qqqqq” is no genre that Sonique knows\. `sonique styles`"):
        tag(genres=("qqqqq",))


def test_an_unknown_mood_is_told_and_has_no_effect(tag: Tag) -> None:
    tags = tag(moods=("happy", "hapyp"))
    assert any("“hapyp”" in note and "“happy”" in note for note in tags.notes)
    assert tags.affect == tag(moods=("happy",)).affect


def test_an_unknown_word_beside_a_known_one_is_told(tag: Tag) -> None:
    tags = tag(genres=("zydeco jazz",))
    assert tags.style == "jazz"
    assert any("“zydeco”" in note for note in tags.notes)


def test_a_word_in_the_wrong_list_is_taken_for_what_it_is_and_told(tag: Tag) -> None:
    tags = tag(genres=("wedding",))
    assert tags == tag(genres=("wedding",))
    assert any("“wedding” stands among the genres and is read as a scene" in note for note in tags.notes)


def test_an_instrument_that_does_not_exist_is_replaced_and_told(tag: Tag) -> None:
    tags = tag(instruments=("banjo",))
    assert "steel guitar" in tags.texts(TagKind.INSTRUMENT)
    assert any("banjo" in note for note in tags.notes)


def test_moods_that_pull_against_each_other_are_told(tag: Tag) -> None:
    tags = tag(moods=("happy", "sad"))
    assert any("“happy” and “sad” pull against each other" in note for note in tags.notes)
    assert tags.affect.valence > tag(moods=("sad", "happy")).affect.valence


@pytest.mark.parametrize("strength", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_hit_strength_out_of_bounds_is_refused(tag: Tag, strength: float) -> None:
    with pytest.raises(InvalidBrief, match="hit strength"):
        tag(hit_strength=strength)


def test_the_hit_strength_is_the_briefs(tag: Tag) -> None:
    assert tag(hit_strength=0.8).hit_strength == 0.8


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": "x" * 4001},
        {"genres": ("jazz",) * 65},
        {"moods": ("a" * 101,)},
        {"instruments": ("piano",) * 65},
        {"negatives": ("b" * 101,)},
        {"key": "D" * 101},
    ],
)
def test_what_is_over_its_limit_is_refused(tag: Tag, fields: dict[str, object]) -> None:
    with pytest.raises(LimitExceeded):
        tag(**fields)


def test_what_is_just_at_its_limit_is_taken(tag: Tag) -> None:
    assert tag(prompt="sad " * 1000, genres=("jazz",) * 64).style == "jazz"


def test_ruling_out_every_style_is_refused(tag: Tag) -> None:
    with pytest.raises(InvalidBrief, match="rule out every style"):
        tag(negatives=style_names() and tuple({"piano": "solo piano"}.get(name, name) for name in style_names()))
