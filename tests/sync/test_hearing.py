"""A take is measured from its audio alone, and the measure means what it says."""

import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from sonique_daemon.domain.description import Curve, CurveKind, Description, Look, ShotDescription
from sonique_daemon.domain.measures import EndingKind, Hearing
from sonique_daemon.domain.tempo import Hit, HitKind, Section, TempoMap
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.errors import MediaUnreadable
from sonique_daemon.sync.hearing import Against, hear

from tests.sync.conftest import RATE, Floats, WriteWav, burst, drums, kick, struck

SECONDS = 60.0
CLICK = 0.4 * burst(0.03, 200)


def never() -> None:
    return None


def hits_at(times: Floats | list[float]) -> tuple[Hit, ...]:
    return tuple(Hit(Fraction(round(float(time) * 24), 24), HitKind.PHRASE, 0.5) for time in times)


def random_cuts(count: int, seed: int = 3) -> tuple[Hit, ...]:
    times = np.sort(np.random.Generator(np.random.PCG64(seed)).uniform(1.0, SECONDS - 1.0, count))
    return hits_at(times)


def times_of(hits: tuple[Hit, ...]) -> Floats:
    return np.array([float(hit.time) for hit in hits])


def excess(heard: Hearing) -> float:
    window = heard.window("40 ms")
    assert window is not None
    return window.excess


