"""What the user names on the command line: a film, or a timeline in any form that OTIO's adapters read."""

import codecs
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from contextlib import redirect_stdout
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

from sonique.v1 import timeline_pb2

from sonique_cli import groups
from sonique_cli.exits import CommandError, Exit
from sonique_cli.named_files import require_text
from sonique_cli.options import CutsChoice
from sonique_cli.quantities import read_rate

TIMELINE_SUFFIXES = (".otio", ".otioz", ".otiod", ".edl", ".xml", ".fcpxml", ".fcpxmld", ".aaf")
_MAX_TEXT_BYTES = 16 * 1024 * 1024
_MAX_INDENTED_BYTES = 8 * _MAX_TEXT_BYTES

_FOLDERS = {".otiod": "content.otio", ".fcpxmld": "Info.fcpxml"}
"""Timelines that are folders, and the document in each."""

_MOST_TIMES = 100
"""How many times its own size a zipped bundle may unpack to; media hardly shrinks."""

_CONTENT = _FOLDERS[".otiod"]

_PROJECTS = {
    ".prproj": ("Premiere Pro", "its sequence as OTIO or Final Cut Pro XML"),
    ".drp": ("DaVinci Resolve", "its timeline as OTIO, or score it there"),
    ".drt": ("DaVinci Resolve", "the timeline as OTIO, or score it there"),
    ".fcpbundle": ("Final Cut Pro", "the project as XML"),
    ".fcp": ("Final Cut Pro 7", "its sequence as XML"),
    ".kdenlive": ("Kdenlive", "it as OTIO"),
    ".mlt": ("Shotcut", "it as EDL"),
    ".veg": ("VEGAS Pro", "it as EDL or Final Cut Pro XML"),
    ".avb": ("Avid Media Composer", "its sequence as AAF or EDL"),
    ".avp": ("Avid Media Composer", "its sequence as AAF or EDL"),
    ".blend": ("Blender", "a film, or score it there"),
}
"""What editing programs keep their projects in, by the end of the name: the program, and what to export."""

_CUTS = {
    CutsChoice.AUTO: timeline_pb2.CUT_SOURCE_AUTO,
    CutsChoice.TIMELINE: timeline_pb2.CUT_SOURCE_TIMELINE,
    CutsChoice.DETECT: timeline_pb2.CUT_SOURCE_DETECT,
}


def is_timeline(path: Path) -> bool:
    """Whether the name is a timeline's rather than a film's."""
    return path.suffix.lower() in TIMELINE_SUFFIXES


def read_input(path: Path, how: groups.Timeline) -> timeline_pb2.Timeline:
    """The timeline to send for the file ``path``.

    Raises:
        CommandError: the file is not there, or no adapter can read it.
    """
    if not path.exists():
        afar = path.parts[:1] in (("http:",), ("https:",))
        way = " Sonique opens files of this machine alone; download it first." if afar else ""
        raise CommandError(f"“{path}” is not there.{way}", Exit.INPUT)
    require_text(path.resolve())
    _require_no_project(path)
    _require_file(path)
    otio_json, folder = _read_timeline(path, how.rate) if is_timeline(path) else (_wrap(path), path.resolve().parent)
    return timeline_pb2.Timeline(
        otio_json=otio_json,
        range_text=how.range_text,
        folder=str(folder),
        media_roots=[str(root.resolve()) for root in how.media_roots],
        cuts=_CUTS[how.cuts],
    )


def _require_file(path: Path) -> None:
    """Raises ``CommandError`` for what is no regular file: a pipe may never say anything, a device never end."""
    within = _FOLDERS.get(path.suffix.lower())
    if path.is_dir() and within is None:
        raise CommandError(f"“{path}” is a folder; name a film or a timeline file.", Exit.INPUT)
    if within is not None and path.is_dir():
        if not (path / within).is_file():
            raise CommandError(f"“{path}” holds no {within}; export it again.", Exit.INPUT)
    elif not path.is_file():
        raise CommandError(f"“{path}” is no file that can be read; name a film or a timeline file.", Exit.INPUT)


def _require_no_project(path: Path) -> None:
    program, export = _PROJECTS.get(path.suffix.lower(), ("", ""))
    if program:
        raise CommandError(
            f"“{path}” is a project of {program}, which Sonique does not read; export {export}.", Exit.INPUT
        )


def _wrap(path: Path) -> str:
    from sonique_client.otio import one_clip_timeline

    return one_clip_timeline(path.resolve())


def _read_timeline(path: Path, rate: float | None) -> tuple[str, Path]:
    """The OTIO JSON of a timeline file, and the folder that its relative media paths start from."""
    suffix = path.suffix.lower()
    try:
        if suffix == ".otio":
            return _text(path), path.resolve().parent
        if suffix in (".otioz", ".otiod"):
            return _bundle(path)
        return _adapted(path, rate), path.resolve().parent
    except CommandError:
        raise
    except Exception as error:  # the adapters raise whatever their parsers do
        sentence = f"“{path}” cannot be read as a timeline: {_brief(error)}"
        raise CommandError(sentence, Exit.INPUT) from error


