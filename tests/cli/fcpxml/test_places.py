"""What is seen when: everything stands where Final Cut Pro shows it, whatever it is wrapped in."""

import opentimelineio as otio
import pytest

from tests.cli.fcpxml.conftest import Cut
from tests.cli.fcpxml.documents import Laid

MAIN = '<asset-clip ref="a" offset="3600s" name="A" start="20s" duration="10s">{}</asset-clip>'
SOURCES = '<mc-source angleID="2" srcEnable="video"/><mc-source angleID="1" srcEnable="audio"/>'
MULTICAM = """<media id="mc" name="MC"><multicam format="r1" tcStart="0s">
  <mc-angle name="1" angleID="1"><asset-clip ref="a" offset="0s" name="One" duration="60s"/></mc-angle>
  <mc-angle name="2" angleID="2"><gap offset="0s" start="3600s" duration="3s"/>
    <asset-clip ref="c" offset="3s" name="Two" duration="60s"/></mc-angle>
</multicam></media>"""
COMPOUND = """<media id="m" name="M"><sequence format="r1" duration="8s" tcStart="0s"><spine>
  <asset-clip ref="a" offset="0s" name="One" start="50s" duration="4s"/>
  <asset-clip ref="c" offset="4s" name="Two" start="60s" duration="4s">
    <asset-clip ref="b" lane="1" offset="61s" name="Over" start="3605s" duration="1s"/>
  </asset-clip>
</spine></sequence></media>"""


def test_a_connected_clip_stands_where_it_is_connected_and_may_outlast_its_host(cut: Cut) -> None:
    connected = '<asset-clip ref="b" lane="1" offset="28s" name="B" start="3610s" duration="5s"/>'
    read = cut(MAIN.format(connected) + '<asset-clip ref="c" offset="3610s" name="C" duration="10s"/>')
    assert read.seen[-1] == Laid("Lane 1", "B", 8, 5, 3610)


def test_a_connected_storyline_stands_where_it_is_connected(cut: Cut) -> None:
    clips = '<asset-clip ref="b" offset="0s" name="B" start="3610s" duration="1s"/><gap offset="1s" duration="1s"/>'
    clips += '<asset-clip ref="c" offset="2s" name="C" start="5s" duration="2s"/>'
    read = cut(MAIN.format(f'<spine lane="1" offset="23s">{clips}</spine>'))
    assert read.seen[1:] == [Laid("Lane 1", "B", 3, 1, 3610), Laid("Lane 1", "C", 5, 2, 5)]


def test_clips_connected_to_a_gap_count_from_its_own_clock(cut: Cut) -> None:
    connected = '<asset-clip ref="c" lane="1" offset="3602s" name="C" duration="3s"/>'
    read = cut(f'<gap offset="3600s" start="3600s" duration="10s">{connected}</gap>')
    assert read.seen == [Laid("Lane 1", "C", 2, 3, 0)]


def test_lanes_lie_over_each_other_by_number(cut: Cut) -> None:
    clip = '<video ref="png" lane="{0}" offset="20s" name="{0}" start="0s" duration="2s"/>'
    read = cut(MAIN.format("".join(clip.format(lane) for lane in (10, 2, -1))))
    assert [laid.name for laid in read.seen] == ["-1", "A", "2", "10"]


def test_stills_titles_and_generators_stand_on_the_main_storyline(cut: Cut) -> None:
    read = cut(
        '<video ref="png" offset="3600s" name="Still" start="3600s" duration="2s"/>'
        '<title ref="words" offset="3602s" name="Words" start="3600s" duration="2s"><text/></title>'
        '<video ref="clouds" offset="3604s" name="Clouds" start="3600s" duration="2s"/>'
        '<video ref="shape" offset="3606s" name="Shape" start="3600s" duration="2s"/>'
    )
    assert [(laid.name, laid.start) for laid in read.seen] == [("Still", 0), ("Words", 2), ("Clouds", 4), ("Shape", 6)]
    kinds = [clip.media_reference for clip in read.timeline.find_clips()]
    assert kinds[0].target_url == "file:///films/still.png"
    assert [each.generator_kind for each in kinds[1:]] == ["Title", "SolidColor", "Generator"]


