"""Checks what ``sonique demo`` left in a folder: a film with picture and sound, and music exactly as long."""

import sys
import wave
from pathlib import Path

import av


def main(folder: Path) -> None:
    """Fails with a sentence where something is not as it should be."""
    with wave.open(str(folder / "demo.wav")) as music:
        shape = (music.getframerate(), music.getnchannels(), music.getsampwidth())
        samples = music.getnframes()
    assert shape == (48_000, 2, 3), f"demo.wav is {shape}"
    with av.open(str(folder / "demo.mp4")) as film:
        assert film.streams.audio, "demo.mp4 has no sound"
        video = film.streams.video[0]
        assert video.duration is not None
        assert video.time_base is not None
        expected = round(video.duration * video.time_base * 48_000)
    assert samples == expected, f"demo.wav has {samples} samples, the film is {expected} long"
    print(f"demo: {samples / 48_000:.3f} s of music, exactly as long as the film")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
