"""The resources of a document: formats, files, compound and multicam clips, and effects."""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from sonique_cli.fcpxml.play import seconds, time_of

_NAMED_RATE = re.compile(r"([pi])(\d{2,5})$")
_BROADCAST = {
    "23.98": Fraction(24_000, 1001),
    "23.976": Fraction(24_000, 1001),
    "29.97": Fraction(30_000, 1001),
    "47.95": Fraction(48_000, 1001),
    "59.94": Fraction(60_000, 1001),
    "119.88": Fraction(120_000, 1001),
}
_FILLING = re.compile(r"background|solid|texture", re.IGNORECASE)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that clips play.

    Attributes:
        name: for people.
        url: where it is; "" where the document does not say.
        start: the media time of its first frame, in seconds.
        duration: seconds; 0 for a still, or where the document does not say.
        pictured: whether it has picture.
        sounding: whether it has sound.
    """

    name: str
    url: str
    start: Fraction
    duration: Fraction
    pictured: bool
    sounding: bool


class Resources:
    """What the clips of a document refer to.

    Args:
        document: its root.
        folder: the folder of a bundle, from which relative paths are counted; None where the document is one file.
    """

    def __init__(self, document: ET.Element, folder: Path | None) -> None:
        held = [each for resources in document.iter("resources") for each in resources]
        self._held = {(each.tag, each.get("id")): each for each in held}
        self._folder = folder
        self._assets = {each.get("id"): self._asset(each) for each in held if each.tag == "asset"}

    def asset(self, name: str | None) -> Asset | None:
        """The file with that id."""
        return self._assets.get(name)

    def sequence(self, name: str | None) -> ET.Element | None:
        """The timeline of the compound clip with that id."""
        return self._inside(name, "sequence")

    def multicam(self, name: str | None) -> ET.Element | None:
        """The angles of the multicam clip with that id."""
        return self._inside(name, "multicam")

    def fills(self, name: str | None) -> bool:
        """Whether a generator fills the frame, as a background does and a shape does not."""
        effect = self._held.get(("effect", name))
        return effect is not None and bool(_FILLING.search(f"{effect.get('uid')} {effect.get('name')}"))

    def is_effect(self, name: str | None) -> bool:
        """Whether that id is a generator's or a title's."""
        return ("effect", name) in self._held

    def rate(self, name: str | None) -> Fraction | None:
        """Frames per second of the format with that id; None where it has none."""
        found = self._held.get(("format", name))
        if found is None:
            return None
        frame = seconds(found.get("frameDuration"))
        return 1 / frame if frame and frame > 0 else _named_rate(found.get("name") or "")

    def format_of(self, clip: ET.Element) -> str | None:
        """The id of the format of a clip, or of what it plays."""
        asset = self._held.get(("asset", clip.get("ref")))
        clocks = (clip, asset, self.multicam(clip.get("ref")))
        return next((found for each in clocks if each is not None and (found := each.get("format"))), None)

    def any_rate(self) -> Fraction | None:
        """Frames per second of the first format that has a rate."""
        formats = (name for tag, name in self._held if tag == "format")
        return next((rate for name in formats if (rate := self.rate(name))), None)

    def _asset(self, found: ET.Element) -> Asset:
        said = found.get("hasVideo") or found.get("hasAudio")
        zero = Fraction(0)
        return Asset(
            found.get("name") or "",
            self._url(found),
            time_of(found, "start", zero),
            time_of(found, "duration", zero),
            found.get("hasVideo") == "1" or not said,
            found.get("hasAudio") == "1" or not said,
        )

    def _inside(self, name: str | None, tag: str) -> ET.Element | None:
        media = self._held.get(("media", name))
        return None if media is None else media.find(tag)

    def _url(self, asset: ET.Element) -> str:
        """Where the asset's file is: the original before a proxy."""
        files = [asset, *asset.iterfind("media-rep[@kind='original-media']"), *asset.iterfind("media-rep")]
        url = next((src for each in files if (src := each.get("src"))), "")
        if self._folder is None or not url or _URL.match(url) or url.startswith("/"):
            return url
        return str(self._folder / unquote(url))


def source_rate(text: str | None) -> Fraction | None:
    """Frames per second as ``conform-rate`` writes them; None where it writes none."""
    if text in _BROADCAST:
        return _BROADCAST[text]
    rate = seconds(text)
    return rate if rate and rate > 0 else None


def _named_rate(name: str) -> Fraction | None:
    """The rate in the name of one of Final Cut Pro's own formats; of an interlaced one half its fields."""
    match = _NAMED_RATE.search(name)
    if match is None:
        return None
    digits = match[2]
    rate = source_rate(f"{digits[:-2]}.{digits[-2:]}" if len(digits) > 3 else digits)
    return rate / 2 if rate and match[1] == "i" else rate
