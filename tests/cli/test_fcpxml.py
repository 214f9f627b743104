"""What Final Cut Pro exports is read to the frame, at every rate and in every form."""

from pathlib import Path

import opentimelineio as otio
import pytest
from sonique_cli.exits import CommandError
from sonique_cli.groups import Timeline
from sonique_cli.inputs import read_input

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="1.10">
 <resources>
  <format id="r0" name="FFVideoFormatRateUndefined"/>
  <format id="r1" frameDuration="{frame}s"/>
  <format id="r9" frameDuration="100/2500s"/>
  <asset id="r2" name="trip" start="0s" duration="60s" hasVideo="1" format="r1">
   <media-rep kind="proxy-media" src="file:///proxies/trip.mov"/>
   <media-rep kind="original-media" src="file:///films/%C3%BC.mov"/>
  </asset>
  <asset id="r3" name="old" start="0s" duration="60s" hasVideo="1" format="r9" src="file:///films/old.mov"/>
 </resources>
 <library><event name="E"><project name="Cut"><sequence format="r1" duration="{end}s" tcStart="3600s"><spine>
  <asset-clip ref="r2" offset="3600s" name="trip" start="{start}s" duration="{first}s"/>
  <asset-clip ref="r3" offset="{later}s" name="old" start="6/5s" duration="{second}s"/>
 </spine></sequence></project></event></library>
</fcpxml>
"""
FIRST, SECOND, START = 29, 100, 7


def exported(path: Path, numerator: int, denominator: int) -> Path:
    """A cut of 29 frames from frame 7 on, and of 100 of a film of 25 frames per second."""

    def time(frames: int) -> str:
        return f"{frames * denominator}/{numerator}"

    path.parent.mkdir(exist_ok=True)
    later = f"{3600 * numerator + FIRST * denominator}/{numerator}"
    times = {"later": later, "frame": time(1), "start": time(START), "first": time(FIRST), "second": time(SECOND)}
    path.write_text(DOCUMENT.format(end=time(FIRST + SECOND), **times), encoding="utf-8")
    return path


def read(path: Path) -> otio.core.SerializableObject:
    return otio.adapters.read_from_string(read_input(path, Timeline()).otio_json, "otio_json")


def frames(start: int, length: int, rate: float) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(length, rate))


@pytest.mark.parametrize(
    ("numerator", "denominator"),
    [(24_000, 1001), (24, 1), (25, 1), (30_000, 1001), (30, 1), (50, 1), (60_000, 1001), (60, 1)],
)
def test_every_cut_is_on_its_frame(tmp_path: Path, numerator: int, denominator: int) -> None:
    cut, rate = read(exported(tmp_path / "cut.fcpxml", numerator, denominator)), numerator / denominator
    (timeline,) = cut
    first, second = cut.find_clips()
    assert timeline.global_start_time.to_seconds() == pytest.approx(3600, abs=1e-9)
    assert first.range_in_parent() == frames(0, FIRST, rate)
    assert second.range_in_parent() == frames(FIRST, SECOND, rate)
    assert first.source_range.start_time == otio.opentime.RationalTime(START, rate)
    assert second.source_range.start_time.to_seconds() == pytest.approx(1.2, abs=1e-9)


@pytest.mark.parametrize("name", ["cut.fcpxml", "cut.fcpxmld/Info.fcpxml"])
def test_the_original_film_of_a_clip_is_known(tmp_path: Path, name: str) -> None:
    exported(tmp_path / name, 25, 1)
    cut = read(tmp_path / name.partition("/")[0])
    urls = [clip.media_reference.target_url for clip in cut.find_clips()]
    assert urls == ["file:///films/%C3%BC.mov", "file:///films/old.mov"]


def test_a_document_without_a_project_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty.fcpxml").write_text('<fcpxml version="1.10"><resources/></fcpxml>')
    with pytest.raises(CommandError, match="it holds no project and no clip"):
        read_input(tmp_path / "empty.fcpxml", Timeline())
