"""Shots: where a viewer sees a cut, in a picture that Blender renders as one film."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise

from .layers import Piece
from .playing import source_frame
from .strips import TWO_SIDED_KINDS, Snapshot, Span, Strip, all_strips


def cuts(snapshot: Snapshot, pieces: tuple[Piece, ...]) -> tuple[int, ...]:
    """The first frame of each shot of ``pieces``.

    An effect on one strip is no cut, one that leads from a strip to another is one in its middle, and a strip that was
    split and goes on is none.
    """
    named = {strip.name: strip for strip in all_strips(snapshot.strips)}
    halves = [half for piece in pieces for half in _halves(piece, named)]
    changes = (
        after.span.start
        for before, after in pairwise(halves)
        if not _continues(before.strip, after.strip, after.span.start, snapshot.rate)
    )
    return (pieces[0].span.start, *changes)


def _halves(piece: Piece, named: Mapping[str, Strip]) -> Iterator[Piece]:
    """A piece with the strip behind its effects; one that leads from a strip to another is two."""
    strip = piece.strip
    if strip is not None and strip.kind in TWO_SIDED_KINDS and len(strip.inputs) == 2:
        middle = (piece.span.start + piece.span.end) // 2
        spans = (Span(piece.span.start, middle), Span(middle, piece.span.end))
        for span, name in zip(spans, strip.inputs, strict=True):
            if span.frames > 0:
                yield Piece(span, _behind(named.get(name), named))
    else:
        yield Piece(piece.span, _behind(strip, named))


def _behind(strip: Strip | None, named: Mapping[str, Strip]) -> Strip | None:
    """What effects on effects on a strip begin with."""
    passed = set()
    while strip is not None and strip.inputs and strip.name not in passed:
        passed.add(strip.name)
        strip = named.get(strip.inputs[0])
    return strip


def _continues(before: Strip | None, after: Strip | None, frame: int, rate: Fraction) -> bool:
    if before is None or after is None or before.name == after.name:
        return before is after or (before is not None and after is not None)
    if before.media is None or after.media is None or before.retimed or after.retimed:
        return False
    same = (before.media.path, before.media.images) == (after.media.path, after.media.images)
    return same and abs(source_frame(after, frame, rate) - source_frame(before, frame, rate)) <= 1
