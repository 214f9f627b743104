"""Clips that play faster, slower, backwards or not at all, and those of another rate."""

from tests.cli.fcpxml.conftest import Cut
from tests.cli.fcpxml.documents import Laid

COMPOUND = """<media id="m" name="M"><sequence format="r1" duration="8s" tcStart="0s"><spine>
  <asset-clip ref="a" offset="0s" name="One" start="50s" duration="4s"/>
  <asset-clip ref="c" offset="4s" name="Two" start="60s" duration="4s"/>
</spine></sequence></media>"""


def retimed(*points: tuple[int, int], start: int = 0, duration: int = 4) -> str:
    told = "".join(f'<timept time="{time}s" value="{value}s" interp="smooth2"/>' for time, value in points)
    clip = f'<asset-clip ref="a" offset="3600s" name="A" start="{start}s" duration="{duration}s">'
    return f"{clip}<timeMap>{told}</timeMap></asset-clip>"


def test_a_clip_at_half_speed_starts_on_its_own_clock(cut: Cut) -> None:
    assert cut(retimed((0, 0), (200, 100), start=20)).seen == [Laid("Storyline", "A", 0, 4, 10, 0.5)]


def test_a_clip_plays_backwards_to_where_it_ends(cut: Cut) -> None:
    assert cut(retimed((0, 100), (100, 0), start=10)).seen == [Laid("Storyline", "A", 0, 4, 86, -1)]


def test_a_frame_that_is_held_stands_still(cut: Cut) -> None:
    assert cut(retimed((0, 30), (4, 30))).seen == [Laid("Storyline", "A", 0, 4, 30, 0)]


def test_a_change_of_speed_within_a_clip_is_no_cut(cut: Cut) -> None:
    assert cut(retimed((0, 0), (2, 2), (4, 8))).seen == [Laid("Storyline", "A", 0, 4, 0, 2)]


def test_a_clip_that_turns_back_is_seen_both_ways(cut: Cut) -> None:
    both = [Laid("Storyline", "A", 0, 2, 0, 1), Laid("Storyline", "A", 2, 2, 0, -1)]
    assert cut(retimed((0, 0), (2, 2), (4, 0))).seen == both


def test_cuts_inside_a_compound_clip_move_with_its_speed(cut: Cut) -> None:
    points = '<timept time="0s" value="0s"/><timept time="4s" value="8s"/>'
    read = cut(f'<ref-clip ref="m" offset="3600s" duration="4s"><timeMap>{points}</timeMap></ref-clip>', COMPOUND)
    assert read.seen == [Laid("Storyline", "One", 0, 2, 50, 2), Laid("Storyline", "Two", 2, 2, 60, 2)]


def test_frames_of_another_rate_are_played_one_by_one_where_the_clip_is_conformed(cut: Cut) -> None:
    over = '<asset-clip ref="c" lane="1" offset="12s" name="C" duration="2s"/>'
    conform = f'<conform-rate srcFrameRate="24"/><marker start="12s" value="M"/>{over}'
    read = cut(
        f'<asset-clip ref="a" offset="3600s" name="A" start="10s" duration="4s" format="r24">{conform}</asset-clip>'
    )
    assert read.seen == [Laid("Storyline", "A", 0, 4, 10, 1.041667), Laid("Lane 1", "C", 1.92, 2, 0)]
    assert read.timeline.tracks.markers[0].marked_range.start_time.value == 48


def test_frames_of_another_rate_are_sampled_where_it_is_not(cut: Cut) -> None:
    conform = '<conform-rate scaleEnabled="0" srcFrameRate="29.97"/>'
    read = cut(f'<asset-clip ref="a" offset="3600s" name="A" start="10s" duration="4s">{conform}</asset-clip>')
    assert read.seen == [Laid("Storyline", "A", 0, 4, 10)]
