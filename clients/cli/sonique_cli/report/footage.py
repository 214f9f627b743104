"""Footage: pictures of the shots, for the film strip. What cannot be read is left out; a report never fails by it."""

import base64
import io
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import opentimelineio as otio
from av.container import InputContainer
from av.video.stream import VideoStream
from sonique_sending.document import read_document
from sonique_sending.finder import Finder
from sonique_sending.media import Media, Unreadable, look, open_media, picture_stream, shown_size
from sonique_sending.uses import use_of

HEIGHT = 96
"""Lines of a picture."""

_MOST_FRAMES = 900.0
"""Frames that are decoded in all, smaller ones counted as parts: a strip need not cost more than the music."""
_WHOLE_FRAME = 1920 * 1080
"""Pixels from which a frame counts as a whole one."""
_PLAYED_ON = 6.0
"""Seconds that are played rather than jumped over; a jump lands on a key frame, which may lie far back."""
_READ_ERRORS = (av.FFmpegError, OSError, ValueError, EOFError, StopIteration, Unreadable)


@dataclass(frozen=True, slots=True)
class Moment:
    """A picture that is wanted: seconds from the cue's start, and how early it may be taken from (the shot's start)."""

    seconds: float
    earliest: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a moment lies: a media file, and seconds into it."""

    path: Path
    seconds: float


class Reel:
    """What plays on a timeline, as far as its video clips can be followed: one flat track of clips with media.

    Args:
        document: an OTIO document as JSON.
        folder: where relative media paths start.
        media_roots: folders in which media is looked for by name.
        begin: the timeline's time at which the cue begins, counted from the timeline's beginning.
    """

    def __init__(self, document: str, folder: Path, media_roots: Sequence[Path], begin: Fraction) -> None:
        self._files, self._begin = _Files(Finder(folder, media_roots)), float(begin)
        self._spans = list(_spans(read_document(document)))

    def place(self, seconds: float) -> Place | None:
        """What plays ``seconds`` after the cue's start; None where nothing does, or its media is not there."""
        time = self._begin + seconds
        for start, end, clip in self._spans:
            if start <= time < end:
                return self._files.place(clip, time - start)
        return None


def pictures(reel: Reel, moments: Iterable[Moment]) -> Mapping[Moment, str]:
    """The pictures of ``moments`` as ``data:`` URLs, those that can be had."""
    by_file: dict[Path, list[tuple[Moment, Place, float]]] = {}
    for moment in moments:
        place = reel.place(moment.seconds)
        earliest = reel.place(moment.earliest)
        if place is not None:
            since = earliest.seconds if earliest is not None and earliest.path == place.path else place.seconds
            by_file.setdefault(place.path, []).append((moment, place, min(since, place.seconds)))
    found: dict[Moment, str] = {}
    left = _MOST_FRAMES
    for path, wanted in by_file.items():
        with suppress(*_READ_ERRORS), open_media(path) as container:
            player = _Player(container, left)
            for moment, place, since in sorted(wanted, key=lambda each: each[2]):
                data = player.picture(place.seconds, since) if player.budget > 0 else None
                if data is not None:
                    found[moment] = data
            left = player.budget
    return found


def record_start(document: str) -> Fraction:
    """The time on the record clock at which a timeline begins, in seconds; 0 where it says none."""
    timeline = read_document(document)
    start = getattr(timeline, "global_start_time", None)
    try:
        return Fraction(0) if start is None else Fraction(start.value) / Fraction(start.rate).limit_denominator(1001)
    except (ValueError, ArithmeticError):  # a rate of zero, or no number
        return Fraction(0)


def _spans(timeline: object) -> Iterable[tuple[float, float, "otio.schema.Clip"]]:
    """Start, end and clip of everything on the flattened video tracks, in seconds from the timeline's beginning."""
    tracks = timeline.video_tracks() if isinstance(timeline, otio.schema.Timeline) else []
    if not tracks:
        return
    flat = otio.algorithms.flatten_stack(list(tracks)) if len(tracks) > 1 else tracks[0]
    at = 0.0
    for item in flat:
        if isinstance(item, otio.schema.Transition):
            continue
        try:
            length = item.duration().to_seconds()
        except Exception:  # noqa: BLE001 - a clip without ranges plays a file whose length nobody knows here
            length = 24 * 3600.0
        if isinstance(item, otio.schema.Clip):
            yield at, at + length, item
        at += length


