import pytest
from sonique_daemon.engines.composer.composition import Instrument, Stem
from sonique_daemon.engines.composer.style import Progressions, styles
from sonique_daemon.engines.composer.writing.chords import MODES, read
from sonique_daemon.engines.composer.writing.instruments import NATURES, STEMS

EVERY = sorted(styles())


def test_fourteen_styles_are_there_in_alphabetical_order() -> None:
    assert list(styles()) == EVERY
    assert len(EVERY) == 14


@pytest.mark.parametrize("name", EVERY)
def test_a_style_has_its_home_tempo_inside_its_bounds(name: str) -> None:
    style = styles()[name]
    assert 20 <= style.slowest <= style.tempo <= style.fastest <= 300


def test_no_two_styles_share_a_word() -> None:
    words = [word for style in styles().values() for word in style.words]
    assert len(words) == len(set(words))
    assert all(word == word.lower() for word in words)


@pytest.mark.parametrize("name", EVERY)
def test_every_numeral_of_a_style_can_be_read_in_every_mode(name: str) -> None:
    harmony = styles()[name].harmony
    lines = [line for family in (harmony.major, harmony.minor) for line in _lines(family)]
    for mode in MODES:
        for numeral in (numeral for line in lines for numeral in line):
            chord = read(numeral, 2, mode, harmony.extension)
            assert 2 <= len(chord.tones) <= 6
            assert chord.bass in range(12)


@pytest.mark.parametrize("name", EVERY)
def test_every_close_has_a_pre_dominant_a_dominant_and_a_final_chord(name: str) -> None:
    harmony = styles()[name].harmony
    assert all(len(close) >= 3 for family in (harmony.major, harmony.minor) for close in family.close)


@pytest.mark.parametrize("name", EVERY)
def test_patterns_have_whole_steps_for_each_of_four_beats(name: str) -> None:
    for layer in styles()[name].layers:
        for pattern in layer.patterns:
            assert all(len(steps) in (4, 8, 12, 16) for _, steps in pattern.rows)
            assert 0 <= pattern.energy <= 1
            if layer.role == "drums":
                assert all(steps.isdigit() and row for row, steps in pattern.rows)


@pytest.mark.parametrize("name", EVERY)
def test_every_layer_can_play_its_role(name: str) -> None:
    style = styles()[name]
    assert {layer.role for layer in style.layers} <= set(STEMS)
    for layer in style.layers:
        assert layer.instruments
        if layer.role in ("drums", "bass", "noise", "drone"):
            assert all(_fits(one, layer.role) for one in layer.instruments), (name, layer.role)


@pytest.mark.parametrize("name", EVERY)
def test_cells_start_a_note_and_fill_a_bar(name: str) -> None:
    for cell in styles()[name].tune.cells:
        assert len(cell) in (8, 16)
        assert set(cell) <= set("x-.")
        assert "x" in cell


def test_every_instrument_has_a_nature_and_a_stem() -> None:
    assert set(NATURES) == set(Instrument)
    assert set(STEMS.values()) == set(Stem)


def test_styles_differ_in_their_bands() -> None:
    bands = {tuple((layer.role, layer.instruments[0]) for layer in style.layers) for style in styles().values()}
    assert len(bands) == 14


def _lines(family: Progressions) -> list[tuple[str, ...]]:
    return [*family.opening, *family.verse, *family.lift, *family.close]


def _fits(instrument: Instrument, role: str) -> bool:
    if role == "bass":
        return NATURES[instrument].low <= 45
    if role == "drone":
        return NATURES[instrument].roles[0] in ("drone", "bass", "pad")
    return role in NATURES[instrument].roles
