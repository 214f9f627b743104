"""What is read of a timeline: its rate, marks, tracks and items, as plain values.

Record frames are whole and absolute, as Resolve counts them (01:00:00:00 at 24 is frame 86400), unless a name says
"relative". Ends are exclusive. Rates are exact: 23.976 is 24000/1001.
"""

import math
import re
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath

from sonique_resolve.calls import Handle

OWN_NAME = "Sonique"
"""Name of our bin, and the beginning of the names of our tracks."""

_DROPPED = {Fraction(30_000, 1001): 2, Fraction(60_000, 1001): 4, Fraction(120_000, 1001): 8}
"""Rates that drop-frame timecode exists for, with the numbers that it leaves out each minute (SMPTE ST 12-1)."""

_TIMECODE = re.compile(r"(\d{1,3}):(\d{1,2}):(\d{1,2})([:;.,])(\d{1,3})", re.ASCII)
_RATE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(df|ndf)?\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rate:
    """A frame rate.

    Attributes:
        fps: frames per second, exact.
        drop_frame: whether timecode leaves numbers out to keep to the wall clock; frames are the same either way.
    """

    fps: Fraction
    drop_frame: bool = False

    @property
    def nominal(self) -> int:
        """What timecode counts to within a second."""
        return math.ceil(self.fps)

    @property
    def name(self) -> str:
        """As editors say it: ``23.976``, ``25``, ``29.97 DF``."""
        number = f"{float(self.fps):.3f}".rstrip("0").rstrip(".")
        return f"{number} DF" if self._dropped else number

    @property
    def _dropped(self) -> int:
        return _DROPPED.get(self.fps, 0) if self.drop_frame else 0

    def seconds(self, frames: int) -> Fraction:
        """So many frames in seconds."""
        return frames / self.fps

    def timecode(self, frame: int) -> str:
        """``frame`` as ``01:00:10:00``, with ``;`` before the frames where drop-frame."""
        number = frame
        if dropped := self._dropped:
            per_minute = self.nominal * 60 - dropped
            tens, rest = divmod(frame, self.nominal * 600 - 9 * dropped)
            number += dropped * (9 * tens + max(0, (rest - dropped) // per_minute))
        seconds, frames = divmod(number, self.nominal)
        mark = ";" if self._dropped else ":"
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{frames:02d}"

    def frame(self, timecode: str) -> int | None:
        """The frame that ``timecode`` names, counted from zero; None where it is none of this rate."""
        match = _TIMECODE.fullmatch(timecode.strip())
        if match is None:
            return None
        hours, minutes, seconds, frames = (int(match[group]) for group in (1, 2, 3, 5))
        if minutes > 59 or seconds > 59 or frames >= self.nominal:
            return None
        total = hours * 60 + minutes
        return (total * 60 + seconds) * self.nominal + frames - self._dropped * (total - total // 10)

    def frame_from(self, start: int, timecode: str) -> int | None:
        """The same where ``start`` is the first there is: timecode begins again at midnight, frames go on."""
        frame = self.frame(timecode)
        if frame is None or frame >= start:
            return frame
        day = 24 * 3600 * self.nominal - self._dropped * 24 * 54
        return frame + day * math.ceil(Fraction(start - frame, day))


def read_rate(value: object, drop_frame: bool = False) -> Rate | None:
    """The rate that Resolve names: 23.976, "29.97", "29.97 DF"; None where it is none.

    Args:
        value: what it answers for ``timelineFrameRate`` or ``FPS``.
        drop_frame: what else it says of drop-frame.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    match = _RATE.fullmatch(str(value))
    if match is None:
        return None
    fps = exact_fps(float(match[1]))
    if fps is None:
        return None
    return Rate(fps, fps in _DROPPED and (drop_frame or (match[2] or "").casefold() == "df"))


def exact_fps(fps: float) -> Fraction | None:
    """The rate that a rounded number names: 23.976, 23.98 and 23.9760239 are 24000/1001; None where it is none."""
    if not math.isfinite(fps) or not 0 < fps <= 1000:
        return None
    whole = round(fps)
    if whole and abs(fps - whole) < 1e-4:
        return Fraction(whole)
    broadcast = Fraction(math.ceil(fps) * 1000, 1001)
    return broadcast if abs(fps - broadcast) < 6e-3 else Fraction(fps).limit_denominator(10_000)


@dataclass(frozen=True, slots=True)
class TimelineRange:
    """A range of a timeline: ``frames`` record frames from the absolute ``start_frame`` on."""

    start_frame: int
    frames: int

    @property
    def end_frame(self) -> int:
        """The first frame after it."""
        return self.start_frame + self.frames

    def contains(self, frame: int) -> bool:
        """Whether the absolute ``frame`` lies in it."""
        return self.start_frame <= frame < self.end_frame

    def touches(self, start_frame: int, end_frame: int) -> bool:
        """Whether it shares a frame with those from ``start_frame`` to before ``end_frame``."""
        return start_frame < self.end_frame and self.start_frame < end_frame


@dataclass(frozen=True, slots=True)
class Marks:
    """The in and out marks: absolute frames, the out mark's own frame included; None where unset."""

    mark_in: int | None = None
    mark_out: int | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker of the timeline at an absolute frame."""

    frame: int
    name: str = ""
    color: str = ""
    custom_data: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """What an item plays.

    Attributes:
        name: as the bin shows it.
        path: its file, as Resolve names it; empty where it has none.
        kind: Resolve's word for it, in the user's language: Video, Audio, Video + Audio, Timeline, Compound, Still.
        fps: its frames per second; None where it says none.
        start_seconds: times of its own clock that its beginning may have, the likeliest first.
        duration: its length in seconds; None where it is not known.
        online: whether Resolve finds its file.
    """

    name: str
    path: str
    kind: str = ""
    fps: Fraction | None = None
    start_seconds: tuple[Fraction, ...] = ()
    duration: Fraction | None = None
    online: bool = True

    @property
    def nested(self) -> bool:
        """Whether it is a timeline, a compound clip or a multicam clip, of which there is no file.

        What it is called is in the language of the user's Resolve; that it names no file is the same in all.
        """
        words = self.kind.casefold()
        return not self.path or any(word in words for word in ("timeline", "compound", "multicam", "fusion", "vfx"))

    @property
    def file_name(self) -> str:
        """The last part of its path, of whichever system."""
        pure = PureWindowsPath(self.path) if "\\" in self.path else PurePosixPath(self.path)
        return pure.name or self.name


@dataclass(frozen=True, slots=True)
class Item:
    """A clip, title, generator or transition on a track.

    Attributes:
        start_frame: its first record frame.
        end_frame: the record frame after its last.
        media: what it plays; None for titles, generators and transitions.
        source_start: the source time in seconds, from the media's beginning, at which it begins; of a reversed one, the
            earliest that it plays; None where it is not known.
        speed: source seconds per record second; negative is reversed, 0 a freeze.
        enabled: whether it is seen or heard.
        name: as the timeline shows it, where it has no media.
    """

    start_frame: int
    end_frame: int
    media: Media | None
    source_start: Fraction | None = None
    speed: Fraction = Fraction(1)
    enabled: bool = True
    name: str = ""

    @property
    def frames(self) -> int:
        """Its length in record frames."""
        return self.end_frame - self.start_frame


@dataclass(frozen=True, slots=True)
class Track:
    """A track.

    Attributes:
        kind: "video" or "audio".
        index: its number among those of its kind, from 1.
        name: as the timeline shows it.
        enabled: whether it is seen or heard.
        locked: whether nothing may change on it.
        subtype: of sound: "mono", "stereo", "5.1" …; empty where that cannot be asked.
        handles: its items in order, as Resolve hands them out.
    """

    kind: str
    index: int
    name: str = ""
    enabled: bool = True
    locked: bool = False
    subtype: str = ""
    handles: tuple[Handle, ...] = ()

    @property
    def own(self) -> bool:
        """Whether it holds our music rather than the editor's sound."""
        return self.kind == "audio" and is_own_name(self.name)


def is_own_name(name: str) -> bool:
    """Whether a track of that name is one of ours: Sonique, Sonique 2, Sonique drums."""
    return name == OWN_NAME or name.startswith(f"{OWN_NAME} ")


@dataclass(frozen=True, slots=True)
class Host:
    """Which Resolve it is.

    Attributes:
        product: "DaVinci Resolve" (Free) or "DaVinci Resolve Studio".
        version: (21, 0, 4).
        page: the open page, or empty.
        system: "linux", "darwin" or "windows" where it is known.
    """

    product: str = ""
    version: tuple[int, ...] = ()
    page: str = ""

    @property
    def studio(self) -> bool:
        """Whether it is the Studio edition."""
        return self.product.casefold().endswith("studio")

    @property
    def title(self) -> str:
        """For sentences: "DaVinci Resolve Studio 21.0.4"."""
        return " ".join([self.product or "DaVinci Resolve", ".".join(map(str, self.version))]).strip()


@dataclass(frozen=True, slots=True)
class ReadTimeline:
    """A timeline as the reader found it; its items are looked at range by range.

    Attributes:
        host: which Resolve.
        project: the project's name.
        project_id: its unique id, or empty where it tells none.
        project_rate: the project's rate, which sound freezes at its import; None where it is not told.
        name: the timeline's.
        timeline_id: its unique id.
        timeline: the timeline itself.
        rate: its own rate.
        start_frame: its first frame.
        end_frame: the frame after its last item.
        marks: in and out.
        markers: in order.
        playhead: where the playhead stands; None where it is not told.
        tracks: video from the lowest, then audio.
        can_mark: whether this release lets marks be read at all (19.1 and later).
    """

    host: Host
    project: str
    project_id: str
    project_rate: Rate | None
    name: str
    timeline_id: str
    timeline: Handle
    rate: Rate
    start_frame: int
    end_frame: int
    marks: Marks = Marks()
    markers: tuple[Marker, ...] = ()
    playhead: int | None = None
    tracks: tuple[Track, ...] = ()
    can_mark: bool = True

    @property
    def whole(self) -> TimelineRange:
        """All of it."""
        return TimelineRange(self.start_frame, max(0, self.end_frame - self.start_frame))

    @property
    def mixed_rates(self) -> bool:
        """Whether sound that is imported gets another rate than the timeline has."""
        return self.project_rate is None or self.project_rate.fps != self.rate.fps

    def timecode(self, frame: int) -> str:
        """``frame`` in the timeline's timecode."""
        return self.rate.timecode(frame)

    def span(self, span: TimelineRange) -> str:
        """``01:00:10:00-01:00:42:12``, the end exclusive."""
        return f"{self.timecode(span.start_frame)}-{self.timecode(span.end_frame)}"


@dataclass(frozen=True, slots=True)
class Film:
    """A range as Resolve rendered it.

    Attributes:
        path: the film; its first frame is the range's.
        duration: seconds.
        heard: whether it holds sound.
        notes: sentences about what could not be put back after it was rendered.
    """

    path: Path
    duration: Fraction
    heard: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadRange:
    """What stands in a range of a timeline.

    Attributes:
        read: the timeline.
        range: which range.
        items: those that touch it, by (kind, track index), in order.
        notes: sentences about what could not be read as it is.
        unseen: the same about what a rendered film would show: titles, nested timelines.
        exported: the OTIO document that Resolve itself wrote, where that was the quicker way; else empty.
        film: the range as Resolve rendered it, where the user asked for that.
    """

    read: ReadTimeline
    range: TimelineRange
    items: dict[tuple[str, int], tuple[Item, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    exported: str = ""
    film: Film | None = None
