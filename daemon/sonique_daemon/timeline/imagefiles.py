"""Image files: which numbered images of an image sequence are on disk, and whether they may be opened."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import opentimelineio as otio

from sonique_daemon.errors import LimitExceeded, MediaNotFound, PathRefused

MAX_IMAGES = 1_000_000
"""The most images of one sequence."""

_LONGEST = 4096
"""Characters of a path that are looked at."""

_NUMBERED = re.compile(
    r"(?P<folder>(?:.*[/\\])?)(?P<prefix>[^/\\]*)\[(?P<first>\d{1,12})-\d{1,12}\]"
    r"(?P<suffix>[^/\\\[\]]*\.(?:bmp|cin|dpx|exr|jpe?g|png|tga|tiff?|webp))",
    re.DOTALL | re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class ImageFiles:
    """Images that were found on disk.

    Attributes:
        pattern: their path as a printf pattern, every other per cent sign doubled.
        first: the image with the lowest number at or after the sequence's start.
        last_number: the highest number found.
        missing: how many images between the start and the last one are not there.
    """

    pattern: str
    first: Path
    last_number: int
    missing: int


def images_meant(reference: Any, clip: Any) -> Any:
    """``reference`` as one to an image sequence, where its path names numbered images as ``shot.[1001-1100].exr``.

    They play at the rate of the reference's available range, else at the clip's.
    """
    url = reference.target_url[:_LONGEST]
    match = _NUMBERED.fullmatch(unquote(url) if "%5b" in url.casefold() else url)
    if match is None:
        return reference
    spans = (reference.available_range, clip.source_range)
    return otio.schema.ImageSequenceReference(
        target_url_base=match["folder"],
        name_prefix=match["prefix"],
        name_suffix=match["suffix"],
        start_frame=int(match["first"]),
        frame_step=1,
        rate=next((span.duration.rate for span in spans if span is not None), 24.0),
        frame_zero_padding=len(match["first"]),
        available_range=reference.available_range,
    )


def image_name(reference: Any, number: int) -> str:
    """The file name of image ``number`` of OTIO's image sequence reference."""
    sign = "-" if number < 0 else ""
    return f"{reference.name_prefix}{sign}{abs(number):0{reference.frame_zero_padding}d}{reference.name_suffix}"


def find_images(reference: Any, folder: Path, check: Callable[[Path], Path]) -> ImageFiles:
    """The images of ``reference`` that stand in ``folder``.

    Args:
        reference: OTIO's image sequence reference.
        folder: the folder, resolved.
        check: raises for an image that may not be opened.

    Raises:
        MediaNotFound: not one image is there.
        PathRefused: an image may not be opened, or the folder not be looked into.
        LimitExceeded: there are more than ``MAX_IMAGES``.
    """
    try:
        numbers = sorted(_numbers(reference, folder, check))
    except OSError as error:
        raise PathRefused(f"“{folder}” cannot be looked into ({error.strerror}); change its permissions.") from None
    if not numbers:
        raise MediaNotFound(
            f"No image “{image_name(reference, reference.start_frame)}” or later was found in {folder}; "
            "relink it or pass --media-root."
        )
    expected = (numbers[-1] - reference.start_frame) // max(reference.frame_step, 1) + 1
    return ImageFiles(
        _pattern(reference, folder),
        check(folder / image_name(reference, numbers[0])),
        numbers[-1],
        max(expected - len(numbers), 0),
    )


def _pattern(reference: Any, folder: Path) -> str:
    padding = f"0{reference.frame_zero_padding}" if reference.frame_zero_padding > 0 else ""
    before, after = (text.replace("%", "%%") for text in (reference.name_prefix, reference.name_suffix))
    return str(folder).replace("%", "%%") + f"{os.sep}{before}%{padding}d{after}"


def _numbers(reference: Any, folder: Path, check: Callable[[Path], Path]) -> set[int]:
    step = max(reference.frame_step, 1)
    numbers: set[int] = set()
    for number, entry in _images(reference, folder):
        if number < reference.start_frame:
            continue
        # Those between the steps are checked too: what shows where an image is missing is the one before it.
        if entry.is_symlink() or not entry.is_file():
            check(Path(entry.path))
        if (number - reference.start_frame) % step:
            continue
        numbers.add(number)
        if len(numbers) > MAX_IMAGES:
            raise LimitExceeded(f"The image sequence in {folder} has more than {MAX_IMAGES} images; make it a video.")
    return numbers


def _images(reference: Any, folder: Path) -> Iterator[tuple[int, "os.DirEntry[str]"]]:
    shape = re.compile(re.escape(reference.name_prefix) + r"(-?[0-9]{1,12})" + re.escape(reference.name_suffix))
    with os.scandir(folder) as entries:
        for entry in entries:
            match = shape.fullmatch(entry.name)
            if match and entry.name == image_name(reference, int(match[1])):
                yield int(match[1]), entry
