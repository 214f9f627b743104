"""What is to be placed, and what was."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

from sonique_resolve.timeline import TimelineRange


@dataclass(frozen=True, slots=True)
class Take:
    """One take's sound.

    Attributes:
        mix: its WAV file, at least as long as the range.
        stems: those of its stems by their names ("drums"), where they are wanted.
        seed: what it was made from.
    """

    mix: Path
    stems: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Placement:
    """Music that is to stand on a timeline.

    Attributes:
        range: where, exactly.
        takes: all are imported, one is placed.
        job: the id of the job that made them; a re-run over the same range replaces what another job placed there.
        chosen: the index of the take that is placed.
        stems: whether its stems are placed, each on a track of its own, in place of the mix.
        engine: what made it, for the records.
        title: the marker's and the item's name.
        note: the marker's text.
        fade_in: frames; 0 for none. Set on the item where this release can; baked into the file before.
        fade_out: the same at the end.
        volume_db: -100 to 30; the same.
        color: one of Resolve's sixteen clip colours.
        marker_color: one of its sixteen marker colours.
    """

    range: TimelineRange
    takes: tuple[Take, ...]
    job: str
    chosen: int = 0
    stems: bool = False
    engine: str = ""
    title: str = "Sonique"
    note: str = ""
    fade_in: int = 0
    fade_out: int = 0
    volume_db: float = 0.0
    color: str = "Teal"
    marker_color: str = "Mint"

    @property
    def take(self) -> Take:
        """The take that is placed."""
        return self.takes[self.chosen]

    def parts(self, take: Take) -> dict[str, Path]:
        """The files of a take that would be placed, by what they are called: "" is the mix."""
        return dict(take.stems) if self.stems and take.stems else {"": take.mix}


@dataclass(frozen=True, slots=True)
class PlacedItem:
    """One clip that stands on the timeline, as it was read back.

    Attributes:
        track: the name of its track.
        track_index: its number among the audio tracks, from 1.
        start_frame: where it begins.
        frames: how long it is.
        file: what it plays.
        item_id: its unique id.
        stem: which stem it is; empty for the mix.
    """

    track: str
    track_index: int
    start_frame: int
    frames: int
    file: Path
    item_id: str = ""
    stem: str = ""


@dataclass(frozen=True, slots=True)
class Placed:
    """Music that stands on a timeline, proved by reading it back.

    Attributes:
        placement: what was asked.
        timeline_id: where.
        items: the clips; one for a mix, one for each stem.
        marker_frame: the absolute frame of its marker; None where none could be set.
        replaced: whether it took the place of an earlier placement.
        end_inclusive: whether this release counts ``endFrame`` in, as learnt; None where either would have done.
        media_fps: the rate that the sound froze at its import.
        timeline_start: the first frame of that timeline, as it was then; None where it is not known.
        notes: sentences: what was done in another way than asked, and what the user should know.
    """

    placement: Placement
    timeline_id: str
    items: tuple[PlacedItem, ...]
    marker_frame: int | None = None
    replaced: bool = False
    end_inclusive: bool | None = None
    media_fps: Fraction | None = None
    timeline_start: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def start_frame(self) -> int:
        """Where it begins."""
        return self.items[0].start_frame

    @property
    def frames(self) -> int:
        """How long it is."""
        return self.items[0].frames

    @property
    def exact(self) -> bool:
        """Whether all of it stands exactly where it was asked for."""
        wanted = self.placement.range
        return all((item.start_frame, item.frames) == (wanted.start_frame, wanted.frames) for item in self.items)
