"""Tags in the form that each family of models was trained on, and never cut off."""

from dataclasses import replace
from fractions import Fraction

import pytest
from sonique_daemon.domain.tags import Key, Origin, Tag, TagKind, Tags, Tempo
from sonique_daemon.domain.tempo import Section, TempoMap
from sonique_daemon.engines.music.prompts import FORMS, Material, Prompt, fitted, key_name, negative_texts

GRID = TempoMap(Fraction(8), tuple(index * 0.65 for index in range(14)), (0, 3, 6, 9), 92.4, (Section(0, 4, 0.5),))


def tag(kind: TagKind, text: str, origin: Origin = Origin.ENGINE) -> Tag:
    return Tag(kind, text, origin)


TAGS = Tags(
    "cinematic",
    (
        tag(TagKind.GENRE, "Ambient"),
        tag(TagKind.MOOD, "calm"),
        tag(TagKind.MOOD, "warm"),
        tag(TagKind.INSTRUMENT, "strings"),
        tag(TagKind.INSTRUMENT, "piano", Origin.USER),
        tag(TagKind.NEGATIVE, "drums"),
        tag(TagKind.NEGATIVE, "Brass"),
    ),
    Tempo(92.0, 90.0, 95.0),
    Key(2, "dorian"),
)


def written(form: str, tags: Tags = TAGS) -> str:
    return FORMS[form](Material.of(tags, GRID))


def words(prompt: Prompt) -> int:
    return len(prompt.text.replace(",", " ").split())


def test_soniques_tags_stand_in_the_order_of_the_alphabet_with_the_tempo_last() -> None:
    assert written("sonique") == "ambient, calm, piano, strings, warm, 92 bpm"


def test_stable_audio_3_gets_labels() -> None:
    assert written("labelled") == (
        "TrackType: Music, VocalType: Instrumental, Genre: ambient, Mood: calm, warm, Instruments: piano, strings, "
        "92 BPM, D minor"
    )


def test_ace_step_gets_a_caption_with_the_lead_first_and_fields_beside() -> None:
    assert written("fields") == "piano, strings, ambient, calm, warm, instrumental"
    fields = Material.of(TAGS, GRID).fields
    assert (fields.bpm, fields.key, fields.beats) == (92, "D minor", 3)


def test_how_the_music_goes_is_said_where_there_are_words_for_it() -> None:
    said = tuple(tag(TagKind.FORM, text, Origin.USER) for text in ("building", "3/4", "drums from 50 %"))
    tags = replace(TAGS, tags=(*TAGS.tags, *said))
    assert written("labelled", tags).endswith("Instruments: piano, strings, building, 92 BPM, D minor, 3/4 time")
    assert written("caption", tags).endswith("92 bpm, in D minor, in 3/4 time, building.")
    assert "building" in written("fields", tags)
    assert "3/4" not in written("fields", tags)
    assert written("sonique", tags) == written("sonique")


@pytest.mark.parametrize(("metre", "beats", "said"), [("4/4", 3, False), ("6/8", 6, True), ("5/4", 3, True)])
def test_a_metre_is_said_unless_it_is_the_usual_one(metre: str, beats: int, said: bool) -> None:
    tags = replace(TAGS, tags=(*TAGS.tags, tag(TagKind.FORM, metre, Origin.USER)))
    assert (f"{metre} time" in written("labelled", tags), f"in {metre} time" in written("caption", tags)) == (said,) * 2
    assert Material.of(tags, GRID).fields.beats == beats


def test_musicgen_gets_a_sentence() -> None:
    assert written("caption") == "Calm, warm ambient music with piano and strings, 92 bpm, in D minor."


def test_without_a_genre_the_style_is_one() -> None:
    tags = Tags("lofi_beats", (), Tempo(92.0, 90.0, 95.0), Key(0, "ionian"))
    assert written("sonique", tags) == "lofi beats, 92 bpm"
    assert written("caption", tags) == "Lofi beats music, 92 bpm, in C major."


def test_no_word_is_said_twice() -> None:
    tags = Tags("a", (tag(TagKind.GENRE, "Piano"), tag(TagKind.INSTRUMENT, "piano ")), TAGS.tempo, TAGS.key)
    assert written("sonique", tags) == "piano, 92 bpm"


@pytest.mark.parametrize("form", FORMS)
def test_a_prompt_that_fits_is_left_alone(form: str) -> None:
    made = fitted(Material.of(TAGS, GRID), form, words, 1000)
    assert made.prompt.text == written(form)
    assert made.dropped == ()


@pytest.mark.parametrize("form", FORMS)
def test_whole_tags_are_left_out_the_least_important_first_until_it_fits(form: str) -> None:
    whole = words(Prompt(written(form), Material.of(TAGS, GRID).fields))
    made = fitted(Material.of(TAGS, GRID), form, words, whole - 2)
    assert words(made.prompt) <= whole - 2
    assert made.dropped == ("warm", "calm")
    assert not any(text in made.prompt.text for text in made.dropped)
    assert "piano" in made.prompt.text


def test_the_tempo_stays_however_little_fits() -> None:
    made = fitted(Material.of(TAGS, GRID), "sonique", words, 1)
    assert made.prompt.text == "92 bpm"
    assert made.dropped[-1] == "piano"


def test_what_must_not_be_there_is_a_prompt_of_its_own() -> None:
    assert negative_texts(TAGS) == ["drums", "brass"]


@pytest.mark.parametrize(("mode", "name"), [("lydian", "F# major"), ("phrygian", "F# minor"), ("ionian", "F# major")])
def test_a_mode_is_told_as_the_nearest_key(mode: str, name: str) -> None:
    assert key_name(Key(6, mode)) == name
