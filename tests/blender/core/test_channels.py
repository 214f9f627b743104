import pytest
from sonique_blender.core.channels import LAST, free_channels
from sonique_blender.core.errors import NoChannel
from sonique_blender.core.strips import Span

HERE, BEFORE = Span(10, 20), Span(0, 10)


def test_an_empty_sequence_gives_the_lowest_channel() -> None:
    assert free_channels((), (), HERE, 1) == 1


def test_music_stands_above_all_that_is_there_and_not_above_what_is_elsewhere() -> None:
    assert free_channels([(1, HERE), (3, HERE), (7, BEFORE)], (), HERE, 1) == 4


def test_closed_channels_are_passed_over() -> None:
    assert free_channels([(1, HERE)], (2, 3), HERE, 1) == 4


def test_stems_stand_on_adjoining_channels() -> None:
    assert free_channels([(1, HERE)], (4,), HERE, 3) == 5


def test_a_wished_channel_is_tried_first_and_those_above_it_next() -> None:
    assert free_channels([(2, HERE)], (), HERE, 1, first=2) == 3


def test_where_there_is_no_room_above_it_is_sought_below() -> None:
    taken = [(channel, HERE) for channel in range(5, LAST + 1)]
    assert free_channels(taken, (1,), HERE, 2) == 2


def test_a_full_set_of_channels_says_what_to_do() -> None:
    with pytest.raises(NoChannel, match="No 2 adjoining channels are free, unlocked and unmuted from frame 10 to 19"):
        free_channels((), range(1, LAST + 1, 2), HERE, 2)
