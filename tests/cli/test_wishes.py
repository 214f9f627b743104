from fractions import Fraction

import pytest
from sonique_cli.exits import CommandError, Exit
from sonique_cli.groups import Delivery
from sonique_cli.wishes import read_delivery, read_length


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("32s", Fraction(32)),
        ("32", Fraction(32)),
        ("1:10", Fraction(70)),
        ("1:02:03.5", Fraction(7447, 2)),
        ("2min", Fraction(120)),
        ("0.1s", Fraction(1, 10)),
        (" 12 S ", Fraction(12)),
        ("999999999999999999min", Fraction(366 * 86_400)),
    ],
)
def test_lengths_are_read_as_people_write_them(text: str, seconds: Fraction) -> None:
    length = read_length(text)
    assert Fraction(length.value * length.rate_denominator, length.rate_numerator) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-3s", "1:2:3:4", "nan", "32 ms", "٣", "9" * 19, "0." + "9" * 5000])
def test_what_is_no_length_is_told(text: str) -> None:
    with pytest.raises(CommandError, match="is not a length") as told:
        read_length(text)
    assert told.value.exit_code is Exit.USAGE


@pytest.mark.parametrize(
    ("rate", "exact"),
    [
        (25.0, (25, 1)),
        (23.976, (24_000, 1001)),
        (29.97, (30_000, 1001)),
        (59.94, (60_000, 1001)),
        (12.5, (25, 2)),
    ],
)
def test_broadcast_rates_are_exact(rate: float, exact: tuple[int, int]) -> None:
    padding = read_delivery(Delivery(pad_to_frames=rate), stems=False).pad_to_frames
    assert (padding.numerator, padding.denominator) == exact


@pytest.mark.parametrize("rate", [0.0, -25.0, float("nan"), float("inf"), 100_000.0])
def test_what_is_no_frame_rate_is_told(rate: float) -> None:
    with pytest.raises(CommandError, match="is not a frame rate"):
        read_delivery(Delivery(pad_to_frames=rate), stems=False)
