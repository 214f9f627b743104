"""Final Cut Pro 7's XML as Premiere Pro, Resolve and others write it: what is shown is what they show."""

from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from sonique_cli.exits import CommandError, Exit
from sonique_cli.groups import Timeline
from sonique_cli.inputs import read_input

NTSC = "<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate>"
RATE = "<rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate>"


def file(name: str, number: int = 1, inside: str = "") -> str:
    inside = inside or f"<pathurl>file://localhost/films/{name}.mov</pathurl>"
    return f'<file id="file-{number}"><name>{name}</name>{inside}{RATE}<duration>288</duration></file>'


RED, BLUE = file("red"), file("blue", 2)


def clip(place: str, source: str = RED, more: str = "", name: str = "c", rate: str = RATE) -> str:
    start, end, first, last = place.split()
    times = f"<start>{start}</start><end>{end}</end><in>{first}</in><out>{last}</out>"
    return f"<clipitem><name>{name}</name><duration>288</duration>{rate}{times}{source}{more}</clipitem>"


def blend(start: int, end: int, alignment: str) -> str:
    place = f"<start>{start}</start><end>{end}</end><alignment>{alignment}</alignment>"
    return f"<transitionitem>{place}{RATE}<effect><name>Cross Dissolve</name></effect></transitionitem>"


def remap(speed: str, backwards: bool = False, graph: str = "", varies: bool = False) -> str:
    said = {"speed": speed, "reverse": str(backwards).upper(), "variablespeed": "1" if varies else "0"}
    told = "".join(f"<parameter><parameterid>{n}</parameterid><value>{v}</value></parameter>" for n, v in said.items())
    return f"<filter><effect><name>Time Remap</name><effectid>timeremap</effectid>{told}{graph}</effect></filter>"


def curve(*points: tuple[int, int]) -> str:
    keys = "".join(f"<keyframe><when>{when}</when><value>{value}</value></keyframe>" for when, value in points)
    return f"<parameter><parameterid>graphdict</parameterid><valuemax>288</valuemax>{keys}</parameter>"


def sequence(*tracks: str, name: str = "cut", number: int = 1, rate: str = RATE) -> str:
    video = "".join(f"<track>{track}</track>" for track in tracks)
    return (
        f'<sequence id="sequence-{number}"><name>{name}</name><duration>144</duration>{rate}'
        f"<media><video>{video}</video></media></sequence>"
    )


def read(folder: Path, body: str) -> Any:
    (folder / "cut.xml").write_text(f"<!DOCTYPE xmeml><xmeml version='4'>{body}</xmeml>", encoding="utf-8")
    return otio.adapters.read_from_string(read_input(folder / "cut.xml", Timeline()).otio_json, "otio_json")


def told(track: Any) -> list[Any]:
    """(file, source start, frames, speed) of each clip on a track."""
    return [
        (
            Path(clip.media_reference.target_url).stem,
            round(clip.source_range.start_time.value, 3),
            round(clip.source_range.duration.value, 3),
            next((effect.time_scalar for effect in clip.effects if hasattr(effect, "time_scalar")), 1),
        )
        for clip in track.find_clips()
    ]


def test_what_is_switched_off_is_off(tmp_path: Path) -> None:
    off = "<enabled>FALSE</enabled>"
    cut = read(tmp_path, sequence(clip("0 48 0 48") + clip("48 96 0 48", BLUE, off), clip("0 96 0 96") + off))
    assert [track.enabled for track in cut.tracks] == [True, False]
    assert [item.enabled for item in cut.tracks[0]] == [True, False]


