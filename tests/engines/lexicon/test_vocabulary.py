"""The vocabulary and the data files behind it."""

import pytest
from sonique_daemon.engines.composer.composition import Instrument
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.lexicon import vocabulary
from sonique_daemon.engines.lexicon.concept import Concept, ConceptKind, concepts, moods, profile
from sonique_daemon.engines.lexicon.index import lookup
from sonique_daemon.engines.lexicon.words import folded, forms, phrase, tokens

NAMES = {instrument.value for instrument in Instrument}


def test_the_lexicon_knows_many_hundreds_of_words() -> None:
    words = {phrase(word) for concept in concepts() for word in concept.words}
    assert len(words) > 1500


def test_the_names_are_the_composers() -> None:
    assert vocabulary.style_names() == tuple(sorted(styles()))
    assert set(vocabulary.instrument_names()) == NAMES
    assert "synthwave" in vocabulary.genre_names()
    assert "melancholic" in vocabulary.mood_names()


@pytest.mark.parametrize("concept", concepts(), ids=lambda concept: f"{concept.kind}-{concept.name}")
def test_an_entry_speaks_only_of_what_exists(concept: Concept) -> None:
    assert set(concept.styles) <= set(styles())
    assert set(concept.moods) <= set(moods())
    assert set(concept.plays) | set(concept.removes) <= NAMES
    assert all(lookup(word, concept.kind) for word in concept.words)
    assert concept.name == concept.name.lower()
    feel = concept.feel
    assert feel is None or all(-1 <= value <= 1 for value in (feel.valence, feel.arousal, feel.tension))
    kinds = (ConceptKind.INSTRUMENT, ConceptKind.ROLE)
    assert all(any(lookup(name, kind) for kind in kinds) for name in concept.negatives)


def test_an_entry_has_an_effect_and_no_word_stands_twice_in_a_kind() -> None:
    seen: dict[tuple[ConceptKind, tuple[str, ...]], str] = {}
    for concept in concepts():
        effects = (concept.styles, concept.feel, concept.plays, concept.removes, concept.bpm, concept.mode)
        others = (concept.density, concept.negatives, concept.hits is not None, concept.tempo != 1, concept.name)
        assert any(effects) or any(others)
        for word in {phrase(word) for word in concept.words}:
            assert seen.setdefault((concept.kind, word), concept.name) == concept.name, word


@pytest.mark.parametrize("style", vocabulary.style_names())
def test_every_style_has_a_profile_of_existing_instruments(style: str) -> None:
    known = profile(style)
    assert known.instruments
    assert set(known.instruments) | set(known.needs) <= NAMES
    assert set(known.tonics) <= set(range(12))


def test_a_style_without_a_profile_gets_a_neutral_one() -> None:
    assert profile("a style of tomorrow").density == 0.5


@pytest.mark.parametrize("name", sorted(NAMES))
def test_an_instruments_name_plays_it_and_takes_it_away(name: str) -> None:
    concept = lookup(name, ConceptKind.INSTRUMENT)
    assert concept is not None
    assert concept.plays == (name,)
    assert name in concept.removes


def test_folding_takes_case_accents_and_apostrophes() -> None:
    assert folded("Don’t CAFÉ F♯ – B♭") == "dont cafe f# - bb"


def test_tokens_know_the_breaks_before_them() -> None:
    assert [(token.text, token.before.value) for token in tokens("drum & bass, lo-fi. (90s)")] == [
        ("drum", ""),
        ("and", ""),
        ("bass", ""),
        ("lo", ","),
        ("fi", ""),
        ("90s", "."),
    ]


@pytest.mark.parametrize(
    ("word", "stem"),
    [("violins", "violin"), ("berries", "berry"), ("brushes", "brush"), ("darkly", "dark"), ("sadness", "sad")],
)
def test_forms_hold_the_stem(word: str, stem: str) -> None:
    assert stem in forms(word)
