"""Music is shifted by half a beat and stretched by 3 % at the most, and meets the cuts then."""

import numpy as np
import pytest
from sonique_daemon.domain.alignment import LARGEST_STRETCH
from sonique_daemon.errors import Cancelled
from sonique_daemon.sync.stretch import warped
from sonique_daemon.sync.warp import Warp, found_warp

RATE = 48_000


def test_a_wrong_tempo_and_phase_are_put_right() -> None:
    beats = tuple(np.arange(0.2, 40.0, 0.5 * 1.02))
    hits = [(time, 1.0) for time in (3.0, 9.5, 14.0, 22.5, 31.0)]
    warp = found_warp(beats, hits, [8.0, 16.0, 24.0, 32.0], 40.0)
    moved = np.array(warp.moved(beats))
    assert max(np.abs(moved - time).min() for time, _ in hits) <= 0.02


@pytest.mark.parametrize("seed", range(8))
def test_stretch_stays_within_3_per_cent_and_shift_within_half_a_beat(
    seed: int,
) -> None:
    random = np.random.Generator(np.random.PCG64(seed))
    beats = tuple(np.arange(random.uniform(0, 0.5), 60.0, random.uniform(0.4, 0.8)))
    hits = [(float(time), 1.0) for time in random.uniform(0, 60, 25)]
    warp = found_warp(beats, hits, sorted(random.uniform(0, 60, 12)), 60.0)
    assert abs(warp.stretch) <= LARGEST_STRETCH + 1e-6
    assert abs(warp.shift) <= 0.5 * (beats[1] - beats[0]) + 1e-6


def test_without_hits_nothing_is_moved() -> None:
    warp = found_warp(tuple(np.arange(0.2, 20.0, 0.5)), [], [10.0], 20.0)
    assert (warp.shift, warp.stretch) == (0.0, 0.0)


def test_the_sound_follows_the_warp_within_ten_milliseconds() -> None:
    clicks = [float(time) for time in np.arange(0.5, 29.0, 0.5)]
    audio = np.zeros((2, 30 * RATE), np.float32)
    for time in clicks:
        audio[:, round(time * RATE) : round(time * RATE) + 400] = 0.5
    warp = Warp((0.0, 8.0, 20.0, 30.0), (0.1, 8.34, 20.1, 30.2))
    result = np.abs(warped(audio, warp, 30 * RATE)).max(axis=0)
    loud = np.flatnonzero(result > 0.2)
    starts = loud[np.concatenate([[True], np.diff(loud) > RATE // 5])] / RATE
    wanted = np.array(warp.moved(clicks))
    assert len(starts) == len([time for time in wanted if time < 30.0])
    assert np.abs(starts - wanted[: starts.size]).max() <= 0.010


def test_there_is_no_click_where_the_speed_changes_and_the_pitch_stays() -> None:
    time = np.arange(30 * RATE) / RATE
    tone = np.stack([0.3 * np.sin(2 * np.pi * 220 * time)] * 2).astype(np.float32)
    warp = Warp((0.0, 8.0, 20.0, 30.0), (0.0, 8.24, 19.88, 30.1))
    result = warped(tone, warp, 30 * RATE)[0, RATE : 29 * RATE]
    steepest = 0.3 * 2 * np.pi * 220 / RATE
    assert np.abs(np.diff(result)).max() < 1.25 * steepest
    spectrum = np.abs(np.fft.rfft(result * np.hanning(result.size)))
    assert np.fft.rfftfreq(result.size, 1 / RATE)[int(spectrum.argmax())] == pytest.approx(220.0, abs=0.3)


def test_what_is_shifted_alone_is_not_touched() -> None:
    audio = np.random.Generator(np.random.PCG64(1)).normal(size=(2, 2 * RATE)).astype(np.float32)
    later = warped(audio, Warp((0.0, 2.0), (0.25, 2.25)), 2 * RATE)
    assert np.array_equal(later[:, RATE:], audio[:, RATE - RATE // 4 : 2 * RATE - RATE // 4])
    assert not later[:, : RATE // 4].any()


def test_the_search_looks_up_at_every_span_and_can_be_stopped() -> None:
    looks: list[None] = []
    beats, hits = tuple(np.arange(0.2, 60.0, 0.5)), [(float(time), 1.0) for time in range(3, 60, 7)]
    found_warp(beats, hits, [10.0, 20.0, 30.0, 40.0], 60.0, lambda: looks.append(None))
    assert len(looks) == 5

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        found_warp(beats, hits, [10.0], 60.0, stop)
