"""Recordings: the sound of one file that a user names as the melody to start from, decoded under the rules about media.

It is read through the one door through which media is opened (``timeline/media.py``), from its beginning, and no
further than is wanted.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.container import InputContainer
from numpy.typing import NDArray

from sonique_daemon.domain.audio import RawAudio, RawAudioWriter
from sonique_daemon.domain.options import Melody
from sonique_daemon.domain.time import SAMPLE_RATE
from sonique_daemon.domain.upload import upload_path
from sonique_daemon.errors import MediaNotFound, MediaUnreadable
from sonique_daemon.timeline.locator import MediaLocator
from sonique_daemon.timeline.media import READ_ERRORS, no_check, open_media, sound_stream
from sonique_daemon.timeline.roots import Roots

_PIECE = 2**20
_SHORTEST = SAMPLE_RATE // 10
_BROKEN_PACKETS = 200
"""So many packets in a row that cannot be decoded end the reading."""


@dataclass(frozen=True, slots=True)
class RecordingReader:
    """Reads recordings.

    Attributes:
        uploads: folder that holds uploaded media, each file named by its SHA-256.
        media_roots: folders under which media may be opened besides the defaults.
    """

    uploads: Path
    media_roots: tuple[Path, ...]

    def read(
        self, melody: Melody, samples: int, target: Path, check: Callable[[], None] = no_check
    ) -> tuple[RawAudio, str]:
        """The first ``samples`` of the recording, stereo at 48 kHz, and the SHA-256 of its file.

        Args:
            melody: names the file.
            samples: the most that is wanted; a shorter recording is not filled up.
            target: where the audio goes; nothing stands there.
            check: called often; what it raises ends the reading.

        Raises:
            MediaNotFound: the file is not there, or is another one than ``melody.sha256`` says.
            MediaUnreadable: it holds no sound that can be decoded, or less than a tenth of a second of it.
            PathRefused: it may not be opened.
        """
        path = self._located(melody.path)
        digest = _digest(path, check)
        if melody.sha256 not in {"", digest}:
            raise MediaNotFound(
                f"The melody “{path.name}” has changed since the take was made; put the old file back, "
                "or score again with the new one."
            )
        with _opened(path) as container, RawAudioWriter(target, 2) as writer:
            for block in _sound(container, samples):
                check()
                writer.write(block)
        if writer.result.samples < _SHORTEST:
            raise _soundless(path)
        return writer.result, digest

    def _located(self, named: str) -> Path:
        roots = Roots.default().including((*self.media_roots, self.uploads))
        return MediaLocator(roots).locate(upload_path(named, self.uploads))


def _digest(path: Path, check: Callable[[], None]) -> str:
    whole = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                check()
                whole.update(piece)
    except OSError as error:
        raise MediaUnreadable(f"The melody “{path.name}” cannot be read: {error.strerror}.") from error
    return whole.hexdigest()


def _opened(path: Path) -> InputContainer:
    try:
        return open_media(path)
    except MediaUnreadable:
        raise _soundless(path) from None


def open_recording(path: Path) -> InputContainer:
    """Opens a sound file; raises ``MediaUnreadable`` where it is none."""
    try:
        return open_media(path)
    except MediaUnreadable:
        raise MediaUnreadable(f"“{path.name}” holds no sound that can be read; name a sound or film file.") from None


def _soundless(path: Path) -> MediaUnreadable:
    return MediaUnreadable(f"The melody “{path.name}” holds no sound that can be read; name a sound or film file.")


def _sound(container: InputContainer, samples: int) -> Iterator[NDArray[np.float32]]:
    """Blocks ``[2, n]`` of the main sound stream, at 48 kHz, ``samples`` in all at most, odd numbers as silence."""
    resampler = av.AudioResampler("fltp", "stereo", SAMPLE_RATE)
    left = samples
    for frame in _frames(container):
        for part in resampler.resample(frame):
            block = np.nan_to_num(np.asarray(part.to_ndarray(), np.float32)[:, :left], posinf=0.0, neginf=0.0)
            left -= block.shape[1]
            yield block
        if left <= 0:
            return


def _frames(container: InputContainer) -> Iterator[AudioFrame | None]:
    """Frames of sound, then None for the end."""
    stream = sound_stream(container)
    if stream is None:
        return
    packets, broken = container.demux(stream), 0
    while broken < _BROKEN_PACKETS:
        try:
            packet = next(packets, None)
            frames = packet.decode() if packet is not None else []
        except READ_ERRORS:
            broken += 1
            continue
        if packet is None:
            break
        broken = 0
        yield from (frame for frame in frames if isinstance(frame, AudioFrame))
    yield None
