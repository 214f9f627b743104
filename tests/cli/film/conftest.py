"""Writes cues, and films to put them under."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream
from av.video.stream import VideoStream

from tests.cli.film.footage import FRAMES, RATE, Film, Sound, chance, write_sound


@pytest.fixture
def music(tmp_path: Path) -> Callable[[Sound], Path]:
    """Writes a cue as a 24-bit WAV file."""

    def write(sound: Sound) -> Path:
        path = tmp_path / "cue.wav"
        with av.open(path, "w") as container:
            stream = container.add_stream("pcm_s24le", rate=RATE, layout="stereo")
            write_sound(stream, sound, container)
        return path

    return write


@pytest.fixture
def film(tmp_path: Path) -> Film:
    """Writes a film of moving noise with reordered frames, and with ``sound`` where that is given."""

    def write(
        name: str = "trip.mp4",
        seconds: float = 3,
        sound: Sound | None = None,
        codecs: tuple[str, str] = ("libx264", "aac"),
        prepare: Callable[[VideoStream], None] = lambda _stream: None,
    ) -> Path:
        path = tmp_path / name
        texture = chance().integers(0, 255, (90, 160, 3), np.uint8)
        with av.open(path, "w") as container:
            picture = container.add_stream(codecs[0], rate=FRAMES)
            assert isinstance(picture, VideoStream)
            picture.width, picture.height, picture.pix_fmt = 160, 90, "yuv420p"
            prepare(picture)
            if sound is not None:
                layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(sound)]
                track = container.add_stream(codecs[1], rate=RATE, layout=layout)
            for index in range(int(seconds * FRAMES)):
                frame = av.VideoFrame.from_ndarray(np.roll(texture, index * 3, 1), format="rgb24")
                frame.pts, frame.time_base = index, Fraction(1, FRAMES)
                container.mux(picture.encode(frame))
            container.mux(picture.encode(None))
            if sound is not None:
                assert isinstance(track, AudioStream)
                write_sound(track, sound, container)
        return path

    return write
