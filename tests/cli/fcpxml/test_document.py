"""What Final Cut Pro exports is read to the frame, at every rate and in every form; what cannot be read is told."""

from pathlib import Path

import opentimelineio as otio
import pytest
from sonique_cli.exits import CommandError
from sonique_cli.groups import Timeline
from sonique_cli.inputs import read_input

from tests.cli.fcpxml.conftest import Cut
from tests.cli.fcpxml.documents import document, project

CLIP = '<asset-clip ref="b" offset="{}s" name="B" start="3605s" duration="2s" tcFormat="NDF"/>'
LOOP = """<media id="m" name="M"><sequence format="r1" duration="2s"><spine>
  <ref-clip ref="m" offset="0s" name="M"/></spine></sequence></media>"""

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


def read_file(path: Path) -> otio.core.SerializableObject:
    return otio.adapters.read_from_string(read_input(path, Timeline()).otio_json, "otio_json")


def frames(start: int, length: int, rate: float) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, rate), otio.opentime.RationalTime(length, rate))


@pytest.mark.parametrize(
    ("numerator", "denominator"),
    [(24_000, 1001), (24, 1), (25, 1), (30_000, 1001), (30, 1), (50, 1), (60_000, 1001), (60, 1)],
)
def test_every_cut_is_on_its_frame(tmp_path: Path, numerator: int, denominator: int) -> None:
    cut, rate = read_file(exported(tmp_path / "cut.fcpxml", numerator, denominator)), numerator / denominator
    first, second = cut.find_clips()
    assert cut.global_start_time.to_seconds() == pytest.approx(3600, abs=1e-9)
    assert first.range_in_parent() == frames(0, FIRST, rate)
    assert second.range_in_parent() == frames(FIRST, SECOND, rate)
    assert first.source_range.start_time == otio.opentime.RationalTime(START, rate)
    assert second.source_range.start_time.to_seconds() == pytest.approx(1.2, abs=1e-9)


@pytest.mark.parametrize("name", ["cut.fcpxml", "cut.fcpxmld/Info.fcpxml"])
def test_the_original_film_of_a_clip_is_known(tmp_path: Path, name: str) -> None:
    exported(tmp_path / name, 25, 1)
    cut = read_file(tmp_path / name.partition("/")[0])
    urls = [clip.media_reference.target_url for clip in cut.find_clips()]
    assert urls == ["file:///films/%C3%BC.mov", "file:///films/old.mov"]


def test_a_compound_clip_by_itself_is_the_timeline(read: Cut) -> None:
    held = f'<media id="m"><sequence format="r1" tcStart="60s"><spine>{CLIP.format(60)}</spine></sequence></media>'
    found = read(document('<event><ref-clip ref="m" name="M" duration="2s"/></event>', held))
    assert (found.timeline.name, found.timeline.global_start_time.to_seconds()) == ("M", 60)
    assert [(laid.start, laid.media) for laid in found.seen] == [(0, 3605)]


def test_a_clip_by_itself_counts_its_own_timecode(read: Cut) -> None:
    found = read(document(CLIP.format(0)))
    assert found.timeline.global_start_time.to_seconds() == 3605
    assert [(laid.start, laid.duration, laid.media) for laid in found.seen] == [(0, 2, 3605)]


@pytest.mark.parametrize(("said", "drops"), [('tcFormat="DF"', True), ('tcFormat="NDF"', False), ("", None)])
def test_timecode_drops_frames_where_the_sequence_says_so(cut: Cut, said: str, drops: bool | None) -> None:
    timeline = cut(CLIP.format(0), attributes=said).timeline
    assert timeline.metadata["fcpxml"].get("drop_frame") is drops


@pytest.mark.parametrize(
    ("name", "rate"), [("1080p2398", 24_000 / 1001), ("1080p24", 24), ("720x576i50", 25), ("1080i5994", 30_000 / 1001)]
)
def test_a_format_may_be_named_without_its_rate(read: Cut, name: str, rate: float) -> None:
    body = project(CLIP.format(0)).replace('format="r1"', 'format="x"')
    found = read(document(body, f'<format id="x" name="FFVideoFormat{name}"/>'))
    assert found.timeline.global_start_time.rate == pytest.approx(rate, abs=1e-9)


def test_relative_media_of_a_bundle_lies_in_it(tmp_path: Path) -> None:
    bundle = tmp_path / "cut.fcpxmld"
    bundle.mkdir()
    text = document(project(CLIP.format(0))).replace("file:///films/b.mov", "Media/my%20film.mov")
    (bundle / "Info.fcpxml").write_text(text)
    (clip,) = read_file(bundle).find_clips()
    assert clip.media_reference.target_url == str(bundle / "Media" / "my film.mov")


def test_xml_is_known_by_what_it_holds(read: Cut) -> None:
    assert [laid.name for laid in read(document(project(CLIP.format(0))), "cut.xml").seen] == ["B"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<fcpxml", "is no XML that can be read .*; export it again"),
        ('<?xml version="1.0" encoding="x"?><fcpxml/>', "is no XML that can be read .unknown encoding: x.; export it"),
        ("<fcpxml/>", "holds no project and no clip; export a project"),
        (document(project("", name="A") + project("", name="B")), "holds 2 projects .“A”, “B”.; export the project"),
        (document(CLIP.format(0) * 7), "holds 7 clips and no project .“B”, “B”, “B”, “B”, “B” ….; export the project"),
        (document('<project name="A"/>'), "has nothing in its project “A”; export it again"),
        (document(project('<ref-clip ref="m" name="M"/>'), LOOP), "“M” that contains itself; break it apart"),
    ],
)
def test_what_cannot_be_read_is_told_with_a_way_out(read: Cut, text: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        read(text)


def test_compound_clips_that_multiply_are_refused_before_they_are_counted_out(
    read: Cut, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sonique_cli.fcpxml.story.MAX_ITEMS", 500)
    each = (
        '<ref-clip ref="m{0}" offset="0s" duration="1/{1}s"/><ref-clip ref="m{0}" offset="1/{1}s" duration="1/{1}s"/>'
    )
    media = '<media id="m{}"><sequence format="r1"><spine>{}</spine></sequence></media>'
    held = "".join(media.format(n, each.format(n + 1, 2**n) if n < 30 else "") for n in range(31))
    with pytest.raises(CommandError, match="holds more than 500 clips, those in compound clips counted; export a part"):
        read(document(project('<ref-clip ref="m0" offset="0s" duration="2s"/>'), held))


def test_a_bundle_without_its_document_is_told(tmp_path: Path) -> None:
    (tmp_path / "cut.fcpxmld").mkdir()
    with pytest.raises(CommandError, match=r"holds no Info\.fcpxml; export it again"):
        read_input(tmp_path / "cut.fcpxmld", Timeline())
