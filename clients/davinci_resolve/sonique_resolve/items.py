"""Looking at a range: which items stand in it, and what each of them plays.

A long timeline has thousands of items, and each question costs a call. So the range is first narrowed by asking a few
items of each track where they begin; only those that may touch it are looked at. Where that would take many calls,
Resolve is asked to write the timeline as a file, which is one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from sonique_resolve.batch import Answers, Batch
from sonique_resolve.calls import Desk, Handle, Ref
from sonique_resolve.exporting import exported, missing_media
from sonique_resolve.media import part_played, read_media, speed_told
from sonique_resolve.timeline import Item, Media, ReadRange, ReadTimeline, TimelineRange, Track

_PROBES = 24
"""Items of a track that are asked at once where they begin."""

_BEFORE = 2
"""Items before the one that the range begins in that are looked at too: a transition stands on what it joins."""

MOST_CALLS = 700
"""Calls that a range may cost; where it would cost more, it is read from a file that Resolve writes."""

PER_ITEM = 7
"""Calls for one item: end, enabled, media, the two ends of what it plays, its media's properties, maybe its start."""


def look(desk: Desk, read: ReadTimeline, span: TimelineRange) -> ReadRange:
    """What stands in ``span``.

    Raises:
        ResolveGone: Resolve ended.
        ResolveBusy: it does not answer.
    """
    windows = [Window(track, 0, len(track.handles)) for track in read.tracks if not track.own]
    if not _narrow(desk, windows, span, MOST_CALLS):
        document = exported(desk, read)
        if document:
            return ReadRange(read, span, unseen=tuple(_missing(document)), exported=document)
        _narrow(desk, windows, span)
    found = _details(desk, read, windows)
    items = {key: _touching(items, span) for key, items in found.items()}
    return ReadRange(read, span, items, tuple(_notes(read, items)), tuple(_unseen(items)))


@dataclass(slots=True)
class Window:
    """The items of a track that may touch a range.

    Attributes:
        track: whose.
        first: the index of the first of them.
        end: the index after the last.
        starts: where the items begin, as far as that was asked, by index.
    """

    track: Track
    first: int
    end: int
    starts: dict[int, int] = field(default_factory=dict)

    @property
    def handles(self) -> tuple[Handle, ...]:
        """The items."""
        return self.track.handles[self.first : self.end]

    def unknown(self, span: TimelineRange) -> list[int]:
        """Items to ask next, so that both ends of ``span`` are found; none once they are."""
        count = len(self.track.handles)
        if not self.starts:
            return _spread(0, count)
        known = sorted(self.starts)
        if [self.starts[index] for index in known] != sorted(self.starts.values()):
            return [index for index in range(count) if index not in self.starts]
        wanted: set[int] = set()
        for frame in (span.start_frame + 1, span.end_frame):
            below = max((index for index in known if self.starts[index] < frame), default=-1)
            above = min((index for index in known if self.starts[index] >= frame), default=count)
            wanted.update(_spread(below + 1, above))
        return sorted(wanted)

    def close(self, span: TimelineRange) -> None:
        """Takes the bounds from what is known of the starts."""
        count = len(self.track.handles)
        ordered = sorted(self.starts.values()) == [self.starts[index] for index in sorted(self.starts)]
        if not ordered:
            self.first, self.end = 0, count
            return
        before = [index for index, start in self.starts.items() if start <= span.start_frame]
        after = [index for index, start in self.starts.items() if start >= span.end_frame]
        self.first = max(0, max(before, default=0) - _BEFORE)
        self.end = min(after, default=count)


