"""Carriers: sound in a film of the timeline's own rate, where sound alone could not end on the frame that is meant.

Sound has no frame rate: Resolve counts it in frames of the rate that the project had at its import, and cuts what is
left over when it turns those into the timeline's. At 25 in the project and 50 on the timeline no odd length can be had.
A film keeps the rate that it was made with, so the same sound beside a small black picture of the timeline's rate ends
on every frame; only its sound is put on the track.
"""

import math
import os
import secrets
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.container import OutputContainer

from sonique_resolve.appending import comes_out
from sonique_resolve.bins import PoolItem, bring
from sonique_resolve.calls import Desk
from sonique_resolve.errors import NotPlaced
from sonique_resolve.ground import Ground
from sonique_resolve.timeline import TimelineRange

_SIZE = (128, 72)
_PICTURE = "prores_ks"
_FORM = "yuv422p10le"
_PROXY = {"profile": "0"}


def carriers(desk: Desk, ground: Ground, span: TimelineRange, items: Sequence[PoolItem]) -> dict[Path, PoolItem]:
    """Films in our bin for those items whose sound cannot end where ``span`` does, by the files of these.

    None where they cannot be written or imported, or do not get the timeline's rate.
    """
    fps = ground.read.rate.fps
    short = [item.path for item in items if comes_out(span.frames, fps, item.fps) != span.frames]
    if not short:
        return {}
    try:
        films = {path: carried(path, fps) for path in short}
        brought = bring(desk, ground, list(films.values()))
    except (NotPlaced, OSError, av.FFmpegError):
        return {}
    if any(item.fps != fps for item in brought.values()):
        return {}
    return {path: brought[film] for path, film in films.items()}


def carried(path: Path, fps: Fraction) -> Path:
    """The sound of ``path`` in a QuickTime film of ``fps``, written beside it; one that is there already is taken.

    The samples are those of the file, untouched; the picture is black, in ProRes, and less than a frame longer.

    Args:
        path: a WAV file.
        fps: frames per second.

    Raises:
        OSError: it cannot be read, or the film not written.
    """
    target = path.with_name(f"{path.stem} at {float(fps):.3f}".rstrip("0").rstrip(".") + ".mov")
    if target.exists():
        return target
    part = target.with_name(f".{target.name[:100]}.{secrets.token_hex(6)}.part")
    try:
        _write(path, part, fps)
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def _write(path: Path, part: Path, fps: Fraction) -> None:
    with av.open(str(path)) as source, av.open(str(part), "w", format="mov") as out:
        (sound, *_) = source.streams.audio
        heard = out.add_stream_from_template(sound)
        out.metadata.update(source.metadata)
        seen = cast("av.VideoStream", out.add_stream(_PICTURE, rate=fps, options=_PROXY))
        seen.width, seen.height, seen.pix_fmt = *_SIZE, _FORM
        black = _black(seen, fps)
        count, shown = _frames(sound, fps), 0
        for packet in source.demux(sound):
            if packet.pts is None or packet.time_base is None:
                continue
            due = min(count, math.floor(packet.pts * Fraction(packet.time_base) * fps) + 1)
            _show(out, seen, black, range(shown, due), fps)
            shown = max(shown, due)
            packet.stream = heard
            out.mux(packet)
        _show(out, seen, black, range(shown, count), fps)


def _frames(sound: av.AudioStream, fps: Fraction) -> int:
    """Whole frames that hold all of the sound."""
    length = Fraction(0) if sound.duration is None or sound.time_base is None else sound.duration * sound.time_base
    return max(1, math.ceil(length * fps))


def _black(stream: av.VideoStream, fps: Fraction) -> bytes:
    """One black picture as it is coded; each stands alone, so that all of them are the same bytes."""
    black = av.VideoFrame.from_ndarray(np.zeros((_SIZE[1], _SIZE[0], 3), np.uint8), format="rgb24")
    frame = black.reformat(format=_FORM)
    frame.pts, frame.time_base = 0, 1 / fps
    (coded, *_) = [*stream.encode(frame), *stream.encode(None)]
    return bytes(coded)


def _show(out: OutputContainer, stream: av.VideoStream, black: bytes, numbers: range, fps: Fraction) -> None:
    """Writes the picture as the frames of those numbers."""
    for number in numbers:
        packet = av.Packet(black)
        packet.stream, packet.time_base, packet.is_keyframe = stream, 1 / fps, True
        packet.pts = packet.dts = number
        packet.duration = 1
        out.mux(packet)
