"""A frame: one picture of a source, and the painter that makes it small, upright and in true proportion."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from sonique_daemon.timeline.media import upright

Image = NDArray[np.uint8]
"""A picture as RGB ``[height, width, 3]``, 0..255."""

_UNSPECIFIED = 2
"""FFmpeg's AVCOL_SPC_UNSPECIFIED."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture.

    Attributes:
        time: seconds after the file's first frame at which it begins to show.
        image: RGB ``[height, width, 3]``.
    """

    time: Fraction
    image: Image


class Painter:
    """Turns decoded frames into small upright RGB images."""

    def __init__(self, width: int, aspect: Fraction | None) -> None:
        self._width, self._aspect = width, aspect
        self._reformatter = VideoReformatter()

    def paint(self, frame: VideoFrame) -> Image:
        """``frame`` as RGB, at most ``width`` wide, turned and stretched as it is shown."""
        turns = round(frame.rotation / 90) % 4
        width, height = upright(frame.width, frame.height, 90 * turns, self._aspect)
        scale = min(Fraction(1), Fraction(self._width, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        stored = size[::-1] if turns % 2 else size
        small = self._reformatter.reformat(
            frame,
            width=stored[0],
            height=stored[1],
            format="rgb24",
            src_colorspace=_colorspace(frame),
            dst_color_range=ColorRange.JPEG,
            interpolation=Interpolation.AREA,
            threads=1,
        )
        return np.ascontiguousarray(np.rot90(small.to_ndarray(), turns))


def _colorspace(frame: VideoFrame) -> Colorspace | None:
    # Files that do not say mean BT.709 where the picture is HD; FFmpeg would take BT.601.
    unsaid = frame.colorspace == _UNSPECIFIED
    return Colorspace.ITU709 if unsaid and frame.height >= 720 else None