@pytest.mark.parametrize(
    ("place", "change", "start", "speed"),
    [
        ("0 48 24 72", remap("200"), 48, 2),
        ("0 48 24 72", remap("50"), 12, 0.5),
        ("0 48 24 72", remap("100"), 24, 1),
        ("0 48 24 72", remap("100", backwards=True), 288 - 72, -1),
        ("0 48 24 72", remap("-200"), 288 - 144, -2),
        ("0 48 24 120", remap("200"), 24, 2),
        ("0 48 24 120", remap("200", backwards=True), 24, -2),
        ("0 48 24 72", remap("0"), 24, 0),
        ("0 48 24 72", remap("100", graph=curve((0, 0), (24, 24), (72, 168), (100, 168)), varies=True), 24, 3),
        ("0 48 24 72", remap("100", graph=curve((0, 200), (100, 100)), varies=True), 128, -1),
        ("0 48 24 72", remap("200", graph=curve((0, 30), (24, 78), (72, 174), (144, 292))), 78, 2),
        ("0 48 24 72", remap("200", graph=curve((0, 30), (24, 78), (72, -1_815_255_671), (144, 318))), 78, 2),
        ("0 48 24 72", remap("200", graph=curve((0, 0), (144, 10))), 48, 2),
        ("0 48 24 72", remap("100", backwards=True, graph=curve((0, 201), (24, 176), (72, 128), (144, 57))), 128, -1),
        ("0 48 400 448", remap("0", graph=curve((0, 96), (400, 96), (448, 96))), 96, 0),
        ("0 48 24 72", "<subclipinfo><startoffset>100</startoffset><endoffset>9</endoffset></subclipinfo>", 124, 1),
        ("0 48 24 72", "<subclipinfo><startoffset>100</startoffset></subclipinfo>" + remap("200"), 148, 2),
        ("0 48 250 298", "<subclipinfo><startoffset>100</startoffset></subclipinfo>", 250, 1),
        ("0 48 24 72", "<stillframe>TRUE</stillframe><stillframeoffset>99</stillframeoffset>", 99, 0),
    ],
)
def test_a_changed_speed_shows_the_frames_that_the_editing_program_shows(
    tmp_path: Path, place: str, change: str, start: int, speed: float
) -> None:
    cut = read(tmp_path, sequence(clip(place, more=change)))
    assert told(cut.tracks) == [("red", start, 48, speed)]


def test_a_speed_that_is_switched_off_is_none(tmp_path: Path) -> None:
    change = remap("200").replace("<filter>", "<filter><enabled>FALSE</enabled>")
    assert read(tmp_path, sequence(clip("0 48 24 72", more=change))).tracks[0][0].source_range.start_time.value == 24


def test_under_a_transition_a_fast_clip_runs_fast(tmp_path: Path) -> None:
    track = clip("0 -1 0 60") + blend(36, 60, "center") + clip("-1 108 10 82", BLUE, remap("200"))
    cut = read(tmp_path, sequence(track))
    assert told(cut.tracks) == [("red", 0, 48, 1), ("blue", 2 * (10 + 12), 60, 2)]


def test_a_nested_sequence_shows_what_it_holds_from_its_in_on(tmp_path: Path) -> None:
    inner = sequence(clip("0 48 0 48", BLUE) + clip("48 144 0 96"), name="inner", number=2)
    cut = read(tmp_path, sequence(clip("0 72 24 96", inner, remap("200")) + clip("72 96 0 24")))
    (nested, _) = cut.tracks[0]
    assert told(nested) == [("blue", 0, 48, 1), ("red", 0, 96, 1)]
    assert (nested.source_range.start_time.value, nested.effects[0].time_scalar) == (48, 2)


def test_of_a_bin_the_sequence_that_holds_the_others_is_read(tmp_path: Path) -> None:
    inner = sequence(clip("0 48 0 48", BLUE), name="inner", number=2)
    outer = sequence(clip("0 48 0 48", '<sequence id="sequence-2"/>'), name="outer")
    for order in (inner + outer, outer + inner):
        cut = read(tmp_path, f"<project><children><bin><children>{order}</children></bin></children></project>")
        assert (cut.name, told(cut.tracks)) == ("outer", [("blue", 0, 48, 1)])


