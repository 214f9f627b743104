"""Watching: the frames of a shot that a model is shown, at times that know where the shot begins and ends."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from sonique_daemon.domain.picture import Picture, Shot
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.errors import MediaNotFound, MediaUnreadable
from sonique_daemon.timeline.frame import Frame, Image
from sonique_daemon.timeline.frames import sample

_SECONDS_A_FRAME = 2
_FEWEST = 4
"""Frames of a short shot; an even number, for some models take them in pairs."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What a model is shown of one span of the picture.

    Attributes:
        images: frames in the order in which they show, all of one size, RGB ``[height, width, 3]``.
        seconds: when each begins to show, in seconds from the span's start, ascending.
        duration: of the span in seconds.
    """

    images: tuple[Image, ...]
    seconds: tuple[float, ...]
    duration: float

    @property
    def form(self) -> tuple[int, ...]:
        """Views of one form can be shown side by side: the number of frames and their size."""
        return (len(self.images), *self.images[0].shape)


@dataclass(slots=True)
class Watcher:
    """Takes frames out of the media of a picture.

    Attributes:
        picture: what is looked at.
        most_frames: of one span.
        most_pixels: of one frame.
        check: is called often; what it raises ends the look.
    """

    picture: Picture
    most_frames: int
    most_pixels: int
    check: Callable[[], None]
    _widths: dict[str, int] = field(default_factory=dict)

    def view(self, span: TimeRange) -> View | None:
        """What ``span``, which lies inside one shot, shows; None for black and for media that cannot be read."""
        shot = self._shot_at(span.start)
        if shot.source is None:
            return None
        times = moments(span, frames_for(span, self.most_frames))
        asked = [max(Fraction(0), time) for time in map(shot.source_time, times) if time is not None]
        frames = self._frames(shot, sorted(set(asked)))
        if not frames:
            return None
        shown = [_at(frames, time) for time in asked]
        seconds = [_seconds(shot, frame, time, span) for frame, time in zip(shown, times, strict=True)]
        ascending = np.maximum.accumulate(seconds).tolist()
        return View(tuple(frame.image for frame in shown), tuple(ascending), float(span.duration))

    def _shot_at(self, time: Fraction) -> Shot:
        return next(shot for shot in reversed(self.picture.shots) if shot.record.start <= time)

    def _frames(self, shot: Shot, times: Sequence[Fraction]) -> list[Frame]:
        assert shot.source is not None
        path = shot.source.path
        width = self._widths.setdefault(path, _widest(self.most_pixels))
        try:
            frames = list(sample(shot.source, times, width, self.check))
            narrower = _narrowed(frames, self.most_pixels)
            if narrower:
                self._widths[path] = narrower
                frames = list(sample(shot.source, times, narrower, self.check))
        except (MediaNotFound, MediaUnreadable):
            return []
        return frames


def frames_for(span: TimeRange, most: int) -> int:
    """How many frames a span is shown in: one for every two seconds, an even number, and four at the least."""
    wanted = max(_FEWEST, int(span.duration / _SECONDS_A_FRAME))
    return max(2, min(wanted, most) // 2 * 2)


def moments(span: TimeRange, count: int) -> tuple[Fraction, ...]:
    """``count`` times inside ``span``, in the middle of equal parts: clear of the joins at its ends."""
    part = span.duration / count
    return tuple(span.start + part * index + part / 2 for index in range(count))


def _widest(pixels: int) -> int:
    """The width of a frame of 16:9 with so many pixels."""
    return max(28, int((pixels * 16 / 9) ** 0.5))


def _narrowed(frames: Sequence[Frame], pixels: int) -> int:
    """The width at which these frames have no more than so many pixels; 0 where they have no more."""
    if not frames:
        return 0
    height, width = frames[0].image.shape[:2]
    return 0 if height * width <= pixels else max(1, int(width * (pixels / (height * width)) ** 0.5))


def _at(frames: Sequence[Frame], time: Fraction) -> Frame:
    """The frame that shows at that time of the media."""
    before = [frame for frame in frames if frame.time <= time]
    return before[-1] if before else frames[0]


def _seconds(shot: Shot, frame: Frame, time: Fraction, span: TimeRange) -> float:
    """When a frame that shows at ``time`` begins to, in seconds from the span's start, as far as that is inside."""
    assert shot.source is not None
    speed = shot.source.speed
    begins = shot.record.start + (frame.time - shot.source.start) / speed if speed > 0 else time
    return float(min(max(begins, span.start), span.end) - span.start)