def _spread(first: int, end: int) -> list[int]:
    """At most ``_PROBES`` indices from ``first`` to before ``end``, evenly."""
    count = end - first
    if count <= 2 * _PROBES:
        return list(range(first, end))
    return sorted({first + place * (count - 1) // (_PROBES - 1) for place in range(_PROBES)})


def find_windows(desk: Desk, tracks: Iterable[Track], span: TimelineRange) -> list[Window]:
    """The items of each track that may touch ``span``; a few rounds of questions, all tracks at once."""
    windows = [Window(track, 0, len(track.handles)) for track in tracks if not track.own]
    _narrow(desk, windows, span)
    return windows


def _narrow(desk: Desk, windows: list[Window], span: TimelineRange, most: int | None = None) -> bool:
    """Narrows the windows to ``span``; False where looking at what is in them would cost more than ``most`` calls."""
    calls = 0
    while True:
        places = [(window, index) for window in windows for index in window.unknown(span)]
        calls += len(places)
        if most is not None and calls > most:
            return False
        if not places:
            break
        _ask_starts(desk, places, span)
    for window in windows:
        window.close(span)
    return most is None or calls + PER_ITEM * sum(len(window.handles) for window in windows) <= most


def _ask_starts(desk: Desk, places: list[tuple[Window, int]], span: TimelineRange) -> None:
    batch = Batch()
    refs = [batch.call(window.track.handles[index], "GetStart") for window, index in places]
    answers = batch.run(desk)
    for (window, index), ref in zip(places, refs, strict=True):
        start = answers.whole(ref)
        window.starts[index] = span.end_frame if start is None else start


@dataclass(slots=True)
class _Asked:
    """An item under way."""

    window: Window
    index: int
    refs: dict[str, Ref]
    media: Handle | None = None
    item: Item = field(default_factory=lambda: Item(0, 0, None))
    times: tuple[float, float] | None = None
    sure: bool = True


def _details(desk: Desk, read: ReadTimeline, windows: list[Window]) -> dict[tuple[str, int], tuple[Item, ...]]:
    places = [(window, index) for window in windows for index in range(window.first, window.end)]
    if not places:
        return {}
    first = places[0][0].track.handles[places[0][1]]
    has = Batch()
    timed, sped = has.has(first, "GetSourceStartTime"), has.has(first, "GetSpeed")
    can = has.run(desk)
    asked = _ends(desk, places, timed=can.yes(timed))
    media = _media(desk, asked)
    for each in asked:
        _fill(each, read, media)
    if can.yes(sped):
        _ask_speeds(desk, asked)
    found: dict[tuple[str, int], tuple[Item, ...]] = {}
    for each in asked:
        key = (each.window.track.kind, each.window.track.index)
        found[key] = (*found.get(key, ()), each.item)
    return found


def _ends(desk: Desk, places: list[tuple[Window, int]], *, timed: bool) -> list[_Asked]:
    """Asks each item where it ends, what it plays, and from when to when."""
    methods = {"end": "GetEnd", "enabled": "GetClipEnabled", "media": "GetMediaPoolItem"}
    methods |= {"first": "GetSourceStartTime", "last": "GetSourceEndTime"} if timed else {"left": "GetLeftOffset"}
    batch, asked = Batch(), []
    for window, index in places:
        handle = window.track.handles[index]
        refs = {word: batch.call(handle, method) for word, method in methods.items()}
        if index not in window.starts:
            refs["start"] = batch.call(handle, "GetStart")
        asked.append(_Asked(window, index, refs))
    answers = batch.run(desk)
    for each in asked:
        _take_in(each, answers)
    return asked


def _take_in(each: _Asked, answers: Answers) -> None:
    refs = each.refs
    start = answers.whole(refs["start"]) if "start" in refs else each.window.starts[each.index]
    end = answers.whole(refs["end"])
    start = 0 if start is None else start
    enabled = answers.value(refs["enabled"]) is not False
    each.item = Item(start, start if end is None else max(start, end), None, enabled=enabled)
    each.media = answers.handle(refs["media"])
    times = [answers.number(refs[word]) for word in ("first", "last") if word in refs]
    each.times = (times[0], times[1]) if len(times) == 2 and None not in times else None  # type: ignore[assignment]
    if "left" in refs:
        left = answers.number(refs["left"])
        each.times = None
        each.item = replace(each.item, source_start=None if left is None else Fraction(left).limit_denominator(1000))


def _media(desk: Desk, asked: list[_Asked]) -> dict[int, Media]:
    """The media by the number of its handle; the names of items that have none are asked on the way."""
    batch = Batch()
    handles = {each.media.number: each.media for each in asked if each.media is not None}
    media = {number: batch.call(handle, "GetClipProperty") for number, handle in handles.items()}
    nameless = [each for each in asked if each.media is None]
    names = [batch.call(each.window.track.handles[each.index], "GetName") for each in nameless]
    if not batch.steps:
        return {}
    answers = batch.run(desk)
    for each, name in zip(nameless, names, strict=True):
        each.item = replace(each.item, name=answers.text(name))
    return {number: read_media(answers.table(ref)) for number, ref in media.items()}


def _fill(each: _Asked, read: ReadTimeline, media: dict[int, Media]) -> None:
    """What the item plays, and how fast."""
    if each.media is None:
        return
    played = media[each.media.number]
    each.item = replace(each.item, media=played, name=played.name)
    if each.times is not None:
        part = part_played(played, *each.times, read.rate.seconds(each.item.frames))
        each.item = replace(each.item, source_start=part.start, speed=part.speed)
        each.sure = part.sure and part.speed == 1
    elif each.item.source_start is not None:
        # Before 19 there is only the offset: in record frames for sound, in the media's own for picture.
        rate = read.rate.fps if each.window.track.kind == "audio" else played.fps or read.rate.fps
        each.item = replace(each.item, source_start=each.item.source_start / rate)


def _ask_speeds(desk: Desk, asked: list[_Asked]) -> None:
    """The told speed of each item whose speed is not plainly normal."""
    batch = Batch()
    unsure = [each for each in asked if each.media is not None and not each.sure]
    refs = [batch.call(each.window.track.handles[each.index], "GetSpeed") for each in unsure]
    if not refs:
        return
    answers = batch.run(desk)
    for each, ref in zip(unsure, refs, strict=True):
        told = speed_told(answers.value(ref))
        if told is not None:
            # Some releases tell a reversed clip by its direction alone.
            backwards = each.item.speed < 0 < told
            each.item = replace(each.item, speed=-told if backwards else told)


def _touching(items: tuple[Item, ...], span: TimelineRange) -> tuple[Item, ...]:
    found = (item for item in items if span.touches(item.start_frame, item.end_frame))
    return tuple(sorted(found, key=lambda item: item.start_frame))


def _notes(read: ReadTimeline, items: dict[tuple[str, int], tuple[Item, ...]]) -> Iterable[str]:
    """What could not be read as it is."""
    seen = [item for key in items for item in items[key] if item.enabled]
    offline = dict.fromkeys(item.media.file_name for item in seen if item.media is not None and not item.media.online)
    if offline:
        yield f"{_named(list(offline), 'clip is', 'clips are')} offline and count as black; relink them."
    if read.host.version and read.host.version < (19,):
        yield f"{read.host.title} does not tell the speed of clips; all count as playing at normal speed."


def _unseen(items: dict[tuple[str, int], tuple[Item, ...]]) -> Iterable[str]:
    """What there is no file of, so that only a render shows it."""
    seen = [item for key in items for item in items[key] if item.enabled]
    nested = dict.fromkeys(item.media.name for item in seen if item.media is not None and item.media.nested)
    if nested:
        yield (
            f"{_named(list(nested), 'nested timeline or compound clip', 'nested timelines or compound clips')} cannot "
            "be looked into and count as black; a proxy render shows them."
        )
    tracks = [items[key] for key in items if key[0] == "video"]
    titles = dict.fromkeys(item.name for track in tracks for item in track if item.enabled and _covers(item, track))
    if titles:
        named = _named(list(titles), "title or generator", "titles or generators")
        yield f"{named} without media: what lies below counts; a proxy render shows them."


def _covers(item: Item, track: tuple[Item, ...]) -> bool:
    """Whether it is a title or generator, which stands alone; a transition stands on the longer items that it joins."""
    span = TimelineRange(item.start_frame, item.frames)
    joined = (each for each in track if each is not item and span.touches(each.start_frame, each.end_frame))
    return item.media is None and not any(each.media is not None or each.frames > item.frames for each in joined)


def _missing(document: str) -> Iterable[str]:
    """The same of a document that Resolve wrote, which does not tell titles and nested timelines apart."""
    names = list(dict.fromkeys(missing_media(document)))
    if names:
        named = _named(names, "clip without a media file", "clips without a media file")
        yield f"{named}, a title or a nested timeline: what lies below counts; a proxy render shows them."


def _named(names: list[str], one: str, several: str) -> str:
    return f"1 {one} (“{names[0]}”)" if len(names) == 1 else f"{len(names)} {several} (“{names[0]}” and others)"


def clip_at(desk: Desk, read: ReadTimeline, frame: int) -> TimelineRange | None:
    """The range of the topmost clip that stands on ``frame``; a selected one where this release tells of those.

    Where there is no picture, that of the sound on the first track that has some.
    """
    spot = TimelineRange(frame, 1)
    seen = [track for track in read.tracks if track.kind == "video"][::-1]
    heard = [track for track in read.tracks if track.kind == "audio"]
    windows = find_windows(desk, [*seen, *heard], spot)
    batch = Batch()
    asked = [_ask_ends(batch, window.handles) for window in windows]
    can_select = batch.has(read.timeline, "GetSelectedClips")
    answers = batch.run(desk)
    if answers.yes(can_select) and (selected := _selected_at(desk, read, frame)) is not None:
        return selected
    found = (_longest(_ranges(answers, refs), frame) for refs in asked)
    return next((span for span in found if span is not None), None)


def _ask_ends(batch: Batch, handles: Iterable[Handle]) -> list[tuple[Ref, Ref]]:
    return [(batch.call(handle, "GetStart"), batch.call(handle, "GetEnd")) for handle in handles]


def _ranges(answers: Answers, refs: list[tuple[Ref, Ref]]) -> Iterator[TimelineRange]:
    for first, last in refs:
        start, end = answers.whole(first), answers.whole(last)
        if start is not None and end is not None:
            yield TimelineRange(start, end - start)


def _longest(spans: Iterable[TimelineRange], frame: int) -> TimelineRange | None:
    """The longest that holds ``frame``: a transition stands on the longer items that it joins."""
    return max((span for span in spans if span.contains(frame)), key=lambda span: span.frames, default=None)


def _selected_at(desk: Desk, read: ReadTimeline, frame: int) -> TimelineRange | None:
    listed = Batch()
    ref = listed.call(read.timeline, "GetSelectedClips")
    handles = listed.run(desk).handles(ref)
    if not handles:
        return None
    batch = Batch()
    refs = _ask_ends(batch, handles)
    return _longest(_ranges(batch.run(desk), refs), frame)
