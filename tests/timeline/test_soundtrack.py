"""Loudness and speech of the production sound."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pyloudnorm
import pytest
from numpy.typing import NDArray
from scipy import signal
from sonique_daemon.domain.picture import Picture, SoundClip, Source
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.timeline.listening import listen_each
from sonique_daemon.timeline.soundtrack import SILENCE_LUFS, Soundtrack, hear, mixed

RATE = 48_000
Sound = NDArray[np.float32]
Film = Callable[..., Path]


def write(path: Path, sound: Sound, rate: int = RATE) -> Path:
    """``sound`` ``[channels, samples]`` as 16-bit WAV."""
    layout = "mono" if len(sound) == 1 else "stereo"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("pcm_s16le", rate=rate, layout=layout)
        pcm = (np.clip(sound, -1, 1) * 32767).astype(np.int16).T.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm), format="s16", layout=layout)
        frame.sample_rate = rate
        container.mux([*stream.encode(frame), *stream.encode()])
    return path


def talk(seconds: float, pitch: float = 120.0, seed: int = 0) -> Sound:
    """Babble: voiced syllables with gliding pitch and formants, hisses between them, a pause now and then."""
    chance = np.random.default_rng(seed)
    high = signal.butter(2, 3000, "high", fs=RATE, output="sos")
    vowels = [(730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410)]
    parts: list[NDArray[np.float64]] = []
    while sum(map(len, parts)) < seconds * RATE:
        if chance.random() < 0.12:
            parts.append(np.zeros(int(RATE * chance.uniform(0.2, 0.45))))
            continue
        hiss = int(RATE * chance.uniform(0.03, 0.09))
        parts.append(signal.sosfilt(high, chance.normal(0, 0.05, hiss)) * np.hanning(hiss))
        length = int(RATE * chance.uniform(0.09, 0.2))
        glide = pitch * 2 ** np.linspace(chance.uniform(-0.3, 0.3), chance.uniform(-0.3, 0.3), length)
        pulses = (np.diff(np.floor(np.cumsum(glide) / RATE), prepend=0) > 0).astype(float)
        voice = np.zeros(length)
        for formant, width, level in zip(vowels[chance.integers(5)], (80, 100, 150), (1, 0.6, 0.3), strict=True):
            decay = np.exp(-np.pi * width / RATE)
            turn = [1, -2 * decay * np.cos(2 * np.pi * formant / RATE), decay**2]
            voice += level * signal.lfilter([1 - decay], turn, pulses)
        parts.append(0.4 * voice / (np.abs(voice).max() + 1e-9) * np.hanning(length) ** 0.5)
    return np.concatenate(parts)[: int(seconds * RATE)].astype(np.float32)[None]


def chord(seconds: float) -> Sound:
    time = np.arange(int(seconds * RATE)) / RATE
    swell = 0.6 + 0.4 * np.sin(time * 0.7)
    tones = sum(np.sin(2 * np.pi * f * n * time) / n**1.5 for f in (220, 277, 330) for n in (1, 2, 3))
    return np.asarray(0.08 * swell * tones, np.float32)[None]


def noise(seconds: float) -> Sound:
    return np.random.default_rng(1).normal(0, 0.1, int(seconds * RATE)).astype(np.float32)[None]


def drums(seconds: float) -> Sound:
    chance = np.random.default_rng(2)
    beat = np.arange(int(0.2 * RATE)) / RATE
    sound = np.zeros(int(seconds * RATE))
    for number, start in enumerate(np.arange(0, seconds - 0.3, 0.125)):
        place = slice(int(start * RATE), int(start * RATE) + len(beat))
        sound[place] += 0.1 * chance.normal(0, 1, len(beat)) * np.exp(-80 * beat)
        if number % 4 == 0:
            sound[place] += 0.5 * np.sin(2 * np.pi * (50 * beat - 0.7 * np.exp(-30 * beat))) * np.exp(-15 * beat)
    return sound.astype(np.float32)[None]


def picture(duration: Fraction, *clips: SoundClip) -> Picture:
    return Picture(Fraction(24), Fraction(0), duration, (), sound=clips)


def clip(path: Path, start: Fraction, duration: Fraction, into: Fraction = Fraction(0), speed: int = 1) -> SoundClip:
    return SoundClip(TimeRange(start, duration), Source(str(path), into, Fraction(speed)))


def heard(path: Path, sound: Sound) -> Soundtrack:
    write(path, sound)
    length = Fraction(sound.shape[1], RATE)
    return hear(picture(length, clip(path, Fraction(0), length)))


@pytest.mark.parametrize("level", [0.02, 0.2, 0.9])
@pytest.mark.parametrize("channels", [1, 2])
def test_loudness_agrees_with_pyloudnorm(tmp_path: Path, level: float, channels: int) -> None:
    quiet_then_loud = np.concatenate([noise(4) * 0.02, talk(8) * level], axis=1)
    sound = np.repeat(quiet_then_loud, channels, axis=0)
    reference = pyloudnorm.Meter(RATE).integrated_loudness(sound.T.astype(np.float64))
    found = heard(tmp_path / "a.wav", sound).loudness_lufs
    assert found is not None
    assert abs(found - reference) < 0.15


def test_short_term_loudness_follows_the_sound(tmp_path: Path) -> None:
    sound = np.concatenate([noise(8) * 0.01, noise(8)], axis=1)
    track = heard(tmp_path / "a.wav", sound)
    assert track.loudness_at(12) - track.loudness_at(4) == pytest.approx(40, abs=1)


def test_no_sound_and_silence_have_no_loudness(tmp_path: Path) -> None:
    assert hear(picture(Fraction(5))).loudness_lufs is None
    silent = heard(tmp_path / "a.wav", np.zeros((1, 5 * RATE), np.float32))
    assert silent.loudness_lufs is None
    assert silent.loudness_at(2) == SILENCE_LUFS
    assert silent.speech == ()


@pytest.mark.parametrize("pitch", [105.0, 210.0])
def test_a_voice_is_found_where_it_speaks(tmp_path: Path, pitch: float) -> None:
    sound = np.concatenate([chord(5) * 0.3, talk(6, pitch), chord(5) * 0.3], axis=1)
    [span] = heard(tmp_path / "a.wav", sound).speech
    assert abs(span.start - 5) < 0.8
    assert abs(span.end - 11) < 0.8


@pytest.mark.parametrize("make", [chord, noise, drums])
def test_what_is_no_voice_is_no_speech(tmp_path: Path, make: Callable[[float], Sound]) -> None:
    assert heard(tmp_path / "a.wav", make(10)).speech == ()


def test_speech_and_loudness_stand_where_the_clip_stands(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.concatenate([chord(4) * 0.2, talk(5), chord(4) * 0.2], axis=1))
    track = hear(picture(Fraction(30), clip(path, Fraction(20), Fraction(6), Fraction(3))))
    [span] = track.speech
    assert abs(span.start - 21) < 0.8
    assert span.end <= 26
    assert track.energy[100] == 0
    assert track.energy[230] > 0


def test_a_clip_at_twice_the_speed_speaks_half_as_long(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.concatenate([talk(8), np.zeros((1, 4 * RATE), np.float32)], axis=1))
    [span] = hear(picture(Fraction(6), clip(path, Fraction(0), Fraction(6), speed=2))).speech
    assert abs(span.duration - 4) < 0.5


def test_sounds_at_the_same_time_add_up(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a.wav", noise(5)), write(tmp_path / "b.wav", noise(5)[:, ::-1])
    both = hear(picture(Fraction(5), *(clip(path, Fraction(0), Fraction(5)) for path in (first, second))))
    one = hear(picture(Fraction(5), clip(first, Fraction(0), Fraction(5))))
    assert one.loudness_lufs is not None
    assert both.loudness_lufs == pytest.approx(one.loudness_lufs + 3.01, abs=0.1)


def test_sound_keeps_its_place_against_the_picture_of_its_file(film: Film, scene: Any) -> None:
    sound = np.concatenate([np.zeros((1, 2 * RATE), np.float32), noise(2)], axis=1)
    path = film("a.mp4", [scene(1)] * 100, Fraction(25), sound=sound[0])
    track = hear(picture(Fraction(4), clip(path, Fraction(0), Fraction(4))))
    assert max(track.energy[:19]) < 1e-6
    assert min(track.energy[21:38]) > 1e-4


def test_sound_that_cannot_be_read_is_told_and_left_out(tmp_path: Path) -> None:
    broken = tmp_path / "broken.wav"
    broken.write_text("no sound at all")
    told: list[str] = []
    track = hear(picture(Fraction(2), clip(broken, Fraction(0), Fraction(2))), told.append)
    assert track.loudness_lufs is None
    assert "broken.wav" in told[0]


def test_what_was_heard_of_a_clip_holds_wherever_it_stands(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.concatenate([noise(2) * 0.1, talk(4), noise(2)], axis=1))
    here = clip(path, Fraction(0), Fraction(5), Fraction(1))
    there = clip(path, Fraction(31, 7), Fraction(5), Fraction(1))
    other = clip(path, Fraction(2), Fraction(3), Fraction(5))
    hearings = [hearing for _, hearing in listen_each(enumerate((here, other))) if hearing is not None]
    whole = picture(Fraction(10), there, other)
    assert mixed(whole.duration, list(zip((there, other), hearings, strict=True))) == hear(whole)


def as_numbers(path: Path, sound: Sound) -> Path:
    """``sound`` of one channel as WAV of floating-point numbers."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("pcm_f32le", rate=RATE, layout="mono")
        frame = av.AudioFrame.from_ndarray(sound, format="flt", layout="mono")
        frame.sample_rate = RATE
        container.mux([*stream.encode(frame), *stream.encode()])
    return path


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_a_sample_that_is_no_number_silences_nothing_else(tmp_path: Path, odd: float) -> None:
    voice, length = talk(8), Fraction(8)
    tracks = []
    for name, first in (("whole", 0.0), ("odd", odd)):
        voice[0, 1000] = first
        path = as_numbers(tmp_path / f"{name}.wav", voice)
        tracks.append(hear(picture(length, clip(path, Fraction(0), length))))
    whole, marred = tracks
    assert marred.loudness_lufs == pytest.approx(whole.loudness_lufs, abs=0.1)
    assert len(marred.speech) == len(whole.speech) > 0
