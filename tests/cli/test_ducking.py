"""What the options ask of the daemon about speech."""

import pytest
from sonique.v1 import take_pb2
from sonique_cli.ducking import Ducking


@pytest.mark.parametrize(
    ("options", "keyframes", "manner"),
    [
        (Ducking(), False, None),
        (Ducking(), True, "DUCKING_MANNER_ENVELOPE"),
        (Ducking(duck=True), False, "DUCKING_MANNER_BAKED"),
        (Ducking(duck=False, depth=12.0), True, None),
        (Ducking(depth=12.0), False, "DUCKING_MANNER_BAKED"),
    ],
)
def test_music_makes_room_where_somebody_asks_or_a_timeline_can_carry_it(
    options: Ducking, keyframes: bool, manner: str | None
) -> None:
    asked = options.asked(keyframes=keyframes)
    assert (asked and take_pb2.DuckingManner.Name(asked.manner)) == manner


def test_what_is_not_said_is_left_to_the_daemon() -> None:
    asked = Ducking(depth=12.0, release=2.0).asked(keyframes=False)
    assert asked is not None
    assert (asked.depth_db, asked.release_seconds) == (12.0, 2.0)
    assert not asked.HasField("attack_seconds")
