import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sonique_daemon.domain.tags import Affect, Key, Origin
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.lexicon.advice import Advice
from sonique_daemon.engines.lexicon.vocabulary import instrument_names
from sonique_daemon.engines.transformers.taganswer import NoAnswer, read_answer

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
FIELDS = ("style", "genres", "moods", "instruments", "negatives", "bpm", "key", "valence", "tension", "density")


def read(**answer: object) -> Advice:
    return read_answer(json.dumps({"style": "jazz", **answer}))


def test_prose_and_fences_round_the_object_are_passed_over() -> None:
    assert read_answer('Here you are:\n```json\n{"style": "jazz"}\n```\nEnjoy!').style == "jazz"


def test_a_thought_before_the_answer_is_passed_over() -> None:
    assert read_answer('<think>{"style": "rock"} or so</think>{"style": "jazz"}').style == "jazz"


def test_words_are_taken_by_any_name_that_the_lexicon_knows() -> None:
    advice = read(style="bebop", moods=["Joyful"], instruments=["Double Bass", "kazoo"])
    assert advice.style == "jazz"
    assert advice.moods == ("joyful",)
    assert set(advice.instruments) <= set(instrument_names())
    assert advice.instruments


@pytest.mark.parametrize(("bpm", "taken"), [(500, 300.0), (3, 20.0), (97.5, 97.5), ("fast", None), (True, None)])
def test_a_tempo_is_brought_into_its_bounds(bpm: object, taken: float | None) -> None:
    assert read(bpm=bpm).bpm == taken


def test_numbers_are_brought_into_their_bounds() -> None:
    advice = read(valence=-7, arousal=0.5, density=1e400)
    assert advice.affect == Affect(-1.0, 0.5, 0.0)
    assert advice.density is None or advice.density == 1.0


def test_a_key_is_read_and_an_odd_one_left_out() -> None:
    assert read(key="F# dorian").key == Key(6, "dorian", Origin.USER)
    assert read(key="H major").key is None


@given(st.text())
def test_no_text_at_all_does_harm(text: str) -> None:
    try:
        read_answer(text)
    except NoAnswer:
        return


@given(st.dictionaries(st.sampled_from(FIELDS), ANYTHING))
def test_no_answer_leaves_the_vocabulary(answer: dict[str, object]) -> None:
    try:
        advice = read_answer(json.dumps(answer))
    except NoAnswer:
        return
    assert not advice.style or advice.style in styles()
    assert set(advice.instruments) <= set(instrument_names())
    assert advice.bpm is None or (math.isfinite(advice.bpm) and 20 <= advice.bpm <= 300)
    assert advice.density is None or 0 <= advice.density <= 1
