import pytest
from sonique_daemon.engines.composer.writing.chords import MODES, read, scale

C = 0


def test_plain_numerals_take_the_modes_own_quality() -> None:
    assert read("IV", C, "ionian", 0).tones == (0, 4, 7)
    assert read("iv", C, "dorian", 0).tones == (0, 4, 7)
    assert read("V", C, "mixolydian", 0).tones == (0, 3, 7)


def test_a_case_that_leaves_the_scale_is_meant() -> None:
    assert read("V", C, "aeolian", 0).tones == (0, 4, 7)
    assert read("II7", C, "ionian", 0).tones == (0, 4, 7, 10)
    assert read("iv", C, "ionian", 0).tones == (0, 3, 7)


def test_accidentals_count_from_the_major_scale_in_every_mode() -> None:
    for mode in MODES:
        assert read("bVII", C, mode, 0).root == 10
        assert read("#iv", C, mode, 0).root == 6


def test_slashes_choose_the_bass() -> None:
    assert read("V/3", C, "ionian", 0).bass == 11
    assert read("IV/1", C, "ionian", 0).bass == 0
    assert read("I/5", 2, "ionian", 0).bass == 9


def test_extensions_are_the_scales_own() -> None:
    assert read("ii", C, "ionian", 2).tones == (0, 3, 7, 10, 14)
    assert read("V", C, "ionian", 1).tones == (0, 4, 7, 10)
    assert read("I", C, "ionian", 1).tones == (0, 4, 7, 11)
    assert read("iii", C, "ionian", 2).tones == (0, 3, 7, 10)


@pytest.mark.parametrize("mode", sorted(MODES))
def test_no_plain_numeral_gives_a_diminished_chord(mode: str) -> None:
    for numeral in ("I", "ii", "iii", "IV", "V", "vi", "i", "III", "iv", "v", "VI", "VII"):
        assert read(numeral, C, mode, 0).tones != (0, 3, 6)


def test_the_scale_bends_to_a_foreign_chord() -> None:
    dominant = read("V", 9, "aeolian", 0)
    assert 8 in scale(9, "aeolian", dominant)
    assert 7 not in scale(9, "aeolian", dominant)
    assert 7 in scale(9, "aeolian")


def test_what_is_no_numeral_is_refused() -> None:
    with pytest.raises(ValueError, match="Hm7"):
        read("Hm7", C, "ionian", 0)
