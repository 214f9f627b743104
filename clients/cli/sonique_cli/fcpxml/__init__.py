"""Final Cut Pro's XML as an OTIO timeline: what is seen and heard when, laid flat on tracks.

OTIO's own adapter knows neither multicam clips, auditions, stills nor retiming, puts connected storylines in the wrong
place, and gives up where a generator stands on the main storyline; so the document is read here.
"""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from sonique_cli.exits import CommandError, Exit
from sonique_cli.fcpxml.elements import ITEMS, chosen
from sonique_cli.fcpxml.play import time_of
from sonique_cli.fcpxml.resources import Resources
from sonique_cli.fcpxml.story import Story, StoryRefusedError
from sonique_cli.fcpxml.tracks import timeline_of

_NAMED = 5
"""How many of several projects or clips are named."""

_DEFAULT_RATE = Fraction(24)


def read_fcpxml(path: Path) -> str:
    """The OTIO JSON of a document, or of a bundle that holds one, in frames of its sequence.

    Raises:
        CommandError: it is no XML; it holds no project or clip, or several, or one that cannot be laid out.
    """
    document = _document(path)
    resources = Resources(document, path.resolve() if path.is_dir() else None)
    try:
        timeline = _timeline(document, resources)
    except StoryRefusedError as error:
        raise CommandError(f"“{path}” {error}", Exit.INPUT) from None
    # Without its indents it is a third of the size.
    return json.dumps(json.loads(timeline.to_json_string()), separators=(",", ":"))


def _document(path: Path) -> ET.Element:
    file = path / "Info.fcpxml" if path.is_dir() else path
    try:
        return ET.fromstring(file.read_bytes())  # noqa: S314 - expat holds bombs back
    except (ET.ParseError, LookupError, ValueError) as error:  # the latter two for encodings
        raise CommandError(f"“{path}” is no XML that can be read ({error}); export it again.", Exit.INPUT) from error


def _timeline(document: ET.Element, resources: Resources) -> Any:
    project = _only(document.iter("project"), "projects")
    if project is not None:
        return _of_sequence(project.find("sequence"), project.get("name") or "", resources)
    shelves = [document, *document.iter("event")]
    item = _only((each for shelf in shelves for each in shelf if each.tag in ITEMS), "clips and no project")
    clip = chosen(item) if item is not None else None
    if clip is None:
        raise StoryRefusedError("holds no project and no clip; export a project.")
    sequence = resources.sequence(clip.get("ref")) if clip.tag == "ref-clip" else None
    if sequence is not None:
        return _of_sequence(sequence, clip.get("name") or "", resources)
    return _of_clip(clip, resources)


def _only(found: Any, things: str) -> ET.Element | None:
    """The only element of its kind, or None where there is none."""
    held: list[ET.Element] = list(found)
    if len(held) > 1:
        names = ", ".join(f"“{each.get('name') or ''}”" for each in held[:_NAMED])
        more = " …" if len(held) > _NAMED else ""
        raise StoryRefusedError(f"holds {len(held)} {things} ({names}{more}); export the project that is to be scored.")
    return held[0] if held else None


def _of_sequence(sequence: ET.Element | None, name: str, resources: Resources) -> Any:
    if sequence is None:
        raise StoryRefusedError(f"has nothing in its project “{name}”; export it again.")
    story = Story(resources)
    rate = _rate(sequence.get("format"), resources)
    story.walk(sequence, rate)
    return timeline_of(story, name, time_of(sequence, "tcStart", Fraction(0)), rate, _drop_frame(sequence))


def _of_clip(clip: ET.Element, resources: Resources) -> Any:
    story = Story(resources)
    rate = _rate(resources.format_of(clip), resources)
    story.walk_clip(clip, rate)
    return timeline_of(story, clip.get("name") or "", story.begins(clip), rate, _drop_frame(clip))


def _rate(name: str | None, resources: Resources) -> Fraction:
    return resources.rate(name) or resources.any_rate() or _DEFAULT_RATE


def _drop_frame(clock: ET.Element) -> dict[str, bool]:
    """Whether timecode is drop-frame, where the document says it."""
    said = clock.get("tcFormat")
    return {"drop_frame": said == "DF"} if said else {}
