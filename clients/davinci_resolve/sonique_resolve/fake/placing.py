"""What becomes of an append to the current timeline."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sonique_resolve.fake import library
from sonique_resolve.fake.host import Host
from sonique_resolve.fake.live import is_whole, state_of
from sonique_resolve.fake.settings import AppendMode
from sonique_resolve.fake.state import Item, Media, TimelineState, Track

_PLACE_KEYS = ("startFrame", "endFrame", "recordFrame")
_NOTHING: dict[AppendMode, list[Item | None] | None] = {"none": None, "empty": [], "holes": [None]}


@dataclass(frozen=True, slots=True)
class _Wish:
    """One entry of an append: which source frames go where; None where it does not say."""

    media: Media
    first: int
    frames: int
    kinds: tuple[str, ...]
    track: int | None
    record: int | None


def append(host: Host, clips: list[Any]) -> list[Item | None] | None:
    """Places ``clips`` (live media, or tables) and answers what Resolve would: not always what it did.

    The playhead goes to the end of what was placed.
    """
    project = host.project
    timeline = project.current if project is not None else None
    wishes = [_wish(host, clip) for clip in clips]
    if timeline is None or not wishes or any(wish is None for wish in wishes):
        return None
    mode = _mode(host)
    if mode in _NOTHING:
        return _NOTHING[mode]
    placed = [item for wish in wishes if wish is not None for item in _place(host, timeline, wish, mode)]
    return [] if mode == "unsaid" else list(placed)


def _mode(host: Host) -> AppendMode:
    """Which fate this append meets."""
    host.appends += 1
    limit = host.settings.append_faults
    return host.settings.append if limit is None or host.appends <= limit else "ok"


def _wish(host: Host, clip: Any) -> _Wish | None:
    """The entry as it is understood; None refuses the whole batch."""
    table = clip if isinstance(clip, dict) else {"mediaPoolItem": clip}
    media = state_of(table.get("mediaPoolItem"))
    if not isinstance(media, Media) or media.gone:
        return None
    places = {key: table[key] for key in _PLACE_KEYS if table.get(key) is not None}
    fractional = not all(is_whole(value) for value in places.values())
    if fractional and host.settings.release >= (21, 0, 0):
        return None
    first = int(places.get("startFrame", 0))
    end = int(places["endFrame"]) + host.settings.end_is_inclusive if "endFrame" in places else media.frames
    record = int(places["recordFrame"]) if "recordFrame" in places else None
    track = int(table["trackIndex"]) if table.get("trackIndex") is not None else None
    return _Wish(media, first, min(end, media.frames) - first, _kinds(media, table.get("mediaType")), track, record)


def _kinds(media: Media, wanted: Any) -> tuple[str, ...]:
    """The kinds of tracks that the media's parts go to."""
    own = ("audio",) if media.kind == "Audio" else ("video",) if media.kind == "Video" else ("video", "audio")
    return tuple(kind for kind in own if wanted is None or wanted == {"video": 1, "audio": 2}[kind])


def _place(host: Host, timeline: TimelineState, wish: _Wish, mode: AppendMode) -> list[Item]:
    """The items of one entry; none where it is silently dropped."""
    frames = _record_frames(timeline, wish) - (mode == "short")
    start = (timeline.end_frame if wish.record is None else wish.record) + (mode == "late")
    if frames <= 0:
        return []
    items = []
    for kind in wish.kinds:
        track = _track(timeline, kind, wish, start, start + frames)
        if track is None or track.locked:
            continue
        at = start
        if track.items and host.settings.record_frame == "end_of_track":
            at = max(item.end for item in track.items)
        made = Item(host.new_identity(), wish.media.name, wish.media, kind, at, frames, Fraction(wish.first))
        if mode == "ghost" or track.occupied(at, at + frames):
            made.identity = ""
            items += [made] if mode == "ghost" or host.settings.occupied == "ghost" else []
            continue
        made.vanishes = mode == "vanishes"
        track.items.append(made)
        items.append(made)
        timeline.playhead = made.end
    library.link([item for item in items if item.identity])
    return items


def _record_frames(timeline: TimelineState, wish: _Wish) -> int:
    """Source frames at the media's rate, in whole record frames: what is left over is cut."""
    return int(wish.frames / wish.media.clock.fps * timeline.clock.fps)


def _track(timeline: TimelineState, kind: str, wish: _Wish, start: int, end: int) -> Track | None:
    """The track that is meant; without a word of it picture goes to the first, sound to the next free one."""
    tracks = timeline.tracks[kind]
    if wish.track is not None:
        return tracks[wish.track - 1] if 1 <= wish.track <= len(tracks) else None
    if kind == "video":
        return tracks[0] if tracks else None
    free = (track for track in tracks if not track.locked and not track.occupied(start, end))
    return next(free, None) or library.add_track(timeline, kind, "mono")
