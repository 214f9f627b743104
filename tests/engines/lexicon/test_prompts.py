"""What prompts are understood to mean."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sonique_daemon.domain.tags import Origin, TagKind, Tags

Tag = Callable[..., Tags]

# Prompt, styles that fit, what else must hold: v/a/x as "+" or "-", tempo as (least, most), instruments, moods, mode.
PROMPTS: list[tuple[str, set[str], dict[str, Any]]] = [
    ("car chase", {"tension"}, {"a": "+", "x": "+", "tempo": (90, 120)}),
    ("wedding", {"cinematic", "piano"}, {"v": "+", "x": "-", "instruments": {"piano", "strings"}}),
    ("film noir detective", {"jazz"}, {"x": "+"}),
    ("documentary about the sea", {"cinematic", "ambient"}, {"v": "+", "a": "-"}),
    ("sunrise over the mountains", {"cinematic"}, {"v": "+"}),
    ("epic battle", {"orchestral"}, {"a": "+", "instruments": {"taiko"}}),
    ("an interview with a talking head", {"ambient", "cinematic"}, {"a": "-"}),
    ("drone shot", {"cinematic"}, {"v": "+"}),
    ("travel vlog", {"uplifting"}, {"v": "+", "a": "+"}),
    ("true crime", {"tension"}, {"v": "-", "x": "+"}),
    ("product launch", {"uplifting"}, {"v": "+", "tempo": (100, 128)}),
    ("rainy window", {"piano", "lofi"}, {"a": "-"}),
    ("a baby sleeping", {"ambient", "acoustic", "piano"}, {"v": "+", "a": "-"}),
    ("heist", {"jazz", "tension"}, {"x": "+"}),
    ("outer space", {"ambient"}, {"a": "-", "tempo": (50, 70)}),
    ("western", {"acoustic"}, {"instruments": {"whistle", "nylon guitar"}}),
    ("a medieval castle", {"orchestral", "acoustic"}, {"instruments": {"harp"}}),
    ("haunted house", {"horror"}, {"v": "-", "x": "+"}),
    ("gym workout", {"electronic", "rock"}, {"a": "+"}),
    ("cocktail bar", {"jazz"}, {"v": "+"}),
    ("neon city at night", {"electronic"}, {}),
    ("studying in the library", {"lofi"}, {"a": "-"}),
    ("funny cats", {"comedy"}, {"v": "+"}),
    ("campfire in the woods with an acoustic guitar", {"acoustic"}, {"instruments": {"steel guitar"}}),
    ("safari", {"world"}, {"instruments": {"percussion"}}),
    ("skateboarding", {"rock", "electronic"}, {"a": "+"}),
    ("yoga", {"ambient"}, {"v": "+", "a": "-", "x": "-"}),
    ("funeral", {"cinematic", "piano"}, {"v": "-", "a": "-", "mode": {"aeolian", "dorian"}}),
    ("lo-fi beats to study to", {"lofi"}, {"tempo": (68, 88)}),
    ("synthwave", {"electronic"}, {"tempo": (84, 128)}),
    ("punk rock", {"rock"}, {"a": "+", "instruments": {"distorted guitar"}}),
    ("bossa nova", {"jazz"}, {"instruments": {"nylon guitar"}}),
    ("solo piano nocturne", {"piano"}, {"instruments": {"piano"}}),
    ("happy", {"uplifting"}, {"v": "+", "a": "+", "mode": {"ionian"}, "moods": {"happy"}}),
    ("sad", {"cinematic", "piano"}, {"v": "-", "a": "-", "mode": {"aeolian"}, "moods": {"sad"}}),
    ("calm", {"ambient"}, {"v": "+", "a": "-", "x": "-"}),
    ("scary", {"horror"}, {"v": "-", "x": "+", "mode": {"phrygian"}}),
    ("tense", {"tension"}, {"v": "-", "x": "+", "mode": {"aeolian", "phrygian"}}),
    ("cheerful ukulele tune", {"uplifting", "acoustic"}, {"instruments": {"steel guitar"}, "moods": {"happy"}}),
    ("triumphant brass", {"orchestral"}, {"v": "+", "a": "+", "instruments": {"brass"}}),
    ("mysterious, eerie, with music box", {"horror", "tension"}, {"x": "+", "instruments": {"music box"}}),
    ("warm Rhodes and vinyl crackle", {"lofi"}, {"instruments": {"electric piano", "vinyl noise"}}),
    ("sparse CELLO and violins", {"cinematic"}, {"instruments": {"strings"}}),
    ("brushes, walking bass and vibes", {"jazz"}, {"instruments": {"brushes", "upright bass", "vibraphone"}}),
    ("pizzicato, sneaky", {"comedy"}, {"instruments": {"pizzicato strings"}}),
    ("sports hype reel", {"rock", "electronic", "uplifting"}, {"a": "+"}),
    ("trap beat", {"electronic"}, {"instruments": {"drum machine"}}),
    ("flamenco guitar", {"world", "acoustic"}, {"instruments": {"nylon guitar"}}),
    ("podcast intro", {"uplifting"}, {"v": "+"}),
    ("game show", {"uplifting", "jazz"}, {"v": "+", "a": "+"}),
    ("make it sound like Hans Zimmer", {"orchestral"}, {"a": "+", "moods": {"epic"}}),
    ("a Wes Anderson vibe", {"comedy"}, {"moods": {"quirky"}}),
    ("like Stranger Things", {"electronic"}, {"moods": {"mysterious"}}),
    ("ambient, dreamy", {"ambient"}, {"mode": {"lydian"}}),
    ("afrobeat with marimba", {"world"}, {"instruments": {"marimba", "percussion"}}),
    ("ticking clock suspense", {"tension"}, {"x": "+"}),
    ("Piñata fiesta in México", {"world"}, {}),
]


@pytest.mark.parametrize(("prompt", "styles", "expected"), PROMPTS, ids=[prompt for prompt, _, _ in PROMPTS])
def test_a_prompt_is_understood(tag: Tag, prompt: str, styles: set[str], expected: dict[str, Any]) -> None:
    tags = tag(prompt=prompt)
    assert tags.style in styles
    signs = {"v": tags.affect.valence, "a": tags.affect.arousal, "x": tags.affect.tension}
    for name, value in signs.items():
        sign = expected.get(name)
        assert sign is None or (value > 0.05 if sign == "+" else value < -0.05), f"{name} is {value}"
    least, most = expected.get("tempo", (20, 300))
    assert least <= tags.tempo.bpm <= most
    assert expected.get("instruments", set()) <= set(tags.texts(TagKind.INSTRUMENT))
    assert expected.get("moods", set()) <= set(tags.texts(TagKind.MOOD))
    assert tags.key.mode in expected.get("mode", {tags.key.mode})


def test_an_empty_brief_gives_a_whole_tag_set(tag: Tag) -> None:
    tags = tag()
    assert tags.style == "cinematic"
    assert tags.texts(TagKind.GENRE) == ("cinematic",)
    assert tags.texts(TagKind.MOOD)
    assert tags.texts(TagKind.INSTRUMENT)
    assert tags.notes == ()


def test_words_that_mean_nothing_change_nothing(tag: Tag) -> None:
    assert replace(tag(prompt="tense xylqwz"), notes=()) == tag(prompt="tense")


def test_a_typo_is_not_guessed(tag: Tag) -> None:
    assert "sad" not in tag(prompt="sadd").texts(TagKind.MOOD)


def test_case_and_accents_do_not_matter(tag: Tag) -> None:
    assert tag(prompt="CAFÉ, Melancholic PIANO") == tag(prompt="cafe, melancholic piano")


def test_a_longer_phrase_outranks_the_words_in_it(tag: Tag) -> None:
    assert tag(prompt="drone shot").texts(TagKind.INSTRUMENT)[0] != "drone"
    assert tag(prompt="solo piano").style == "piano"
    assert tag(prompt="drum and bass").style == "electronic"


def test_intensifiers_weigh_a_mood(tag: Tag) -> None:
    slightly, plain, very = (tag(prompt=f"{word} sad", genres=("piano",)) for word in ("slightly", "", "very"))
    assert slightly.affect.valence > plain.affect.valence > very.affect.valence


def test_sparse_and_dense_move_density(tag: Tag) -> None:
    assert tag(prompt="sparse").density < tag().density < tag(prompt="dense").density


def test_a_minor_setback_is_no_key_and_no_mode(tag: Tag) -> None:
    assert tag(prompt="a minor setback in a major city").key.origin == "engine"


def test_words_about_cuts_set_the_hit_strength(tag: Tag) -> None:
    assert tag(prompt="hit every cut").hit_strength > 0.8
    assert tag(prompt="ignore the cuts").hit_strength == 0
    assert tag(prompt="hit every cut", hit_strength=0.2).hit_strength == 0.2


@pytest.mark.parametrize("word", ["lute", "sitar", "ukulele", "harpsichord", "clarinet", "church organ"])
def test_what_there_is_not_is_named_as_it_was_said(tag: Tag, word: str) -> None:
    notes = tag(prompt=f"calm, with a {word}").notes
    assert [note for note in notes if note.startswith(f"There is no {word}; ") and note.endswith(" in.")]


@pytest.mark.parametrize(("prompt", "old"), [("a 30s teaser", False), ("60s long", False), ("funk from the 70s", True)])
def test_decades_are_nostalgic_and_seconds_are_not(tag: Tag, prompt: str, old: bool) -> None:
    said = [one.text for one in tag(prompt=prompt).tags if one.kind is TagKind.MOOD and one.origin is Origin.USER]
    assert said == (["nostalgic"] if old else [])
