"""What prompts say of metre, course, ending and roles, and what is told of words without effect."""

from collections.abc import Callable

import pytest
from sonique_daemon.domain.tags import TagKind, Tags

Tag = Callable[..., Tags]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a waltz", ("3/4",)),
        ("gentle strings in 3/4", ("3/4",)),
        ("something in 7/8 with hand drums", ("7/4",)),
        ("6/8 folk song", ("6/8",)),
        ("a slow 9/8", ("9/8",)),
        ("blues rock in 12/8", ("12/8",)),
        ("a blues shuffle", ("12/8",)),
        ("an irish jig", ("6/8",)),
        ("piano with a 6/8 feel", ("6/8",)),
        ("6/4 drums", ("3/4",)),
        ("5/4 tension", ("5/4",)),
        ("quiet start, big finish", ("quiet start", "big ending")),
        ("start big, end quiet", ("big start", "quiet ending")),
        ("strings, slowly building", ("building",)),
        ("no build, keep it flat", ("even",)),
        ("fade out at the end", ("fade-out ending",)),
        ("corporate, end on a hard button", ("button ending",)),
        ("piano, let it ring", ("ring-out ending",)),
        ("sparse at the start, then full band", ("quiet start", "big ending")),
        ("strings, end with a bang", ("big ending",)),
        ("piano that ends on the last cut", ("button ending",)),
        ("calm piano", ()),
        ("shot on 24/7, 16:9", ()),
    ],
)
def test_metre_course_and_ending_become_tags_of_form(tag: Tag, prompt: str, expected: tuple[str, ...]) -> None:
    assert tag(prompt=prompt).texts(TagKind.FORM) == expected


def test_beats_of_three_parts_are_slower_than_beats_of_two(tag: Tag) -> None:
    plain, threes = tag(prompt="folk song"), tag(prompt="folk song in 6/8")
    assert 0.6 * plain.tempo.bpm < threes.tempo.bpm < 0.85 * plain.tempo.bpm
    assert tag(prompt="folk song in 6/8 at 100 bpm").tempo.bpm == 100


@pytest.mark.parametrize(
    ("prompt", "noted"), [("in 7/8", True), ("in 6/4", True), ("in 6/8", False), ("in 3/4", False)]
)
def test_a_metre_that_is_played_otherwise_is_told(tag: Tag, prompt: str, noted: bool) -> None:
    assert any("is played in bars of" in note for note in tag(prompt=prompt).notes) == noted


def test_a_quiet_start_is_no_quiet_piece(tag: Tag) -> None:
    assert tag(prompt="quiet start, big finish").affect == tag(prompt="").affect


@pytest.mark.parametrize(
    "prompt", ["no melody", "underscore without a melody", "nothing melodic, just a bed", "no tune"]
)
def test_a_melody_that_nobody_wants_is_ruled_out(tag: Tag, prompt: str) -> None:
    assert "melody" in tag(prompt=prompt).texts(TagKind.NEGATIVE)


def test_a_fade_that_nobody_wants_is_ruled_out(tag: Tag) -> None:
    tags = tag(prompt="no fade out, clean ending")
    assert "fade-out ending" in tags.texts(TagKind.NEGATIVE)
    assert tags.texts(TagKind.FORM) == ("button ending",)


@pytest.mark.parametrize(
    "prompt", ["keep it under the voice", "leave room for the voiceover", "no melody under the dialogue"]
)
def test_music_under_a_voice_does_not_sing(tag: Tag, prompt: str) -> None:
    tags = tag(prompt=prompt)
    assert "choir" not in tags.texts(TagKind.INSTRUMENT)
    assert tags.density < tag(prompt="").density


def test_a_solo_instrument_that_is_all_that_plays_is_alone(tag: Tag) -> None:
    tags = tag(prompt="just a solo cello")
    assert tags.texts(TagKind.INSTRUMENT) == ("strings",)
    assert "felt piano" in tags.texts(TagKind.NEGATIVE)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("scarry strings", "scary strings"), ("sad voilin", "sad violin"), ("hallowen", "halloween"), ("drumms", "drums")],
)
def test_a_slip_of_the_finger_is_read_as_what_was_meant_and_told(tag: Tag, wrong: str, right: str) -> None:
    tags = tag(prompt=wrong)
    assert tags.tags == tag(prompt=right).tags
    assert any("is read as" in note for note in tags.notes)


@pytest.mark.parametrize("prompt", ["a baby sleeping", "stranger in a car", "a cosmic story", "backing track"])
def test_another_word_is_no_misspelling(tag: Tag, prompt: str) -> None:
    assert not any("is read as" in note for note in tag(prompt=prompt).notes)


def test_how_much_of_a_mood_is_wanted_does_not_rule_it_out(tag: Tag) -> None:
    tags = tag(prompt="sad but not too sad")
    assert "sad" in tags.texts(TagKind.MOOD)
    assert "sad" not in tags.texts(TagKind.NEGATIVE)
    assert tag(prompt="sad").affect.valence < tags.affect.valence < tag(prompt="").affect.valence


def test_a_comparative_says_what_its_adjective_says(tag: Tag) -> None:
    assert tag(prompt="darker").affect == tag(prompt="dark").affect


def test_music_without_a_rhythm_has_no_drums(tag: Tag) -> None:
    assert "drums" in tag(prompt="low drone, tension, no rhythm").texts(TagKind.NEGATIVE)


def test_what_is_not_understood_is_told_and_small_words_are_not(tag: Tag) -> None:
    notes = tag(prompt="some sad music for the video, in the style of Hanno Zwirbel, loopable please").notes
    (note,) = [note for note in notes if "understood" in note]
    assert note == "Of the prompt, “hanno”, “zwirbel”, “loopable” were not understood and had no effect."


def test_somebody_who_is_named_is_told_to_be_read_for_style_and_mood(tag: Tag) -> None:
    assert any("“zimmer”" in note and "nobody’s music is imitated" in note for note in tag(prompt="like Zimmer").notes)


def test_a_moment_is_told_to_be_a_markers_matter(tag: Tag) -> None:
    notes = tag(prompt="build tension, then a drop at 0:30").notes
    assert any("“at 0:30”" in note and "marker" in note for note in notes)


@pytest.mark.parametrize(
    "prompt", ["techno 128", "minimal techno, 128", "trap beat 128", "lofi hip hop beats, 128, calm"]
)
def test_a_bare_number_behind_a_dance_is_its_tempo(tag: Tag, prompt: str) -> None:
    tempo = tag(prompt=prompt).tempo
    assert tempo.bpm == 128
    assert tempo.low < 128 < tempo.high


@pytest.mark.parametrize("prompt", ["deep house, 2020", "house 3", "beat 24"])
def test_a_bare_number_that_is_no_tempo_is_none(tag: Tag, prompt: str) -> None:
    assert tag(prompt=prompt).tempo == tag(prompt=prompt.split(",", maxsplit=1)[0].rstrip("0123456789 ")).tempo


@pytest.mark.parametrize(
    "prompt",
    [
        "Traurige Klaviermusik, langsam, ohne Schlagzeug",
        "musique triste au piano, sans batterie",
        "piano triste, sin bateria",
    ],
)
def test_common_words_of_other_languages_are_understood(tag: Tag, prompt: str) -> None:
    tags = tag(prompt=prompt)
    assert tags.affect.valence < -0.2
    assert "piano" in tags.texts(TagKind.INSTRUMENT)
    assert "drums" in tags.texts(TagKind.NEGATIVE)
