"""Conform: what OTIO's adapters make of an EDL, an FCP 7 XML and an AAF."""

from fractions import Fraction
from typing import Any

import opentimelineio as otio
import pytest
from sonique_daemon.domain.picture import JoinKind, Picture
from sonique_daemon.domain.request import Timeline
from sonique_daemon.timeline.conform import conform
from sonique_daemon.timeline.locator import MediaLocator
from sonique_daemon.timeline.roots import Roots

EDL = """TITLE: SAMPLE
FCM: NON-DROP FRAME

001  AX       V     C        01:00:04:05 01:00:05:12 01:00:00:00 01:00:01:07
* FROM CLIP NAME: one.mov
002  AX       V     C        01:00:06:15 01:00:08:15 01:00:01:07 01:00:03:07
* FROM CLIP NAME: two.mov
003  AX       V     C        01:00:08:15 01:00:08:15 01:00:03:07 01:00:03:07
003  BX       V     D    024 01:00:02:00 01:00:04:00 01:00:03:07 01:00:05:07
* FROM CLIP NAME: two.mov
* TO CLIP NAME: three.mov
004  AX       V     C        01:00:00:00 01:00:02:00 01:00:06:07 01:00:07:07
* FROM CLIP NAME: four.mov
M2   AX             048.0                      01:00:00:00
005  AX       A     C        01:00:01:00 01:00:02:00 01:00:02:00 01:00:03:00
* FROM CLIP NAME: one.mov
"""

XML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE xmeml>
<xmeml version="4"><sequence id="s"><name>cut</name><duration>60</duration>
<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate>
<timecode><rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate><string>01;00;00;00</string><frame>107892</frame>
<displayformat>DF</displayformat></timecode>
<media><video><track>
<clipitem id="c1"><name>one</name><duration>300</duration><rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate>
<start>0</start><end>30</end><in>15</in><out>45</out>
<file id="f1"><name>one.mov</name><pathurl>file://localhost{folder}/one.mov</pathurl>
<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate><duration>300</duration>
<media><video/><audio/></media></file></clipitem>
<clipitem id="c2"><name>two</name><duration>300</duration><rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate>
<start>45</start><end>60</end><in>0</in><out>15</out>
<file id="f2"><name>two.mov</name><pathurl>file://localhost{folder}/two.mov</pathurl>
<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate><duration>300</duration>
<media><video/></media></file></clipitem>
</track></video>
<audio><track>
<clipitem id="c3"><name>one</name><duration>300</duration><rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate>
<start>0</start><end>30</end><in>15</in><out>45</out><file id="f1"/></clipitem>
</track></audio></media></sequence></xmeml>
"""


def conformed(bench: Any, timeline: Any) -> Picture:
    text = timeline.to_json_string()
    request = Timeline(text, folder=str(bench.folder), media_roots=(str(bench.folder),))
    return conform(request, MediaLocator.for_request(request, Roots(())), bench.probe)


def test_an_edl_finds_its_clips_by_name_and_timecode(bench: Any) -> None:
    for name in ("one", "two", "three", "four"):
        bench.media(f"{name}.mov", start_timecode=Fraction(3600), has_sound=True)
    timeline = otio.adapters.read_from_string(EDL, "cmx_3600", rate=24)
    picture = conformed(bench, timeline)
    assert (picture.rate, picture.start) == (Fraction(24), Fraction(3600))
    assert picture.duration == Fraction(7 * 24 + 7, 24)
    assert [shot.source.path.rsplit("/", 1)[1] if shot.source else "" for shot in picture.shots] == [
        "one.mov",
        "two.mov",
        "three.mov",
        "",
        "four.mov",
    ]
    assert picture.shots[0].record.duration == Fraction(31, 24)
    assert picture.shots[0].source_time(Fraction(0)) == Fraction(4 * 24 + 5, 24)
    assert [shot.join for shot in picture.shots].count(JoinKind.DISSOLVE) == 1
    assert picture.shots[2].join_duration == 1
    assert picture.shots[4].source is not None
    assert picture.shots[4].source.speed == 2
    assert [(clip.record.start, clip.source.start) for clip in picture.sound] == [(Fraction(2), Fraction(1))]


def test_an_fcp_xml_brings_its_start_sound_and_drop_frame(bench: Any) -> None:
    rate = Fraction(30_000, 1001)
    bench.media("one.mov", 10, rate, has_sound=True)
    bench.media("two.mov", 10, rate)
    timeline = otio.adapters.read_from_string(XML.format(folder=bench.folder), "fcp_xml")
    picture = conformed(bench, timeline)
    assert (picture.rate, picture.drop_frame, picture.start) == (rate, True, 107_892 / rate)
    assert [shot.name for shot in picture.shots] == ["one", "", "two"]
    assert [int(shot.record.end * rate) for shot in picture.shots] == [30, 45, 60]
    assert picture.shots[0].source is not None
    assert picture.shots[0].source.start == 15 / rate
    assert [(clip.record.duration, clip.source.start) for clip in picture.sound] == [(30 / rate, 15 / rate)]


def test_an_otio_edit_survives_fcp_xml(bench: Any) -> None:
    whole = bench.frames(0, 2400)
    track = bench.track(bench.clip("a", 48, 24, available=whole), bench.clip("b", 0, 48, available=whole))
    written = otio.adapters.write_to_string(bench.timeline(track), "fcp_xml")
    picture = conformed(bench, otio.adapters.read_from_string(written, "fcp_xml"))
    assert bench.told(picture) == [("a", 0, 1), ("b", 1, 3)]
    assert picture.shots[0].source is not None
    assert picture.shots[0].source.start == 2


def test_an_aaf_brings_its_clips(bench: Any) -> None:
    pytest.importorskip("aaf2")
    clips = []
    for index, name in enumerate(("a", "b")):
        clip = bench.clip(name, 24 * (index + 1), 48, available=bench.frames(0, 2400))
        clip.media_reference.target_url = f"file://{bench.folder}/{name}.mov"
        clips.append(clip)
    file = bench.folder / "edit.aaf"
    otio.adapters.write_to_file(bench.timeline(bench.track(*clips)), str(file), use_empty_mob_ids=True)
    picture = conformed(bench, otio.adapters.read_from_file(str(file)))
    assert bench.told(picture) == [("a", 0, 2), ("b", 2, 4)]
    assert [shot.source.path.rsplit("/", 1)[1] if shot.source else "" for shot in picture.shots] == ["a.mov", "b.mov"]
    assert [shot.source.start for shot in picture.shots if shot.source] == [1, 2]
