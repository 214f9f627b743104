"""The document: a range of a sequence as OTIO, which the daemon conforms to the picture that Blender shows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from sonique_client.otio import Clip, Gap, Images, Marker, RationalTime, Timeline, TimeRange, Track

from .layers import Piece
from .playing import Stretch, playback_rate, stretches
from .reasons import numbering
from .strips import Marker as Mark
from .strips import Media, Span, Strip

_NUDGE = Fraction(1, 100)
"""Parts of a frame by which every other shot of a rendered film is moved, so that the daemon takes none of them for
the same shot going on."""


@dataclass(frozen=True, slots=True)
class Film:
    """What Blender rendered of a range.

    Attributes:
        path: the film, its first frame the range's first.
        cuts: the timeline frame on which each shot of it begins.
    """

    path: Path
    cuts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a document holds.

    Attributes:
        name: the timeline's name.
        rate: frames per second.
        span: the range in timeline frames.
        picture: what shows, piece by piece, or the film that was rendered of it.
        sound: the sound strips that sound and where, or the file that was mixed of them, or None for no sound.
        marks: hit points.
    """

    name: str
    rate: Fraction
    span: Span
    picture: tuple[Piece, ...] | Film
    sound: tuple[tuple[Span, Strip], ...] | Path
    marks: tuple[Mark, ...] = ()

    @property
    def record_start(self) -> int:
        """Where the range begins on the record clock, which knows no times before zero."""
        return max(self.span.start, 0)


def to_otio(contents: Contents) -> str:
    """The document: it begins at the range's start and ends at its end."""
    rate = float(contents.rate)
    timeline = Timeline(
        contents.name,
        [Track(_joined(contents, _picture(contents)), name="Picture"), *_sound_tracks(contents)],
        start=RationalTime(contents.record_start, rate),
        markers=[_marker(contents, mark) for mark in contents.marks],
    )
    return timeline.to_json()


Placed = tuple[Span, Clip]


def _picture(contents: Contents) -> Iterator[Placed]:
    if isinstance(contents.picture, Film):
        yield from _film_clips(contents, contents.picture)
        return
    for piece in contents.picture:
        if piece.strip is not None and piece.strip.media is not None:
            yield from _strip_clips(piece.strip, piece.strip.media, piece.span, contents.rate)


def _film_clips(contents: Contents, film: Film) -> Iterator[Placed]:
    available = _range(Fraction(0), contents.span.frames, contents.rate)
    ends = (*film.cuts[1:], contents.span.end)
    for number, (start, end) in enumerate(zip(film.cuts, ends, strict=True)):
        first = start - contents.span.start + Fraction(1, 2) + number % 2 * _NUDGE
        source = _range(first, end - start, contents.rate)
        yield Span(start, end), Clip(f"Shot {number + 1}", film.path, source, available)


def _strip_clips(strip: Strip, media: Media, span: Span, rate: Fraction) -> Iterator[Placed]:
    if len(media.images) == 1:
        yield span, Clip(strip.name, Path(media.path, media.images[0]), _range(Fraction(0), span.frames, rate))
        return
    own = media.rate or rate
    frames = media.frames if media.frames is not None else _least_frames(strip, rate)
    available = _range(Fraction(0), len(media.images) or frames, own)
    for stretch in stretches(strip, span, rate):
        source = _source(strip, stretch, own, rate)
        speed = stretch.step * rate / own
        yield stretch.span, Clip(strip.name, _reference(media, own), source, available, float(speed))


def _reference(media: Media, rate: Fraction) -> Path | Images:
    if not media.images:
        return Path(media.path)
    head, first, digits, tail = numbering(media.images[0])
    return Images(Path(media.path), head, tail, first, digits, float(rate))


def _source(strip: Strip, stretch: Stretch, own: Fraction, rate: Fraction) -> TimeRange:
    """What of the media a stretch plays, in OTIO's terms.

    A clip that plays backwards names the earliest place that it shows. It counts in steps of one timeline frame, so
    that the last of these, which comes first, is where the daemon looks for it.
    """
    step = abs(stretch.step) or playback_rate(strip, rate)
    first = stretch.first
    if stretch.step < 0:
        first += (stretch.span.frames - 1) * stretch.step
    counted = own / step
    start = RationalTime(float(first / step), float(counted))
    return TimeRange(start, RationalTime(stretch.span.frames, float(rate)))


def _least_frames(strip: Strip, rate: Fraction) -> int:
    """How many frames a source has at least, where Blender does not say how many it has."""
    return sum(strip.trim) + round(strip.content_frames * playback_rate(strip, rate)) + 1


def _sound_tracks(contents: Contents) -> list[Track]:
    if isinstance(contents.sound, Path):
        whole = _range(Fraction(0), contents.span.frames, contents.rate)
        clips: list[Placed] = [(contents.span, Clip("Sound", contents.sound, whole, whole))]
    else:
        clips = [placed for span, strip in contents.sound for placed in _sound_clips(strip, span, contents.rate)]
    lanes = _lanes(clips)
    # With no audio track at all, the daemon would take the sound inside the films for the timeline's.
    return [Track(_joined(contents, lane), "Audio", f"Sound {number + 1}") for number, lane in enumerate(lanes or [[]])]


def _sound_clips(strip: Strip, span: Span, rate: Fraction) -> Iterator[Placed]:
    if strip.media is None:
        return
    begin = round(strip.content_start)
    # Between its handles, a sound plays all that its file holds, what was trimmed off for good among it.
    shared = span.within(Span(begin - strip.trim[0], begin + strip.content_frames + strip.trim[1]))
    first = shared.start - begin + strip.trim[0] - strip.sound_offset * rate
    if first < 0:
        late = -int(first // 1)
        shared, first = Span(shared.start + late, shared.end), first + late
    if shared.frames > 0:
        source = _range(first, shared.frames, rate)
        available = _range(Fraction(0), sum(strip.trim) + strip.content_frames, rate)
        yield shared, Clip(strip.name, Path(strip.media.path), source, available)


def _lanes(clips: Iterable[Placed]) -> list[list[Placed]]:
    """Clips on as few lanes as need be, so that none overlap."""
    lanes: list[list[Placed]] = []
    for span, clip in sorted(clips, key=lambda placed: placed[0].start):
        lane = next((lane for lane in lanes if lane[-1][0].end <= span.start), None)
        if lane is None:
            lanes.append([(span, clip)])
        else:
            lane.append((span, clip))
    return lanes


def _joined(contents: Contents, clips: Iterable[Placed]) -> Sequence[Clip | Gap]:
    """Clips and the gaps between them, as long as the range."""
    rate = float(contents.rate)
    children: list[Clip | Gap] = []
    at = contents.span.start
    for span, clip in clips:
        if span.start > at:
            children.append(Gap(RationalTime(span.start - at, rate)))
        children.append(clip)
        at = span.end
    if at < contents.span.end:
        children.append(Gap(RationalTime(contents.span.end - at, rate)))
    return children


def _marker(contents: Contents, mark: Mark) -> Marker:
    return Marker(_range(Fraction(mark.frame - contents.span.start), 0, contents.rate), mark.name)


def _range(start: Fraction, frames: int, rate: Fraction) -> TimeRange:
    return TimeRange(RationalTime(float(start), float(rate)), RationalTime(frames, float(rate)))
