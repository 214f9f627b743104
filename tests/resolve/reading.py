"""What a range was read as, and what the daemon makes of it."""

from fractions import Fraction
from pathlib import Path

from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.request import Timeline
from sonique_daemon.domain.time import TimeRange
from sonique_daemon.timeline.reader import TimelineReader
from sonique_resolve.choosing import Which, choose
from sonique_resolve.document import to_otio
from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.items import look
from sonique_resolve.reader import read
from sonique_resolve.timeline import ReadRange

NTSC, FILM = Fraction(30_000, 1001), Fraction(24_000, 1001)


def found_in(world: World, which: Which | str = Which.WHOLE) -> ReadRange:
    desk = FakeDesk(world)
    timeline = read(desk)
    return look(desk, timeline, choose(desk, timeline, which).range)


def conformed(found: ReadRange, folder: Path) -> Picture:
    """What the daemon makes of the document, over the range that was read."""
    fps = found.read.rate.fps
    wanted = TimeRange(found.range.start_frame / fps, found.range.frames / fps)
    reader = TimelineReader(folder, (folder,))
    return reader.read(Timeline(to_otio(found), range=wanted, media_roots=(str(folder),)))


def shots(picture: Picture) -> list[tuple[str, float, float]]:
    """The shots: file, start and length in frames of the timeline."""
    rate = picture.rate
    return [
        (
            Path(shot.source.path).name if shot.source else "",
            float(shot.record.start * rate),
            float(shot.record.duration * rate),
        )
        for shot in picture.shots
    ]