def test_a_file_that_a_bin_defines_is_known_in_its_sequence(tmp_path: Path) -> None:
    master = f'<clip id="masterclip-1"><name>red</name>{RED}</clip>'
    used = sequence(clip("0 48 0 48", '<file id="file-1"/>'))
    cut = read(tmp_path, f"<bin><children>{master}{used}</children></bin>")
    assert told(cut.tracks) == [("red", 0, 48, 1)]


def test_two_files_of_one_id_are_two(tmp_path: Path) -> None:
    cut = read(tmp_path, sequence(clip("0 48 0 48") + clip("48 96 0 48", file("blue"))))
    assert [name for name, *_ in told(cut.tracks)] == ["red", "blue"]


def test_of_a_clip_of_several_cameras_the_one_that_is_cut_to_shows(tmp_path: Path) -> None:
    angles = "".join(
        f"<angle><clip>{source}</clip><activevideoangle>{active}</activevideoangle></angle>"
        for source, active in ((RED, "FALSE"), (BLUE, "TRUE"))
    )
    cut = read(tmp_path, sequence(clip("0 48 24 72", f"<multiclip><name>m</name>{angles}</multiclip>")))
    assert told(cut.tracks) == [("blue", 24, 48, 1)]


@pytest.mark.parametrize(
    ("name", "alpha", "kind"),
    [
        ("Adjustment Layer", "none", "Transparent"),
        ("Einstellungsebene", "none", "Transparent"),
        ("anything", "straight", "Transparent"),
        ("Black Video", "none", "Slug"),
    ],
)
def test_one_sees_through_an_adjustment_layer_and_not_through_black(
    tmp_path: Path, name: str, alpha: str, kind: str
) -> None:
    source = file(name, inside="<mediaSource>Slug</mediaSource>")
    cut = read(tmp_path, sequence(clip("0 48 0 48", source, f"<alphatype>{alpha}</alphatype>")))
    assert cut.tracks[0][0].media_reference.generator_kind == kind


def test_a_clip_without_a_source_is_one_without_a_file(tmp_path: Path) -> None:
    cut = read(tmp_path, sequence(clip("0 48 0 48", "", name="odd") + clip("48 96 0 48")))
    odd, red = cut.tracks[0]
    assert (odd.name, odd.media_reference.is_missing_reference) == ("odd", True)
    assert red.source_range.duration.value == 48


def test_a_clip_without_a_start_or_an_end_gets_it_from_its_in_and_out(tmp_path: Path) -> None:
    cut = read(tmp_path, sequence(clip("-1 48 24 72") + clip("48 -1 0 24", BLUE) + clip("-1 -1 0 24")))
    assert told(cut.tracks) == [("red", 24, 48, 1), ("blue", 0, 24, 1)]


@pytest.mark.parametrize("place", ["0 90 48 120", "0 90 60 150"])
def test_an_in_counts_in_the_clips_rate_or_where_it_lasts_as_long_in_frames_in_the_sequences(
    tmp_path: Path, place: str
) -> None:
    cut = read(tmp_path, sequence(clip(place), rate="<rate><timebase>30</timebase></rate>"))
    span = cut.tracks[0][0].source_range
    assert (span.start_time.to_seconds(), span.duration.to_seconds()) == (2, 3)


def test_a_sequence_without_a_rate_has_that_of_its_clips(tmp_path: Path) -> None:
    cut = read(tmp_path, sequence(clip("0 48 0 48", rate=NTSC), rate=""))
    assert cut.tracks[0][0].source_range.duration.rate == 30_000 / 1001
    assert told(read(tmp_path, sequence(clip("0 48 0 48", rate=""), rate=""))) == [("red", 0, 48, 1)]


def test_a_rate_of_zero_is_none(tmp_path: Path) -> None:
    cut = read(tmp_path, sequence(clip("0 48 0 48", rate="<rate><timebase>0</timebase><ntsc>FALSE</ntsc></rate>")))
    assert told(cut.tracks) == [("red", 0, 48, 1)]


