"""Fades and volume: set on the clip where this release can, else part of the file."""

import struct
from collections.abc import Callable
from pathlib import Path

from sonique_resolve.fake import FakeDesk, World
from sonique_resolve.placement import Placed, Placement, Take
from sonique_resolve.placer import place, swap
from sonique_resolve.reader import read
from sonique_resolve.timeline import TimelineRange

Room = Callable[..., World]
Wav = Callable[..., Path]
Score = Callable[..., Placed]


def test_fades_and_volume_are_set_on_the_clip_from_21_1_on(cutting_room: Room, score: Score) -> None:
    world = cutting_room(version="21.1")
    placed = score(world, fade_in=12, fade_out=24, volume_db=-6.0)
    item = world.track("audio", 3).items[0]
    assert item.fades == {"FadeIn": 12, "FadeOut": 24}
    assert item.properties == {"AudioVolume": -6.0}
    assert placed.notes == ("The fades were set on the clip.", "The volume was set on the clip.")


def test_fades_that_the_clip_does_not_take_are_told(cutting_room: Room, score: Score) -> None:
    placed = score(cutting_room(version="21.1", ignores_fades=True), fade_in=12, volume_db=-6.0)
    assert all("not taken" in note for note in placed.notes)
    assert len(placed.notes) == 2


def test_before_that_they_are_part_of_the_file(cutting_room: Room, tmp_path: Path) -> None:
    world = cutting_room(version="21.0.4")
    path = tmp_path / "loud [job1].wav"
    samples = struct.pack("<h", 16_000) * 2 * 48_000 * 4
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(samples),
        b"WAVE",
        b"fmt ",
        16,
        1,
        2,
        48_000,
        192_000,
        4,
        16,
        b"data",
        len(samples),
    )
    path.write_bytes(header + samples)
    desk = FakeDesk(world)
    timeline = read(desk)
    span = TimelineRange(timeline.start_frame + 24, 72)
    placed = place(desk, timeline, Placement(span, (Take(path),), "job1", fade_in=24, fade_out=24, volume_db=-20.0))
    assert any("the fades and the volume are part of the file" in note for note in placed.notes)
    assert path.read_bytes() == header + samples
    baked = placed.items[0].file.read_bytes()[44:]
    values = struct.unpack(f"<{len(baked) // 2}h", baked)[::2]
    at = [values[round(second * 48_000)] for second in (0, 0.5, 1, 1.9, 2.5, 3.5)]
    assert at == [0, 800, 1600, 1600, 800, 0]
    assert swap(desk, timeline, placed, 0).items[0].file == placed.items[0].file
