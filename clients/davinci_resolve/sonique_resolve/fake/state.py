"""What the fake holds: projects, bins, media, timelines, tracks, items; plain values, for tests to read."""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sonique_resolve.fake.clock import Clock

CLIP_COLORS = (
    "Orange",
    "Apricot",
    "Yellow",
    "Lime",
    "Olive",
    "Green",
    "Teal",
    "Navy",
    "Blue",
    "Purple",
    "Violet",
    "Pink",
    "Tan",
    "Beige",
    "Brown",
    "Chocolate",
)
MARKER_COLORS = (
    "Blue",
    "Cyan",
    "Green",
    "Yellow",
    "Red",
    "Pink",
    "Purple",
    "Fuchsia",
    "Rose",
    "Lavender",
    "Sky",
    "Mint",
    "Lemon",
    "Sand",
    "Cocoa",
    "Cream",
)
PAGES = ("media", "cut", "edit", "fusion", "color", "fairlight", "deliver")


@dataclass(slots=True)
class Marker:
    """A marker; where it stands is its key."""

    color: str
    name: str = ""
    note: str = ""
    duration: float = 1.0
    custom_data: str = ""


@dataclass(slots=True)
class Marks:
    """The in and out marks of the picture or of the sound, in frames from the start; None where unset."""

    mark_in: int | None = None
    mark_out: int | None = None


@dataclass(slots=True, eq=False)
class Media:
    """Something in the media pool.

    Attributes:
        identity: its unique id.
        name: as the bin shows it.
        path: of its file; empty for timelines and compounds.
        kind: Resolve's word: Video, Audio, Video + Audio, Timeline, Compound, Multicam.
        clock: the rate that its source frames are counted in.
        frames: its length in those.
        start_frame: its first timecode as a frame.
        channels: of its sound.
        sample_rate: of its sound in Hz.
        online: whether its file is found.
        metadata: what ``SetMetadata`` wrote.
        third_party: what ``SetThirdPartyMetadata`` wrote.
        color: its clip colour.
        markers: by frame.
        marks: of the picture and of the sound.
        timeline: the timeline that it stands for.
        gone: it was deleted.
    """

    identity: str
    name: str
    path: str
    kind: str
    clock: Clock
    frames: int
    start_frame: int = 0
    channels: int = 2
    sample_rate: int = 48_000
    online: bool = True
    metadata: dict[str, str] = field(default_factory=dict)
    third_party: dict[str, str] = field(default_factory=dict)
    color: str = ""
    markers: dict[int, Marker] = field(default_factory=dict)
    marks: dict[str, Marks] = field(default_factory=dict)
    timeline: "TimelineState | None" = None
    gone: bool = False


@dataclass(slots=True, eq=False)
class Bin:
    """A folder of the media pool."""

    identity: str
    name: str
    media: list[Media] = field(default_factory=list)
    bins: "list[Bin]" = field(default_factory=list)
    gone: bool = False

    def everything(self) -> "list[Media]":
        """The media of this bin and of all below it."""
        return [*self.media, *(media for below in self.bins for media in below.everything())]

    def all_bins(self) -> "list[Bin]":
        """This bin and all below it."""
        return [self, *(each for below in self.bins for each in below.all_bins())]


@dataclass(slots=True, eq=False)
class Item:
    """A clip, title, generator or transition on a track.

    Attributes:
        identity: its unique id; empty for one that does not exist.
        name: as the timeline shows it.
        media: what it plays; None for titles, generators and transitions.
        kind: video, audio, title, generator or transition.
        start: its first record frame, absolute.
        frames: its length in record frames.
        source: its first source frame, counted from the media's beginning at the media's rate.
        speed: its source time per record time.
        enabled: whether it is seen or heard.
        color: its clip colour.
        linked: the items that it is linked with.
        fades: ``FadeIn`` and ``FadeOut`` in frames.
        properties: ``AudioVolume`` and the like.
        markers: by frame from its start.
        vanishes: the append failed inside; saving removes it.
        gone: it was deleted.
    """

    identity: str
    name: str
    media: Media | None
    kind: str
    start: int
    frames: int
    source: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    enabled: bool = True
    color: str = ""
    linked: "list[Item]" = field(default_factory=list)
    fades: dict[str, int] = field(default_factory=lambda: {"FadeIn": 0, "FadeOut": 0})
    properties: dict[str, Any] = field(default_factory=dict)
    markers: dict[int, Marker] = field(default_factory=dict)
    vanishes: bool = False
    gone: bool = False

    @property
    def end(self) -> int:
        """The record frame after its last."""
        return self.start + self.frames


