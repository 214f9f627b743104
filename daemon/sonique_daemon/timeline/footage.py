"""Footage: the media behind a timeline's clips, found and probed once each, with what could not be."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any

import opentimelineio as otio

from sonique_daemon.domain.picture import Source
from sonique_daemon.domain.time import TimeRange, exact_rate
from sonique_daemon.errors import MediaNotFound, MediaUnreadable, SoniqueError
from sonique_daemon.timeline.failures import Failures
from sonique_daemon.timeline.imagefiles import images_meant
from sonique_daemon.timeline.locator import MediaLocator
from sonique_daemon.timeline.otiotime import seconds, time_range
from sonique_daemon.timeline.probe import MediaInfo
from sonique_daemon.timeline.strip import Span, Use

Probe = Callable[[Path], MediaInfo]
"""Looks at one media file; raises ``MediaUnreadable``."""

_SOLID = re.compile(r"bar|black|solid|colou?r|slug|matte|gradient|noise|leader|countdown", re.IGNORECASE)
"""Generators that fill the frame; all others (titles, texts, adjustments) let the track below show."""

_STILLS = {".png", ".tif", ".tiff", ".psd", ".webp", ".gif", ".tga", ".exr"}
"""Endings of files of stills that can be clear."""


@dataclass(frozen=True, slots=True)
class Media:
    """One file, or one image sequence, that clips use.

    Attributes:
        path: the file's path, or the sequence's pattern.
        info: what the file (or the sequence's first image) is.
        duration: seconds of picture; 0 for a still and for sound alone.
        starts: media times in seconds that the timeline or its numbering gives the first frame, the likeliest first.
        rate: frames per second of an image sequence, else None.
        first_frame: number of an image sequence's first image, else None.
    """

    path: str
    info: MediaInfo
    duration: Fraction
    starts: tuple[Fraction, ...] = ()
    rate: Fraction | None = None
    first_frame: int | None = None

    @property
    def still(self) -> bool:
        """Whether it is one single image."""
        return self.info.has_picture and self.rate is None and self.duration * self.info.rate <= 1


@dataclass(slots=True)
class Footage:
    """Finds and probes the media of clips; every file once.

    Attributes:
        locator: finds files.
        probe: looks at them.
        warnings: sentences about what was not understood, each once.
        unplaced: clips whose length is not known, so that they take no time.
    """

    locator: MediaLocator
    probe: Probe
    warnings: dict[str, None] = field(default_factory=dict)
    unplaced: Failures = field(default_factory=Failures)
    _veils: dict[str, None] = field(default_factory=dict)
    _sounding: set[str] = field(default_factory=set)
    _media: dict[tuple[object, ...], "Media | SoniqueError"] = field(default_factory=dict)

    def warn(self, sentence: str) -> None:
        """Keeps a warning."""
        self.warnings[sentence] = None

    def media(self, name: str, reference: Any) -> Media:
        """The media of the clip ``name`` behind ``reference``.

        Raises:
            MediaNotFound: it is not there, or the clip names none.
            PathRefused: it may not be opened.
            MediaUnreadable: it cannot be read.
        """
        key = _key(name, reference)
        if key not in self._media:
            try:
                self._media[key] = media = self._found(name, reference)
                self._sounding.update([media.path] if media.info.has_sound else [])
            except SoniqueError as error:
                self._media[key] = error
        held = self._media[key]
        if isinstance(held, SoniqueError):
            raise held
        return held

    def range_of(self, clip: otio.schema.Clip) -> TimeRange:
        """The media time that a clip without a source range plays: all that its reference or its file has.

        A clip whose length cannot be known takes no time, with a warning.
        """
        available = media_reference(clip).available_range
        if available is not None and available.duration.value > 0:
            return time_range(available)
        try:
            return self._whole(clip)
        except SoniqueError as error:
            self.unplaced.add(error)
            self.warn(error.sentence)
            return TimeRange(Fraction(0), Fraction(0))

    def covers(self, clip: otio.schema.Clip) -> bool:
        """Whether the clip hides what lies below; a title, a clip without media and a still that is half clear do not.

        Nor does one of which the metadata say so: ``{"sonique": {"covers": false}}``.
        """
        reference = media_reference(clip)
        told = clip.metadata.get("sonique")
        if hasattr(told, "get") and told.get("covers") is False:
            return False
        if isinstance(reference, otio.schema.GeneratorReference):
            return bool(_SOLID.search(reference.generator_kind))
        if reference.is_missing_reference and not self._means_a_file(clip.name, reference):
            self._veils[clip.name] = None
            return False
        return not self._is_clear(clip.name, reference)

    def source(self, span: Span) -> Source | None:
        """What ``span`` shows; None for a generator.

        Raises:
            MediaNotFound: as for ``media``.
            PathRefused: as for ``media``.
            MediaUnreadable: as for ``media``, or the file has no picture, or none at that time.
        """
        if isinstance(span.use.reference, otio.schema.GeneratorReference):
            return None
        media = self.media(span.use.name, span.use.reference)
        if not media.info.has_picture:
            raise MediaUnreadable(f"“{media.info.path.name}” has no picture; choose a video file.")
        if media.still:
            return Source(media.path, Fraction(0), Fraction(0))
        return _source(span, media)

    def sound(self, span: Span) -> Source | None:
        """What ``span`` sounds, or None where its media is silent.

        Raises:
            MediaNotFound: as for ``media``.
            PathRefused: as for ``media``.
            MediaUnreadable: as for ``media``.
        """
        if isinstance(span.use.reference, otio.schema.GeneratorReference) or span.speed == 0:
            return None
        media = self.media(span.use.name, span.use.reference)
        return _source(span, media) if media.info.has_sound else None

    def has_sound(self, path: str) -> bool:
        """Whether the media that a source names at ``path`` has sound."""
        return path in self._sounding

    def rate_of(self, clip: otio.schema.Clip) -> Fraction | None:
        """The frame rate of the clip's film, the broadcast rates exact; None for a still or where it is not known."""
        try:
            media = self.media(clip.name, media_reference(clip))
        except SoniqueError:
            return None
        rate = None if media.still else media.rate or media.info.rate
        return exact_rate(float(rate)) if rate else None

    def warn_of_veils(self) -> None:
        """Warns once of the clips without media that let what lies below them show."""
        names = [n for n in self._veils if not any(sentence.startswith(_nameless(n)) for sentence in self.warnings)]
        if names:
            count = f"{len(names)} clips name" if len(names) > 1 else "One clip names"
            self.warn(f"{count} no media file (“{names[0]}”): what lies below shows.")

    def _whole(self, clip: otio.schema.Clip) -> TimeRange:
        media = self.media(clip.name, media_reference(clip))
        if not media.info.has_picture:
            raise MediaUnreadable(f"“{media.info.path.name}” has no picture; choose a video file.")
        if not media.duration:
            raise MediaUnreadable(f"“{media.info.path.name}” is a still; give it a length on a timeline.")
        return TimeRange(media.starts[0] if media.starts else Fraction(0), media.duration)

    def _found(self, name: str, reference: Any) -> Media:
        if isinstance(reference, otio.schema.ImageSequenceReference):
            return self._sequence(reference)
        if reference.is_missing_reference:
            path = self._guessed(name, reference)
            if path is None:
                raise MediaNotFound(_nameless(name))
        elif isinstance(reference, otio.schema.ExternalReference):
            path = self.locator.locate(reference.target_url)
        else:
            raise MediaNotFound(f"Clip “{name}” is a {reference.schema_name()}, which cannot be shown.")
        info = self.probe(path)
        return Media(str(path), info, info.duration, _stated_start(reference))

    def _is_clear(self, name: str, reference: Any) -> bool:
        """Whether the reference is to a still of which half or more is clear; of films nobody looks for it."""
        url = reference.target_url if isinstance(reference, otio.schema.ExternalReference) else ""
        if PurePosixPath(url).suffix.casefold() not in _STILLS:
            return False
        try:
            return not self.media(name, reference).info.covers
        except SoniqueError:  # whoever looks at it is told
            return False

    def _means_a_file(self, name: str, reference: Any) -> bool:
        try:
            return self._guessed(name, reference) is not None
        except SoniqueError:  # one that may not be opened, which whoever looks at it is told
            return True

    def _guessed(self, name: str, reference: Any) -> Path | None:
        """The file that a reference without a file means by its name, as an EDL's clip names do."""
        if isinstance(reference, otio.schema.GeneratorReference):
            return None
        names = dict.fromkeys(filter(None, (reference.name, name)))
        return next((path for text in names if (path := self.locator.named(text))), None)

    def _sequence(self, reference: otio.schema.ImageSequenceReference) -> Media:
        rate = exact_rate(reference.rate)
        images = self.locator.sequence(reference)
        if images.missing:
            self.warn(f"{images.missing} images of “{images.first.name}” and on are missing; the one before stands in.")
        numbered = Fraction(reference.start_frame) / rate
        return Media(
            images.pattern,
            self.probe(images.first),
            Fraction(images.last_number - reference.start_frame + reference.frame_step) / rate,
            (*_stated_start(reference), numbered),
            rate,
            reference.start_frame,
        )


def media_reference(clip: otio.schema.Clip) -> Any:
    """The clip's active media reference; a missing one where the clip has none of that name.

    A path as DaVinci Resolve names numbered images, ``shot.[1001-1100].exr``, is a reference to an image sequence.
    """
    reference = clip.media_reference or otio.schema.MissingReference()
    return images_meant(reference, clip) if isinstance(reference, otio.schema.ExternalReference) else reference


def _nameless(name: str) -> str:
    return f"Clip “{name}” names no media file; relink it or pass --media-root."


def _key(name: str, reference: Any) -> tuple[object, ...]:
    if isinstance(reference, otio.schema.ImageSequenceReference):
        fields = ("target_url_base", "name_prefix", "name_suffix", "frame_zero_padding", "start_frame", "frame_step")
        return (*(getattr(reference, field_name) for field_name in fields), reference.rate, *_stated_start(reference))
    if isinstance(reference, otio.schema.ExternalReference):
        return (reference.target_url, *_stated_start(reference))
    return ("missing", name, reference.name)


def _stated_start(reference: Any) -> tuple[Fraction, ...]:
    """Where the reference says that its media begins, if it says so."""
    return () if reference.available_range is None else (seconds(reference.available_range.start_time),)


def _source(span: Span, media: Media) -> Source:
    start = span.media - _first_frame_time(span.use, media)
    return Source(media.path, max(start, Fraction(0)), span.speed, media.rate, media.first_frame)


def _first_frame_time(use: Use, media: Media) -> Fraction:
    """The media time that the timeline gives the file's first frame.

    It is the first of these that puts the clip's start inside the file: the start of the reference's available range;
    the file's own timecode; zero. Editing programs write any of them.
    """
    slack = 1 / use.rate
    for start in (*media.starts, *_timecodes(use, media.info), Fraction(0)):
        if use.start - start > -slack and (not media.duration or use.start - start < media.duration):
            return start
    raise MediaUnreadable(
        f"Clip “{use.name or media.info.path.name}” asks for {float(use.start):.2f} s of media time, but "
        f"“{media.info.path.name}” has only {float(media.duration):.2f} s; relink it to the right file."
    )


def _timecodes(use: Use, info: MediaInfo) -> tuple[Fraction, ...]:
    """The file's own timecode in seconds: as the clip's rate counts its digits, and as time.

    The two differ where a file of 23.976 frames per second is cut frame by frame on a timeline of 24.
    """
    if info.start_timecode is None or not info.rate:
        return ()
    nominal, own = math.ceil(use.rate), math.ceil(info.rate)
    digits = info.start_timecode * info.rate / own * nominal / use.rate
    return (digits, info.start_timecode) if nominal == own else (info.start_timecode, digits)
