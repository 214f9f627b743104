from typing import Any

import pytest
from sonique_daemon.domain.tags import TagKind
from sonique_daemon.engines.composer.composition import Instrument, Stem
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing import compose
from sonique_daemon.engines.composer.writing.instruments import NATURES

EVERY = sorted(styles())


def _played(studio: Any, style: str, duration: float = 40.0, **more: Any) -> set[Instrument]:
    return {part.instrument for part in compose(studio.request(style, duration, **more)).parts}


@pytest.mark.parametrize("instrument", list(Instrument), ids=lambda one: one.value)
@pytest.mark.parametrize("style", ["ambient", "rock"])
def test_an_instrument_that_is_asked_for_plays(studio: Any, style: str, instrument: Instrument) -> None:
    assert instrument in _played(studio, style, words=[(TagKind.INSTRUMENT, instrument.value)])


@pytest.mark.parametrize("style", EVERY)
def test_several_instruments_that_are_asked_for_all_play(studio: Any, style: str) -> None:
    asked = ("harp", "choir", "marimba", "upright bass")
    played = _played(studio, style, words=[(TagKind.INSTRUMENT, name) for name in asked])
    assert {Instrument(name) for name in asked} <= played


@pytest.mark.parametrize("style", EVERY)
def test_instruments_that_are_refused_never_play(studio: Any, style: str) -> None:
    usual = sorted(_played(studio, style))
    for instrument in usual:
        played = _played(studio, style, words=[(TagKind.NEGATIVE, instrument.value)])
        assert instrument not in played
        assert played


@pytest.mark.parametrize("style", EVERY)
@pytest.mark.parametrize("word", ["drums", "percussion"])
def test_no_drums_means_no_drum_stem_at_all(studio: Any, style: str, word: str) -> None:
    hits = [studio.met(beat, 100) for beat in (16, 32, 40)]
    piece = compose(studio.request(style, 40, bpm=100, hits=hits, words=[(TagKind.NEGATIVE, word)]))
    assert Stem.DRUMS not in {part.stem for part in piece.parts}
    struck = {Instrument.IMPACT, Instrument.SWELL, Instrument.TIMPANI, Instrument.TAIKO}
    assert not struck & {part.instrument for part in piece.parts}


@pytest.mark.parametrize(
    ("word", "gone"),
    [
        ("piano", {Instrument.PIANO, Instrument.FELT_PIANO, Instrument.ELECTRIC_PIANO}),
        ("guitars", {Instrument.STEEL_GUITAR, Instrument.NYLON_GUITAR, Instrument.MUTED_GUITAR}),
        ("vocals", {Instrument.CHOIR}),
        ("synth", {Instrument.SYNTH_BASS, Instrument.LEAD_SYNTH, Instrument.WARM_PAD}),
        ("bass", {Instrument.UPRIGHT_BASS, Instrument.ELECTRIC_BASS, Instrument.SYNTH_BASS, Instrument.SUB_BASS}),
    ],
)
def test_words_for_groups_refuse_the_whole_group(studio: Any, word: str, gone: set[Instrument]) -> None:
    for style in EVERY:
        played = _played(studio, style, words=[(TagKind.NEGATIVE, word)])
        assert not gone & played, style
        assert played


def test_no_melody_leaves_the_lead_stem_empty(studio: Any) -> None:
    for style in EVERY:
        piece = compose(studio.request(style, 40, words=[(TagKind.NEGATIVE, "melody")]))
        assert Stem.LEAD not in {part.stem for part in piece.parts}


def test_what_is_refused_does_not_play_even_if_it_is_asked_for(studio: Any) -> None:
    words = [(TagKind.INSTRUMENT, "brass"), (TagKind.NEGATIVE, "brass")]
    assert Instrument.BRASS not in _played(studio, "orchestral", words=words)


@pytest.mark.parametrize("style", EVERY)
def test_an_instrument_that_is_asked_for_plays_though_its_group_is_refused(studio: Any, style: str) -> None:
    words = [(TagKind.INSTRUMENT, "timpani"), (TagKind.NEGATIVE, "drums")]
    played = _played(studio, style, words=words)
    assert Instrument.TIMPANI in played
    assert not {Instrument.DRUM_KIT, Instrument.TAIKO, Instrument.PERCUSSION, Instrument.IMPACT} & played


def test_somebody_plays_when_nearly_everything_is_refused(studio: Any) -> None:
    kept = Instrument.HARP
    words = [(TagKind.NEGATIVE, one.value) for one in Instrument if one is not kept]
    assert _played(studio, "rock", words=words) == {kept}


def test_asked_instruments_play_in_the_shortest_cue(studio: Any) -> None:
    words = [(TagKind.INSTRUMENT, "felt piano"), (TagKind.INSTRUMENT, "strings")]
    assert {Instrument.FELT_PIANO, Instrument.STRINGS} <= _played(studio, "cinematic", 2.0, words=words)


def test_roles_name_real_roles() -> None:
    roles = {role for nature in NATURES.values() for role in nature.roles}
    assert roles <= {
        "drums",
        "bass",
        "pad",
        "chords",
        "figure",
        "pulse",
        "lead",
        "counter",
        "drone",
        "drops",
        "noise",
        "effect",
    }
