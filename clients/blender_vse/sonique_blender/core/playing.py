"""Playing: which frame of its source a strip shows at a frame of the timeline.

Proved against Blender's own renders (``tests/blender``): with ``i = clamp(f - content_start, 0, content_frames - 1)``,
mirrored where it plays backwards, a movie shows ``trim + round_half_up(i × rate)``.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

from .strips import Span, Strip

_HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a strip that plays evenly.

    Attributes:
        span: where, in timeline frames.
        first: the place in the source that its first frame shows, in frames of the source and their parts: the frame
            that shows is the whole part.
        step: frames of the source from one timeline frame to the next; negative backwards, 0 where one stands.
    """

    span: Span
    first: Fraction
    step: Fraction


def playback_rate(strip: Strip, rate: Fraction) -> Fraction:
    """Frames of the source to a frame of the timeline.

    Blender does not say whether a strip plays at its file's own rate or frame by frame; the length of its content
    tells, where the file's length is known. Where nothing tells, it is the file's own rate, as Blender adds movies.

    Args:
        strip: a movie or images.
        rate: the scene's frames per second.
    """
    media = strip.media
    if media is None or media.rate is None:
        return Fraction(1)
    own = media.rate / rate
    if own == 1 or media.frames is None:
        return own
    left = media.frames - sum(strip.trim)
    return own if abs(left - strip.content_frames * own) < abs(left - strip.content_frames) else Fraction(1)


def source_frame(strip: Strip, frame: int, rate: Fraction) -> int:
    """The frame of the source, counted from 0, that ``strip`` shows at the timeline's ``frame``."""
    return math.floor(_place(strip, frame, playback_rate(strip, rate)))


def stretches(strip: Strip, span: Span, rate: Fraction) -> tuple[Stretch, ...]:
    """``span`` of ``strip`` by parts: its first frame held, its content, its last frame held."""
    step = playback_rate(strip, rate)
    start = math.ceil(strip.content_start)
    content = Span(start, start + strip.content_frames)
    parts = (
        (Span(span.start, min(content.start, span.end)), Fraction(0)),
        (span.within(content), -step if strip.reversed else step),
        (Span(max(content.end, span.start), span.end), Fraction(0)),
    )
    return tuple(Stretch(part, _place(strip, part.start, step), pace) for part, pace in parts if part.frames > 0)


def _place(strip: Strip, frame: int, step: Fraction) -> Fraction:
    """Where in the source; the half is what rounds to the nearest frame."""
    last = max(strip.content_frames - 1, 0)
    index = min(max(frame - math.ceil(strip.content_start), 0), last)
    return strip.trim[0] + (last - index if strip.reversed else index) * step + _HALF
