"""How well speech is heard: a synthetic voice in silence, noise and music, by the measures and by the network."""

import shutil
import subprocess
import wave
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.signal import resample_poly
from sonique_daemon.domain.tags import Key, Tags, Tempo
from sonique_daemon.engines.composer.engine import ComposerEngine
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.engine import GenerateRequest, RecordedReport
from sonique_daemon.sync.plan import plan
from sonique_daemon.timeline.speech import SPEECH_RATE, SpeechListener
from sonique_daemon.timeline.voice import Listener, VoiceListener, available

from bench.table import Row

Sound = NDArray[np.float32]
Truth = NDArray[np.bool_]

_SECONDS = 60
_FRAME = SPEECH_RATE // 50
_LEVEL = 0.05
_GRACE = 10
_LINES = (
    "We should have left an hour ago, and now the road is closed.",
    "I know.",
    "Tell me what happened at the station, slowly, from the beginning.",
    "She never came back for the letters.",
    "No, wait.",
    "There are three of them, and only one of us knows the way down to the harbour.",
)
_VOICES = ("en-us", "en-gb", "en-us+f3", "en-gb+f2", "de+m3")


def rows(folder: Path) -> Iterator[Row]:
    """A row for each bed and listener; espeak-ng speaks."""
    if shutil.which("espeak-ng") is None:
        raise SystemExit("espeak-ng speaks the lines; install it first.")
    talks = [_talk(folder, seed) for seed in range(4)]
    noise = _pink(np.random.default_rng(1))
    beds = [_music(style, folder) for style in list(styles())[:9]]
    listeners: dict[str, Callable[[], Listener]] = {"measures": SpeechListener}
    if available():
        listeners["network (extra “speech”)"] = VoiceListener
    for name, make in listeners.items():
        for bed, sounds in (("silence", [noise * 0]), ("pink noise", [noise]), ("music, nine styles", beds)):
            for ratio in (20, 10, 5, 0) if bed != "silence" else (0,):
                pairs = [(talks[i % 4], sounds[i % len(sounds)]) for i in range(max(4, len(sounds)))]
                yield _row(name, bed, ratio, make, pairs)


def _row(name: str, bed: str, ratio: int, make: Callable[[], Listener], pairs: list[tuple[Sound, Sound]]) -> Row:
    found = np.zeros(3)
    for talk, sound in pairs:
        found += _counted(make(), talk + sound * np.float32(_LEVEL * 10 ** (-ratio / 20)), _truth(talk))
    hit, false, missed = found
    precision, recall = hit / max(hit + false, 1), hit / max(hit + missed, 1)
    beside = "" if bed == "silence" else f", {ratio} dB below the voice"
    figure = f"precision {100 * precision:.1f} %, recall {100 * recall:.1f} %"
    return Row(f"speech by {name}, over {bed}{beside}", figure, "told", met=True)


def _counted(listener: Listener, sound: Sound, truth: Truth) -> NDArray[np.float64]:
    """Frames that are hit, falsely found (0.2 s of grace round speech) and missed."""
    listener.hear(sound)
    told = np.zeros(len(truth), bool)
    for start, end in listener.spans():
        told[int(start * 50) : int(end * 50)] = True
    near = ndimage.binary_dilation(truth, iterations=_GRACE)
    return np.array([(told & truth).sum(), (told & ~near).sum(), (~told & truth).sum()], np.float64)


def _talk(folder: Path, seed: int) -> Sound:
    chance = np.random.default_rng(seed)
    sound, at = np.zeros(_SECONDS * SPEECH_RATE, np.float32), 2.0
    while at < _SECONDS - 8:
        said = _said(folder / "said.wav", _LINES[chance.integers(len(_LINES))], _VOICES[chance.integers(len(_VOICES))])
        first = int(at * SPEECH_RATE)
        sound[first : first + len(said)] = said
        at += len(said) / SPEECH_RATE + chance.choice([0.3, 0.8, 2.0, 4.0])
    return sound


def _said(path: Path, words: str, voice: str) -> Sound:
    subprocess.run(["espeak-ng", "-v", voice, "-w", str(path), words], check=True)
    with wave.open(str(path), "rb") as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32)
        said = resample_poly(raw, SPEECH_RATE, file.getframerate())
    return np.asarray(said / np.sqrt(np.mean(said**2)) * _LEVEL, np.float32)


def _truth(talk: Sound) -> Truth:
    """Where the clean voice sounds, pauses under 0.3 s counted in."""
    power = np.square(talk[: len(talk) // _FRAME * _FRAME]).reshape(-1, _FRAME).mean(axis=1)
    return np.asarray(ndimage.binary_closing(np.pad(power > 1e-5, 20), np.ones(15))[20:-20], bool)


def _pink(chance: np.random.Generator) -> Sound:
    count = _SECONDS * SPEECH_RATE
    spectrum = np.fft.rfft(chance.standard_normal(count))
    sound = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 1)), count)
    return np.asarray(sound / np.sqrt(np.mean(sound**2)), np.float32)


def _music(style: str, folder: Path) -> Sound:
    tags = Tags(style, (), Tempo(90.0, 80.0, 110.0), Key(0, "aeolian"))
    workspace = folder / style
    workspace.mkdir()
    grid = plan(tags, Fraction(_SECONDS), None, 3)
    asked = GenerateRequest(tags, grid, _SECONDS * 48_000, 3, workspace)
    sound = resample_poly(ComposerEngine().run(asked, RecordedReport()).mix.whole().mean(axis=0), 1, 3)
    return np.asarray(sound / np.sqrt(np.mean(sound**2)), np.float32)
