"""Orders: what an editor asks for, kept on a strip and sent to the daemon."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sonique.v1 import scoring_pb2, tags_pb2, take_pb2
from sonique_blender.core.orders import Again, Score, Wishes, words_of
from sonique_blender.core.requests import UnfitRecipe, tags_of, to_request

words = st.lists(st.text(max_size=8), max_size=3).map(tuple)
wishes = st.builds(
    Wishes, st.text(), words, words, words, words, st.floats(0, 300), st.text(), st.floats(0, 1), st.integers(0, 2**62)
)


@given(wishes)
def test_wishes_come_back_from_a_strip_as_they_were(asked: Wishes) -> None:
    assert Wishes.from_json(asked.to_json()) == asked


@pytest.mark.parametrize("text", ["", "[]", "7", "{"])
def test_what_are_no_wishes_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Wishes.from_json(text)


def test_wishes_of_another_release_are_read_as_far_as_they_are_known() -> None:
    assert Wishes.from_json('{"prompt": "calm", "seed": "x", "bpm": 90, "moon": 1}') == Wishes(prompt="calm", bpm=90)


def test_lists_are_typed_with_commas() -> None:
    assert words_of(" piano, upright  bass,, ") == ("piano", "upright  bass")


def test_a_range_is_sent_in_whole_frames_and_its_music_padded_to_them() -> None:
    order = Score("{}", Fraction(30000, 1001), 48, 100, ("/media",), Wishes(prompt="calm", genres=("jazz",), seed=3))
    sent = to_request("job", order).score
    assert (sent.timeline.range.start.value, sent.timeline.range.duration.value) == (48, 100)
    assert (sent.delivery.pad_to_frames.numerator, sent.delivery.pad_to_frames.denominator) == (30000, 1001)
    assert (sent.brief.prompt, list(sent.brief.genres), sent.seed, list(sent.timeline.media_roots)) == (
        "calm",
        ["jazz"],
        3,
        ["/media"],
    )
    assert not sent.brief.HasField("bpm")
    assert sent.ticket.client.startswith("blender-")
    assert not sent.delivery.HasField("ducking")


def test_under_speech_the_strip_goes_down_and_not_the_file() -> None:
    sent = to_request("job", Score("{}", Fraction(24), 0, 48, (), Wishes(ducking=True))).score
    assert sent.delivery.ducking.manner == take_pb2.DUCKING_MANNER_ENVELOPE


def test_another_take_keeps_all_of_the_recipe_but_seed_takes_and_edited_tags() -> None:
    made = scoring_pb2.GenerateRequest(tags=tags_pb2.Tags(style="jazz"), seed=1)
    made.delivery.loudness_lufs = -18
    sent = to_request("job", Again(made.SerializeToString(), Wishes(seed=9, takes=2), '{"style": "piano"}')).generate
    assert (sent.job_id, sent.seed, sent.takes, sent.tags.style) == ("job", 9, 2, "piano")
    assert sent.delivery.loudness_lufs == -18
    assert '"style"' in tags_of(made.SerializeToString())


def test_tags_and_recipes_that_make_no_sense_are_refused() -> None:
    with pytest.raises(UnfitRecipe, match="score the range again"):
        tags_of(b"\xff\xff")
    with pytest.raises(UnfitRecipe, match="The tags cannot be read"):
        to_request("job", Again(b"", Wishes(), '{"style": 7}'))
