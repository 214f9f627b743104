"""Image sequences: numbered files that show one after the other."""

import math
import re
from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

from av.video.frame import VideoFrame

from sonique_daemon.domain.picture import Source
from sonique_daemon.errors import MediaNotFound, MediaUnreadable
from sonique_daemon.timeline.frame import Frame, Painter
from sonique_daemon.timeline.media import first_frame, open_media, require_picture

_PLACE = re.compile(r"%%|%0?(\d*)d")


def sequence_file(pattern: str, number: int) -> Path:
    """The file of image ``number``; ``pattern`` is printf-style (``/p/shot.%04d.png``), ``%%`` a plain percent sign."""
    place = _place(pattern)
    if place is None:
        return Path(pattern)
    digits = "-" * (number < 0) + f"{abs(number):0{int(place[1] or 1)}d}"
    return Path(_plain(pattern[: place.start()]) + digits + _plain(pattern[place.end() :]))


def sequence_numbers(source: Source) -> tuple[int, ...]:
    """Numbers of the images that are there, ascending, from the source's first on."""
    first = source.first_frame or 0
    template = Path(source.path)
    place = _place(template.name)
    if place is None:
        return (first,) if template.is_file() else ()
    before, after = (_plain(part) for part in (template.name[: place.start()], template.name[place.end() :]))
    name = re.compile(re.escape(before) + r"(-?[0-9]{1,12})" + re.escape(after))
    folder = Path(_plain(str(template.parent)))
    if not folder.is_dir():
        return ()
    found = (name.fullmatch(file.name) for file in folder.iterdir())
    numbers = {int(match[1]) for match in found if match is not None}
    return tuple(sorted(number for number in numbers if number >= first))


def _place(pattern: str) -> "re.Match[str] | None":
    """Where the number stands: the last place of a number that is no doubled per cent sign."""
    return next((match for match in reversed(list(_PLACE.finditer(pattern))) if match[0] != "%%"), None)


def _plain(part: str) -> str:
    return part.replace("%%", "%")


def read_image(path: Path) -> tuple[VideoFrame, Fraction | None]:
    """The picture of one image file, and its pixel aspect where it says one.

    Raises:
        MediaNotFound, MediaUnreadable: it is not there, or no image.
    """
    with open_media(path) as container:
        stream = require_picture(path, container)
        frame = first_frame(container, stream)
        if frame is None:
            raise MediaUnreadable(f"“{path.name}” is not a picture that can be read; export it again.")
        return frame, stream.sample_aspect_ratio


class SequenceReel:
    """An image sequence, to look at its frames by time. See ``frames.Reel``.

    An image that is missing or broken shows the one before it, as an editor's player does.
    """

    def __init__(self, source: Source, width: int) -> None:
        self._source, self._width = source, width
        self._rate = source.rate or Fraction(24)
        self._numbers = sequence_numbers(source)
        self.broken = 0
        self.end: Fraction | None = self._time(self._numbers[-1]) if len(self._numbers) > 1 else None
        if not self._numbers:
            raise MediaNotFound(
                f"No image of “{source.path}” is there; relink the clip or give the folder that holds it."
            )

    @property
    def keyframes(self) -> Sequence[Fraction]:
        """Every image is as cheap as any other."""
        return tuple(self._time(number) for number in self._numbers)

    def at(self, time: Fraction) -> Frame | None:
        """See ``frames.Reel``."""
        wanted = (self._source.first_frame or 0) + math.floor(time * self._rate)
        place = max(bisect_right(self._numbers, wanted) - 1, 0)
        for number in reversed(self._numbers[max(0, place - 3) : place + 1]):
            try:
                frame, aspect = read_image(sequence_file(self._source.path, number))
            except (MediaNotFound, MediaUnreadable):
                self.broken += 1
                continue
            return Frame(self._time(number), Painter(self._width, aspect).paint(frame))
        return None

    def _time(self, number: int) -> Fraction:
        return (number - (self._source.first_frame or 0)) / self._rate

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None
