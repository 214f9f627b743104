"""The record clock of a timeline: where it starts, its rate, and how its timecode counts."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

import opentimelineio as otio

from sonique_daemon.domain.time import exact_rate, format_timecode
from sonique_daemon.timeline.footage import Footage, media_reference
from sonique_daemon.timeline.otiotime import seconds

_DEFAULT_RATE = Fraction(24)
_COUNTED = {Fraction(n * 1000, d) for n in (24, 30, 60) for d in (1000, 1001)} | {Fraction(25), Fraction(50)}
"""Rates that edit lists count in."""
_ENOUGH = 8
"""Clips that are asked for the rate of their films."""
_DROP_FRAME_RATES = (Fraction(30_000, 1001), Fraction(60_000, 1001))
_DROP_KEYS = {"dropframe", "drop", "displayformat", "timecodeformat", "dropframetimecode", "timelinedropframetimecode"}


@dataclass(frozen=True, slots=True)
class RecordClock:
    """How a timeline counts its time.

    Attributes:
        rate: frames per second.
        start: its beginning in seconds.
        drop_frame: whether its timecode is drop-frame.
    """

    rate: Fraction
    start: Fraction
    drop_frame: bool


def read_clock(document: otio.schema.Timeline, footage: Footage, range_text: str = "") -> RecordClock:
    """The clock of ``document``.

    The rate is that of ``global_start_time``; without one, the rate that most items of the video tracks count in;
    without any, that of the first clip's file. Drop-frame is what the document's metadata says; without a word of it,
    drop-frame where ``range_text`` has such a timecode, or where the start is a whole minute only when counted so.
    """
    start = document.global_start_time
    rate = _start_rate(start) or _item_rate(document) or _file_rate(document, footage) or _DEFAULT_RATE
    begins = seconds(start) if start is not None else Fraction(0)
    return RecordClock(rate, begins, _is_drop_frame(document, rate, begins, range_text))


def rate_doubt(document: otio.schema.Timeline, footage: Footage, rate: Fraction) -> str | None:
    """A sentence where the document's ``rate`` was assumed, as that of an edit list is, and its films have another."""
    said_of_list = document.metadata.get("cmx_3600")
    if not hasattr(said_of_list, "get") or said_of_list.get("assumed_rate") is not True:
        return None
    clips = islice((item for item in _video_items(document) if isinstance(item, otio.schema.Clip)), _ENOUGH)
    rates = Counter(found for clip in clips if (found := footage.rate_of(clip)))
    (usual, _), *_ = rates.most_common(1) or [(rate, 0)]
    if usual == rate or usual not in _COUNTED:
        return None
    shown, said = (f"{float(each):.3f}".rstrip("0").rstrip(".") for each in (rate, usual))
    return (
        f"The list does not name its rate and is read at {shown} frames per second, but its films have {said}: "
        f"say --rate {said}."
    )


def _start_rate(start: otio.opentime.RationalTime | None) -> Fraction | None:
    return _plausible(start.rate) if start is not None else None


def _plausible(rate: float) -> Fraction | None:
    """The rate where picture can have it; sample rates and OTIO's default of 1 are no frame rates."""
    return exact_rate(rate) if 1 < rate <= 240 else None


def _item_rate(document: otio.schema.Timeline) -> Fraction | None:
    rates = (rate for item in _video_items(document) if (rate := _plausible(_own_rate(item))))
    return next((rate for rate, _ in Counter(rates).most_common(1)), None)


def _own_rate(item: Any) -> float:
    if item.source_range is not None:
        return float(item.source_range.duration.rate)
    available = media_reference(item).available_range if isinstance(item, otio.schema.Clip) else None
    return float(available.duration.rate) if available is not None else 0.0


def _file_rate(document: otio.schema.Timeline, footage: Footage) -> Fraction | None:
    clips = (item for item in _video_items(document) if isinstance(item, otio.schema.Clip))
    return next((rate for clip in clips if (rate := footage.rate_of(clip))), None)


def _video_items(document: otio.schema.Timeline) -> Iterator[Any]:
    """The items on the video tracks, those of nested stacks after their stack."""
    waiting = [document.tracks] if document.tracks is not None else []
    while waiting:
        parent = waiting.pop()
        if isinstance(parent, otio.schema.Track) and parent.kind.casefold() == "audio":
            continue
        for child in parent:
            if isinstance(child, otio.core.Composition):
                waiting.append(child)
            if isinstance(child, otio.core.Item):
                yield child


def _is_drop_frame(document: otio.schema.Timeline, rate: Fraction, start: Fraction, range_text: str) -> bool:
    if rate not in _DROP_FRAME_RATES:
        return False
    held = [document.metadata, *([document.tracks.metadata] if document.tracks is not None else [])]
    said = next((word for metadata in held if (word := _said(metadata)) is not None), None)
    if said is not None:
        return said
    return ";" in range_text or _round_only_in_drop_frame(start, rate)


def _said(metadata: Any, depth: int = 0) -> bool | None:
    """What metadata says of drop-frame, or None."""
    for key, value in metadata.items():
        if hasattr(value, "items") and depth < 4:
            word = _said(value, depth + 1)
        elif str(key).casefold().replace("_", "").replace("-", "").replace(" ", "") in _DROP_KEYS:
            word = _yes(value)
        else:
            word = None
        if word is not None:
            return word
    return None


def _yes(value: object) -> bool | None:
    text = str(value).strip().casefold()
    if text in {"true", "1", "yes", "df", "drop", "dropframe", "drop frame", "29.97 df", "59.94 df"}:
        return True
    return False if text in {"false", "0", "no", "ndf", "nondrop", "non-drop", "non drop frame"} else None


def _round_only_in_drop_frame(start: Fraction, rate: Fraction) -> bool:
    dropped, counted = (format_timecode(start, rate, drop_frame=drop) for drop in (True, False))
    return start > 0 and dropped.endswith(":00;00") and not counted.endswith(":00:00")
