"""What the options ask of the daemon about speech."""

from typing import Any

import pytest
from sonique.v1 import take_pb2
from sonique_cli.ducking import read_ducking

NOTHING: tuple[None, ...] = (None,) * 5
DEEP = (12.0, None, None, None, None)


@pytest.mark.parametrize(
    ("duck", "figures", "keyframes", "manner"),
    [
        (None, NOTHING, False, None),
        (None, NOTHING, True, "DUCKING_MANNER_ENVELOPE"),
        (True, NOTHING, False, "DUCKING_MANNER_BAKED"),
        (False, DEEP, True, None),
        (None, DEEP, False, "DUCKING_MANNER_BAKED"),
    ],
)
def test_music_makes_room_where_somebody_asks_or_a_timeline_can_carry_it(
    duck: bool | None, figures: tuple[Any, ...], keyframes: bool, manner: str | None
) -> None:
    asked = read_ducking(duck, *figures, keyframes=keyframes)
    assert (asked and take_pb2.DuckingManner.Name(asked.manner)) == manner


def test_what_is_not_said_is_left_to_the_daemon() -> None:
    asked = read_ducking(None, 12.0, None, None, None, 2.0, keyframes=False)
    assert asked is not None
    assert (asked.depth_db, asked.release_seconds) == (12.0, 2.0)
    assert not asked.HasField("attack_seconds")
