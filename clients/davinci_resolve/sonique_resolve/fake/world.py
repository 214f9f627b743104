"""The fake itself: one Resolve with its project, and what a test does to it from outside."""

import copy
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from sonique_resolve.fake import library
from sonique_resolve.fake.clock import Clock, clock_named, frame_of
from sonique_resolve.fake.host import Host
from sonique_resolve.fake.resolve import Resolve
from sonique_resolve.fake.settings import Settings
from sonique_resolve.fake.state import Bin, Item, Marker, Marks, Media, TimelineState, Track
from sonique_resolve.fake.timeline import Timeline

_WITHOUT_FILE = {"Timeline", "Compound", "Multicam"}
_KINDS = {"Resolve": Resolve, "Timeline": Timeline}


class World(Host):
    """One Resolve, and what a test puts there and reads.

    Frames given to the builders here count from the timeline's start, so that a test reads the same at every start;
    what the state holds is absolute, as in Resolve.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings if settings is not None else Settings(), _KINDS)
        clock = _clock(self.settings.project_rate)
        self.projects.append(library.new_project(self, self.settings.project, clock))
        self.project = self.projects[0]
        self.new_timeline("Edit", rate=self.settings.own_timeline_rate, audio_tracks=self.settings.audio_tracks)
        self.save()

    # What is there

    def track(self, kind: str, number: int) -> Track:
        """A track of the current timeline, numbered from one."""
        return self.timeline.tracks[kind][number - 1]

    def named_track(self, name: str, kind: str = "audio") -> Track | None:
        """The track of that name on the current timeline."""
        return next((track for track in self.timeline.tracks[kind] if track.name == name), None)

    def bin(self, name: str) -> Bin | None:
        """The bin of that name, wherever it is."""
        return next((each for each in self.opened.root.all_bins() if each.name == name), None)

    def heard(self) -> list[Item]:
        """The audio items that a render of the current timeline would hold: enabled, and not before its start."""
        timeline = self.timeline
        tracks = (track for track in timeline.tracks["audio"] if track.enabled)
        items = (item for track in tracks for item in track.items if item.enabled)
        return [item for item in items if item.start >= timeline.start_frame]

    def users_things(self) -> dict[str, Any]:
        """All that belongs to the user and must be as it was afterwards, for comparison."""
        project = self.opened
        timeline = project.current
        marks = copy.deepcopy(timeline.marks) if timeline is not None else {}
        return {
            "timeline": timeline.identity if timeline is not None else None,
            "bin": project.bin.identity,
            "page": self.page,
            "playhead": timeline.playhead if timeline is not None else None,
            "marks": {kind: (each.mark_in, each.mark_out) for kind, each in marks.items()},
            "locks": [track.locked for track in timeline.every_track()] if timeline is not None else [],
            "deliver": copy.deepcopy(project.deliver),
            "settings": dict(project.settings),
        }

    # What a test puts there

    def film(
        self,
        path: str,
        *,
        frames: int,
        rate: str | None = None,
        start: str = "00:00:00:00",
        kind: str = "Video + Audio",
        channels: int = 2,
        online: bool = True,
    ) -> Media:
        """A film in the media pool's root, by what it declares; its file need not be there.

        Args:
            path: of its file; of a timeline, compound or multicam clip, which have none, its name.
            frames: its length at its rate.
            rate: its frame rate; the timeline's where None.
            start: its first timecode.
            kind: Resolve's word: Video, Audio, Video + Audio, Timeline, Compound, Multicam.
            channels: of its sound.
            online: whether Resolve finds its file.
        """
        clock = _clock(rate) if rate is not None else self.timeline.clock
        first = frame_of(start, clock) or 0
        file = "" if kind in _WITHOUT_FILE else path
        media = Media(self.new_identity(), Path(path).name, file, kind, clock, frames, first, channels)
        media.online = online
        self.opened.root.media.append(media)
        self.declared[path] = media
        return media

    def sound(self, path: Path | str) -> Media:
        """A WAV file, imported into the media pool's root as Resolve would."""
        media = library.imported(self, str(path))
        assert media is not None, f"“{path}” is no sound."
        self.opened.root.media.append(media)
        return media

    def put(
        self,
        media: Media,
        *,
        at: int,
        frames: int,
        source: Fraction | int = 0,
        speed: Fraction | int = 1,
        track: int = 1,
        kind: Literal["video", "audio", "both"] = "video",
        enabled: bool = True,
    ) -> Item:
        """Puts a clip on the current timeline; tracks that it needs are made.

        Args:
            media: what it plays.
            at: its first frame, from the timeline's start.
            frames: its length in record frames.
            source: its first source frame, from the media's beginning, at the media's rate.
            speed: its source time per record time.
            track: the number of its track.
            kind: where it goes; ``both`` puts linked picture and sound, and answers the picture.
            enabled: whether it is seen or heard.
        """
        kinds = ("video", "audio") if kind == "both" else (kind,)
        start = self.timeline.start_frame + at
        items = [
            Item(
                self.new_identity(), media.name, media, each, start, frames, Fraction(source), Fraction(speed), enabled
            )
            for each in kinds
        ]
        library.link(items)
        for each, item in zip(kinds, items, strict=True):
            own = self._grown(each, track)
            assert not own.occupied(item.start, item.end), f"“{own.name}” is occupied there."
            own.items.append(item)
        return items[0]

    def title(self, name: str, *, at: int, frames: int, track: int = 2, kind: str = "title") -> Item:
        """Puts a title, generator or transition on a video track."""
        item = Item(self.new_identity(), name, None, kind, self.timeline.start_frame + at, frames)
        self._grown("video", track).items.append(item)
        return item

    def add_track(self, kind: str = "audio", subtype: str = "stereo", name: str = "", *, locked: bool = False) -> Track:
        """Puts a track at the end of those of its kind."""
        return library.add_track(self.timeline, kind, subtype, name=name, locked=locked)

    def mark(self, mark_in: int | None, mark_out: int | None, kind: Literal["all", "video", "audio"] = "all") -> None:
        """Sets marks, in frames from the start; either may be missing."""
        for each in ("video", "audio") if kind == "all" else (kind,):
            self.timeline.marks[each] = Marks(mark_in, mark_out)

    def marker(self, frame: int, name: str = "", color: str = "Blue", note: str = "", custom_data: str = "") -> Marker:
        """Puts a marker on the current timeline, in frames from its start."""
        marker = Marker(color, name, note, 1.0, custom_data)
        self.timeline.markers[frame] = marker
        return marker

    def new_timeline(
        self,
        name: str,
        *,
        rate: str | None = None,
        start: str | None = None,
        audio_tracks: tuple[str, ...] = ("stereo",),
    ) -> TimelineState:
        """Makes a timeline with one video track; it becomes the current one."""
        clock = _clock(rate) if rate is not None else self.opened.clock
        first = frame_of(start if start is not None else self.settings.start, clock)
        return library.new_timeline(self, name, clock, first or 0, audio_tracks)

    def new_bin(self, name: str, *, current: bool = False) -> Bin:
        """Makes a bin below the root."""
        made = Bin(self.new_identity(), name)
        self.opened.root.bins.append(made)
        if current:
            self.opened.bin = made
        return made

    def playhead(self, frame: int) -> None:
        """Moves the playhead, in frames from the start."""
        self.timeline.playhead = self.timeline.start_frame + frame

    def _grown(self, kind: str, number: int) -> Track:
        while len(self.timeline.tracks[kind]) < number:
            library.add_track(self.timeline, kind, "mono")
        return self.track(kind, number)


def _clock(rate: str) -> Clock:
    clock = clock_named(rate)
    assert clock is not None, f"“{rate}” is no frame rate."
    return clock
