"""What an adviser that saw the picture may decide, and what it may not."""

from collections.abc import Callable

import pytest
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.tags import Affect, Key, Origin, Tag, TagKind, Tags
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.lexicon.advice import NONE, Advice
from sonique_daemon.engines.lexicon.deciding import decide

ADVICE = Advice(
    style="jazz",
    genres=("bossa nova",),
    moods=("playful", "warm"),
    instruments=("upright bass", "vibraphone"),
    negatives=("distorted guitar", "horror"),
    bpm=118.0,
    key=Key(5, "dorian"),
    affect=Affect(0.6, 0.3, -0.4),
    density=0.3,
)


def decided(advice: Advice = ADVICE, **fields: object) -> Tags:
    return decide(Brief(**fields), None, advice)  # type: ignore[arg-type]


def test_without_a_brief_the_advice_is_taken() -> None:
    tags = decided()
    assert (tags.style, tags.tempo.bpm, tags.key) == ("jazz", 118.0, Key(5, "dorian", Origin.ENGINE))
    assert tags.texts(TagKind.GENRE)[0] == "bossa nova"
    assert tags.texts(TagKind.MOOD)[:2] == ("playful", "warm")
    assert tags.texts(TagKind.INSTRUMENT)[:2] == ("upright bass", "vibraphone")
    assert tags.texts(TagKind.NEGATIVE) == ("distorted guitar", "horror")
    assert tags.density == 0.3
    assert all(tag.origin is Origin.ENGINE for tag in tags.tags)


def test_without_advice_the_rules_decide_alone(tag: Callable[..., Tags]) -> None:
    assert decided(NONE, prompt="tense, sparse, no drums") == tag(prompt="tense, sparse, no drums")


def test_the_users_words_win_over_all_of_the_advice() -> None:
    tags = decided(genres=("rock",), moods=("angry",), bpm=150.0, key="E minor", instruments=("drums",))
    assert (tags.style, tags.tempo.bpm, tags.key) == ("rock", 150.0, Key(4, "aeolian", Origin.USER))
    assert tags.tempo.origin is Origin.USER
    assert Tag(TagKind.MOOD, "angry", Origin.USER) in tags.tags
    assert "bossa nova" not in tags.texts(TagKind.GENRE)


@pytest.mark.parametrize("word", ["upright bass", "vibraphone"])
def test_what_the_user_rules_out_is_not_advised_back(word: str) -> None:
    tags = decided(negatives=(word,))
    assert word not in tags.texts(TagKind.INSTRUMENT)
    assert Tag(TagKind.NEGATIVE, word, Origin.USER) in tags.tags


def test_a_ruled_out_style_is_not_advised_back() -> None:
    assert decided(negatives=("jazz",)).style != "jazz"


def test_what_the_user_asks_for_is_not_advised_away() -> None:
    tags = decided(Advice(negatives=("piano",)), instruments=("piano",))
    assert "piano" in tags.texts(TagKind.INSTRUMENT)
    assert "piano" not in tags.texts(TagKind.NEGATIVE)


def test_only_the_users_own_instruments_play_where_he_said_so() -> None:
    assert decided(prompt="only piano").texts(TagKind.INSTRUMENT) == ("piano",)


def test_a_tempo_that_the_style_is_not_played_at_is_bent_and_told() -> None:
    tags = decided(Advice(style="ambient", bpm=200.0))
    assert tags.tempo.bpm == styles()["ambient"].fastest
    assert any("200 bpm were advised" in note for note in tags.notes)


def test_slow_is_the_users_word_and_no_advice_makes_it_fast() -> None:
    tags = decided(Advice(style="jazz", bpm=200.0), prompt="slow")
    assert tags.tempo.bpm < 120
    assert tags.tempo.origin is Origin.USER
