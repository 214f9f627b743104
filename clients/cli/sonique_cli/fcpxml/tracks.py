"""Pieces of a storyline as an OTIO timeline: each lane on tracks of its own, everything on its frame."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from sonique_cli.fcpxml.pieces import HEARD, SEEN, Fade, Note, Piece
from sonique_cli.fcpxml.play import Play
from sonique_cli.fcpxml.story import Story

_ZERO = Fraction(0)


def timeline_of(story: Story, name: str, start: Fraction, rate: Fraction, metadata: dict[str, Any]) -> Any:
    """The OTIO timeline of ``story``; its clock begins at ``start`` seconds and counts ``rate`` frames per second."""
    frames = _Frames(rate)
    timeline = otio.schema.Timeline(name, global_start_time=frames.time(start), metadata={"fcpxml": metadata})
    seen = _placed(frames, _whole(piece for piece in story.pieces if piece.sense == SEEN))
    for lane in sorted({0, *(piece.lane for piece in seen)}):
        timeline.tracks.extend(_pictures(frames, story, [piece for piece in seen if piece.lane == lane], lane))
    heard = _placed(frames, dict.fromkeys(piece for piece in story.pieces if piece.sense == HEARD))
    lanes = sorted({piece.lane for piece in heard}, key=lambda lane: (abs(lane), lane))
    for lane in lanes or ([0] if story.sounding else []):
        for layer in _layers([piece for piece in heard if piece.lane == lane]):
            timeline.tracks.append(frames.track(layer, f"Sound {lane}" if lane else "Sound", "Audio"))
    timeline.tracks.markers.extend(frames.marker(note) for note in story.notes)
    return timeline


def _pictures(frames: "_Frames", story: Story, pieces: list[Piece], lane: int) -> list[Any]:
    """The tracks of one lane, the transitions on the first that has a cut for them."""
    tracks = []
    fades = [fade for fade in story.fades if fade.lane == lane]
    for number, layer in enumerate(_layers(pieces)):
        end = frames.nearest(story.end) if lane == 0 and number == 0 else _ZERO
        track = frames.track(layer, f"Lane {lane}" if lane else "Storyline", "Video", end)
        fades = frames.join(track, fades)
        tracks.append(track)
    return tracks


def _layers(pieces: list[Piece]) -> list[list[Piece]]:
    """The pieces in layers from the lowest, each on the lowest that lies above all that it covers; one at least."""
    layers: list[list[Piece]] = [[]]
    for piece in sorted(pieces, key=lambda piece: (piece.place, piece.play.start)):
        over = [number for number, layer in enumerate(layers) if _overlaps(layer, piece)]
        level = over[-1] + 1 if over else 0
        layers.extend([[]] if level == len(layers) else [])
        insort(layers[level], piece, key=_start)
    return layers


def _overlaps(layer: Sequence[Piece], piece: Piece) -> bool:
    """Whether a piece shares time with one of a layer, whose own do not."""
    at = bisect_right(layer, piece.play.start, key=_start)
    before = at > 0 and layer[at - 1].play.end > piece.play.start
    return before or (at < len(layer) and layer[at].play.start < piece.play.end)


def _nearest(times: Sequence[Fraction], time: Fraction) -> int:
    """The place of the time that is nearest to ``time``, among ascending ones."""
    at = bisect_right(times, time)
    near = [number for number in (at - 1, at) if 0 <= number < len(times)]
    return min(near, key=lambda number: abs(times[number] - time))


def _start(piece: Piece) -> Fraction:
    return piece.play.start


def _placed(frames: "_Frames", pieces: Iterable[Piece]) -> list[Piece]:
    found = ((piece, frames.snapped(piece.play)) for piece in pieces)
    return [replace(piece, play=play) for piece, play in found if play is not None]


def _whole(pieces: Iterable[Piece]) -> list[Piece]:
    """The pieces; those of one clip whose speed changes become one at the speed in between, as there is no cut."""
    merged: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: (piece.origin, piece.place, piece.play.start)):
        if merged and _goes_on(merged[-1], piece):
            merged[-1] = replace(merged[-1], play=_spanning(merged[-1].play, piece.play))
        else:
            merged.append(piece)
    return merged


def _goes_on(before: Piece, piece: Piece) -> bool:
    old, new = before.play, piece.play
    same = (before.origin, before.place) == (piece.origin, piece.place)
    return same and old.end == new.start and old.last == new.local and old.speed * new.speed >= 0


def _spanning(old: Play, new: Play) -> Play:
    return Play(old.start, new.end, old.local, (new.last - old.local) / (new.end - old.start))


@dataclass(frozen=True, slots=True)
class _Frames:
    """Makes OTIO's objects, whose times count frames of the timeline.

    Attributes:
        rate: frames per second.
    """

    rate: Fraction

    def nearest(self, time: Fraction) -> Fraction:
        """The nearest frame, in seconds."""
        return round(time * self.rate) / self.rate

    def snapped(self, play: Play) -> Play | None:
        """The same from frame to frame; None where it is shorter than half of one."""
        start, end = self.nearest(play.start), self.nearest(play.end)
        local = play.local + (start - play.start) * play.speed
        return Play(start, end, local, play.speed) if start < end else None

    def time(self, seconds: Fraction) -> Any:
        """A time in frames."""
        return otio.opentime.RationalTime(float(seconds * self.rate), float(self.rate))

    def span(self, start: Fraction, duration: Fraction) -> Any:
        """A range in frames."""
        return otio.opentime.TimeRange(self.time(start), self.time(duration))

    def marker(self, note: Note) -> Any:
        """A marker of the timeline."""
        marked = self.span(self.nearest(note.time), 1 / self.rate)
        return otio.schema.Marker(note.text, marked_range=marked, color=note.color)

    def track(self, layer: list[Piece], name: str, kind: str, end: Fraction = _ZERO) -> Any:
        """A track with the pieces at their places, at least ``end`` seconds long."""
        track, at = otio.schema.Track(name, kind=kind), _ZERO
        for piece in layer:
            track.extend(self._gap(at, piece.play.start))
            track.append(self._clip(piece))
            at = piece.play.end
        track.extend(self._gap(at, end))
        return track

    def join(self, track: Any, fades: list[Fade]) -> list[Fade]:
        """Puts transitions on the cuts that they lie over, and returns those that lie over none."""
        starts = [_ZERO]
        for child in track:
            starts.append(starts[-1] + Fraction(round(child.duration().value)) / self.rate)
        joined: dict[int, Fade] = {}
        left = []
        for fade in fades:
            near = _nearest(starts, (fade.start + fade.end) / 2)
            if len(track) and fade.start <= starts[near] <= fade.end:
                joined[near] = fade
            else:
                left.append(fade)
        for number in sorted(joined, reverse=True):
            track.insert(number, self._transition(joined[number], starts[number]))
        return left

    def _gap(self, start: Fraction, end: Fraction) -> list[Any]:
        return [otio.schema.Gap(source_range=self.span(_ZERO, end - start))] if start < end else []

    def _transition(self, fade: Fade, cut: Fraction) -> Any:
        return otio.schema.Transition(
            transition_type="SMPTE_Dissolve",
            in_offset=self.time(cut - self.nearest(fade.start)),
            out_offset=self.time(self.nearest(fade.end) - cut),
        )

    def _clip(self, piece: Piece) -> Any:
        play = piece.play
        first = play.last if play.speed < 0 else play.local
        return otio.schema.Clip(
            piece.name,
            self._reference(piece),
            self.span(first, play.end - play.start),
            effects=_effects(play.speed),
            metadata={} if piece.covers else {"sonique": {"covers": False}},
        )

    def _reference(self, piece: Piece) -> Any:
        asset = piece.asset
        if piece.generator:
            return otio.schema.GeneratorReference(piece.name, generator_kind=piece.generator)
        if asset is None or not asset.url:
            return otio.schema.MissingReference(asset.name if asset else "")
        held = self.span(asset.start, asset.duration) if asset.duration else None
        return otio.schema.ExternalReference(target_url=asset.url, available_range=held)


def _effects(speed: Fraction) -> list[Any]:
    if speed == 1:
        return []
    return [otio.schema.LinearTimeWarp(time_scalar=float(speed))] if speed else [otio.schema.FreezeFrame()]
