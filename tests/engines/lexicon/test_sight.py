"""What the picture adds."""

from collections.abc import Callable

import pytest
from sonique_daemon.domain.description import Description, Look
from sonique_daemon.domain.tags import TagKind, Tags

Tag = Callable[..., Tags]
Describe = Callable[..., Description]

WILD = Look(motion=1.0, camera=1.0, light=0.9, contrast=1.0, saturation=1.0, warmth=1.0)
STILL = Look(motion=0.0, light=0.05, saturation=0.0, warmth=-1.0)


def test_motion_excites_and_light_cheers(tag: Tag, describe: Describe) -> None:
    wild, still = (tag(genres=("cinematic",), description=describe(look=look)).affect for look in (WILD, STILL))
    assert wild.arousal > still.arousal
    assert wild.valence > still.valence


@pytest.mark.parametrize("look", [WILD, STILL])
def test_the_picture_moves_the_mood_by_a_little_at_most(tag: Tag, describe: Describe, look: Look) -> None:
    without, seen = tag(genres=("piano",)).affect, tag(genres=("piano",), description=describe(look=look)).affect
    moved = [
        abs(seen.valence - without.valence),
        abs(seen.arousal - without.arousal),
        abs(seen.tension - without.tension),
    ]
    assert 0.05 < sum(moved) <= 0.302


def test_the_users_mood_outranks_the_picture(tag: Tag, describe: Describe) -> None:
    tags = tag(prompt="calm", description=describe(look=WILD))
    assert tags.affect.arousal < -0.3
    assert tags.style == tag(prompt="calm").style


def test_curves_count_before_looks(tag: Tag, describe: Describe) -> None:
    slow = tag(genres=("rock",), description=describe(look=Look(motion=0.5, light=0.5), motion=(0.0, 0.1)))
    fast = tag(genres=("rock",), description=describe(look=Look(motion=0.5, light=0.5), motion=(0.9, 1.0)))
    assert fast.affect.arousal > slow.affect.arousal
    assert fast.tempo.bpm > slow.tempo.bpm


def test_values_that_are_no_numbers_are_passed_over(tag: Tag, describe: Describe) -> None:
    broken = describe(look=Look(motion=float("nan"), light=float("inf")), motion=(float("nan"), 0.5))
    assert -1 <= tag(description=broken).affect.arousal <= 1


def test_speech_thins_the_music_and_that_is_told(tag: Tag, describe: Describe) -> None:
    silent, spoken = tag(description=describe()), tag(description=describe(speech=((0, 10), (15, 5))))
    assert spoken.density < silent.density
    assert any("Speech fills 50 %" in note for note in spoken.notes)


def test_a_user_who_wants_it_full_under_speech_gets_it_and_is_told(tag: Tag, describe: Describe) -> None:
    speech = ((0, 30),)
    tags = tag(prompt="dense", description=describe(speech=speech))
    assert tags.density == tag(prompt="dense", description=describe()).density
    assert any("Speech" in note for note in tags.notes)


def test_fast_cutting_lets_more_play(tag: Tag, describe: Describe) -> None:
    assert tag(description=describe(shots=20)).density > tag(description=describe(shots=2)).density
    assert tag(description=describe(shots=20)).tempo == tag(description=describe(shots=2)).tempo


def test_sentences_of_the_description_help_to_choose_a_style(tag: Tag, describe: Describe) -> None:
    seen = describe(summary="A car chase through the city, then a fight and an explosion.")
    assert tag(description=seen).style in {"tension", "orchestral"}


def test_the_users_words_outrank_the_sentences(tag: Tag, describe: Describe) -> None:
    seen = describe(summary="A car chase, a fight, a haunted house.")
    assert tag(prompt="yoga", description=seen).style == "ambient"


def test_sentences_of_the_description_rule_nothing_out(tag: Tag, describe: Describe) -> None:
    seen = describe(summary="There are no drums and no piano. Nobody is sad.")
    assert tag(description=seen).texts(TagKind.NEGATIVE) == ()


def test_an_empty_range_is_no_trouble(tag: Tag, describe: Describe) -> None:
    nothing = Description(duration=describe().duration * 0, summary="", shots=())
    assert tag(description=nothing).style
