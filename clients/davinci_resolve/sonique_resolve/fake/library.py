"""How media, tracks, timelines and projects come to be and go, below the names that scripts see."""

import copy
from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from sonique_resolve.fake.clock import Clock
from sonique_resolve.fake.footage import read_film
from sonique_resolve.fake.host import Host
from sonique_resolve.fake.riff import read_sound
from sonique_resolve.fake.state import Bin, Item, Media, ProjectState, TimelineState, Track

_TITLES = {"video": "Video", "audio": "Audio", "subtitle": "Subtitle"}
_ROUNDINGS: dict[str, Callable[[Fraction], int]] = {"floor": floor, "nearest": round, "ceil": ceil}


def new_project(host: Host, name: str, clock: Clock) -> ProjectState:
    """An empty project."""
    root = Bin(host.new_identity(), "Master")
    size = {"timelineResolutionWidth": "1920", "timelineResolutionHeight": "1080"}
    return ProjectState(host.new_identity(), name, clock, root, root, settings=size)


def new_timeline(host: Host, name: str, clock: Clock, start_frame: int, audio_tracks: tuple[str, ...]) -> TimelineState:
    """An empty timeline, current, and in the current bin as media."""
    project = host.opened
    timeline = TimelineState(host.new_identity(), name, clock, start_frame, playhead=start_frame)
    add_track(timeline, "video", "")
    for subtype in audio_tracks:
        add_track(timeline, "audio", subtype)
    project.timelines.append(timeline)
    project.current = timeline
    media = Media(host.new_identity(), name, "", "Timeline", clock, 0, start_frame, timeline=timeline)
    project.bin.media.append(media)
    return timeline


def add_track(
    timeline: TimelineState, kind: str, subtype: str, *, index: int | None = None, name: str = "", locked: bool = False
) -> Track:
    """Makes a track at ``index`` (from one); at the end where that is out of range."""
    tracks = timeline.tracks[kind]
    place = index - 1 if index is not None and 1 <= index <= len(tracks) else len(tracks)
    own_name = name or f"{_TITLES[kind]} {len(tracks) + 1}"
    track = Track(kind, own_name, subtype if kind == "audio" else "", locked)
    tracks.insert(place, track)
    return track


def imported(host: Host, path: str) -> Media | None:
    """The media of a file, as an import makes it now; None where it cannot be read.

    Sound has no frame rate: it takes the project's of this moment, and keeps it.
    """
    if path in host.declared:
        media = copy.copy(host.declared[path])
        media.identity = host.new_identity()
        return media
    if not readable(host, path):
        return None
    sound = read_sound(Path(path))
    if sound is None:
        return _film(host, path)
    clock = host.opened.clock
    frames = _ROUNDINGS[host.settings.wav_frames](Fraction(sound.samples, sound.sample_rate) * clock.fps)
    name = file_name(host, path)
    return Media(host.new_identity(), name, path, "Audio", clock, frames, 0, sound.channels, sound.sample_rate)


def _film(host: Host, path: str) -> Media | None:
    """A film has a rate of its own, whatever the project's is."""
    film = read_film(Path(path)) if host.settings.imports_films else None
    if film is None:
        return None
    name = file_name(host, path)
    kind = "Video + Audio" if film.channels else "Video"
    return Media(
        host.new_identity(), name, path, kind, Clock(film.fps), film.frames, 0, film.channels, film.sample_rate
    )


def bring(host: Host, paths: list[str]) -> list[Media]:
    """Imports files into the current bin; what cannot be read is left out."""
    found = [media for path in paths if (media := imported(host, path)) is not None]
    host.opened.bin.media.extend(found)
    return found


def readable(host: Host, path: str) -> bool:
    """Whether this Resolve may reach ``path``: the App Store's build reaches no more than the folder of films."""
    return not host.settings.app_store or Path(path).is_relative_to(Path.home() / "Movies")


def file_name(host: Host, path: str) -> str:
    """The last part of a path of that system."""
    return PureWindowsPath(path).name if host.settings.system == "windows" else PurePosixPath(path).name


def link(items: list[Item]) -> None:
    """Links items with one another."""
    for item in items:
        item.linked = [other for other in items if other is not item]


def remove(timeline: TimelineState, item: Item) -> bool:
    """Takes an item off its track; what it is linked with stays."""
    for track in timeline.every_track():
        if item in track.items:
            track.items.remove(item)
            item.gone = True
            for other in item.linked:
                other.linked = [each for each in other.linked if each is not item]
            return True
    return False


def project_settings(host: Host, project: ProjectState) -> dict[str, Any]:
    """The settings of a project as scripts read them."""
    return {**clock_settings(host, project.clock), **project.settings}


def timeline_settings(host: Host, project: ProjectState, timeline: TimelineState) -> dict[str, Any]:
    """The settings of a timeline as scripts read them: its own rate, and the project's where it says nothing else."""
    return {
        **project.settings,
        "useCustomSettings": "0" if timeline.clock == project.clock else "1",
        **clock_settings(host, timeline.clock),
        **timeline.settings,
    }


def clock_settings(host: Host, clock: Clock) -> dict[str, Any]:
    """The frame rate and the way of counting, in the words or numbers of this Resolve."""
    named = f"{clock.name} DF" if clock.drop_frame else clock.name
    forms: dict[str, Any] = {"text": named, "plain": clock.name, "number": clock.number}
    return {
        "timelineFrameRate": forms[host.settings.rate_form],
        "timelinePlaybackFrameRate": clock.name,
        "timelineDropFrameTimecode": "1" if clock.drop_frame else "0",
    }


def setting(settings: dict[str, Any], name: str) -> Any:
    """One setting, empty where there is none of that name; all of them without a name."""
    return settings.get(name, "") if name else dict(settings)


def duplicated(host: Host, timeline: TimelineState, name: str) -> TimelineState:
    """A copy of a timeline over the same media; it becomes the current one."""
    project = host.opened
    known: dict[int, object] = {id(media): media for media in project.root.everything()}
    made = copy.deepcopy(timeline, known)
    made.identity, made.name = host.new_identity(), name
    for item in made.items():
        item.identity = host.new_identity()
    project.timelines.append(made)
    project.current = made
    project.bin.media.append(
        Media(host.new_identity(), name, "", "Timeline", made.clock, 0, made.start_frame, timeline=made)
    )
    return made


def remove_timeline(project: ProjectState, timeline: TimelineState) -> None:
    """Takes a timeline out of a project, and out of its bins."""
    project.timelines.remove(timeline)
    timeline.gone = True
    for each in project.root.all_bins():
        each.media = [media for media in each.media if media.timeline is not timeline]
    if project.current is timeline:
        project.current = project.timelines[0] if project.timelines else None
