"""Films and sounds that are made for tests, and what is measured of those that come of them."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pyloudnorm
from av.audio.stream import AudioStream
from numpy.typing import NDArray

Sound = NDArray[np.float32]
Film = Callable[..., Path]

RATE = 48_000
FRAMES = 24


def chance() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(11))


def clicks(seconds: float, times: tuple[float, ...], level: float = 0.5) -> Sound:
    """Short bursts in silence, ``[2, samples]``."""
    sound = np.zeros((2, int(seconds * RATE)), np.float32)
    burst = level * np.sin(2 * np.pi * 2000 * np.arange(240) / RATE)
    for time in times:
        sound[:, int(time * RATE) : int(time * RATE) + 240] = burst
    return sound


def noise(seconds: float, level: float) -> Sound:
    return (level * chance().standard_normal((2, int(seconds * RATE)))).astype(np.float32)


def chord(seconds: float, level: float) -> Sound:
    """A chord whose loudness an encoder leaves as it is."""
    time = np.arange(int(seconds * RATE)) / RATE
    wave = np.sum([np.sin(2 * np.pi * pitch * time + pitch) for pitch in (220, 277, 330, 880)], axis=0)
    return np.asarray(level * wave / np.std(wave) * np.ones((2, 1)), np.float32)


def write_sound(stream: AudioStream, sound: Sound, container: av.container.OutputContainer) -> None:
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(sound)]
    frame = av.AudioFrame.from_ndarray(sound, format="fltp", layout=layout)
    frame.sample_rate, frame.pts = RATE, 0
    container.mux([*stream.encode(frame), *stream.encode(None)])


def packets_of(path: Path) -> list[tuple[bytes, Fraction]]:
    """The picture's packets and when each is shown."""
    with av.open(path) as container:
        found = [
            (bytes(packet), (packet.pts or 0) * (packet.time_base or Fraction(1)))
            for packet in container.demux(container.streams.video[0])
            if packet.size
        ]
    first = min(time for _, time in found)
    return [(data, time - first) for data, time in found]


def sound_of(path: Path) -> Sound:
    """The sound track ``[channels, samples]``, from the moment at which the first frame shows."""
    with av.open(path) as container:
        shown = min(packet.pts * packet.time_base for packet in container.demux(video=0) if packet.pts is not None)
    with av.open(path) as container:
        frames: Iterator[av.AudioFrame] = container.decode(audio=0)
        first = next(frames)
        late = float((first.pts or 0) * (first.time_base or 1) - shown)
        sound = np.concatenate([first.to_ndarray(), *(frame.to_ndarray() for frame in frames)], axis=1)
        if not first.format.is_planar:
            sound = sound.reshape(-1, first.layout.nb_channels).T
        if sound.dtype in (np.int16, np.int32):
            sound = sound / -float(np.iinfo(sound.dtype).min)
    shift = round(late * RATE)
    return np.asarray(np.pad(sound, ((0, 0), (shift, 0))) if shift > 0 else sound[:, -shift:], np.float32)


def onsets_near(sound: Sound, expected: tuple[float, ...]) -> list[float]:
    """Where the bursts near ``expected`` begin, in seconds."""
    found = []
    for time in expected:
        begin = int((time - 0.1) * RATE)
        near = np.abs(sound[0, begin : begin + int(0.2 * RATE)])
        found.append((begin + int(np.flatnonzero(near > 0.4 * near.max())[0])) / RATE)
    return found


def loudness_of(sound: Sound) -> float:
    return float(pyloudnorm.Meter(RATE).integrated_loudness(sound.T.astype(np.float64)))
