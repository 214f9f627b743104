"""Each instrument sounds, clean, in tune, and answers to velocity."""

from collections.abc import Callable

import numpy as np
import pyloudnorm
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter
from sonique_daemon.engines.composer.composition import Instrument, Note
from sonique_daemon.engines.composer.playing.levels import KITS, OWN_DB, REFERENCE_LUFS

RATE = 48_000
Audio = NDArray[np.float32]
Alone = Callable[..., Audio]

I = Instrument  # noqa: E741 - a table of names reads better short
CORE: dict[Instrument, tuple[int, int, int]] = {
    I.FELT_PIANO: (48, 60, 72),
    I.PIANO: (48, 60, 72),
    I.ELECTRIC_PIANO: (48, 60, 72),
    I.NYLON_GUITAR: (48, 57, 69),
    I.STEEL_GUITAR: (48, 57, 69),
    I.MUTED_GUITAR: (45, 55, 64),
    I.POWER_GUITAR: (40, 47, 55),
    I.HARP: (52, 64, 79),
    I.PIZZICATO: (48, 60, 72),
    I.STRINGS: (52, 64, 76),
    I.SPICCATO: (52, 64, 76),
    I.CHOIR: (52, 62, 72),
    I.BRASS: (50, 58, 68),
    I.FLUTE: (67, 76, 86),
    I.WHISTLE: (76, 84, 92),
    I.MARIMBA: (52, 64, 76),
    I.VIBRAPHONE: (57, 69, 80),
    I.KALIMBA: (60, 70, 81),
    I.CELESTA: (67, 79, 91),
    I.GLOCKENSPIEL: (84, 91, 98),
    I.BELLS: (60, 67, 76),
    I.MUSIC_BOX: (72, 79, 91),
    I.WARM_PAD: (48, 60, 72),
    I.GLASS_PAD: (55, 67, 79),
    I.LEAD_SYNTH: (60, 69, 79),
    I.PLUCK_SYNTH: (55, 67, 79),
    I.UPRIGHT_BASS: (28, 36, 45),
    I.ELECTRIC_BASS: (28, 36, 45),
    I.SYNTH_BASS: (28, 36, 43),
    I.SUB_BASS: (28, 33, 40),
    I.TIMPANI: (41, 45, 52),
    I.DRONE: (31, 38, 48),
    I.RISER: (54, 60, 66),
    I.IMPACT: (55, 60, 65),
    I.SWELL: (54, 60, 66),
    I.REVERSE: (54, 60, 66),
    I.AIR: (60, 67, 76),
    I.VINYL: (60, 60, 60),
    I.DRUM_KIT: (36, 38, 42),
    I.BRUSH_KIT: (36, 38, 42),
    I.MACHINE_KIT: (36, 38, 42),
    I.PERCUSSION: (60, 64, 70),
    I.TAIKO: (36, 41, 45),
}
UNTUNED = KITS | {I.RISER, I.IMPACT, I.SWELL, I.REVERSE, I.AIR, I.VINYL}
SLOW = {I.WARM_PAD: 4.0, I.DRONE: 5.0, I.AIR: 4.0, I.VINYL: 4.0, I.GLASS_PAD: 3.0, I.STRINGS: 2.0, I.CHOIR: 2.0}
GENERAL_MIDI_DRUMS = [*range(35, 60), 60, 61, 62, 63, 64, 67, 68, 69, 70, 75, 76, 77, 80, 81]


def _note(alone: Alone, instrument: Instrument, pitch: int, velocity: float) -> Audio:
    held = SLOW.get(instrument, 1.0)
    return alone(instrument, [Note(0, 0.1, held, pitch, velocity)], held + 1.0)


def _weighted(audio: Audio) -> NDArray[np.float64]:
    """Power over 400 ms at each moment after the loudness filters of BS.1770."""
    result = audio.astype(np.float64)
    for stage in pyloudnorm.Meter(RATE)._filters.values():
        result = lfilter(stage.b, stage.a, result)
    total = np.concatenate(([0.0], np.cumsum(np.sum(result**2, axis=0))))
    window = round(0.4 * RATE)
    return np.asarray((total[window:] - total[:-window]) / window)


def _momentary(audio: Audio) -> float:
    return float(-0.691 + 10 * np.log10(_weighted(audio)[::480].max() + 1e-12))


def _centroid(audio: Audio) -> float:
    power = np.abs(np.fft.rfft(audio.sum(axis=0) * np.hanning(audio.shape[1]))) ** 1.5
    return float(np.sum(np.fft.rfftfreq(audio.shape[1], 1 / RATE) * power) / power.sum())


def _cents_off(audio: Audio, pitch: int) -> float:
    """Where the first harmonics, together, lie highest about the pitch."""
    start, held = round(0.2 * RATE), audio.shape[1] - round(1.0 * RATE)
    piece = audio.sum(axis=0)[start:held].astype(np.float64)
    piece *= np.hanning(len(piece))
    power = np.abs(np.fft.rfft(piece, 1 << 20)) ** 2
    cents = np.arange(-60, 60.5, 0.5)
    root = 440 * 2 ** ((pitch - 69 + cents / 100) / 12)
    score = np.zeros(len(cents))
    for harmonic in (1, 2, 3):
        near = power[np.round(root * harmonic * (1 << 20) / RATE).astype(int)]
        score += near * harmonic
    sharp = score**2
    return float(np.sum(cents * sharp) / sharp.sum())


