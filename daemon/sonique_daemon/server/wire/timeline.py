"""Timelines on the wire."""

from collections.abc import Sequence
from pathlib import PurePosixPath, PureWindowsPath

from sonique.v1 import timeline_pb2

from sonique_daemon.domain.request import CutSource, Timeline
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.errors import InvalidRequest, LimitExceeded
from sonique_daemon.server.wire.fields import chosen, counted, limited, present, quoted
from sonique_daemon.server.wire.time import read_range, write_range

OTIO_LIMIT = 16 * 2**20
RANGE_TEXT_LIMIT = 100
ROOTS_LIMIT = 64
PATH_LIMIT = 4096

_CUTS = {
    timeline_pb2.CUT_SOURCE_UNSPECIFIED: CutSource.AUTO,
    timeline_pb2.CUT_SOURCE_AUTO: CutSource.AUTO,
    timeline_pb2.CUT_SOURCE_TIMELINE: CutSource.TIMELINE,
    timeline_pb2.CUT_SOURCE_DETECT: CutSource.DETECT,
}
_CUT_NUMBERS = {
    CutSource.AUTO: timeline_pb2.CUT_SOURCE_AUTO,
    CutSource.TIMELINE: timeline_pb2.CUT_SOURCE_TIMELINE,
    CutSource.DETECT: timeline_pb2.CUT_SOURCE_DETECT,
}


def read_timeline(message: timeline_pb2.Timeline) -> Timeline:
    """The timeline and its range; the OTIO document itself is read by the job.

    Raises:
        InvalidRequest: a field is missing, or a folder is no absolute path.
        LimitExceeded: too long or too many.
    """
    present(bool(message.otio_json), "timeline.otio_json")
    size = len(message.otio_json.encode())
    if size > OTIO_LIMIT:
        raise LimitExceeded(f"The timeline has {size} bytes; at most {OTIO_LIMIT} (16 MiB) are taken.")
    return Timeline(
        otio=message.otio_json,
        range=_read_wanted(message),
        range_text=limited(message.range_text, "timeline.range_text", RANGE_TEXT_LIMIT),
        folder=_folder(message.folder, "timeline.folder") if message.folder else "",
        media_roots=read_media_roots(message.media_roots, "timeline.media_roots"),
        cuts=chosen(_CUTS, message.cuts, "timeline.cuts"),
    )


def read_media_roots(roots: Sequence[str], field: str) -> tuple[str, ...]:
    """Absolute folders; raises ``InvalidRequest`` or ``LimitExceeded``."""
    counted(roots, field, ROOTS_LIMIT)
    return tuple(_folder(root, f"An entry of {field}") for root in roots)


def write_timeline(timeline: Timeline) -> timeline_pb2.Timeline:
    """The timeline."""
    message = timeline_pb2.Timeline(
        otio_json=timeline.otio,
        folder=timeline.folder,
        media_roots=timeline.media_roots,
        cuts=_CUT_NUMBERS[timeline.cuts],
    )
    if timeline.range is not None:
        message.range.CopyFrom(write_range(timeline.range))
    elif timeline.range_text:
        message.range_text = timeline.range_text
    return message


def _read_wanted(message: timeline_pb2.Timeline) -> TimeRange | None:
    return read_range(message.range, "timeline.range") if message.HasField("range") else None


def _folder(path: str, field: str) -> str:
    limited(path, field, PATH_LIMIT)
    if "\0" in path or not (PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute()):
        raise InvalidRequest(f"{field} {quoted(path)} is no absolute path; begin it at the root.")
    return path
