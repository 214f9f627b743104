"""The layout: what a timeline's items show and sound, worked out from OTIO's objects as strips."""

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from sonique_daemon.domain.time import TimeRange, exact_rate
from sonique_daemon.timeline.document import MAX_SPEED
from sonique_daemon.timeline.footage import Footage, media_reference
from sonique_daemon.timeline.otiotime import seconds, time_range
from sonique_daemon.timeline.strip import Mark, Span, Strip, StripBuilder, Use, mixed, retimed, stacked, trimmed

_ZERO = Fraction(0)


def is_audio(item: Any) -> bool:
    """Whether ``item`` is an audio track."""
    return isinstance(item, otio.schema.Track) and item.kind.casefold() == "audio"


def is_picture(item: Any) -> bool:
    """Whether ``item`` can show picture: all but transitions and tracks of another kind (audio, captions, data)."""
    if isinstance(item, otio.schema.Track):
        return item.kind.casefold() in {"video", ""}
    return isinstance(item, otio.core.Item)


class Layout:
    """Lays items out in time; a subclass says what a clip gives and how the children of a stack go together.

    Args:
        footage: tells how long a clip without any range is, and whether it hides what lies below.
        rate: the timeline's frames per second, for items that name none.
    """

    def __init__(self, footage: Footage, rate: Fraction) -> None:
        self._footage = footage
        self._rate = rate

    def strip(self, item: Any) -> Strip:
        """What ``item`` gives, from 0 to its length, its own trim and speed applied."""
        if not item.enabled or not self._admits(item):
            return Strip(self.length(item))
        if isinstance(item, otio.schema.Clip):
            return self._clip(item)
        if isinstance(item, otio.schema.Track):
            return self._finished(item, self._track(item))
        if isinstance(item, otio.schema.Stack):
            return self._finished(item, self._stack(list(item)))
        return self._finished(item, Strip(self.length(item)))

    def length(self, item: Any) -> Fraction:
        """Seconds that ``item`` takes on its parent."""
        if item.source_range is not None:
            return seconds(item.source_range.duration)
        if isinstance(item, otio.schema.Clip):
            return self._footage.range_of(item).duration
        if not isinstance(item, otio.core.Composition):
            return _ZERO
        lengths = [self.length(child) for child in item if isinstance(child, otio.core.Item)]
        return max(lengths, default=_ZERO) if isinstance(item, otio.schema.Stack) else sum(lengths, _ZERO)

    def _admits(self, item: Any) -> bool:
        raise NotImplementedError

    def _stack(self, children: list[Any]) -> Strip:
        raise NotImplementedError

    def _track(self, track: otio.schema.Track) -> Strip:
        builder = StripBuilder()
        for child in track:
            if isinstance(child, otio.schema.Transition):
                frame = 1 / (exact_rate(child.out_offset.rate) if child.out_offset.rate > 0 else self._rate)
                builder.join(seconds(child.in_offset), seconds(child.out_offset), frame)
            elif isinstance(child, otio.core.Item):
                builder.append(self.strip(child))
        return builder.strip()

    def _clip(self, clip: otio.schema.Clip) -> Strip:
        own = time_range(clip.source_range) if clip.source_range else self._footage.range_of(clip)
        speed = self._speed(clip)
        reach = own.duration * abs(speed) if speed else own.duration
        use = Use(clip.name, media_reference(clip), own.start, self._item_rate(clip), self._footage.covers(clip))
        spans = (Span(TimeRange(_ZERO, reach), use, own.start),) if reach else ()
        inner = Strip(reach, spans, marks=tuple(_marks(clip, -own.start)))
        inner = trimmed(inner, TimeRange(_ZERO, reach)) if inner.marks else inner
        return inner if speed == 1 else retimed(inner, own.duration, speed, 1 / use.rate)

    def _finished(self, item: Any, inner: Strip) -> Strip:
        """``inner`` with the item's own markers, trimmed and retimed as the item says."""
        marks = (*inner.marks, *_marks(item, _ZERO))
        inner = Strip(inner.duration, inner.spans, inner.joints, marks)
        window = self._window(item, inner.duration)
        speed = self._speed(item)
        if speed == 1:
            return trimmed(inner, window) if item.source_range else inner
        reach = window.duration * abs(speed) if speed else window.duration
        return retimed(
            trimmed(inner, TimeRange(window.start, reach)), window.duration, speed, 1 / self._item_rate(item)
        )

    def _window(self, item: Any, content: Fraction) -> TimeRange:
        """The item's own trim. One that begins an hour or more past the content counts on the content's timecode."""
        if item.source_range is None:
            return TimeRange(_ZERO, content)
        trim = time_range(item.source_range)
        hour = 3600 * math.ceil(self._item_rate(item)) / self._item_rate(item)
        return TimeRange(trim.start % hour, trim.duration) if trim.start >= max(content, hour) else trim

    def _item_rate(self, item: Any) -> Fraction:
        return exact_rate(item.source_range.start_time.rate) if item.source_range else self._rate

    def _speed(self, item: Any) -> Fraction:
        """The item's time warps multiplied; 0 is a freeze."""
        speed = Fraction(1)
        for effect in item.effects:
            if not getattr(effect, "enabled", True):
                continue
            if isinstance(effect, otio.schema.LinearTimeWarp):
                speed *= Fraction(effect.time_scalar).limit_denominator(1_000_000)
            elif isinstance(effect, otio.schema.TimeEffect):
                speed *= self._mean_speed(effect, item)
        return speed

    def _mean_speed(self, effect: Any, item: Any) -> Fraction:
        """The mean of a speed that varies, where that is told, else 1; either is warned of."""
        mean = _told_mean(effect)
        name = f"“{item.name}”" + (f" (“{effect.effect_name}”)" if effect.effect_name else "")
        said = "not read: it is shown at normal speed" if mean is None else f"read as {float(mean):.0%} all through"
        self._footage.warn(f"The changing speed of {name} is {said}.")
        return Fraction(1) if mean is None else mean