class _Files:
    """The files that clips mean, by path or by name as in an edit list, each looked at once."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._known: dict[Path, Media | None] = {}

    def place(self, clip: "otio.schema.Clip", inside: float) -> Place | None:
        """What the clip shows ``inside`` seconds after its beginning."""
        path = self._path(clip)
        media = self._look(path) if path is not None else None
        if path is None or media is None:
            return None
        use = use_of(clip, clip.media_reference, media, None, media.rate or Fraction(24))
        speed = 1.0
        for effect in clip.effects:
            speed *= float(getattr(effect, "time_scalar", 1.0))
        first = float(use.low) if speed >= 0 else float(use.low + use.reach) - 1 / float(media.rate or 24)
        return Place(path, max(0.0, first + inside * speed))

    def _path(self, clip: "otio.schema.Clip") -> Path | None:
        reference = clip.media_reference
        if isinstance(reference, otio.schema.ExternalReference):
            return self._finder.find(reference.target_url) if reference.target_url else None
        if isinstance(reference, otio.schema.MissingReference):
            names = filter(None, (reference.name, clip.name))
            return next((path for name in names if (path := self._finder.named(name)) is not None), None)
        return None

    def _look(self, path: Path) -> Media | None:
        if path not in self._known:
            try:
                self._known[path] = look(path)
            except Unreadable:
                self._known[path] = None
        return self._known[path]


class _Player:
    """A film that is played through once, from early moments to late ones, with as few jumps as can be."""

    def __init__(self, container: InputContainer, budget: float) -> None:
        self._container, self.budget = container, budget
        stream = picture_stream(container)
        if stream is None:
            raise ValueError("no picture")
        self._stream = stream
        self._stream.thread_type = "AUTO"
        self._cost = min(1.0, max(0.1, stream.width * stream.height / _WHOLE_FRAME))
        self._first = float((stream.start_time or 0) * (stream.time_base or 0))
        self._keys = _key_frames(stream)
        self._frames: Iterator[av.VideoFrame] = iter(())
        self._at = float("inf")

    def picture(self, seconds: float, since: float) -> str | None:
        """The first picture that can be had between ``since`` and ``seconds``, or soon after."""
        key = self._keys[bisect_right(self._keys, seconds) - 1] if self._keys else 0.0
        if key > self._at or not self._at <= since <= self._at + _PLAYED_ON:
            assert self._stream.time_base is not None
            self._container.seek(int((self._first + seconds) / self._stream.time_base), stream=self._stream)
            self._frames = iter(self._container.decode(self._stream))
        last = None
        for frame in self._frames:
            self.budget -= self._cost
            last, self._at = frame, (frame.time or 0.0) - self._first
            if self._at >= since - 1e-3 or self.budget <= 0:
                break
        return None if last is None or self._at < since - 1e-3 else _jpeg(last, self._stream.sample_aspect_ratio)


def _key_frames(stream: VideoStream) -> list[float]:
    """Seconds after the first frame of those that need no other, as far as the file's index knows them."""
    stamps = [entry.timestamp for entry in stream.index_entries if entry.is_keyframe]
    return [float((stamp - stamps[0]) * (stream.time_base or 0)) for stamp in stamps]


def _jpeg(frame: "av.VideoFrame", aspect: Fraction | None) -> str:
    """A frame as it is shown: turned upright, its pixels square."""
    turns = round(frame.rotation / 90) % 4
    across, down = shown_size(frame, aspect)
    width = max(2, round(across * HEIGHT / max(down, 1)) // 2 * 2)
    stored = (HEIGHT, width) if turns % 2 else (width, HEIGHT)
    image = frame.reformat(width=stored[0], height=stored[1], format="rgb24").to_ndarray()
    upright = av.VideoFrame.from_ndarray(np.ascontiguousarray(np.rot90(image, turns), np.uint8), format="rgb24")
    small = upright.reformat(format="yuvj420p")
    target = io.BytesIO()
    with av.open(target, "w", format="mjpeg") as container:
        stream = container.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = width, HEIGHT, "yuvj420p"
        stream.codec_context.options = {"qscale": "4"}
        small.pts, small.time_base = 0, Fraction(1)
        container.mux(stream.encode(small))
        container.mux(stream.encode())
    return "data:image/jpeg;base64," + base64.b64encode(target.getvalue()).decode("ascii")