@dataclass(slots=True, eq=False)
class Track:
    """A track; its number is its place among those of its kind, from one."""

    kind: str
    name: str
    subtype: str = ""
    locked: bool = False
    enabled: bool = True
    items: list[Item] = field(default_factory=list)

    def occupied(self, start: int, end: int) -> bool:
        """Whether an item stands on any frame of [start, end)."""
        return any(item.start < end and start < item.end for item in self.items)

    def drop_failed(self) -> None:
        """Removes the items whose append failed inside."""
        for item in [each for each in self.items if each.vanishes]:
            self.items.remove(item)
            item.gone = True


@dataclass(slots=True, eq=False)
class TimelineState:
    """A timeline.

    Attributes:
        identity: its unique id.
        name: unique in its project.
        clock: its own rate.
        start_frame: the frame of its first timecode.
        tracks: by kind: video, audio, subtitle.
        marks: of the picture and of the sound, by ``video`` and ``audio``.
        markers: by frame from the start.
        playhead: absolute frame.
        settings: its own, where it does not use the project's.
        selected: the items that the user selected.
        gone: it was deleted.
    """

    identity: str
    name: str
    clock: Clock
    start_frame: int
    tracks: dict[str, list[Track]] = field(default_factory=lambda: {"video": [], "audio": [], "subtitle": []})
    marks: dict[str, Marks] = field(default_factory=dict)
    markers: dict[int, Marker] = field(default_factory=dict)
    playhead: int = 0
    settings: dict[str, str] = field(default_factory=dict)
    selected: list[Item] = field(default_factory=list)
    gone: bool = False

    def every_track(self) -> list[Track]:
        """All tracks: video, audio, subtitle."""
        return [track for tracks in self.tracks.values() for track in tracks]

    def items(self) -> list[Item]:
        """All items of all tracks."""
        return [item for track in self.every_track() for item in track.items]

    @property
    def end_frame(self) -> int:
        """The record frame after the last item."""
        return max([self.start_frame, *(item.end for item in self.items())])


@dataclass(slots=True)
class Deliver:
    """The Deliver page, which belongs to the user.

    Attributes:
        settings: what ``SetRenderSettings`` merged.
        render_format: the container.
        codec: the video codec.
        preset: the preset that was loaded last.
        mode: 0 individual clips, 1 single clip.
        jobs: the queue.
        presets: those that were saved: settings, container and codec by name.
        rendering: the ids of the jobs that are being rendered.
    """

    settings: dict[str, Any] = field(
        default_factory=lambda: {
            "TargetDir": "/renders",
            "CustomName": "My film",
            "SelectAllFrames": True,
            "ExportVideo": True,
            "ExportAudio": True,
            "FormatWidth": 1920,
            "FormatHeight": 1080,
        }
    )
    render_format: str = "mov"
    codec: str = "ProRes422HQ"
    preset: str = ""
    mode: int = 1
    jobs: list[dict[str, Any]] = field(default_factory=list)
    presets: dict[str, tuple[dict[str, Any], str, str]] = field(default_factory=dict)
    rendering: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class ProjectState:
    """A project: its media pool, its timelines, what is current, and its settings.

    ``held`` is one that was opened and not closed again: it cannot be deleted, though another is open.
    """

    identity: str
    name: str
    clock: Clock
    root: Bin
    bin: Bin
    timelines: list[TimelineState] = field(default_factory=list)
    current: TimelineState | None = None
    settings: dict[str, str] = field(default_factory=dict)
    deliver: Deliver = field(default_factory=Deliver)
    held: bool = field(default=False, repr=False)
    gone: bool = False
