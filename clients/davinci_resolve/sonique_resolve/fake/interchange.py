"""Timeline files: OTIO written and taken, EDL as a list of cuts, FCPXML 1.10 as the folder that Resolve makes of it."""

import json
from pathlib import Path

from sonique_resolve.fake.clock import timecode_of
from sonique_resolve.fake.host import Host
from sonique_resolve.fake.otio_in import taken
from sonique_resolve.fake.otio_out import document
from sonique_resolve.fake.state import TimelineState


def export(timeline: TimelineState, path: Path, kind: str) -> bool:
    """Writes the timeline; False for kinds that this fake does not write, or where it cannot."""
    try:
        return _write(timeline, path, kind)
    except OSError:
        return False


def _write(timeline: TimelineState, path: Path, kind: str) -> bool:
    if kind == "EXPORT_OTIO":
        path.write_text(json.dumps(document(timeline), indent=4), encoding="utf-8")
    elif kind == "EXPORT_EDL":
        path.write_text(_cuts(timeline), encoding="utf-8")
    elif kind == "EXPORT_FCPXML_1_10":
        path.mkdir(exist_ok=True)
        (path / "Info.fcpxml").write_text('<fcpxml version="1.10"/>\n', encoding="utf-8")
    else:
        return False
    return True


def _cuts(timeline: TimelineState) -> str:
    """The first video track as CMX 3600."""
    lines = [f"TITLE: {timeline.name}", f"FCM: {'' if timeline.clock.drop_frame else 'NON-'}DROP FRAME"]
    for number, item in enumerate(timeline.tracks["video"][0].items, start=1):
        source = int(item.source) + (item.media.start_frame if item.media is not None else 0)
        frames = (source, source + item.frames, item.start, item.end)
        codes = " ".join(timecode_of(frame, timeline.clock) for frame in frames)
        lines.append(f"{number:03d}  AX       V     C        {codes}")
    return "\n".join(lines) + "\n"


def imported(host: Host, path: Path, name: str) -> TimelineState | None:
    """A new timeline from an OTIO file; None, without a reason, where Resolve would not take it."""
    try:
        parsed = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return taken(host, parsed, name) if isinstance(parsed, dict) else None