def test_a_clip_that_is_off_leaves_its_place_empty(cut: Cut) -> None:
    read = cut(
        '<asset-clip ref="a" offset="3600s" name="A" duration="2s"/>'
        '<asset-clip ref="a" offset="3602s" name="Off" duration="3s" enabled="0">'
        '<asset-clip ref="c" lane="1" offset="1s" name="C" duration="1s"/></asset-clip>'
    )
    assert [laid.name for laid in read.seen] == ["A", "C"]
    assert [laid.name for laid in read.heard] == ["A", "C"]
    assert read.timeline.duration().to_seconds() == 5


def test_an_audition_is_its_pick(cut: Cut) -> None:
    connected = '<asset-clip ref="b" lane="1" offset="11s" name="B" start="3600s" duration="1s"/>'
    read = cut(
        '<audition offset="3600s">'
        f'<asset-clip ref="a" name="Pick" start="10s" duration="2s">{connected}</asset-clip>'
        '<asset-clip ref="c" name="Other" duration="9s"/></audition>'
        '<asset-clip ref="c" offset="3602s" name="C" duration="2s"/>'
    )
    assert [(laid.name, laid.start) for laid in read.seen] == [("Pick", 0), ("C", 2), ("B", 1)]


def test_a_multicam_clip_shows_and_sounds_the_angles_that_are_chosen(cut: Cut) -> None:
    read = cut(f'<mc-clip ref="mc" offset="3600s" name="MC" start="10s" duration="5s">{SOURCES}</mc-clip>', MULTICAM)
    assert read.seen == [Laid("Storyline", "Two", 0, 5, 7)]
    assert read.heard == [Laid("Sound", "One", 0, 5, 10)]


def test_a_compound_clip_shows_the_part_of_it_that_is_used(cut: Cut) -> None:
    read = cut('<ref-clip ref="m" offset="3600s" name="M" start="2s" duration="5s"/>', COMPOUND)
    assert read.seen == [
        Laid("Storyline", "One", 0, 2, 52),
        Laid("Storyline", "Two", 2, 3, 60),
        Laid("Storyline", "Over", 3, 1, 3605),
    ]


def test_what_is_connected_lies_over_all_that_a_compound_clip_holds(cut: Cut) -> None:
    over = '<video ref="png" lane="1" offset="0s" name="Top" duration="8s"/>'
    read = cut(f'<ref-clip ref="m" offset="3600s" name="M" duration="8s">{over}</ref-clip>', COMPOUND)
    assert [laid.name for laid in read.seen] == ["One", "Two", "Over", "Top"]


def test_a_synchronised_clip_shows_what_it_holds(cut: Cut) -> None:
    held = '<asset-clip ref="a" offset="0s" name="A" duration="60s"/>'
    read = cut(f'<sync-clip offset="3600s" name="S" start="10s" duration="4s"><spine>{held}</spine></sync-clip>')
    assert read.seen == [Laid("Storyline", "A", 0, 4, 10)]


def test_a_clip_of_picture_and_sound_stands_once(cut: Cut) -> None:
    sound = '<audio ref="a" lane="-1" offset="0s" duration="100s" role="dialogue"/>'
    held = f'<video ref="a" offset="0s" duration="100s">{sound}</video>'
    read = cut(
        f'<clip offset="3600s" name="A" start="5s" duration="2s">{held}</clip>'
        f'<clip offset="3602s" name="A" start="30s" duration="2s">{held}</clip>'
    )
    assert [(laid.start, laid.duration, laid.media) for laid in read.seen] == [(0, 2, 5), (2, 2, 30)]
    assert [(laid.start, laid.duration, laid.media) for laid in read.heard] == [(0, 2, 5), (2, 2, 30)]


def test_offsets_may_count_from_zero_though_timecode_does_not(cut: Cut) -> None:
    read = cut('<asset-clip ref="a" offset="0s" name="A" duration="2s"/><asset-clip ref="c" name="C" duration="2s"/>')
    assert [(laid.name, laid.start) for laid in read.seen] == [("A", 0), ("C", 2)]
    assert read.timeline.global_start_time.to_seconds() == 3600


