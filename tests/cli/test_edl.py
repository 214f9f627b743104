"""Edit decision lists as programs write them: every picture on its frame, whatever stands between the events."""

import time
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from sonique_cli.exits import CommandError, Exit
from sonique_cli.groups import Timeline
from sonique_cli.inputs import read_input

HEAD = "TITLE: Reel\nFCM: NON-DROP FRAME\n"


def read(folder: Path, text: str, rate: float | None = None, encoding: str = "utf-8") -> otio.schema.Timeline:
    (folder / "cut.edl").write_bytes(text.encode(encoding))
    sent = read_input(folder / "cut.edl", Timeline(rate=rate))
    timeline = otio.adapters.read_from_string(sent.otio_json, "otio_json")
    assert isinstance(timeline, otio.schema.Timeline)
    return timeline


def told(timeline: otio.schema.Timeline, index: int = 0) -> list[Any]:
    """What a track holds: (name, source start, frames) of each clip, frames of each gap, "~frames" of each blend."""
    out: list[Any] = []
    for item in timeline.tracks[index]:
        if isinstance(item, otio.schema.Transition):
            out.append(f"~{item.out_offset.value:g}")
        elif isinstance(item, otio.schema.Gap):
            out.append(int(item.source_range.duration.value))
        else:
            span = item.source_range
            out.append((item.name, int(span.start_time.value), int(span.duration.value)))
    return out


def speeds(timeline: otio.schema.Timeline) -> list[float]:
    return [clip.effects[0].time_scalar if clip.effects else 1.0 for clip in timeline.find_clips()]


def start(timeline: otio.schema.Timeline) -> int:
    return int(timeline.global_start_time.value)


def test_a_list_that_begins_with_a_fade_from_black_is_read(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        HEAD + "001  BL       V     C        00:00:00:00 00:00:00:00 01:00:00:00 01:00:00:00\n"
        "001  AX       V     D    024 00:00:05:00 00:00:08:00 01:00:00:00 01:00:03:00\n"
        "* TO CLIP NAME: red.mov\n",
    )
    assert (start(cut), told(cut)) == (86_400, [("red.mov", 120, 72)])


def test_a_dip_to_black_goes_out_softly_and_comes_back_at_its_frame(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        HEAD + "001  AX       V     C        00:00:00:00 00:00:02:00 00:00:00:00 00:00:02:00\n"
        "* FROM CLIP NAME: red.mov\n"
        "002  AX       V     C        00:00:02:00 00:00:02:00 00:00:02:00 00:00:02:00\n"
        "002  BL       V     D    012 00:00:00:00 00:00:01:00 00:00:02:00 00:00:03:00\n"
        "* FROM CLIP NAME: red.mov\n"
        "003  BL       V     C        00:00:00:00 00:00:00:00 00:00:03:00 00:00:03:00\n"
        "003  AX       V     D    012 00:00:01:00 00:00:03:00 00:00:03:00 00:00:05:00\n"
        "* TO CLIP NAME: blue.mov\n",
    )
    assert told(cut) == [("red.mov", 0, 48), "~12", ("black", 0, 24), ("blue.mov", 24, 48)]


def test_a_wipe_blends_like_a_dissolve(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        HEAD + "001  TST V     C        01:00:04:05 01:00:04:14 01:00:00:00 01:00:00:09\n"
        "002  TST V     C        01:00:04:14 01:00:04:14 01:00:00:09 01:00:00:09\n"
        "002  TST V     W001    010 01:00:08:08 01:00:08:18 01:00:00:09 01:00:00:19\n"
        "* FROM CLIP NAME:  a\n* TO CLIP NAME:  b\n",
    )
    assert told(cut) == [("TST", 86_501, 9), "~10", ("b", 86_600, 10)]


def test_events_out_of_order_stand_where_they_were_recorded(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        HEAD
        + "001  AX       V     C        00:00:01:00 00:00:03:00 00:00:04:00 00:00:06:00\n* FROM CLIP NAME: red.mov\n"
        "002  AX       V     C        00:00:07:00 00:00:09:00 00:00:00:00 00:00:02:00\n* FROM CLIP NAME: blue.mov\n",
    )
    assert told(cut) == [("blue.mov", 168, 48), 48, ("red.mov", 24, 48)]


def test_where_events_overlap_the_one_that_begins_later_shows(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        HEAD
        + "001  AX       V     C        00:00:00:00 00:00:04:00 00:00:00:00 00:00:04:00\n* FROM CLIP NAME: red.mov\n"
        "002  AX       V     C        00:00:00:00 00:00:04:00 00:00:03:00 00:00:07:00\n* FROM CLIP NAME: blue.mov\n",
    )
    assert told(cut) == [("red.mov", 0, 72), ("blue.mov", 0, 96)]


