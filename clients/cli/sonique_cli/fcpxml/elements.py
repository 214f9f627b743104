"""What single elements of a document say, taken by themselves."""

import re
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree as ET

from sonique_cli.fcpxml.hearing import is_silent
from sonique_cli.fcpxml.pieces import BOTH, HEARD, SEEN
from sonique_cli.fcpxml.play import Play, seconds
from sonique_cli.fcpxml.resources import source_rate

ITEMS = ("asset-clip", "clip", "ref-clip", "mc-clip", "sync-clip", "video", "audio", "title", "audition")
"""Elements that are seen or heard; an audition stands for its first one."""

PLACED = (*ITEMS, "gap", "spine")
"""Elements that take a place."""

CONTAINERS = ("clip", "sync-clip")
"""Clips that hold others themselves."""

_ZERO = Fraction(0)
_HALF = Fraction(1, 2)
_PLAIN_BLEND = re.compile(r"normal|^0\b", re.IGNORECASE)


def chosen(element: ET.Element) -> ET.Element | None:
    """The element itself; the pick of an audition, which is its first."""
    return next(iter(_placed(element)), None) if element.tag == "audition" else element


def contained(clip: ET.Element) -> list[ET.Element]:
    """What a clip holds."""
    return [child for child in _placed(clip) if lane(child) == 0]


def connected(clip: ET.Element) -> list[ET.Element]:
    """What is connected to a clip; in one that holds others, only what has a lane."""
    return [child for child in _placed(clip) if clip.tag not in CONTAINERS or lane(child) != 0]


def lane(element: ET.Element) -> int:
    """The lane of an element; 0 is the storyline."""
    try:
        return int(element.get("lane") or 0)
    except ValueError:
        return 0


def origin(items: Iterable[ET.Element], start: Fraction) -> Fraction:
    """Where a storyline begins on its own clock: at ``start``; at zero where its items count from there."""
    offsets = [found for item in items if (found := seconds(item.get("offset"))) is not None]
    return start if not offsets or min(offsets) >= start else _ZERO


def conform(clip: ET.Element, rate: Fraction) -> Fraction:
    """How fast a clip's own clock runs where its frames are played one by one at another rate, ``rate``."""
    found = clip.find("conform-rate")
    if found is None or found.get("scaleEnabled") == "0":
        return Fraction(1)
    source = source_rate(found.get("srcFrameRate"))
    return rate / source if source else Fraction(1)


def admitted(element: ET.Element) -> frozenset[str]:
    """What of an element is seen and heard, by what it enables itself."""
    enabled = element.get("srcEnable") or "all"
    senses = {"all": BOTH, "video": frozenset({SEEN}), "audio": frozenset({HEARD})}.get(enabled, frozenset())
    blend = element.find("adjust-blend")
    if blend is not None and seconds(blend.get("amount")) == 0:
        senses -= {SEEN}
    return senses - {HEARD} if is_silent(element) else senses


def covers(clip: ET.Element) -> bool:
    """Whether a clip hides what lies below it: it does not where it fills less than half of the frame, or is clear."""
    blend = clip.find("adjust-blend")
    if blend is not None:
        amount = seconds(blend.get("amount"))
        plain = _PLAIN_BLEND.search(blend.get("mode") or "normal")
        if plain is None or (amount is not None and amount < _HALF):
            return False
    transform = clip.find("adjust-transform")
    scales = [seconds(each) for each in (transform.get("scale") or "").split()] if transform is not None else []
    if transform is None or transform.get("enabled") == "0" or len(scales) != 2:
        return True
    width, height = (Fraction(1) if scale is None else scale for scale in scales)
    return abs(width * height) >= _HALF


def retimed(clip: ET.Element, own: Play) -> list[Play]:
    """The stretches of a clip on the clock of what it holds, as its ``timeMap`` has it; straight between its points."""
    steps = [pair for pair in pairwise(_points(clip)) if pair[1][0] > pair[0][0]]
    plays: list[Play] = []
    for number, ((time, value), (until, reached)) in enumerate(steps):
        low = time if number else min(time, own.local, own.last)
        part = own.within(low, until if number < len(steps) - 1 else None)
        if part is not None:
            plays.append(part.on(time, value, (reached - value) / (until - time)))
    return plays if steps else [own]


def _points(clip: ET.Element) -> list[tuple[Fraction, Fraction]]:
    """The times of a clip's own clock that its ``timeMap`` pins, each with the time of what it holds."""
    pairs = ((seconds(point.get("time")), seconds(point.get("value"))) for point in clip.iterfind("timeMap/timept"))
    return sorted((time, value) for time, value in pairs if time is not None and value is not None)


def _placed(element: ET.Element) -> list[ET.Element]:
    return [child for child in element if child.tag in PLACED]