@pytest.mark.parametrize(
    ("timecode", "frame"),
    [
        ("<string>01:00:00:00</string>", 86_400),
        ("<frame>86412</frame>", 86_412),
        ("<frame>x</frame><string>01:00:00:10</string>", 86_410),
        (f"<string>00;01;00;02</string>{NTSC}", 1800),
        (f"<string>00:01:00:02</string>{NTSC}", 1802),
    ],
)
def test_the_start_of_a_sequence_is_read_from_its_frame_or_its_timecode(
    tmp_path: Path, timecode: str, frame: int
) -> None:
    start = f"<timecode>{timecode}</timecode></sequence>"
    cut = read(tmp_path, sequence(clip("0 48 0 48")).replace("</sequence>", start))
    assert cut.global_start_time.value == frame


def test_a_timecode_that_is_none_is_no_start(tmp_path: Path) -> None:
    start = "<timecode><string>soon</string></timecode></sequence>"
    assert read(tmp_path, sequence(clip("0 48 0 48")).replace("</sequence>", start)).global_start_time is None


def test_a_transition_that_says_little_is_in_the_middle(tmp_path: Path) -> None:
    bare = "<transitionitem><start>36</start><end>60</end></transitionitem>"
    cut = read(tmp_path, sequence(clip("0 -1 0 60") + bare + clip("-1 108 10 82", BLUE)))
    assert (cut.tracks[0][1].in_offset.value, cut.tracks[0][1].out_offset.value) == (12, 12)
    assert told(cut.tracks) == [("red", 0, 48, 1), ("blue", 22, 60, 1)]


def test_a_filter_without_an_effect_and_a_marker_without_a_place_are_left_out(tmp_path: Path) -> None:
    more = "<filter><enabled>TRUE</enabled></filter><marker><name>lost</name></marker>"
    red = read(tmp_path, sequence(clip("0 48 0 48", more=more))).tracks[0][0]
    assert (len(red.effects), len(red.markers)) == (0, 0)


def test_a_marker_of_a_clip_counts_from_its_media_as_the_clip_does(tmp_path: Path) -> None:
    timecode = f"<timecode>{RATE}<frame>86400</frame></timecode>"
    source = file("red", inside=f"<pathurl>file://localhost/red.mov</pathurl>{timecode}")
    marker = "<marker><name>hit</name><in>36</in><out>-1</out></marker>"
    red = read(tmp_path, sequence(clip("0 48 24 72", source, marker))).tracks[0][0]
    assert (red.source_range.start_time.value, red.markers[0].marked_range.start_time.value) == (86_424, 86_436)


def test_what_effects_hold_does_not_swell_the_timeline(tmp_path: Path) -> None:
    blob = f"<parameter><parameterid>1</parameterid><value>{'A' * 100_000}</value></parameter>"
    effect = f"<filter><effect><name>Lumetri</name><effectid>L</effectid>{blob}</effect></filter>"
    cut = read(tmp_path, sequence(clip("0 48 24 72", more=effect + remap("200"))))
    assert told(cut.tracks) == [("red", 48, 48, 2)]
    assert len(cut.to_json_string()) < 10_000


def test_what_cannot_be_understood_is_told_in_plain_words(tmp_path: Path) -> None:
    loop = sequence(clip("0 48 0 48", '<sequence id="sequence-1"/>'))
    with pytest.raises(CommandError, match=r"a part of it cannot be understood; export the sequence again\.$"):
        read(tmp_path, loop)


def test_a_document_of_final_cut_pro_x_may_be_called_xml(tmp_path: Path) -> None:
    (tmp_path / "cut.xml").write_text('<fcpxml version="1.10"><resources/></fcpxml>')
    with pytest.raises(CommandError, match="holds no project and no clip"):
        read_input(tmp_path / "cut.xml", Timeline())


@pytest.mark.parametrize("body", ["", "<bin><children/></bin>"])
def test_a_document_without_a_sequence_is_told(tmp_path: Path, body: str) -> None:
    with pytest.raises(CommandError, match="it holds no sequence; export a sequence as Final Cut Pro XML") as error:
        read(tmp_path, body)
    assert error.value.exit_code is Exit.INPUT