def grid_of(bpm: float, seconds: float) -> TempoMap:
    beats = tuple(float(time) for time in np.arange(0.0, seconds + 60 / bpm, 60 / bpm))
    return TempoMap(Fraction(seconds), beats, tuple(range(0, len(beats), 4)), bpm, (Section(0, len(beats) // 4, 0.5),))


@pytest.mark.parametrize("count", [8, 20, 40])
def test_a_click_on_every_cut_scores_over_80_points_above_chance(wav: WriteWav, count: int) -> None:
    cuts = random_cuts(count)
    heard = hear(wav(struck(times_of(cuts), CLICK, SECONDS)), Against(cuts), never)
    assert excess(heard) > 0.8


def test_random_clicks_score_near_chance(wav: WriteWav) -> None:
    found = []
    for seed in range(6):
        clicks = times_of(random_cuts(60, seed=seed + 20))
        found.append(excess(hear(wav(struck(clicks, CLICK, SECONDS)), Against(random_cuts(40, seed)), never)))
    assert abs(float(np.mean(found))) < 0.05


def test_drums_on_the_cuts_score_high_and_half_a_beat_off_below_chance(wav: WriteWav) -> None:
    beats = np.arange(0.25, SECONDS - 0.5, 0.5)
    on, off = hits_at(beats[2::5]), hits_at(beats[2::5] + 0.25)
    path = wav(drums(beats, SECONDS))
    assert excess(hear(path, Against(on), never)) > 0.6
    assert excess(hear(path, Against(off), never)) < 0


def test_the_tempo_is_found_without_a_hint_to_half_a_per_cent(wav: WriteWav) -> None:
    for bpm in (66.0, 84.0, 100.0, 123.0, 140.0):
        path = wav(drums(np.arange(0.1, 30.0, 60 / bpm), 30.0))
        tempo = hear(path, Against(tempo_map=grid_of(bpm, 30.0)), never).tempo
        assert tempo is not None
        assert (bpm, tempo.share < 0.005, tempo.octave) == (bpm, True, 1.0)


def test_bars_begin_where_the_bass_and_the_harmony_say(wav: WriteWav) -> None:
    beats = np.arange(0.0, 32.0, 0.5)
    audio = 0.25 * struck(beats, burst(0.05, 90, 2), 32.0) + 0.5 * struck(beats[1::4], kick(), 32.0)
    for bar, start in enumerate(beats[1::4]):
        time = np.arange(2 * RATE) / RATE
        chord = sum(np.sin(2 * np.pi * 220 * 2 ** ((step + (0, 5, 7, 9)[bar % 4]) / 12) * time) for step in (0, 4, 7))
        audio += 0.08 * struck([start], np.asarray(chord), 32.0)
    rhythm = hear(wav(audio), Against(), never).rhythm
    firsts = np.array([rhythm.beats[index] for index in rhythm.downbeats])
    assert np.abs(firsts[:, None] - beats[1::4]).min(axis=1) == pytest.approx(0.0, abs=0.03)


def test_without_cuts_there_is_no_share_to_tell(wav: WriteWav) -> None:
    heard = hear(wav(struck([1.0, 2.0], CLICK, 10.0)), Against(), never)
    assert heard.windows == ()
    assert heard.hits == ()


def test_one_cut_is_met_or_missed(wav: WriteWav) -> None:
    path = wav(struck([3.0], CLICK, 10.0))
    assert excess(hear(path, Against(hits_at([3.0])), never)) > 0.9
    assert excess(hear(path, Against(hits_at([7.0])), never)) <= 0.0


def test_five_hundred_cuts_in_a_minute_leave_nothing_above_chance(wav: WriteWav) -> None:
    heard = hear(wav(drums(np.arange(0.0, SECONDS, 0.5), SECONDS)), Against(random_cuts(500)), never)
    assert abs(excess(heard)) < 0.1


def test_many_cuts_at_one_place_weigh_as_one(wav: WriteWav) -> None:
    path = wav(struck([3.0, 6.0], CLICK, 10.0))
    assert excess(hear(path, Against(hits_at([3.0] * 50)), never)) == pytest.approx(
        excess(hear(path, Against(hits_at([3.0])), never))
    )


def test_cuts_and_markers_outside_the_take_are_left_out(wav: WriteWav) -> None:
    path = wav(struck([3.0], CLICK, 10.0))
    outside = (*hits_at([3.0]), Hit(Fraction(-2), HitKind.HARD, 1.0), Hit(Fraction(700), HitKind.HARD, 1.0, "late"))
    heard = hear(path, Against(outside), never)
    assert len(heard.hits) == 1
    assert excess(heard) > 0.9


def test_each_hit_tells_how_late_the_music_is(wav: WriteWav) -> None:
    heard = hear(wav(struck([3.03, 6.0], CLICK, 10.0)), Against(hits_at([3.0, 6.0, 9.0])), never)
    errors = [hit.error for hit in heard.hits]
    assert errors[0] == pytest.approx(0.03, abs=0.008)
    assert errors[1] == pytest.approx(0.0, abs=0.008)
    assert errors[2] is None


def test_silence_has_no_pulse_no_onsets_and_is_told(wav: WriteWav) -> None:
    heard = hear(wav(np.zeros(10 * RATE)), Against(hits_at([2.0, 4.0])), never)
    assert (heard.rhythm.beats, heard.rhythm.onsets, heard.rhythm.bpm) == ((), (), 0.0)
    assert heard.silence_share == 1.0
    assert excess(heard) == 0.0


def test_a_take_shorter_than_a_bar_is_measured(wav: WriteWav) -> None:
    for seconds in (0.01, 0.3, 1.0):
        heard = hear(wav(0.1 * burst(seconds, 3)), Against(hits_at([0.0])), never)
        assert heard.rhythm.downbeats == ()


def test_a_file_without_sound_is_refused_in_a_sentence(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("no") / "no.wav"
    path.write_bytes(b"RIFF nothing")
    with pytest.raises(MediaUnreadable, match=r"no\.wav"):
        hear(path, Against(), never)


def test_energy_that_follows_the_picture_correlates(wav: WriteWav) -> None:
    curve = tuple(float(value) for value in 0.5 + 0.5 * np.sin(np.arange(120) / 19))
    picture = described(curve)
    level = np.interp(np.arange(60 * RATE) / RATE, np.arange(120) / 2, curve)
    noise = np.random.Generator(np.random.PCG64(1)).normal(size=60 * RATE)
    along, against = (
        hear(wav(0.1 * noise * gain), Against(description=picture), never).energy for gain in (level, 1.1 - level)
    )
    assert along is not None
    assert against is not None
    assert along.excess > 0.8
    assert against.excess < -0.8


def test_an_even_picture_has_no_energy_to_follow(wav: WriteWav) -> None:
    heard = hear(wav(0.1 * burst(20.0, 0)), Against(description=described((0.5,) * 120)), never)
    assert heard.energy is None


def described(curve: tuple[float, ...]) -> Description:
    shot = ShotDescription(TimeRange(Fraction(0), Fraction(60)), "A shot.", Look())
    return Description(Fraction(60), "One shot.", (shot,), (Curve(CurveKind.MOTION, Fraction(1, 2), curve),))


def test_the_noise_floor_is_found_under_music(wav: WriteWav) -> None:
    clean = drums(np.arange(0.1, 20.0, 0.5), 20.0)
    noise = np.random.Generator(np.random.PCG64(1)).normal(size=clean.size)
    heard = hear(wav(clean + 0.01 * noise), Against(), never)
    assert heard.noise_dbfs == pytest.approx(-46.0, abs=3.0)
    assert hear(wav(clean), Against(), never).noise_dbfs < -60.0


def test_endings_are_told_apart(wav: WriteWav) -> None:
    time = np.arange(16 * RATE) / RATE
    pad = 0.1 * np.sin(2 * np.pi * 220 * time)
    body = drums(np.arange(0.1, 16.0, 0.5), 16.0) + pad
    fading = body * 10 ** (np.interp(time, [10, 16], [0.0, -50.0]) / 20)
    stopped = np.where(time < 12.25, body, 0.0)
    ringing = np.where(time < 12, body, 0.5 * np.sin(2 * np.pi * 220 * time) * np.exp(-1.5 * (time - 12).clip(0)))
    kinds = [hear(wav(audio), Against(), never).ending.kind for audio in (body, stopped, fading, ringing)]
    assert kinds == [EndingKind.CUT, EndingKind.BUTTON, EndingKind.FADE, EndingKind.RING_OUT]


def test_a_copied_bar_is_found_bit_for_bit_and_a_played_one_is_not(wav: WriteWav) -> None:
    bar = drums(np.arange(0.0, 2.0, 0.5), 2.0) + 0.001 * burst(2.0, 0, 5)
    fresh = [bar + 0.001 * burst(2.0, 0, seed) for seed in range(10, 22)]
    copied = [*fresh[:4], *fresh[2:4], *fresh[4:8]]
    assert hear(wav(np.concatenate(fresh)), Against(), never).repetition.identical_seconds < 0.1
    found = hear(wav(np.concatenate(copied)), Against(), never).repetition
    assert found.identical_seconds == pytest.approx(4.0, abs=0.1)
    assert found.identical_bars == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize("samples", [1, 2])
def test_a_sound_of_less_than_one_sample_is_none(tmp_path: Path, samples: int) -> None:
    path = tmp_path / "click.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(bytes(2 * samples))
    with pytest.raises(MediaUnreadable, match="holds no sound"):
        hear(path, Against(), lambda: None)
