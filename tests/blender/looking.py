"""What the daemon makes of a document that was read of Blender."""

from pathlib import Path

import av
import numpy as np
from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.request import Timeline
from sonique_daemon.timeline.frames import sample
from sonique_daemon.timeline.reader import TimelineReader

from tests.blender.conftest import number_in


def conformed(document: str, folder: Path, *roots: Path) -> Picture:
    """The picture, with media allowed under ``roots``."""
    return TimelineReader(folder / "uploads", roots).read(Timeline(document))


def seen(picture: Picture, frame: int) -> int:
    """The number painted into what the daemon sees at a frame of the range; black is 0."""
    time = frame / picture.rate
    shot = next(shot for shot in picture.shots if shot.record.contains(time))
    at = shot.source_time(time)
    if shot.source is None or at is None:
        return 0
    (found,) = sample(shot.source, [at], 320)
    return number_in(np.asarray(found.image))


def shown(path: str) -> int:
    """The number in what Blender rendered; black is 0."""
    with av.open(path) as container:
        return number_in(np.asarray(next(container.decode(video=0)).to_ndarray(format="rgb24"), np.uint8))
