"""What is ruled out stays out."""

from collections.abc import Callable

import pytest
from sonique_daemon.domain.tags import Origin, TagKind, Tags

Tag = Callable[..., Tags]

DRUMS = {"drums", "brushes", "drum machine", "percussion", "taiko", "timpani"}
SYNTHS = {"pad", "glass pad", "lead synth", "synth pluck", "synth bass", "sub bass", "drum machine"}


@pytest.mark.parametrize(
    ("prompt", "gone", "kept"),
    [
        ("no drums", DRUMS, set()),
        ("without drums", DRUMS, set()),
        ("rock, but please don't use any drums", DRUMS, {"distorted guitar"}),
        ("don’t want heavy drums", DRUMS, set()),
        ("avoid strings", {"strings", "spiccato strings", "pizzicato strings"}, set()),
        ("less piano", {"piano", "felt piano"}, set()),
        ("no drums, bass or choir, piano", {*DRUMS, "electric bass", "choir"}, {"piano"}),
        ("no drums and bass", {*DRUMS, "electric bass"}, set()),
        ("no drums but taut strings", DRUMS, {"strings"}),
        ("no drums, piano", DRUMS, {"piano"}),
        ("drum-free with harp", DRUMS, {"harp"}),
        ("beatless harp", DRUMS, {"harp"}),
        ("neither guitar nor piano, harp", {"steel guitar", "piano"}, {"harp"}),
        ("no synths", SYNTHS, set()),
        ("harp instead of piano", {"piano"}, {"harp"}),
        ("without vocals", {"choir"}, set()),
        ("not sad piano", set(), {"piano"}),
        ("avoid: drums, strings, choir. Harp", {*DRUMS, "strings", "choir"}, {"harp"}),
        ("no drums/piano", {*DRUMS, "piano"}, set()),
        ("leave the drums out", DRUMS, set()),
        ("no need for drums", DRUMS, set()),
        ("less drums, more strings", DRUMS, {"strings"}),
        ("I hate drums but harp is nice", DRUMS, {"harp"}),
        ("no\ndrums", set(), {"drums"}),
        ("not only piano but harp", set(), {"piano", "harp"}),
        ("no guitars", {"nylon guitar", "steel guitar", "muted guitar", "distorted guitar"}, set()),
    ],
)
def test_a_negation_reaches_what_it_means_and_no_further(tag: Tag, prompt: str, gone: set[str], kept: set[str]) -> None:
    tags = tag(prompt=prompt)
    assert not gone & set(tags.texts(TagKind.INSTRUMENT))
    assert gone <= set(tags.texts(TagKind.NEGATIVE))
    assert kept <= set(tags.texts(TagKind.INSTRUMENT))
    assert not kept & set(tags.texts(TagKind.NEGATIVE))


def test_negated_drums_are_not_offered_by_a_style_of_drums(tag: Tag) -> None:
    tags = tag(genres=("world",), negatives=("drums",))
    assert not DRUMS & set(tags.texts(TagKind.INSTRUMENT))


def test_what_is_asked_and_ruled_out_is_left_out_and_told(tag: Tag) -> None:
    tags = tag(instruments=("Drums",), negatives=("drums",))
    assert "drums" not in tags.texts(TagKind.INSTRUMENT)
    assert any("“drums” is both asked for and ruled out" in note for note in tags.notes)


def test_a_family_that_is_ruled_out_takes_its_members_and_tells(tag: Tag) -> None:
    tags = tag(instruments=("taiko",), negatives=("drums",))
    assert "taiko" not in tags.texts(TagKind.INSTRUMENT)
    assert any("“taiko”" in note and "“drums”" in note for note in tags.notes)


def test_negatives_reach_synonyms_in_any_case(tag: Tag) -> None:
    tags = tag(instruments=("violins", "harp"), negatives=("Cello",))
    assert tags.texts(TagKind.INSTRUMENT)[0] == "harp"
    assert "strings" not in tags.texts(TagKind.INSTRUMENT)


def test_a_negative_that_says_no_is_no_double_negation(tag: Tag) -> None:
    assert tag(negatives=("no drums",)).texts(TagKind.NEGATIVE) == tag(negatives=("drums",)).texts(TagKind.NEGATIVE)


def test_a_negated_mood_moves_the_mood_away_from_it(tag: Tag) -> None:
    plain, denied = tag(genres=("cinematic",)), tag(genres=("cinematic",), prompt="not sad")
    assert denied.affect.valence > plain.affect.valence + 0.2
    assert denied.key.mode in {"ionian", "mixolydian", "lydian"}
    assert not {"sad", "melancholic", "lonely"} & set(denied.texts(TagKind.MOOD))
    assert "sad" in denied.texts(TagKind.NEGATIVE)


def test_not_too_dark_moves_half_as_far_as_not_dark(tag: Tag) -> None:
    plain, half, whole = (tag(genres=("piano",), prompt=prompt).affect for prompt in ("", "not too dark", "not dark"))
    assert plain.tension > half.tension > whole.tension
    assert half.valence - plain.valence == pytest.approx((whole.valence - plain.valence) / 2, abs=0.01)


def test_a_mood_that_is_ruled_out_is_no_mood_even_if_asked_for(tag: Tag) -> None:
    tags = tag(moods=("gloomy", "calm"), negatives=("SAD",))
    assert "sad" not in tags.texts(TagKind.MOOD)
    assert "calm" in tags.texts(TagKind.MOOD)
    assert any("“gloomy”" in note for note in tags.notes)


