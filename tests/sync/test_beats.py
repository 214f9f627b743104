"""The tracker finds the beats of clicks, drums and soft music whose tempo bends."""

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray
from sonique_daemon.sync.beats import track_beats

Floats = NDArray[np.float64]
RATE = 48_000


def bent_beats(bpm: float, seconds: float, bend: float, seed: int) -> Floats:
    random = np.random.Generator(np.random.PCG64(seed))
    bends = np.repeat(random.uniform(-bend, bend, 60), 9)
    beats = random.uniform(0.05, 0.4) + np.concatenate([[0.0], np.cumsum(60 / bpm * np.exp(bends))])
    return beats[beats < seconds]


def put(audio: Floats, sound: Floats, time: float) -> None:
    start = round(time * RATE)
    stop = min(audio.size, start + sound.size)
    audio[start:stop] += sound[: max(0, stop - start)]


def noise(seconds: float, decay: float, seed: int) -> Floats:
    time = np.arange(int(seconds * RATE)) / RATE
    return np.random.Generator(np.random.PCG64(seed)).normal(size=time.size) * np.exp(-time * decay)


def clicks(beats: Floats, seconds: float) -> NDArray[np.float32]:
    audio = np.zeros(int(seconds * RATE))
    for beat in beats:
        put(audio, noise(0.03, 200, 1), beat)
    return (0.3 * audio).astype(np.float32)


def drums(beats: Floats, seconds: float) -> NDArray[np.float32]:
    """Kick and snare in turn, hats on eighths, each a little off its place."""
    random = np.random.Generator(np.random.PCG64(9))
    time = np.arange(RATE // 4) / RATE
    kick = np.sin(2 * np.pi * (50 * time + 8 * (1 - np.exp(-40 * time)))) * np.exp(-14 * time)
    sounds = (kick, 0.5 * noise(0.2, 22, 2))
    audio = np.zeros(int(seconds * RATE))
    for index, (beat, after) in enumerate(itertools.pairwise(beats)):
        put(audio, sounds[index % 2], beat + random.normal(0, 0.004))
        put(audio, 0.2 * noise(0.05, 80, index), beat)
        put(audio, 0.2 * noise(0.05, 80, index), (beat + after) / 2)
    return (0.3 * audio).astype(np.float32)


def piano(beats: Floats, seconds: float) -> NDArray[np.float32]:
    """Decaying tones on beats, softer ones on most eighths."""
    random = np.random.Generator(np.random.PCG64(3))
    time = np.arange(RATE) / RATE
    shape = np.exp(-3 * time) * (1 - np.exp(-200 * time))
    audio = np.zeros(int(seconds * RATE))
    for beat, after in itertools.pairwise(beats):
        for place, level in ((beat, 1.0), ((beat + after) / 2, 0.5 * (random.random() < 0.7))):
            pitch = 220 * 2 ** (random.integers(12) / 12)
            put(audio, level * shape * sum(np.sin(2 * np.pi * pitch * k * time) / k for k in range(1, 6)), place)
    return (0.1 * audio).astype(np.float32)


def mean_error(found: tuple[float, ...], beats: Floats, seconds: float) -> float:
    heard = beats[beats < seconds - 1]
    return float(np.abs(np.array(found)[:, None] - heard[None, :]).min(axis=0).mean())


@pytest.mark.parametrize("sound", [clicks, drums, piano])
@pytest.mark.parametrize(("bpm", "bend"), [(72, 0.0), (100, 0.03), (125, 0.06)])
def test_beats_that_bend_are_followed(sound: object, bpm: float, bend: float) -> None:
    assert callable(sound)
    beats = bent_beats(bpm, 20, bend, seed=int(bpm))
    found = track_beats(sound(beats, 20), bpm)
    assert mean_error(found, beats, 20) <= 0.012
    assert abs(len(found) - beats.size) <= 2


def test_a_wrong_tempo_does_not_find_the_beats() -> None:
    beats = bent_beats(100, 20, 0.0, seed=1)
    found = track_beats(clicks(beats, 20), 137)
    assert abs(len(found) - beats.size) > 5


def test_channels_and_other_rates_change_little() -> None:
    beats = bent_beats(100, 10, 0.03, seed=2)
    audio = drums(beats, 10)
    stereo = track_beats(np.stack([audio, 0.5 * audio]), 100)
    halved = track_beats(audio[::2].copy(), 100, RATE // 2)
    assert mean_error(stereo, beats, 10) <= 0.012
    assert mean_error(halved, beats, 10) <= 0.015


def test_loudness_does_not_matter() -> None:
    beats = bent_beats(90, 10, 0.02, seed=4)
    audio = drums(beats, 10)
    assert track_beats(audio, 90) == pytest.approx(track_beats(0.01 * audio, 90), abs=1e-3)


def test_silence_has_a_steady_pulse_and_nothing_has_none() -> None:
    pulse = track_beats(np.zeros(4 * RATE, np.float32), 120)
    assert np.diff(pulse) == pytest.approx(0.5, abs=0.006)
    assert track_beats(np.zeros(0, np.float32), 120) == ()


def test_an_impossible_tempo_is_refused() -> None:
    with pytest.raises(ValueError, match="no tempo"):
        track_beats(np.zeros(RATE, np.float32), 0)
