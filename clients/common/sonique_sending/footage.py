"""Footage: the media files and image sequences that a timeline's clips play, found on this computer, each once."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from sonique_sending.document import clips, clock_rate, counts_source, reference_of
from sonique_sending.finder import Finder
from sonique_sending.media import Media, Unreadable, look
from sonique_sending.times import exact_rate
from sonique_sending.uses import Use, use_of


@dataclass(frozen=True, slots=True)
class Images:
    """An image sequence that was found.

    Attributes:
        reference: OTIO's reference to it.
        files: the images, each with its seconds after the first number, in order.
        folder: where they are.
        first: media time of the first number.
    """

    reference: Any
    files: tuple[tuple[Fraction, Path], ...]
    folder: Path
    first: Fraction


@dataclass(slots=True, eq=False)
class Footage:
    """One media file, or one image sequence, with all its uses.

    Attributes:
        media: what it is; of a sequence, what its images are together.
        images: the images where it is a sequence, else None.
        uses: the clips that play it.
    """

    media: Media
    images: Images | None = None
    uses: list[Use] = field(default_factory=list)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it is made of."""
        return (self.media.path,) if self.images is None else tuple(path for _, path in self.images.files)


class Gathering:
    """Gathers the footage of a timeline.

    Attributes:
        clock: frames per second of the timeline.
        footage: what was found, in order of first use.
        failures: sentences about what cannot be read, each once.
    """

    def __init__(self, document: Any, finder: Finder) -> None:
        self._finder = finder
        self._known: dict[Path, Media | Unreadable] = {}
        self.failures: dict[str, None] = {}
        self.clock = clock_rate(document, self._rate)
        self.footage = tuple(self._gathered(document))

    def _gathered(self, document: Any) -> Iterator[Footage]:
        held: dict[object, Footage] = {}
        of_source = counts_source(document)
        for clip in clips(document):
            reference = reference_of(clip)
            try:
                found = self._found(clip, reference)
            except Unreadable as error:
                self.failures[str(error)] = None
                continue
            if found is None:
                continue
            footage = held.setdefault(_key(found), found)
            numbered = None if found.images is None else found.images.first
            footage.uses.append(use_of(clip, reference, footage.media, numbered, self.clock, of_source=of_source))
        yield from held.values()

    def _found(self, clip: Any, reference: Any) -> Footage | None:
        """The footage behind a reference; None where it is not on this computer.

        Raises:
            Unreadable: it is there, but cannot be read.
        """
        if isinstance(reference, otio.schema.ImageSequenceReference):
            images = _images(reference, self._finder)
            return (
                None
                if images is None
                else Footage(_together(reference, images, self._look(images.files[0][1])), images)
            )
        path = self._path(clip, reference)
        return None if path is None else Footage(self._look(path))

    def _path(self, clip: Any, reference: Any) -> Path | None:
        if isinstance(reference, otio.schema.ExternalReference):
            return self._finder.find(reference.target_url)
        if isinstance(reference, otio.schema.GeneratorReference) or not reference.is_missing_reference:
            return None
        names = dict.fromkeys(filter(None, (reference.name, clip.name)))
        return next((path for name in names if (path := self._finder.named(name)) is not None), None)

    def _look(self, path: Path) -> Media:
        path = path.resolve()
        if path not in self._known:
            try:
                self._known[path] = look(path)
            except Unreadable as error:
                self._known[path] = error
        held = self._known[path]
        if isinstance(held, Unreadable):
            raise held
        return held

    def _rate(self, clip: Any) -> Fraction | None:
        try:
            found = self._found(clip, reference_of(clip))
        except Unreadable:
            return None
        return exact_rate(float(found.media.rate)) if found is not None and found.media.rate else None


def _key(footage: Footage) -> object:
    return footage.media.path if footage.images is None else (footage.images.folder, footage.images.files)


def _images(reference: Any, finder: Finder) -> Images | None:
    """The images of OTIO's image sequence reference that are there; None where none is."""
    folder = finder.folder(reference.target_url_base)
    if folder is None:
        return None
    shape = re.compile(re.escape(reference.name_prefix) + r"(-?[0-9]{1,12})" + re.escape(reference.name_suffix))
    rate, step = exact_rate(reference.rate), max(reference.frame_step, 1)
    numbers = sorted(
        number
        for entry in folder.iterdir()
        if (match := shape.fullmatch(entry.name)) and entry.name == _name(reference, number := int(match[1]))
        if number >= reference.start_frame and (number - reference.start_frame) % step == 0
    )
    files = tuple(((number - reference.start_frame) / rate, folder / _name(reference, number)) for number in numbers)
    return Images(reference, files, folder, Fraction(reference.start_frame) / rate) if files else None


def _name(reference: Any, number: int) -> str:
    digits = f"{abs(number):0{reference.frame_zero_padding}d}"
    return f"{reference.name_prefix}{'-' if number < 0 else ''}{digits}{reference.name_suffix}"


def _together(reference: Any, images: Images, first: Media) -> Media:
    """What the images are as one video; each image shows for one step of the sequence's numbers."""
    rate = exact_rate(reference.rate)
    duration = images.files[-1][0] + max(reference.frame_step, 1) / rate
    return replace(first, duration=duration, rate=rate, timecode=None, has_sound=False, tick=1 / rate)
