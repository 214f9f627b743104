"""Final Cut Pro 7's XML as editing programs write it today, put so that OTIO's adapter reads it as they show it.

The adapter shows what is switched off, plays every clip at normal speed, takes the adjustment layer of a whole film for
black and a nested sequence for empty, and gives up where a clip has no source, stands at no place, or is defined after
it is used. So it is given a document without these, and what it leaves in the metadata of a clip is read afterwards.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from sonique_cli.xmeml_repair import repair
from sonique_cli.xmeml_speed import SPEED, rate_of, retime, source_frames, whole

_ITEMS = {"clipitem", "generatoritem", "transitionitem"}
_SHARED = {"file", "sequence"}
"""What is defined once and named by its id elsewhere."""

_OF_ITEM = {
    *(
        "name",
        "enabled",
        "rate",
        "start",
        "end",
        "in",
        "out",
        "duration",
        "file",
        "sequence",
        "effect",
        "marker",
        SPEED,
    ),
}
_OF_FILE = {"name", "pathurl", "mediaSource", "rate", "duration", "timecode"}

_CLEAR = (
    *("transparent video", "adjustment layer", "einstellungsebene", "calque d", "capa de ajuste", "camada de ajuste"),
    *("livello di regolazione", "корректирующий слой", "調整レイヤー", "调整图层", "調整圖層", "조정 레이어"),
)
"""How the names of Premiere Pro's own pictures begin through which one sees."""


def read_xmeml(path: Path) -> str:
    """The OTIO JSON of a document.

    Raises:
        Exception: whatever the parsers raise for what is none.
    """
    import opentimelineio as otio

    document = ET.fromstring(path.read_bytes())  # noqa: S314 - expat holds bombs back
    if document.tag != "xmeml" or next(document.iter("sequence"), None) is None:
        raise ValueError("it holds no sequence; export a sequence as Final Cut Pro XML.")
    repair(document)
    _prepare(document)
    text = ET.tostring(document, encoding="unicode")
    try:
        found = otio.adapters.read_from_string(text, adapter_name="fcp_xml")
    except (AttributeError, KeyError, IndexError, TypeError, ValueError) as error:  # it takes all for given
        raise ValueError("a part of it cannot be understood; export the sequence again.") from error
    for timeline in [found] if isinstance(found, otio.schema.Timeline) else found:
        _finish(timeline.tracks)
    json_text: Callable[[int], str] = found.to_json_string
    return json_text(0)


def _prepare(document: ET.Element) -> None:
    shelf = ET.SubElement(document, "shelf")
    kept = _keep_outer_sequences(document, shelf)
    _name_each_once(document)
    full = _definitions(document)
    _define_at_first_use(kept, full)
    document.remove(shelf)
    _open_nested(document)
    done: set[int] = set()
    for sequence in document.iter("sequence"):
        rate = _sequence_rate(sequence)
        for track in sequence.iterfind("media/*/track"):
            if id(track) not in done:
                done.add(id(track))
                _prepare_track(track, rate, full)
    for file in document.iter("file"):
        _keep(file, _OF_FILE)


def _keep(element: ET.Element, tags: set[str]) -> None:
    """Takes all else away, which the adapter would copy into metadata; effects of a film are larger than its cut."""
    for each in list(element):
        if each.tag not in tags:
            element.remove(each)


def _sequence_rate(sequence: ET.Element) -> Fraction:
    """Frames per second of the sequence, which is given what its format or its first clip says where it says none."""
    rate = rate_of(sequence)
    if rate is not None:
        return rate
    others = (*sequence.iterfind("media/video/format/samplecharacteristics"), *sequence.iterfind("media/*/track/*"))
    said = next((each for other in others for each in other.findall("rate")), None)
    sequence.append(said if said is not None else ET.fromstring("<rate><timebase>24</timebase></rate>"))  # noqa: S314 - own
    return rate_of(sequence) or Fraction(24)


def _name_each_once(document: ET.Element) -> None:
    """Makes an id mean one thing: its tag and its first definition; the adapter takes all of one id for one."""
    defined: set[str] = set()
    for each in document.iter():
        name = each.get("id")
        if name is None:
            continue
        own = f"{each.tag} {name}"
        if len(each) and (own in defined or each.tag not in _SHARED):
            del each.attrib["id"]
        else:
            each.set("id", own)
        defined.update([own] if len(each) else [])


def _keep_outer_sequences(document: ET.Element, shelf: ET.Element) -> list[ET.Element]:
    """The sequences that stand in no other; those of a bin that are nested in another are put on the shelf."""
    homes = [document, *document.iter("children")]
    outer = [(home, sequence) for home in homes for sequence in home.findall("sequence")]
    nested = {each.get("id") for item in document.iter("clipitem") for each in item.iterfind("sequence")} - {None}
    kept = [sequence for _, sequence in outer if sequence.get("id") not in nested]
    for home, sequence in outer:
        if kept and sequence.get("id") in nested:
            home.remove(sequence)
            shelf.append(sequence)
    return kept or [sequence for _, sequence in outer]


def _definitions(document: ET.Element) -> dict[str, ET.Element]:
    """Files and sequences by their ids, where they are more than an id."""
    full: dict[str, ET.Element] = {}
    for each in document.iter():
        name = each.get("id")
        if name is not None and each.tag in _SHARED and len(each):
            full.setdefault(name, each)
    return full


