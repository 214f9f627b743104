"""What is heard when, and what is not."""

import pytest

from tests.cli.fcpxml.conftest import Cut
from tests.cli.fcpxml.documents import Laid

SYNCED = """<sync-clip offset="3600s" name="S" duration="4s"><spine>
  <asset-clip ref="a" offset="0s" name="Camera" duration="60s" audioRole="dialogue">
    <asset-clip ref="wav" lane="-1" offset="1s" name="Recorder" duration="50s" audioRole="dialogue"/>
  </asset-clip></spine>
  <sync-source sourceID="storyline"><audio-role-source role="dialogue.dialogue-1" active="0"/></sync-source>
  <sync-source sourceID="connected"><audio-role-source role="dialogue.dialogue-1"/></sync-source>
</sync-clip>"""
SILENT = [
    '<adjust-volume amount="-96dB"/>',
    '<audio-channel-source srcCh="1, 2" role="dialogue.dialogue-1" active="0"/>',
    '<audio-channel-source srcCh="1" role="dialogue"><adjust-volume amount="-96dB"/></audio-channel-source>',
]


def test_sound_alone_is_no_picture(cut: Cut) -> None:
    music = '<asset-clip ref="wav" lane="-1" offset="1s" name="Music" start="5s" duration="9s" audioRole="music"/>'
    read = cut(f'<asset-clip ref="a" offset="3600s" name="A" duration="2s">{music}</asset-clip>')
    assert [laid.name for laid in read.seen] == ["A"]
    assert read.heard == [Laid("Sound", "A", 0, 2, 0), Laid("Sound -1", "Music", 1, 9, 5)]


def test_split_edits_are_heard_where_they_sound(cut: Cut) -> None:
    read = cut(
        '<asset-clip ref="a" offset="3600s" name="A" duration="4s"/>'
        '<asset-clip ref="c" offset="3604s" name="C" start="10s" duration="4s" audioStart="9s" audioDuration="3s"/>'
    )
    assert read.seen[1] == Laid("Storyline", "C", 4, 4, 10)
    assert read.heard[1] == Laid("Sound", "C", 3, 3, 9)


def test_a_recorder_is_heard_in_place_of_the_camera_that_is_off(cut: Cut) -> None:
    assert [(laid.name, laid.start) for laid in cut(SYNCED).heard] == [("Recorder", 1)]


@pytest.mark.parametrize("child", SILENT)
def test_sound_that_is_off_is_not_heard_though_it_is_seen(cut: Cut, child: str) -> None:
    read = cut(f'<asset-clip ref="a" offset="3600s" name="A" duration="2s">{child}</asset-clip>')
    assert [laid.name for laid in read.seen] == ["A"]
    assert read.heard == []
    assert len(read.timeline.audio_tracks()) == 1


@pytest.mark.parametrize(("enabled", "seen", "heard"), [("video", 1, 0), ("audio", 0, 1), ("all", 1, 1)])
def test_a_clip_may_be_seen_or_heard_alone(cut: Cut, enabled: str, seen: int, heard: int) -> None:
    read = cut(f'<asset-clip ref="a" offset="3600s" name="A" duration="2s" srcEnable="{enabled}"/>')
    assert (len(read.seen), len(read.heard)) == (seen, heard)
