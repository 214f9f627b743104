"""A strip: what one track, stack or clip shows over its own time, and how strips are trimmed, retimed and laid over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from sonique_daemon.domain.time import TimeRange


@dataclass(frozen=True, slots=True, eq=False)
class Use:
    """One use of media by a clip.

    Attributes:
        name: the clip's name, or "".
        reference: OTIO's media reference; never touched, only read.
        start: media time in seconds at which the clip's own range begins, as the timeline counts it.
        rate: frames per second in which the clip counts its media time.
        covers: whether the clip hides what lies below it; a title or a missing reference lets it show.
    """

    name: str
    reference: Any
    start: Fraction
    rate: Fraction
    covers: bool = True


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one clip.

    Attributes:
        range: where it stands in its strip, in seconds.
        use: the clip.
        media: media time in seconds, as the timeline counts it, at the span's start.
        speed: media seconds per second of the strip.
    """

    range: TimeRange
    use: Use
    media: Fraction
    speed: Fraction = Fraction(1)

    def media_at(self, time: Fraction) -> Fraction:
        """Media time that shows at ``time`` of the strip."""
        return self.media + (time - self.range.start) * self.speed

    def within(self, window: TimeRange) -> "Span | None":
        """The part of the span inside ``window``, on the same clock; None where there is none."""
        shared = self.range.intersect(window)
        return replace(self, range=shared, media=self.media_at(shared.start)) if shared else None


@dataclass(frozen=True, slots=True)
class Joint:
    """A transition: where the new picture takes over, in the strip's seconds, and how long it lasts around that."""

    time: Fraction
    duration: Fraction


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker in the strip's seconds."""

    time: Fraction
    name: str
    color: str


