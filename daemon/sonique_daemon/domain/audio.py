"""Audio on its way: raw float32 in a file, read and written by blocks, so that length costs no memory.

The daemon itself handles these values and never their samples, so numpy is imported where samples are.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias

from sonique_daemon.domain.time import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Block: TypeAlias = "NDArray[np.float32]"
"""Audio as float32 ``[channels, samples]``, full scale ±1."""

BLOCK_SAMPLES = 10 * SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class RawAudio:
    """Float32 audio in a headerless file, frames interleaved, native byte order.

    Attributes:
        path: the file.
        channels: 1 or 2.
        samples: length in samples per channel.
        sample_rate: samples per second.
    """

    path: Path
    channels: int
    samples: int
    sample_rate: int = SAMPLE_RATE

    def blocks(self, size: int = BLOCK_SAMPLES) -> Iterator[Block]:
        """The audio in order as blocks ``[channels, up to size]``."""
        import numpy as np

        with self.path.open("rb") as file:
            for start in range(0, self.samples, size):
                count = min(size, self.samples - start) * self.channels
                frames = np.fromfile(file, dtype=np.float32, count=count)
                yield np.ascontiguousarray(frames.reshape(-1, self.channels).T)

    def whole(self) -> Block:
        """All of it at once; for short audio."""
        import numpy as np

        return next(self.blocks(max(self.samples, 1)), np.zeros((self.channels, 0), np.float32))


class RawAudioWriter:
    """Writes a ``RawAudio`` block by block; a context manager, ``result`` is there after it closes."""

    def __init__(self, path: Path, channels: int, sample_rate: int = SAMPLE_RATE) -> None:
        self._path, self._channels, self._rate = path, channels, sample_rate
        self._samples = 0
        self._file = path.open("xb")

    def write(self, block: Block) -> None:
        """Appends ``block`` ``[channels, samples]``."""
        import numpy as np

        self._file.write(np.ascontiguousarray(block.T, dtype=np.float32).data)  # tofile's errors carry no reason
        self._samples += block.shape[1]

    @property
    def result(self) -> RawAudio:
        """What was written so far."""
        return RawAudio(self._path, self._channels, self._samples, self._rate)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