def test_offsets_may_count_from_a_films_timecode_though_the_sequence_does_not(cut: Cut) -> None:
    clips = '<asset-clip ref="b" offset="{}s" name="B" start="{}s" duration="2s"/>'
    read = cut(clips.format(75_760, 3600) + clips.format(75_762, 3610), attributes='tcStart="0s"')
    assert [(laid.start, laid.media) for laid in read.seen] == [(0, 3600), (2, 3610)]


def test_a_transition_lies_over_the_cut(cut: Cut) -> None:
    read = cut(
        '<asset-clip ref="a" offset="3600s" name="A" duration="10s"/>'
        '<transition name="Cross Dissolve" offset="3609s" duration="2s"><filter-video ref="x"/></transition>'
        '<asset-clip ref="c" offset="3610s" name="C" duration="10s"/>'
    )
    first, joint, _ = read.timeline.video_tracks()[0]
    assert first.name == "A"
    assert isinstance(joint, otio.schema.Transition)
    assert (joint.in_offset.to_seconds(), joint.out_offset.to_seconds()) == (1, 1)


@pytest.mark.parametrize("used", ['duration="4s"', 'duration="8s" srcEnable="audio"'])
def test_a_transition_that_a_compound_clip_does_not_show_is_none(cut: Cut, used: str) -> None:
    held = """<media id="t"><sequence format="r1" duration="8s"><spine>
      <asset-clip ref="a" offset="0s" duration="4s"/><transition offset="3s" duration="2s"/>
      <asset-clip ref="c" offset="4s" duration="4s"/></spine></sequence></media>"""
    over = f'<ref-clip ref="t" offset="3600s" {used}/><asset-clip ref="c" offset="3608s" name="C" duration="2s"/>'
    read = cut(over, held)
    assert not any(isinstance(child, otio.schema.Transition) for child in read.timeline.video_tracks()[0])


def test_a_crossfade_of_sound_is_no_transition(cut: Cut) -> None:
    read = cut(
        '<asset-clip ref="a" offset="3600s" name="A" duration="10s"/>'
        '<transition offset="3609s" duration="2s"><filter-audio ref="x"/></transition>'
        '<asset-clip ref="c" offset="3610s" name="C" duration="10s"/>'
    )
    assert [type(child).__name__ for child in read.timeline.video_tracks()[0]] == ["Clip", "Clip"]


def test_markers_stand_on_the_timeline_where_they_are_seen(cut: Cut) -> None:
    todo = '<marker start="24s" duration="1/25s" value="To do" completed="0"/><marker start="5s" value="Hidden"/>'
    read = cut(MAIN.format(todo) + '<ref-clip ref="m" offset="3610s" name="M" duration="8s"/>', COMPOUND)
    markers = read.timeline.tracks.markers
    assert [(each.name, each.color, each.marked_range.start_time.to_seconds()) for each in markers] == [
        ("To do", "RED", 4.0)
    ]


@pytest.mark.parametrize(
    ("said", "covers"),
    [
        ('<adjust-transform scale="0.25 0.25" position="30 30"/>', False),
        ('<adjust-transform scale="0.9 0.9"/>', True),
        ('<adjust-transform enabled="0" scale="0.25 0.25"/>', True),
        ('<adjust-blend amount="0.3"/>', False),
        ('<adjust-blend amount="0.9"/>', True),
        ('<adjust-blend mode="14 (Overlay)"/>', False),
    ],
)
def test_what_lies_below_shows_past_what_is_small_or_clear(cut: Cut, said: str, covers: bool) -> None:
    read = cut(MAIN.format(f'<video ref="png" lane="1" offset="20s" name="Logo" duration="9s">{said}</video>'))
    logo = next(clip for clip in read.timeline.find_clips() if clip.name == "Logo")
    assert logo.metadata.get("sonique", {}).get("covers", True) is covers


def test_a_picture_that_is_wholly_clear_is_not_seen(cut: Cut) -> None:
    read = cut('<asset-clip ref="a" offset="3600s" name="A" duration="2s"><adjust-blend amount="0"/></asset-clip>')
    assert (len(read.seen), len(read.heard)) == (0, 1)