def _define_at_first_use(kept: list[ET.Element], full: dict[str, ET.Element]) -> None:
    """Puts each definition where its id is used first, as the adapter takes it from there."""
    used: set[str] = set()
    for each in (each for sequence in kept for each in sequence.iter()):
        name = each.get("id")
        if name is None or each.tag not in _SHARED or name in used:
            continue
        used.add(name)
        if not len(each) and name in full:
            each.extend(list(full[name]))


def _open_nested(document: ET.Element) -> None:
    """Puts the tracks of nested sequences where the adapter looks for them, else it takes them for empty."""
    for item in document.iter("clipitem"):
        for sequence in item.iterfind("sequence"):
            if sequence.find("video") is None and sequence.find("audio") is None:
                sequence.extend([each for media in sequence.findall("media") for each in media])


def _prepare_track(track: ET.Element, rate: Fraction, full: dict[str, ET.Element]) -> None:
    items = [item for item in track if item.tag in _ITEMS]
    for index, item in enumerate(items):
        if item.tag == "transitionitem":
            continue
        head, tail = _transition(items, index - 1), _transition(items, index + 1)
        _give_source(item)
        _give_rate(item, rate)
        if _give_place(item, head is not None, tail is not None):
            own = rate_of(item) or rate
            retime(item, (head, tail), (rate, own), source_frames(item, own, full))
            _keep(item, _OF_ITEM)
        else:
            track.remove(item)


def _transition(items: list[ET.Element], index: int) -> ET.Element | None:
    found = items[index] if 0 <= index < len(items) else None
    return found if found is not None and found.tag == "transitionitem" else None


def _give_source(item: ET.Element) -> None:
    """Gives a clip the source that shows: of several cameras the one that is cut to, of none a file without a path."""
    multiclip = item.find("multiclip")
    if multiclip is not None:
        angles = multiclip.findall("angle")
        active = [angle for angle in angles if (angle.findtext("activevideoangle") or "").upper() == "TRUE"] or angles
        source = next((each for angle in active for each in angle.iter() if each.tag in _SHARED), None)
        item.extend([source] if source is not None else [])
    if item.tag == "clipitem" and all(item.find(tag) is None for tag in _SHARED):
        ET.SubElement(ET.SubElement(item, "file"), "name").text = item.findtext("name") or ""
    elif (
        item.tag == "generatoritem"
        and item.find("effect[effecttype='generator']") is None
        and item.find("file") is None
    ):
        effect = ET.SubElement(item, "effect")
        for name, text in (("name", item.findtext("name") or ""), ("effectid", ""), ("effecttype", "generator")):
            ET.SubElement(effect, name).text = text
    _unveil(item)


def _unveil(item: ET.Element) -> None:
    """Says of a generated picture that one sees through it, where one does; Premiere Pro calls all of them slugs."""
    source = item.find("file/mediaSource")
    clear = (item.findtext("file/name") or "").lower().startswith(_CLEAR)
    if source is not None and source.text == "Slug" and (clear or item.findtext("alphatype", "none") != "none"):
        source.text = "Transparent"


def _give_rate(item: ET.Element, rate: Fraction) -> None:
    """Takes away the clip's own rate where its in and out count in the sequence's all the same."""
    own, lasting, played = rate_of(item), _length(item, "start", "end"), _length(item, "in", "out")
    if own and own != rate and lasting and played == lasting and abs(lasting * own / rate - lasting) > 1:
        for each in item.findall("rate"):
            item.remove(each)


def _length(item: ET.Element, first: str, last: str) -> int | None:
    start, end = whole(item.findtext(first)), whole(item.findtext(last))
    return None if start is None or end is None or start < 0 or end <= start else end - start


def _give_place(item: ET.Element, headed: bool, tailed: bool) -> bool:
    """Gives the clip a start and an end where no transition does; False where nothing says them."""
    start, end = whole(item.findtext("start"), -1), whole(item.findtext("end"), -1)
    played = _length(item, "in", "out")
    if start == -1 and not headed and played is not None and end > 0:
        start = end - played
    if end == -1 and not tailed and played is not None and start >= 0:
        end = start + played
    _write(item, "start", start)
    _write(item, "end", end)
    _write(item, "in", whole(item.findtext("in"), 0))
    return (start >= 0 or headed) and (end > start or (end == -1 and tailed))


def _write(item: ET.Element, name: str, frames: int) -> None:
    held = item.find(name)
    (held if held is not None else ET.SubElement(item, name)).text = str(frames)


def _finish(item: Any) -> None:
    """Switches off what is off and sets the speeds, as the metadata that the adapter left says."""
    import opentimelineio as otio

    held = item.metadata.get("fcp_xml", {})
    item.enabled = str(held.get("enabled", "TRUE")).upper() != "FALSE"
    speed = held.pop(SPEED, None)
    if speed is not None:
        warp = otio.schema.LinearTimeWarp(time_scalar=float(speed)) if float(speed) else otio.schema.FreezeFrame()
        item.effects.append(warp)
    _shift_markers(item)
    for child in _items(item):
        _finish(child)


def _shift_markers(item: Any) -> None:
    """Has markers of a clip count from where its media's timecode begins, as the clip does."""
    reference = getattr(item, "media_reference", None)
    if reference is None or reference.available_range is None:
        return
    start = reference.available_range.start_time
    for marker in item.markers:
        span = marker.marked_range
        if span.start_time < start:
            marker.marked_range = type(span)(span.start_time + start, span.duration)


def _items(item: Any) -> Iterator[Any]:
    import opentimelineio as otio

    if isinstance(item, otio.core.Composition):
        yield from (child for child in item if isinstance(child, otio.core.Item))