def _text(path: Path) -> str:
    """A document's text; without its indentation where that alone makes it too large, as of a film of many effects."""
    size = path.stat().st_size
    if size > _MAX_INDENTED_BYTES:
        raise CommandError(_too_large(path), Exit.INPUT)
    text = path.read_text(encoding="utf-8-sig")
    if not text.strip():
        raise CommandError(f"“{path}” is empty; export the timeline again.", Exit.INPUT)
    if size > _MAX_TEXT_BYTES:
        text = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
        if len(text.encode()) > _MAX_TEXT_BYTES:
            raise CommandError(_too_large(path), Exit.INPUT)
    return text


def _too_large(path: Path) -> str:
    return f"“{path}” is larger than 16 MiB; trim the timeline to what you need."


def _bundle(path: Path) -> tuple[str, Path]:
    """Text and folder of a bundle; a zipped one is unpacked into the user's cache once, named by its digest.

    OTIO does not read it: its parser follows any nesting, and where that is deep enough the process ends.
    """
    from platformdirs import user_cache_path

    if path.suffix.lower() == ".otiod":
        whole = path.resolve()
        return _text(whole / _CONTENT), whole
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    folder = user_cache_path("sonique") / "bundles" / digest[:32]
    if not folder.exists():
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder.parent, prefix="unpacking-") as scratch:
            fresh = Path(scratch) / "bundle"
            _unpack(path, fresh)
            _settle(fresh, folder)
    return _text(folder / _CONTENT), folder


def _unpack(path: Path, folder: Path) -> None:
    """Unpacks a zipped bundle below ``folder``; refuses one that holds more than its own size lets expect."""
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
        if size > max(_MAX_TEXT_BYTES, _MOST_TIMES * path.stat().st_size):
            sentence = f"“{path}” would unpack to {size / 1e6:.0f} MB, as no bundle of media does; export it again."
            raise CommandError(sentence, Exit.INPUT)
        archive.getinfo(_CONTENT)
        archive.extractall(folder)


def _settle(fresh: Path, folder: Path) -> None:
    """Gives what was unpacked its name; where another command was quicker, that one's is as good."""
    try:
        fresh.rename(folder)
    except OSError:
        if not folder.exists():
            raise


def _adapted(path: Path, rate: float | None) -> str:
    import opentimelineio as otio

    from sonique_cli.edl import read_edl
    from sonique_cli.edl_timeline import timeline_of
    from sonique_cli.fcpxml import read_fcpxml
    from sonique_cli.xmeml import read_xmeml

    suffix = path.suffix.lower()
    if suffix == ".edl":
        found = timeline_of(read_edl(_edl_text(path), _edl_rate(rate)))
    elif suffix == ".aaf":
        with redirect_stdout(io.StringIO()):  # where the adapter talks to itself, and documents go
            found = otio.adapters.read_from_file(str(path), adapter_name="AAF")
    else:
        return read_fcpxml(path) if _is_fcpxml(path) else read_xmeml(path)
    json_text: Callable[[int], str] = found.to_json_string
    return json_text(0)


def _is_fcpxml(path: Path) -> bool:
    """Whether XML is Final Cut Pro's of today or that of Final Cut Pro 7, whatever people call the file."""
    from xml.etree import ElementTree as ET

    if path.is_dir():
        return True
    try:
        with path.open("rb") as file:
            _, outermost = next(ET.iterparse(file, events=("start",)))  # noqa: S314 - expat holds bombs back
    except (ET.ParseError, LookupError, ValueError):  # no XML, or in an encoding that nobody knows
        return path.suffix.lower() == ".fcpxml"
    return bool(outermost.tag == "fcpxml")


def _edl_text(path: Path) -> str:
    """The text of an EDL, which programs write in several encodings."""
    if path.stat().st_size > _MAX_TEXT_BYTES:
        raise CommandError(_too_large(path), Exit.INPUT)
    data = path.read_bytes()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _edl_rate(rate: float | None) -> Fraction | None:
    """Frames per second of an EDL, where they are named.

    Raises:
        CommandError: timecode does not count in that rate.
    """
    from opentimelineio.opentime import RationalTime

    exact = None if rate is None else read_rate(rate)
    if exact is not None and not RationalTime.is_smpte_timecode_rate(float(exact)):
        known = "23.976, 24, 25, 29.97, 30, 47.952, 48, 50, 59.94 or 60"
        raise CommandError(f"No timecode counts {rate:g} frames per second; name {known} with --rate.", Exit.USAGE)
    return exact


def _brief(error: BaseException) -> str:
    """An error's first line as a sentence with a way out."""
    text = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    text = text.rstrip(".")
    return f"{text}." if "; " in text else f"{text}; export it again."
