"""The picture: a range conformed to its shots in record order, each with source media and source range."""

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from sonique_daemon.domain.time import TimeRange


@dataclass(frozen=True, slots=True)
class Source:
    """What a shot shows of one media file.

    Attributes:
        path: the file's absolute path on this machine, already resolved and allowed; for an image sequence the
            printf-style pattern (``/p/shot.%04d.png``).
        start: where in the file the shot begins, in seconds after the file's first frame (never its timecode).
        speed: media seconds per record second: 1 is normal, 2 twice as fast, negative is reversed, 0 is a freeze.
        rate: frames per second of an image sequence (which has no rate of its own), else None.
        first_frame: number of the first image of an image sequence, else None.
    """

    path: str
    start: Fraction
    speed: Fraction = Fraction(1)
    rate: Fraction | None = None
    first_frame: int | None = None


class JoinKind(StrEnum):
    """How a shot begins."""

    CUT = "cut"
    DISSOLVE = "dissolve"
    FADE = "fade"


@dataclass(frozen=True, slots=True)
class Shot:
    """One uninterrupted span of the picture.

    Attributes:
        record: where it stands, in seconds from the picture's start.
        name: the clip's name, or the file's.
        source: what it shows, or None for black (a gap, or media that could not be found).
        join: how it begins; the first shot of a picture begins with a cut.
        join_duration: length of the dissolve or fade in seconds, which lies around ``record.start``, not always evenly;
            0 for a cut.
    """

    record: TimeRange
    name: str
    source: Source | None
    join: JoinKind = JoinKind.CUT
    join_duration: Fraction = Fraction(0)

    def source_time(self, time: Fraction) -> Fraction | None:
        """Seconds into the media file that show at ``time`` (seconds from the picture's start); None for black."""
        if self.source is None:
            return None
        return self.source.start + (time - self.record.start) * self.source.speed


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker of the editor's, in seconds from the picture's start."""

    time: Fraction
    name: str
    color: str = ""


@dataclass(frozen=True, slots=True)
class SoundClip:
    """A span of production sound: where it stands (seconds from the picture's start) and what it plays."""

    record: TimeRange
    source: Source


@dataclass(frozen=True, slots=True)
class Picture:
    """A range of a timeline, ready to be looked at.

    Attributes:
        rate: the timeline's frames per second.
        start: the range's start on the timeline's record clock, in seconds (01:00:10:00 is 3610).
        duration: the range's length in seconds.
        shots: in record order, without holes or overlaps, filling the whole range.
        markers: the editor's markers inside the range.
        sound: production sound on the timeline's audio tracks (or inside the one video file).
        drop_frame: whether the timeline counts in drop-frame timecode.
        name: the timeline's or the file's name.
        warnings: sentences about what could not be shown or mapped.
    """

    rate: Fraction
    start: Fraction
    duration: Fraction
    shots: tuple[Shot, ...]
    markers: tuple[Marker, ...] = ()
    sound: tuple[SoundClip, ...] = ()
    drop_frame: bool = False
    name: str = ""
    warnings: tuple[str, ...] = field(default=())
