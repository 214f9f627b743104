"""What some programs leave out of Final Cut Pro 7's XML, or write otherwise, filled in or left out as a whole."""

import re
from collections.abc import Callable
from fractions import Fraction
from xml.etree import ElementTree as ET

from sonique_cli.xmeml_speed import decimal, rate_of, whole


def repair(document: ET.Element) -> None:
    """Changes ``document`` so that OTIO's adapter, which takes all of it for given, finds what it looks for."""
    _drop(document, "filter", lambda each: each.find("effect") is not None)
    _drop(document, "marker", lambda each: all(decimal(each.findtext(name)) is not None for name in ("in", "out")))
    _drop(document, "duration", lambda each: decimal(each.text) is not None)
    _drop(document, "rate", lambda each: whole(each.findtext("timebase")) > 0)
    for each in document.iter("rate"):
        _write(each, "timebase", str(whole(each.findtext("timebase"))))
    for parent in list(document.iter()):
        for each in parent.findall("timecode"):
            if not _time(each, rate_of(parent)):
                parent.remove(each)
        for each in parent.findall("transitionitem"):
            if not _transition(each):
                parent.remove(each)


def _drop(document: ET.Element, tag: str, is_sound: Callable[[ET.Element], bool]) -> None:
    for parent in list(document.iter()):
        for each in parent.findall(tag):
            if not is_sound(each):
                parent.remove(each)


def _time(timecode: ET.Element, rate: Fraction | None) -> bool:
    """Gives a timecode its frame and its rate; False where nothing says them."""
    own = rate_of(timecode) or rate
    frame = decimal(timecode.findtext("frame"))
    counted = _counted(timecode.findtext("string") or "", own) if own else None
    frame = counted if frame is None else frame
    if own is None or frame is None:
        return False
    if rate_of(timecode) is None:
        ntsc = own.denominator != 1
        fresh = ET.SubElement(timecode, "rate")
        ET.SubElement(fresh, "timebase").text = str(-(-own // 1))
        ET.SubElement(fresh, "ntsc").text = str(ntsc).upper()
    _write(timecode, "frame", str(int(frame)))
    return True


def _counted(text: str, rate: Fraction) -> Fraction | None:
    """The frame that ``HH:MM:SS:FF`` is, with ``;`` in it one that drops frames; None where it is no timecode."""
    match = re.fullmatch(r"(\d\d)[:;](\d\d)[:;](\d\d)[:;](\d\d)", text.strip())
    if match is None:
        return None
    hours, minutes, seconds, frames = map(int, match.groups())
    nominal, passed = -(-rate // 1), hours * 60 + minutes
    drops = nominal // 15 * (passed - passed // 10) if ";" in text and nominal in (30, 60) else 0
    return Fraction((passed * 60 + seconds) * nominal + frames - drops)


def _transition(item: ET.Element) -> bool:
    """Gives a transition its alignment and its effect; False where it has no place."""
    start, end = whole(item.findtext("start")), whole(item.findtext("end"))
    if start < 0 or end < start:
        return False
    for name, text in (("start", str(start)), ("end", str(end)), ("alignment", item.findtext("alignment") or "center")):
        _write(item, name, text)
    if item.find("effect") is None:
        ET.SubElement(item, "effect")
    return True


def _write(element: ET.Element, name: str, text: str) -> None:
    held = element.find(name)
    (held if held is not None else ET.SubElement(element, name)).text = text