class PictureLayout(Layout):
    """What the video tracks show."""

    def _admits(self, item: Any) -> bool:
        return is_picture(item)

    def _stack(self, children: list[Any]) -> Strip:
        return stacked([self.strip(child) for child in children if isinstance(child, otio.core.Item)])


class SoundLayout(Layout):
    """What the audio tracks sound.

    A stack sounds through its audio tracks. A stack without any sounds as a whole where it stands on an audio track;
    elsewhere only what it holds in stacks with audio tracks sounds.

    Args:
        footage: as for every layout.
        rate: as for every layout.
        on_audio_track: whether what is laid out stands on an audio track.
    """

    def __init__(self, footage: Footage, rate: Fraction, *, on_audio_track: bool = False) -> None:
        super().__init__(footage, rate)
        self._on_audio_track = on_audio_track

    def _admits(self, item: Any) -> bool:
        return self._on_audio_track or not isinstance(item, otio.schema.Clip)

    def _stack(self, children: list[Any]) -> Strip:
        items = [child for child in children if isinstance(child, otio.core.Item)]
        inner = SoundLayout(self._footage, self._rate, on_audio_track=True)
        if any(is_audio(item) for item in items):
            return mixed(inner.strip(item) if is_audio(item) else Strip(self.length(item)) for item in items)
        return mixed(self.strip(item) for item in items)


def _told_mean(effect: Any) -> Fraction | None:
    """The mean speed that Resolve writes beside the curve of a clip whose speed varies."""
    told = effect.metadata.get("Resolve_OTIO")
    ratio = told.get("Speed Ratio") if hasattr(told, "get") else None
    if not isinstance(ratio, int | float) or not 0 < abs(ratio) <= MAX_SPEED:
        return None
    return Fraction(ratio).limit_denominator(1_000_000)


def holds_audio_track(item: Any) -> bool:
    """Whether there is an audio track at any depth of ``item``, enabled or not."""
    return is_audio(item) or (
        isinstance(item, otio.core.Composition) and any(holds_audio_track(child) for child in item)
    )


def _marks(item: Any, offset: Fraction) -> Iterable[Mark]:
    for marker in item.markers:
        name = marker.name or getattr(marker, "comment", "")
        yield Mark(seconds(marker.marked_range.start_time) + offset, name, str(marker.color or ""))