@pytest.mark.parametrize("style", ["jazz", "electronic", "orchestral", "tension", "comedy", "uplifting", "piano"])
def test_a_negated_style_is_not_chosen(tag: Tag, style: str) -> None:
    prompt = {"tension": "car chase", "comedy": "funny", "uplifting": "corporate startup", "piano": "solo piano"}.get(
        style, style
    )
    assert tag(prompt=prompt).style == style
    tags = tag(prompt=prompt, negatives=(style,))
    assert tags.style != style
    assert style not in tags.texts(TagKind.GENRE)


def test_another_genre_of_a_style_spares_it(tag: Tag) -> None:
    tags = tag(genres=("synthwave",), negatives=("techno",))
    assert tags.style == "electronic"
    assert "techno" not in tags.texts(TagKind.GENRE)


def test_a_style_that_loses_its_voice_is_not_chosen_and_that_is_told(tag: Tag) -> None:
    tags = tag(genres=("synthwave",), negatives=("synths",))
    assert tags.style != "electronic"
    assert any("synthwave" in note for note in tags.notes)


def test_an_instrument_alone_rules_out_the_others(tag: Tag) -> None:
    said = ("only piano", "just piano", "piano only", "nothing but piano", "nothing except piano", "nur Klavier")
    for prompt in said:
        tags = tag(prompt=prompt)
        assert tags.texts(TagKind.INSTRUMENT) == ("piano",)
        assert {"drums", "strings", "pad", "electric bass"} <= set(tags.texts(TagKind.NEGATIVE))


def test_a_name_that_would_refuse_the_only_instrument_is_not_among_the_negatives(tag: Tag) -> None:
    tags = tag(prompt="only taiko")
    assert tags.texts(TagKind.INSTRUMENT) == ("taiko",)
    assert not {"drums", "percussion"} & set(tags.texts(TagKind.NEGATIVE))


@pytest.mark.parametrize(
    ("prompt", "plays"),
    [
        ("no drums except timpani", {"timpani"}),
        ("no drums at all, except timpani and taiko", {"timpani", "taiko"}),
        ("no drums, but timpani", {"timpani"}),
        ("no drums or bass, but timpani", {"timpani"}),
        ("no drums, only taiko", {"taiko"}),
        ("no percussion other than a shaker", {"percussion"}),
        ("no piano except felt piano", {"felt piano"}),
        ("ohne Schlagzeug, außer Pauken", {"timpani"}),
        ("keine Drums, nur Percussion", {"percussion"}),
        ("pas de percussions, mais des timbales", {"percussion"}),
        ("sin batería, excepto timbales", {"percussion"}),
    ],
)
def test_an_exception_to_what_is_ruled_out_plays(tag: Tag, prompt: str, plays: set[str]) -> None:
    tags = tag(prompt=prompt)
    family = {"piano", "electric piano"} if "piano" in prompt else DRUMS - plays
    assert plays <= set(tags.texts(TagKind.INSTRUMENT))
    assert family <= set(tags.texts(TagKind.NEGATIVE))
    assert not plays & set(tags.texts(TagKind.NEGATIVE))
    assert tags.notes == ()


@pytest.mark.parametrize("prompt", ["strings only, apart from a soft piano", "only strings, except for a felt piano"])
def test_an_exception_to_what_plays_alone_plays_beside_it(tag: Tag, prompt: str) -> None:
    assert tag(prompt=prompt).texts(TagKind.INSTRUMENT) == ("strings", "felt piano")


@pytest.mark.parametrize(
    "prompt",
    ["everything except drums", "ambient, except drums", "todo menos la batería", "no piano, all except drums"],
)
def test_an_exception_to_everything_is_ruled_out(tag: Tag, prompt: str) -> None:
    assert set(tag(prompt=prompt).texts(TagKind.NEGATIVE)) >= DRUMS


@pytest.mark.parametrize("prompt", ["no drums, taiko", "no drums. Taiko and strings"])
def test_a_member_that_is_merely_named_beside_its_family_stays_out_and_that_is_told(tag: Tag, prompt: str) -> None:
    tags = tag(prompt=prompt)
    assert "taiko" not in tags.texts(TagKind.INSTRUMENT)
    assert any("“taiko” is asked for, but ruling out “drums”" in note for note in tags.notes)


def test_less_of_an_instrument_is_told_to_mean_none(tag: Tag) -> None:
    assert any("less of “piano”" in note for note in tag(prompt="less piano").notes)


def test_an_unknown_negative_is_passed_on_and_told(tag: Tag) -> None:
    tags = tag(negatives=("Autotune",))
    assert tags.texts(TagKind.NEGATIVE) == ("autotune",)
    assert any("Autotune" in note for note in tags.notes)


def test_negatives_are_the_users(tag: Tag) -> None:
    tags = tag(prompt="no drums", negatives=("jazz",))
    assert all(found.origin is Origin.USER for found in tags.tags if found.kind is TagKind.NEGATIVE)


def test_a_negated_tempo_word_moves_the_tempo_the_other_way(tag: Tag) -> None:
    assert tag(genres=("cinematic",), prompt="not too slow").tempo.bpm > tag(genres=("cinematic",)).tempo.bpm
    assert tag(genres=("cinematic",), negatives=("Slow",)).tempo.bpm > tag(genres=("cinematic",)).tempo.bpm


def test_a_negated_mode_is_not_chosen(tag: Tag) -> None:
    assert tag(prompt="sad, no minor key").key.mode in {"ionian", "mixolydian", "lydian"}


def test_a_genre_that_shares_its_name_with_an_instrument_stays_though_the_instrument_goes(tag: Tag) -> None:
    tags = tag(genres=("drone",), negatives=("modular synth",))
    assert "drone" in tags.texts(TagKind.GENRE)
    assert not {"drone"} & {*tags.texts(TagKind.NEGATIVE), *tags.texts(TagKind.INSTRUMENT)}
    assert "synths" in tags.texts(TagKind.NEGATIVE)
