"""Channel strips: what instruments and stems are sent through before the hall."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from sonique_daemon.domain.take import Rendering
from sonique_daemon.engines.composer.composition import Composition, Instrument, Note, Part, Room, Stem
from sonique_daemon.engines.composer.playing.strips import STEMS, STRIPS

RATE = 48_000
Audio = NDArray[np.float32]
Play = Callable[..., Rendering]
Alone = Callable[..., Audio]


def _level(audio: Audio) -> float:
    return float(10 * np.log10(np.mean(np.square(audio, dtype=np.float64)) + 1e-20))


def test_every_stem_has_a_strip() -> None:
    assert set(STEMS) == set(Stem)


def test_a_cut_falls_by_six_decibels_an_octave(play: Play) -> None:
    part = Part("a", Stem.TEXTURE, Instrument.SUB_BASS, send_db=-60)
    piece = Composition(2.0, (part,), (Note(0, 0.0, 1.9, 33, 0.5),), Room(1.0, glue=0))
    middle = slice(RATE // 2, RATE)
    plain = _level(play(piece).mix.whole()[:, middle])
    for cut, expected in ((55.0, -3.0), (220.0, -12.3)):
        changed = replace(piece, parts=(replace(part, low_cut_hz=cut),))
        assert _level(play(changed).mix.whole()[:, middle]) - plain == pytest.approx(expected, abs=0.7)


def test_the_amplifier_saturates_what_the_strings_play_together(alone: Alone) -> None:
    def interplay(instrument: Instrument) -> float:
        """What two notes make of each other, against themselves."""
        notes = (Note(0, 0.0, 0.9, 40, 0.9), Note(0, 0.5, 0.4, 47, 0.9))
        both, first, second = (alone(instrument, chosen, 1.0) for chosen in (notes, notes[:1], notes[1:]))
        late = slice(round(0.55 * RATE), round(0.85 * RATE))
        scale = _level(first[:, : RATE // 2]) - _level(both[:, : RATE // 2])
        aligned = both * np.float32(10 ** (scale / 20))
        return _level((aligned - first - second)[:, late]) - _level(aligned[:, late])

    assert interplay(Instrument.POWER_GUITAR) > -30
    assert interplay(Instrument.STEEL_GUITAR) < -60


def test_a_doubling_stands_at_the_sides_and_leaves_mono_alone(alone: Alone, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = (Note(0, 0.1, 0.7, 72, 0.8),)
    wide = alone(Instrument.LEAD_SYNTH, notes, 1.0)
    strips = {name: replace(strip, doubling=None) for name, strip in STRIPS.items()}
    monkeypatch.setattr("sonique_daemon.engines.composer.playing.desk.STRIPS", strips)
    narrow = alone(Instrument.LEAD_SYNTH, notes, 1.0)
    added = wide - narrow
    assert -30 < _level(added[0] - added[1]) - _level(wide[0] + wide[1]) < -8
    assert _level(added[0] + added[1]) < _level(wide[0] + wide[1]) - 60


def test_a_stem_is_pressed_where_it_is_loud_and_left_where_it_is_soft(play: Play) -> None:
    def lead(gain_db: float) -> float:
        part = Part("a", Stem.LEAD, Instrument.FLUTE, gain_db=gain_db, send_db=-60)
        piece = Composition(2.0, (part,), (Note(0, 0.0, 1.9, 76, 0.7),), Room(1.0, glue=0))
        return _level(play(piece).mix.whole()[:, RATE:])

    assert lead(-20) - lead(-26) == pytest.approx(6, abs=0.05)
    assert lead(6) - lead(0) < 4


@pytest.mark.parametrize("instrument", [Instrument.ELECTRIC_PIANO, Instrument.POWER_GUITAR, Instrument.WARM_PAD])
def test_what_ends_in_one_block_and_rings_into_the_next_leaves_no_seam(instrument: Instrument, play: Play) -> None:
    part = Part("a", Stem.HARMONY, instrument, low_cut_hz=90, send_db=-60)
    notes = (Note(0, 1.0, 1.725, 52, 0.8), Note(0, 9.0, 0.5, 55, 0.8))
    piece = Composition(10.0, (part,), notes, Room(1.0))
    whole, blocks = play(piece, block=10 * RATE).mix.whole(), play(piece, block=1).mix.whole()
    assert np.abs(whole - blocks).max() < 1e-6
