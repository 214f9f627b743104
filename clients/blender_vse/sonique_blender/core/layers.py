"""Layers: what shows at each frame of a range, worked out from strips that lie over each other and in each other."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from .reasons import Reason, covers, reasons_of
from .strips import Snapshot, Span, Strip

_SOUNDING_KINDS = frozenset({"SOUND", "SCENE"})

Order = tuple[int, ...]
"""Where a strip lies: its channel, then its channel inside its meta, and so on."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What shows for a while.

    Attributes:
        span: where.
        strip: the lowest strip that is seen there, which is the only one unless there are reasons to render; None for
            black.
    """

    span: Span
    strip: Strip | None


@dataclass(frozen=True, slots=True)
class Layers:
    """What a range shows.

    Attributes:
        pieces: in order, without holes or overlaps, filling the range.
        reasons: why Blender must render it, those first that show first; empty where the pieces' files show it.
        missing: strips whose files are not there.
    """

    pieces: tuple[Piece, ...]
    reasons: tuple[Reason, ...]
    missing: tuple[Strip, ...]


@dataclass(frozen=True, slots=True, order=True)
class _Layer:
    """One strip on its way to the screen; sorts from the bottom up."""

    order: Order
    number: int
    span: Span = field(compare=False)
    strip: Strip | None = field(compare=False)
    reasons: frozenset[Reason] = field(compare=False)
    covers: bool = field(compare=False)


def look(snapshot: Snapshot, span: Span) -> Layers:
    """What ``span`` of the sequence shows."""
    found = _Finder(snapshot.size)
    found.add(snapshot.strips, snapshot.muted_channels, span, (), frozenset())
    pieces: list[Piece] = []
    reasons: dict[Reason, None] = {}
    for part, seen in _seen(found.layers, span):
        reasons |= dict.fromkeys(sorted(reason for layer in seen for reason in layer.reasons))
        _append(pieces, Piece(part, seen[-1].strip if seen else None))
        if len(seen) > 1:
            reasons[Reason.MOVED] = None
    return Layers(tuple(pieces), tuple(reasons), tuple(found.missing))


@dataclass(frozen=True, slots=True)
class Sound:
    """What a range sounds like; music of Sonique is no part of it.

    Attributes:
        strips: the sound strips that sound, and where.
        needs_mixing: whether more sounds than files can tell, so that Blender must mix it.
    """

    strips: tuple[tuple[Span, Strip], ...]
    needs_mixing: bool


def heard(snapshot: Snapshot, span: Span) -> Sound:
    """What ``span`` of the sequence sounds like."""
    found = tuple(_heard(snapshot.strips, snapshot.muted_channels, span))
    return Sound(
        tuple((where, strip) for where, strip in found if strip.kind == "SOUND"),
        any(_needs_mixing(strip) for _, strip in found),
    )


class _Finder:
    """Gathers the layers of strips and of what metas hold."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._size = size
        self.layers: list[_Layer] = []
        self.missing: list[Strip] = []

    def add(
        self, strips: tuple[Strip, ...], muted: frozenset[int], window: Span, order: Order, outer: frozenset[Reason]
    ) -> None:
        """Adds those of ``strips`` that show in ``window``; ``outer`` is what happens to all of them."""
        awake = [strip for strip in strips if not strip.muted and strip.channel not in muted and strip.kind != "SOUND"]
        taken: dict[str, list[Span]] = defaultdict(list)
        for strip in awake:
            for name in strip.inputs:
                taken[name].append(strip.span)
        for strip in awake:
            for span in _without(strip.span.within(window), taken[strip.name]):
                self._add(strip, span, (*order, strip.channel), outer)

    def _add(self, strip: Strip, span: Span, order: Order, outer: frozenset[Reason]) -> None:
        reasons = outer | reasons_of(strip, self._size)
        if strip.kind == "META":
            if strip.look.blend == "REPLACE":
                self._append((*order, 0), span, None, outer, covering=Reason.MUTE not in reasons)
            self.add(strip.strips, strip.muted_channels, span, order, reasons)
        elif strip.media is not None and not strip.media.present:
            self.missing.append(strip)
        else:
            see_through = bool(outer) or Reason.BLEND in reasons
            self._append(order, span, strip, reasons, covering=not see_through and covers(strip, self._size))

    def _append(
        self, order: Order, span: Span, strip: Strip | None, reasons: frozenset[Reason], *, covering: bool
    ) -> None:
        self.layers.append(_Layer(order, len(self.layers), span, strip, reasons, covering))


def _without(span: Span, taken: list[Span]) -> Iterator[Span]:
    """The parts of ``span`` in which no effect takes the strip for its own picture."""
    at = span.start
    for each in sorted(taken, key=lambda each: each.start):
        if each.meets(span):
            yield from _filled(Span(at, each.start))
            at = max(at, each.end)
    yield from _filled(Span(at, span.end))


def _filled(span: Span) -> Iterator[Span]:
    if span.frames > 0:
        yield span


def _seen(layers: list[_Layer], span: Span) -> Iterator[tuple[Span, list[_Layer]]]:
    """``span`` by parts, each with the layers that are seen there, the topmost first."""
    begins = sorted(layers, key=lambda layer: layer.span.start)
    ends = sorted(layers, key=lambda layer: layer.span.end)
    edges = sorted({span.start, span.end, *(edge for each in layers for edge in (each.span.start, each.span.end))})
    active: list[_Layer] = []
    begun = ended = 0
    for start, end in pairwise(edges):
        while begun < len(begins) and begins[begun].span.start <= start:
            insort(active, begins[begun])
            begun += 1
        while ended < len(ends) and ends[ended].span.end <= start:
            del active[bisect_left(active, ends[ended])]
            ended += 1
        yield Span(start, end), list(_from_top(active))


def _from_top(active: list[_Layer]) -> Iterator[_Layer]:
    for layer in reversed(active):
        yield layer
        if layer.covers:
            return


def _append(pieces: list[Piece], piece: Piece) -> None:
    """Adds a piece, or makes the last one longer where the same strip shows on."""
    if pieces and pieces[-1].strip is piece.strip:
        pieces[-1] = Piece(Span(pieces[-1].span.start, piece.span.end), piece.strip)
    else:
        pieces.append(piece)


def _heard(strips: tuple[Strip, ...], muted: frozenset[int], window: Span) -> Iterator[tuple[Span, Strip]]:
    """The strips that sound: sounds, scenes, and metas that make more of their sounds than play them."""
    for strip in strips:
        shared = strip.span.within(window)
        if strip.muted or strip.silent or strip.channel in muted or shared.frames <= 0:
            continue
        if strip.kind == "META":
            within = tuple(_heard(strip.strips, strip.muted_channels, shared))
            yield from within
            if within and _is_changed(strip):
                yield shared, strip
        elif strip.kind in _SOUNDING_KINDS and not strip.job:
            yield shared, strip


def _needs_mixing(strip: Strip) -> bool:
    packed = strip.media is not None and strip.media.packed
    return packed or strip.kind != "SOUND" or _is_changed(strip)


def _is_changed(strip: Strip) -> bool:
    return strip.retimed or "mute" in strip.look.animated
