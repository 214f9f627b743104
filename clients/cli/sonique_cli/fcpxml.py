"""Final Cut Pro's XML, put so that OTIO's adapter reads it exactly.

The adapter counts in whole frames per second, so that 29.97 becomes 29. It drops fractions of frames, so that 29/25 s
are 28. It takes the timecode of the beginning for an empty stretch, and looks for files where they stood before version
1.9. So it is given a document that counts in ticks from zero, with every file where it looks.
"""

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

_TICKS = 120_000
"""In a second; a frame of every rate that Final Cut Pro edits in lasts a whole number of them: 1001/24000 s is 5005."""

_SEQUENCES = ".//project/sequence"
_TIMES = ("offset", "start", "duration")
_TIME = re.compile(r"(-?\d+)(?:/(\d+))?s")


def read_fcpxml(path: Path) -> str:
    """The OTIO JSON of a document, or of a bundle that holds one, in frames of its sequence.

    Raises:
        Exception: whatever the parsers raise for what is none.
    """
    import opentimelineio as otio

    data = (path / "Info.fcpxml" if path.is_dir() else path).read_bytes()
    document = ET.fromstring(data)  # noqa: S314 - expat holds bombs back
    rate = _rate(document)
    starts = [_begin_at_zero(sequence) for sequence in document.iterfind(_SEQUENCES)]
    _name_files(document)
    _count_ticks(document)
    found = otio.adapters.read_from_string(ET.tostring(document, encoding="unicode"), adapter_name="fcpx_xml")
    if found is None:
        raise ValueError("it holds no project and no clip.")
    timelines = [found] if isinstance(found, otio.schema.Timeline) else [*found]
    for timeline, start in zip(timelines, starts, strict=False):
        timeline.global_start_time = otio.opentime.RationalTime(float(start * _TICKS), _TICKS)
    counted = json.loads(found.to_json_string(), object_hook=lambda data: _in_frames(data, rate))
    return json.dumps(counted)


def _rate(document: ET.Element) -> Fraction:
    """Frames per second of the first sequence; of the first format where it names none."""
    formats = {each.get("id"): _seconds(each.get("frameDuration", "")) for each in document.iter("format")}
    named = [formats.get(each.get("format")) for each in document.iterfind(_SEQUENCES)]
    frame = next(each for each in (*named, *formats.values(), Fraction(1, 24)) if each)
    return 1 / frame


def _begin_at_zero(sequence: ET.Element) -> Fraction:
    """Has the main storyline count from zero, and returns the seconds from which it counted."""
    start = _seconds(sequence.get("tcStart", "")) or Fraction(0)
    for each in sequence.iterfind("spine/*"):
        offset = _seconds(each.get("offset", "")) or Fraction(0)
        moved = offset - start if offset >= start else offset
        each.set("offset", f"{moved.numerator}/{moved.denominator}s")
    return start


def _name_files(document: ET.Element) -> None:
    """Names each asset's file in an attribute, the original before a proxy."""
    for asset in document.iter("asset"):
        files = [*asset.findall("media-rep[@kind='original-media']"), *asset.findall("media-rep")]
        if files and not asset.get("src"):
            asset.set("src", files[0].get("src", ""))


def _count_ticks(document: ET.Element) -> None:
    """Makes a tick the frame of every format, and puts each time a tenth of a tick past the one that it is."""
    for each in document.iter("format"):
        each.set("frameDuration", f"1/{_TICKS}s")
    for each in document.iter():
        for name in _TIMES:
            seconds = _seconds(each.get(name, ""))
            if seconds:
                ticks = round(seconds * _TICKS)
                each.set(name, f"{10 * ticks + (1 if ticks > 0 else -1)}/{10 * _TICKS}s")


def _seconds(text: str) -> Fraction | None:
    """A time of the document; None where it is none."""
    match = _TIME.fullmatch(text)
    return Fraction(int(match[1]), int(match[2] or 1)) if match and match[2] != "0" else None


def _in_frames(data: dict[str, Any], rate: Fraction) -> dict[str, Any]:
    """A time in frames of that rate, where ``data`` is one in ticks."""
    if data.get("rate") != _TICKS or "value" not in data:
        return data
    frames = Fraction(round(data["value"])) * rate / _TICKS
    return {**data, "rate": float(rate), "value": float(frames)}
