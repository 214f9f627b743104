"""A sequence as plain values: what the layer that touches Blender reads, and all else works on.

Frames are Blender's own timeline frames; the end of a span is exclusive. Nothing here points into Blender.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

SHOWN_KINDS = frozenset({"MOVIE", "IMAGE"})
"""Kinds of strips whose picture is a file that the daemon can read."""

TWO_SIDED_KINDS = frozenset({"CROSS", "GAMMA_CROSS", "WIPE"})
"""Effects that lead from one strip to another."""


@dataclass(frozen=True, slots=True)
class Span:
    """Timeline frames from ``start`` up to ``end``, the latter exclusive."""

    start: int
    end: int

    @property
    def frames(self) -> int:
        """How many; 0 or less where it is empty."""
        return self.end - self.start

    def meets(self, other: "Span") -> bool:
        """Whether both share a frame."""
        return self.start < other.end and other.start < self.end

    def within(self, other: "Span") -> "Span":
        """What both share; of no or negative length where they share nothing."""
        return Span(max(self.start, other.start), min(self.end, other.end))


@dataclass(frozen=True, slots=True)
class Media:
    """The files behind a strip.

    Attributes:
        path: absolute path of the movie or sound, or of the folder that holds the images; "" where it cannot be told,
            as for ``//`` paths in a file that was never saved.
        present: whether it is there.
        packed: whether it is held inside the blend file alone.
        rate: frames per second of a movie, the broadcast rates exact; None where Blender does not say.
        frames: frames of the whole movie; None where it was not needed or cannot be told.
        size: width and height in pixels; None where Blender does not say.
        images: names of the images in ``path``, in the order in which they show.
    """

    path: str
    present: bool = True
    packed: bool = False
    rate: Fraction | None = None
    frames: int | None = None
    size: tuple[int, int] | None = None
    images: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What Blender does to a strip's picture on its way to the screen.

    Attributes:
        blend: Blender's blend type; "REPLACE", "ALPHA_OVER" and "CROSS" cover what lies below.
        opacity: 0 to 1.
        saturation: 1 leaves the colours as they are.
        brightness: what colours are multiplied with.
        modifiers: whether any modifier is at work.
        strobe: only every so many frames show; 0 and 1 show all.
        scale: across and down.
        offset: across and up, in pixels of the render size.
        rotation: in radians.
        upside_down: whether it is mirrored from top to bottom.
        crop: pixels of the source cut off left, right, bottom and top.
        animated: names of its properties that change over time.
    """

    blend: str = "REPLACE"
    opacity: float = 1.0
    saturation: float = 1.0
    brightness: float = 1.0
    modifiers: bool = False
    strobe: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    offset: tuple[float, float] = (0.0, 0.0)
    rotation: float = 0.0
    upside_down: bool = False
    crop: tuple[int, int, int, int] = (0, 0, 0, 0)
    animated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Strip:
    """One strip.

    Attributes:
        name: Blender's unique name.
        kind: Blender's type: "MOVIE", "IMAGE", "SOUND", "META", "SCENE", "TEXT", "CROSS" …
        channel: 1 to 128, from the bottom up.
        span: what shows, between its handles.
        content_start: frame at which its content begins, perhaps before the left handle.
        content_frames: how long the content is on the timeline, after hard trims.
        trim: frames of the source cut off for good at its beginning and end.
        muted: whether the strip itself is muted throughout.
        selected: whether it is selected, at the level that the sequencer shows: the top, or inside of a meta.
        reversed: whether it plays backwards.
        retimed: whether it has retiming keys, or a speed other than its own.
        media: the files behind it; None for what has none.
        look: what happens to its picture.
        silent: whether its volume is 0 throughout.
        sound_offset: seconds by which a sound is shifted against the strip.
        inputs: names of the strips that an effect works on.
        strips: what a meta holds, on the same timeline frames.
        muted_channels: the channels inside a meta that are muted.
        job: the job that made it, where it is music of Sonique; else "".
    """

    name: str
    kind: str
    channel: int
    span: Span
    content_start: Fraction = Fraction(0)
    content_frames: int = 0
    trim: tuple[int, int] = (0, 0)
    muted: bool = False
    selected: bool = False
    reversed: bool = False
    retimed: bool = False
    media: Media | None = None
    look: Look = Look()
    silent: bool = False
    sound_offset: Fraction = Fraction(0)
    inputs: tuple[str, ...] = ()
    strips: tuple["Strip", ...] = ()
    muted_channels: frozenset[int] = frozenset()
    job: str = ""


@dataclass(frozen=True, slots=True)
class Marker:
    """A timeline marker."""

    name: str
    frame: int
    selected: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A scene's sequence at one moment.

    Attributes:
        scene: the scene's name.
        scene_uid: its session id, which a new name does not change.
        rate: frames per second, the broadcast rates exact.
        scene_span: from the scene's first to its last frame.
        preview_span: the preview range where it is on, else None.
        size: width and height of a render in pixels.
        strips: those at the top, in any order.
        muted_channels: channels at the top that are muted.
        locked_channels: channels at the top that are locked.
        markers: timeline markers in order.
        file: absolute path of the blend file; "" where it was never saved.
    """

    scene: str
    scene_uid: int
    rate: Fraction
    scene_span: Span
    preview_span: Span | None = None
    size: tuple[int, int] = (1920, 1080)
    strips: tuple[Strip, ...] = ()
    muted_channels: frozenset[int] = frozenset()
    locked_channels: frozenset[int] = frozenset()
    markers: tuple[Marker, ...] = ()
    file: str = ""


def all_strips(strips: tuple[Strip, ...]) -> Iterator[Strip]:
    """``strips``, and what the metas among them hold, at every depth."""
    for strip in strips:
        yield strip
        yield from all_strips(strip.strips)