@dataclass(frozen=True, slots=True)
class Strip:
    """What an item shows from 0 to ``duration`` seconds of its own time; where no span stands there is nothing.

    Attributes:
        duration: length in seconds.
        spans: in order and without overlaps for picture; for sound in any order, overlapping where they sound together.
        joints: transitions inside it.
        marks: markers inside it.
    """

    duration: Fraction
    spans: tuple[Span, ...] = ()
    joints: tuple[Joint, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(slots=True)
class StripBuilder:
    """Lays strips end to end."""

    duration: Fraction = Fraction(0)
    spans: list[Span] = field(default_factory=list)
    joints: list[Joint] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    lean: Fraction = field(default=Fraction(0), init=False)

    def append(self, strip: Strip) -> None:
        """Adds ``strip`` at the end."""
        strip = self._leaning(strip)
        at = self.duration
        self.spans.extend(replace(span, range=span.range.shifted(at)) for span in strip.spans)
        self.joints.extend(replace(joint, time=joint.time + at) for joint in strip.joints)
        self.marks.extend(replace(mark, time=mark.time + at) for mark in strip.marks)
        self.duration += strip.duration

    def join(self, before: Fraction, after: Fraction, frame: Fraction) -> None:
        """Adds a transition that lasts from ``before`` seconds before the present end to ``after`` seconds after it.

        Where it is longer on one side, as those of an EDL are, the new picture takes over in its middle, to the frame.
        """
        if before + after > 0:
            self.lean = int((after - before) / 2 / frame) * frame
            self.joints.append(Joint(self.duration, before + after))

    def _leaning(self, following: Strip) -> Strip:
        """What follows a transition, once the pictures on both sides meet where the new one takes over.

        Nothing moves where one of them is black, or shorter than that.
        """
        lean, self.lean = self.lean, Fraction(0)
        if not lean or not self.spans or not following.spans:
            return following
        before, after = self.spans[-1], following.spans[0]
        if before.range.end != self.duration or after.range.start != 0:
            return following
        if not -before.range.duration < lean < after.range.duration:
            return following
        self.spans[-1] = replace(before, range=TimeRange(before.range.start, before.range.duration + lean))
        self.joints[-1] = replace(self.joints[-1], time=self.duration + lean)
        moved = TimeRange(lean, after.range.duration - lean)
        first = replace(after, range=moved, media=after.media_at(lean))
        return replace(following, spans=(first, *following.spans[1:]))

    def strip(self) -> Strip:
        """What was laid."""
        return Strip(self.duration, tuple(self.spans), tuple(self.joints), tuple(self.marks))


def trimmed(strip: Strip, window: TimeRange) -> Strip:
    """The part of ``strip`` that ``window`` shows, counted from the window's start; past its ends there is nothing."""
    back = -window.start
    inside = (span.within(window) for span in strip.spans)
    return Strip(
        window.duration,
        tuple(replace(span, range=span.range.shifted(back)) for span in inside if span),
        tuple(replace(j, time=j.time + back) for j in strip.joints if window.start <= j.time <= window.end),
        tuple(replace(m, time=m.time + back) for m in strip.marks if window.contains(m.time)),
    )


def retimed(strip: Strip, duration: Fraction, speed: Fraction, frame: Fraction) -> Strip:
    """``strip`` played at ``speed`` for ``duration`` seconds.

    Forwards it plays its first ``duration × speed`` seconds; backwards it plays the same seconds from the last frame to
    the first; at speed 0 its first frame stands.

    Args:
        strip: what is played.
        duration: seconds that it plays for.
        speed: strip seconds per second, negative for backwards.
        frame: seconds of one frame of the strip.
    """
    if speed == 0:
        return _frozen(strip, duration)
    reach = trimmed(strip, TimeRange(Fraction(0), duration * abs(speed)))
    if speed < 0:
        reach = _mirrored(reach, frame)
    return _scaled(reach, duration, abs(speed))


def _frozen(strip: Strip, duration: Fraction) -> Strip:
    whole = TimeRange(Fraction(0), duration)
    shown = (span for span in strip.spans if span.range.contains(Fraction(0)))
    return Strip(
        duration,
        tuple(Span(whole, span.use, span.media_at(Fraction(0)), Fraction(0)) for span in shown),
        marks=tuple(mark for mark in strip.marks if mark.time == 0),
    )


def _mirrored(strip: Strip, frame: Fraction) -> Strip:
    end = strip.duration
    spans = (
        Span(TimeRange(end - s.range.end, s.range.duration), s.use, s.media_at(s.range.end - frame), -s.speed)
        for s in reversed(strip.spans)
    )
    return Strip(
        end,
        tuple(spans),
        tuple(replace(joint, time=end - joint.time) for joint in strip.joints),
        tuple(replace(mark, time=max(end - frame - mark.time, Fraction(0))) for mark in strip.marks),
    )


def _scaled(strip: Strip, duration: Fraction, factor: Fraction) -> Strip:
    return Strip(
        duration,
        tuple(
            replace(s, range=TimeRange(s.range.start / factor, s.range.duration / factor), speed=s.speed * factor)
            for s in strip.spans
        ),
        tuple(Joint(joint.time / factor, joint.duration / factor) for joint in strip.joints),
        tuple(replace(mark, time=mark.time / factor) for mark in strip.marks),
    )


def stacked(strips: Sequence[Strip]) -> Strip:
    """Pictures laid over each other, the last on top: the topmost span that covers shows."""
    if not strips:
        return Strip(Fraction(0))
    if len(strips) == 1:
        return strips[0]
    middle = len(strips) // 2
    return _over(stacked(strips[middle:]), stacked(strips[:middle]))


def mixed(strips: Iterable[Strip]) -> Strip:
    """Sounds laid together: every span stays."""
    held = list(strips)
    return Strip(
        max((strip.duration for strip in held), default=Fraction(0)),
        tuple(span for strip in held for span in strip.spans),
        marks=tuple(mark for strip in held for mark in strip.marks),
    )


def _over(upper: Strip, lower: Strip) -> Strip:
    covering = [span for span in upper.spans if span.use.covers]
    clear = [span for span in upper.spans if not span.use.covers]
    spans = covering + _uncovered(lower.spans, covering)
    spans.sort(key=_start)
    if clear:
        spans += _uncovered(clear, spans)
        spans.sort(key=_start)
    joints = upper.joints + tuple(_joints_uncovered(lower.joints, covering))
    return Strip(max(upper.duration, lower.duration), tuple(spans), joints, upper.marks + lower.marks)


def _start(span: Span) -> Fraction:
    return span.range.start


def _uncovered(lower: Iterable[Span], upper: Sequence[Span]) -> list[Span]:
    """The parts of ``lower`` that no span of ``upper`` covers; both in order."""
    left: list[Span] = []
    first = 0
    for span in lower:
        while first < len(upper) and upper[first].range.end <= span.range.start:
            first += 1
        left.extend(part for hole in _holes(span.range, upper, first) if (part := span.within(hole)))
    return left


def _holes(whole: TimeRange, upper: Sequence[Span], first: int) -> list[TimeRange]:
    holes, at = [], whole.start
    while first < len(upper) and upper[first].range.start < whole.end:
        if upper[first].range.start > at:
            holes.append(TimeRange(at, upper[first].range.start - at))
        at = upper[first].range.end
        first += 1
    if at < whole.end:
        holes.append(TimeRange(at, whole.end - at))
    return holes


def _joints_uncovered(joints: Iterable[Joint], upper: Sequence[Span]) -> list[Joint]:
    left, first = [], 0
    for joint in sorted(joints, key=lambda joint: joint.time):
        while first < len(upper) and upper[first].range.end < joint.time:
            first += 1
        if first == len(upper) or upper[first].range.start > joint.time:
            left.append(joint)
    return left