def test_a_list_past_midnight_goes_on(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        HEAD
        + "001  AX       V     C        00:00:01:00 00:00:03:00 23:59:59:00 00:00:01:00\n* FROM CLIP NAME: red.mov\n"
        "002  AX       V     C        00:00:01:00 00:00:03:00 00:00:01:00 00:00:03:00\n* FROM CLIP NAME: blue.mov\n",
    )
    assert (start(cut), told(cut)) == (24 * 86_399, [("red.mov", 24, 48), ("blue.mov", 24, 48)])


@pytest.mark.parametrize(
    ("source", "notes", "speed"),
    [
        ("00:00:00:00 00:00:04:00", "", 1.0),
        ("00:00:00:00 00:00:08:00", "", 2.0),
        ("00:00:00:00 00:00:00:00", "", 1.0),
        ("00:00:00:00 00:00:04:01", "", 1.0),
        ("00:00:00:00 00:00:08:00", "M2   AX       048.0                00:00:00:00\n", 2.0),
        ("00:00:00:00 00:00:04:00", "M2   AX       -24.0                00:00:00:00 \n", -1.0),
        ("00:00:00:00 00:00:00:01", "M2   AX       000.0                00:00:00:00\n", 0.0),
        ("00:00:00:00 00:00:00:01", "** FREEZE FRAME\n", 0.0),
    ],
)
def test_a_speed_is_what_its_note_says_or_else_the_lengths(
    tmp_path: Path, source: str, notes: str, speed: float
) -> None:
    event = f"001  AX       V     C        {source} 01:00:00:00 01:00:04:00\n* FROM CLIP NAME: red.mov\n{notes}"
    cut = read(tmp_path, HEAD + event)
    assert (told(cut), speeds(cut)) == ([("red.mov", 0, 96)], [speed])


def test_of_two_speeds_in_a_dissolve_each_is_its_reels(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        HEAD + "001  A001     V     C        00:00:00:00 00:00:02:00 00:00:00:00 00:00:02:00\n* FROM CLIP NAME: a\n"
        "002  A001     V     C        00:00:02:00 00:00:02:00 00:00:02:00 00:00:02:00\n"
        "002  B001     V     D    012 00:00:00:00 00:00:04:00 00:00:02:00 00:00:04:00\n"
        "M2   A001     024.0                00:00:00:00\nM2   B001     048.0                00:00:00:00\n"
        "* FROM CLIP NAME: a\n* TO CLIP NAME: b\n",
    )
    assert (told(cut), speeds(cut)) == ([("a", 0, 48), "~12", ("b", 0, 48)], [1.0, 2.0])


def test_picture_and_sound_of_one_number_are_both_read(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        HEAD + "SPLIT:    AUDIO DELAY=  00:00:00:06\n"
        "053  021      V     C        00:00:01:00 00:00:02:00 01:00:51:11 01:00:52:11\n"
        "053  021      A     C        00:00:01:06 00:00:02:00 01:00:51:17 01:00:52:11\n* FROM CLIP NAME: red.mov\n",
    )
    assert [track.name for track in cut.tracks] == ["V1", "A1"]
    assert (told(cut), told(cut, 1)) == ([("red.mov", 24, 24)], [6, ("red.mov", 30, 18)])


@pytest.mark.parametrize(
    ("channels", "note", "tracks"),
    [
        ("V", "", ["V1"]),
        ("B", "", ["V1", "A1"]),
        ("AA/V", "", ["V1", "A1", "A2"]),
        ("A2/V", "", ["V1", "A2"]),
        ("V2", "", ["V2"]),
        ("VA1A2", "", ["V1", "A1", "A2"]),
        ("AA/V", "AUD  3    4\n", ["V1", "A1", "A2", "A3", "A4"]),
    ],
)
def test_channels_become_tracks(tmp_path: Path, channels: str, note: str, tracks: list[str]) -> None:
    event = f"001  AX       {channels}  C        00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\n{note}"
    cut = read(tmp_path, HEAD + event)
    assert [track.name for track in cut.tracks] == tracks


def test_a_line_of_further_channels_alone_sounds_on_them(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        HEAD
        + "001  AX       V     C        00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\n* FROM CLIP NAME: red.mov\n"
        "002  AX       NONE  C        00:00:01:00 00:00:05:00 01:00:00:00 01:00:04:00\n* FROM CLIP NAME: blue.mov\n"
        "AUD  3    4\n",
    )
    assert [track.name for track in cut.tracks] == ["V1", "A3", "A4"]
    assert told(cut, 2) == [("blue.mov", 24, 96)]


