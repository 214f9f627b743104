"""The timeline as Resolve itself writes it to OTIO: one call, however long it is."""

import json
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sonique_resolve.calls import Call, Constant, Desk
from sonique_resolve.timeline import ReadTimeline, is_own_name

OWN_MARKER = "sonique:"
"""What the custom data of our markers begins with; the job's id follows."""

_LARGEST = 64 * 2**20


def exported(desk: Desk, read: ReadTimeline) -> str:
    """The whole timeline as OTIO, without our own tracks; empty where Resolve writes none.

    A release may say that it wrote a file and write none, and one from a store of apps may write only to some folders;
    so what counts is the file, and several folders are tried.
    """
    for parent in writable_folders():
        with tempfile.TemporaryDirectory(prefix="sonique-", dir=parent, ignore_cleanup_errors=True) as folder:
            path = Path(folder) / "timeline.otio"
            desk.do([Call(read.timeline, "Export", (str(path), Constant("EXPORT_OTIO"), Constant("EXPORT_NONE")))])
            document = _document(path)
        if document is not None and _is_timeline(document):
            return json.dumps(_cleaned(document, read), ensure_ascii=False)
    return ""


def writable_folders() -> list[Path]:
    """Folders that Resolve may write to: the system's own for such files, and that of films, which every build may."""
    places = [Path(tempfile.gettempdir()), Path.home() / "Movies"]
    return [place for place in places if place.is_dir()]


def missing_media(document: str) -> list[str]:
    """The names of the enabled clips on enabled video tracks that name no media file: titles, nested timelines."""
    tracks = json.loads(document)["tracks"]["children"]
    seen = [track for track in tracks if track.get("kind") == "Video" and track.get("enabled", True)]
    return [str(clip.get("name", "")) for clip in clips_in(seen) if clip.get("enabled", True) and is_missing(clip)]


def clips_in(children: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """All clips below ``children``: Resolve writes a compound clip as all that is in it."""
    waiting = list(children)[::-1]
    while waiting:
        child = waiting.pop()
        if str(child.get("OTIO_SCHEMA", "")).startswith("Clip."):
            yield child
        waiting += (child.get("children") or [])[::-1]


def is_missing(clip: dict[str, Any]) -> bool:
    """Whether a clip of a document names no media file."""
    references = clip.get("media_references") or {}
    active = references.get(clip.get("active_media_reference_key", "DEFAULT_MEDIA")) or clip.get("media_reference")
    schema = str((active or {}).get("OTIO_SCHEMA", "MissingReference"))
    return schema.startswith("MissingReference")


def _document(path: Path) -> Any:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return None


def _is_timeline(document: Any) -> bool:
    if not isinstance(document, dict) or not str(document.get("OTIO_SCHEMA", "")).startswith("Timeline."):
        return False
    tracks = document.get("tracks")
    return isinstance(tracks, dict) and isinstance(tracks.get("children"), list)


def _cleaned(document: dict[str, Any], read: ReadTimeline) -> dict[str, Any]:
    """What the daemon needs of it: its record clock said plainly, our own music and Resolve's settings left out."""
    stack = _bare(document["tracks"])
    stack["children"] = [track for track in stack["children"] if not _own_track(track)]
    start = {"OTIO_SCHEMA": "RationalTime.1", "rate": float(read.rate.fps), "value": float(read.start_frame)}
    metadata = {"drop_frame": read.rate.drop_frame}
    return {**document, "tracks": stack, "global_start_time": start, "metadata": metadata}


def _bare(value: Any) -> Any:
    """``value`` without metadata, of which Resolve writes much."""
    if isinstance(value, list):
        return [_bare(each) for each in value]
    if isinstance(value, dict):
        return {key: {} if key == "metadata" else _bare(each) for key, each in value.items()}
    return value


def _own_track(track: Any) -> bool:
    return isinstance(track, dict) and track.get("kind") == "Audio" and is_own_name(str(track.get("name", "")))