@pytest.mark.parametrize("instrument", list(Instrument), ids=lambda instrument: instrument.value)
def test_every_instrument_is_clean_and_answers_to_velocity(instrument: Instrument, alone: Alone) -> None:
    brighter = 0
    for pitch in CORE[instrument]:
        sounds = [_note(alone, instrument, pitch, velocity) for velocity in (0.3, 0.6, 1.0)]
        for sound in sounds:
            assert np.isfinite(sound).all()
            assert 1e-4 < np.abs(sound).max() <= 1.0
            assert np.abs(sound.mean(axis=1)).max() < 2e-3 * np.abs(sound).max()
        soft, middle, loud = (_momentary(sound) for sound in sounds)
        assert soft + 3 < middle < loud - 2
        brighter += _centroid(sounds[2]) > 1.02 * _centroid(sounds[0])
    assert brighter >= (0 if instrument in {I.FLUTE, I.SYNTH_BASS} else 2)


@pytest.mark.parametrize(
    "instrument", [name for name in Instrument if name not in UNTUNED], ids=lambda name: name.value
)
def test_every_tuned_instrument_is_in_tune(instrument: Instrument, alone: Alone) -> None:
    for pitch in CORE[instrument]:
        sound = alone(instrument, [Note(0, 0.05, 3.0, pitch, 0.7)], 4.05)
        assert abs(_cents_off(sound, pitch)) < 5


@pytest.mark.parametrize("instrument", [name for name in CORE if name not in UNTUNED], ids=lambda name: name.value)
def test_instruments_are_equally_loud_but_for_their_own_place_in_the_mix(instrument: Instrument, alone: Alone) -> None:
    power = [10 ** (_momentary(_note(alone, instrument, pitch, 0.7)) / 10) for pitch in CORE[instrument]]
    assert 10 * np.log10(np.mean(power)) == pytest.approx(REFERENCE_LUFS - 2.5 + OWN_DB.get(instrument, 0.0), abs=2)


@pytest.mark.parametrize("kit", sorted(KITS), ids=lambda kit: kit.value)
def test_every_drum_number_has_a_sound(kit: Instrument, alone: Alone) -> None:
    for number in (0, *GENERAL_MIDI_DRUMS, 127):
        sound = alone(kit, [Note(0, 0.05, 0.1, number, 0.7)], 0.6)
        assert np.isfinite(sound).all()
        assert np.abs(sound).max() > 1e-3


def test_a_kick_is_low_and_a_hat_is_high(alone: Alone) -> None:
    for kit in (I.DRUM_KIT, I.BRUSH_KIT, I.MACHINE_KIT):
        kick, snare, hat = (_centroid(alone(kit, [Note(0, 0.05, 0.1, pitch, 0.7)], 0.8)) for pitch in (36, 38, 42))
        assert kick < 2000 < snare + 1000
        assert hat > 7000
        assert kick < snare < hat


def test_variants_of_a_sound_differ_but_not_in_loudness(alone: Alone) -> None:
    for instrument, pitch in ((I.FELT_PIANO, 60), (I.DRUM_KIT, 38), (I.PIZZICATO, 60), (I.BRASS, 58)):
        first, second = (alone(instrument, [Note(0, 0.05, 0.5, pitch, 0.7, variant)], 1.2) for variant in (0, 1))
        assert np.abs(first - second).max() > 0.02 * np.abs(first).max()
        assert _momentary(first) == pytest.approx(_momentary(second), abs=2.5)


@pytest.mark.parametrize("instrument", [I.FELT_PIANO, I.ELECTRIC_PIANO, I.LEAD_SYNTH, I.STRINGS, I.FLUTE, I.BRASS])
def test_a_released_note_falls_silent(instrument: Instrument, alone: Alone) -> None:
    sound = alone(instrument, [Note(0, 0.1, 0.5, 64, 0.8)], 2.5)
    assert np.abs(sound[:, round(1.6 * RATE) :]).max() < 1e-3 * np.abs(sound).max()


def test_mallets_and_harp_ring_on(alone: Alone) -> None:
    for instrument in (I.HARP, I.CELESTA, I.BELLS):
        sound = alone(instrument, [Note(0, 0.1, 0.1, 72, 0.8)], 1.5)
        assert np.abs(sound[:, round(0.7 * RATE) :]).max() > 0.01 * np.abs(sound).max()


@pytest.mark.parametrize("instrument", [I.RISER, I.SWELL, I.REVERSE], ids=lambda instrument: instrument.value)
@pytest.mark.parametrize("duration", [1.0, 2.317])
def test_what_leads_up_peaks_at_its_end(instrument: Instrument, duration: float, alone: Alone) -> None:
    sound = alone(instrument, [Note(0, 0.25, duration, 60, 0.8)], duration + 2)
    power = np.convolve(np.sum(np.square(sound), axis=0), np.hanning(480), "same")
    assert np.argmax(power) / RATE == pytest.approx(0.25 + duration, abs=0.010 if instrument is not I.SWELL else 0.04)


def test_an_endless_rise_begins_in_silence_and_still_peaks_on_time(alone: Alone) -> None:
    sound = alone(I.REVERSE, [Note(0, 0.0, 63.0, 60, 0.8)], 64.0)
    assert not sound[:, : 2 * RATE].any()
    assert np.argmax(np.abs(sound[0])) / RATE == pytest.approx(63.0, abs=0.02)


def test_high_notes_do_not_fold_back(alone: Alone) -> None:
    for instrument in (I.LEAD_SYNTH, I.BRASS, I.SYNTH_BASS, I.FLUTE):
        sound = alone(instrument, [Note(0, 0.05, 0.24, 96, 1.0)], 0.4).sum(axis=0)[:9600]
        power = np.abs(np.fft.rfft(sound * np.blackman(len(sound)))) ** 2
        below = power[: round(1500 * len(sound) / RATE)]
        assert below.sum() < 1e-5 * power.sum() or instrument is I.FLUTE
        assert below.max() < 1e-3 * power.max()