def test_what_lies_under_a_key_shows(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        HEAD + "037  131    V     K B      00:00:01:00 00:00:03:00 00:00:00:00 00:00:02:00\n"
        "037  051    V     K O  000 00:00:09:00 00:00:11:00 00:00:00:00 00:00:02:00\n* FROM CLIP NAME: red.mov\n",
    )
    assert told(cut) == [("red.mov", 24, 48)]


def test_lines_that_are_no_events_end_no_reading(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        "* exported by something\nREM before the title\n" + HEAD + "\n"
        "000001  My Reel 7   V     C   00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\n"
        "*ASC_SOP (1.04 1.03 x)(-0.0 0.0 0.01)(1.0 1.0 1.0)\n* FROM CLIP NAME: red.mov\n* FROM CLIP IS A STILL\n"
        ">>> SOURCE A047C012  DA-88\n\x1a",
    )
    assert told(cut) == [("red.mov", 0, 96)]
    (clip,) = cut.find_clips()
    assert clip.media_reference.is_missing_reference


@pytest.mark.parametrize(
    ("reel", "notes", "name", "meant"),
    [
        (
            "A026C019",
            "* FROM CLIP NAME:  92-2A*\n* SOURCE FILE: A026C019_170614_R287\n",
            "92-2A*",
            "A026C019_170614_R287",
        ),
        ("C_0019C005_h1F4X", "", "C_0019C005_h1F4X", "C_0019C005_h1F4X"),
        ("AX", "* FROM CLIP NAME: red.mov\n* SOURCE FILE: (NULL)\n", "red.mov", ""),
        ("004", "* FROM CLIP NAME: red.mov\n", "red.mov", ""),
        ("AX", "* FROM CLIP NAME: take\n* FROM CLIP: S:\\reels\\take.mov\n", "take", "S:\\reels\\take.mov"),
        ("AX", "* SOURCE FILE: ../Videos/Logo.mp4\n", "AX", "../Videos/Logo.mp4"),
    ],
)
def test_files_are_looked_for_by_what_notes_and_reel_say(
    tmp_path: Path, reel: str, notes: str, name: str, meant: str
) -> None:
    event = f"001  {reel} V     C        00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\n{notes}"
    (clip,) = read(tmp_path, HEAD + event).find_clips()
    reference = clip.media_reference
    assert (clip.name, getattr(reference, "target_url", reference.name)) == (name, meant)


def test_a_dissolve_leads_to_the_second_of_the_files_that_are_named(tmp_path: Path) -> None:
    cut = read(
        tmp_path,
        HEAD + "001  A001     V     C        00:00:00:00 00:00:02:00 00:00:00:00 00:00:02:00\n* SOURCE FILE: one\n"
        "002  A001     V     C        00:00:02:00 00:00:02:00 00:00:02:00 00:00:02:00\n"
        "002  B001     V     D    012 00:00:00:00 00:00:02:00 00:00:02:00 00:00:04:00\n"
        "* FROM CLIP NAME: 1A\n* TO CLIP NAME: 2A\n* SOURCE FILE: one\n",
    )
    assert [clip.media_reference.name for clip in cut.find_clips()] == ["one", "B001"]


def test_images_by_number_are_one_sequence(tmp_path: Path) -> None:
    event = "001  AX  V  C  00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\n* FROM CLIP: /shots/a.[0101-0196].exr\n"
    (clip,) = read(tmp_path, HEAD + event).find_clips()
    images = clip.media_reference
    assert (images.target_url_base, images.name_prefix, images.name_suffix) == ("/shots/", "a.", ".exr")
    assert (images.start_frame, images.frame_zero_padding) == (101, 4)


@pytest.mark.parametrize("name", ["Black Video", "HD Bars and Tone"])
def test_a_picture_that_the_program_made_is_no_missing_file(tmp_path: Path, name: str) -> None:
    event = f"001  AX  V     C        00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\n* FROM CLIP NAME: {name}\n"
    (clip,) = read(tmp_path, HEAD + event).find_clips()
    assert isinstance(clip.media_reference, otio.schema.GeneratorReference)


def test_locators_stand_where_the_record_clock_says(tmp_path: Path) -> None:
    event = "001  AX  V  C  00:00:00:00 00:00:04:00 01:00:00:00 01:00:04:00\n* LOC: 01:00:01:12 GREEN   door slams\n"
    cut = read(tmp_path, HEAD + event)
    (marker,) = cut.tracks.markers
    assert (marker.name, marker.color, marker.marked_range.start_time.value) == ("door slams", "GREEN", 36)


@pytest.mark.parametrize(("fcm", "divider"), [("DROP FRAME", ":"), ("DROP FRAME", ";"), ("NON-DROP FRAME", ";")])
def test_a_list_that_drops_frames_is_read_so_however_it_divides_them(tmp_path: Path, fcm: str, divider: str) -> None:
    event = "001  AX  V     C        00:00:00:00 00:00:02:00 00:00:58{0}00 00:01:00{0}02\n* FROM CLIP NAME: red.mov\n"
    cut = read(tmp_path, f"FCM: {fcm}\n" + event.format(divider))
    assert (start(cut), told(cut), speeds(cut)) == (58 * 30, [("red.mov", 0, 60)], [1.0])
    assert cut.global_start_time.rate == 30_000 / 1001
    assert cut.metadata["cmx_3600"]["dropframe"]


def test_in_a_list_of_both_timecodes_colons_drop_nothing(tmp_path: Path) -> None:
    event = "001  AX  V     C        00:01:10:00 00:01:12:00 00:01:10;00 00:01:12;00\n* FROM CLIP NAME: red.mov\n"
    cut = read(tmp_path, "FCM: DROP FRAME\n" + event)
    assert (start(cut), told(cut)) == (70 * 30 - 2, [("red.mov", 70 * 30, 60)])


def test_a_list_with_the_frame_24_is_of_25(tmp_path: Path) -> None:
    event = "001  AX  V     C        00:00:01:00 00:00:02:24 00:00:00:00 00:00:01:24\n* FROM CLIP NAME: red.mov\n"
    cut = read(tmp_path, HEAD + event)
    assert (told(cut), cut.global_start_time.rate) == ([("red.mov", 25, 49)], 25)


@pytest.mark.parametrize(
    ("frame", "rate", "sentence"),
    [
        (28, None, "counts up to frame 28 and no list names its rate; say --rate 29.97 or --rate 30"),
        (49, None, "say --rate 50, --rate 59.94 or --rate 60"),
        (28, 25.0, "names frame 28, which 25 frames per second do not have; say another --rate"),
    ],
)
def test_timecode_that_leaves_the_rate_open_asks_for_it(
    tmp_path: Path, frame: int, rate: float | None, sentence: str
) -> None:
    event = f"001  AX  V     C        00:00:01:00 00:00:02:{frame} 00:00:00:00 00:00:01:{frame}\n"
    with pytest.raises(CommandError, match=sentence) as error:
        read(tmp_path, HEAD + event, rate)
    assert error.value.exit_code is Exit.INPUT


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "001  AX  AA  C  00:00:01:00 00:00:03:00 00:00:00:00 00:00:02:00\nAUD  3\n",
            "it lists sound alone; export the list of",
        ),
        (
            "001  001  V  C  01:00:18:06 01:00:18:07 01:00:18:06 01:00:18:07\n2. no |C:ResolveColorBlue |M:hit |D:1\n",
            "it lists Resolve's markers and no cuts; export the timeline itself",
        ),
        ("hello\n", "holds no event of a CMX 3600 list; export it again as one"),
        ("001  AX  V  C  00:00:01:00 00:00:03:00 00:00:00:00\n", r"line 3, “001 .*00:00:00:00”, is no event"),
    ],
)
def test_what_is_no_list_is_told_with_a_way_out(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence) as error:
        read(tmp_path, HEAD + text)
    assert error.value.exit_code is Exit.INPUT


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_list_of_windows_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    event = "001  AX  V  C  00:00:01:00 00:00:03:00 00:00:00:00 00:00:02:00\r\n* FROM CLIP NAME: Übung.mov\r\n"
    assert told(read(tmp_path, HEAD + event, encoding=encoding)) == [("Übung.mov", 24, 48)]


def test_a_list_of_endless_lines_is_read_at_once(tmp_path: Path) -> None:
    event = "001  AX  V  C  00:00:01:00 00:00:03:00 00:00:00:00 00:00:02:00\n* FROM CLIP NAME: red.mov\n"
    began = time.monotonic()
    assert told(read(tmp_path, HEAD + event + "* A" + " " * 1_000_000 + "\n1 " + "A " * 500_000)) == [
        ("red.mov", 24, 48)
    ]
    assert time.monotonic() - began < 5
