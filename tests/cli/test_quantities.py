import pytest
from hypothesis import given
from hypothesis import strategies as st
from sonique_cli.exits import CommandError, Exit
from sonique_cli.quantities import read_size, read_span, short_span, size_text, span_text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (812, "812 B"), (999, "999 B"), (1000, "1.0 kB"), (3_440_000, "3.4 MB"), (120 * 10**9, "120 GB")],
)
def test_bytes_are_told_in_decimal_units(count: int, text: str) -> None:
    assert size_text(count) == text


@given(st.integers(0, 2**63))
def test_a_size_takes_at_most_eight_letters(count: int) -> None:
    assert len(size_text(count)) <= 8


@pytest.mark.parametrize(
    ("text", "count"),
    [("5GB", 5 * 10**9), ("500 mb", 5 * 10**8), ("2.5GiB", 5 * 2**29), ("7", 7), ("1k", 1000), ("0", 0)],
)
def test_sizes_are_read_as_people_write_them(text: str, count: int) -> None:
    assert read_size(text) == count


@pytest.mark.parametrize("text", ["", "much", "-5GB", "5XB", "1e9", "99999999999PB", "٥GB"])
def test_what_is_no_size_is_told(text: str) -> None:
    with pytest.raises(CommandError) as caught:
        read_size(text)
    assert caught.value.exit_code is Exit.USAGE
    assert f"“{text}”" in caught.value.sentence


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("10min", 600), ("10 m", 600), ("2h", 7200), ("7d", 604_800)]
)
def test_spans_are_read_as_people_write_them(text: str, seconds: float) -> None:
    assert read_span(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1s", "5 years", "nan"])
def test_what_is_no_span_is_told(text: str) -> None:
    with pytest.raises(CommandError, match="span of time"):
        read_span(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.4, "59 s"), (130, "2 min 10 s"), (3600, "1 h"), (11_100, "3 h 5 min"), (190_000, "2 d 4 h")],
)
def test_a_span_is_told_in_its_two_largest_units(seconds: float, text: str) -> None:
    assert span_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.42, "0.4s"), (12, "12s"), (180, "3m"), (5 * 3600, "5h"), (12 * 86_400, "12d")]
)
def test_a_span_in_a_table_has_one_unit(seconds: float, text: str) -> None:
    assert short_span(seconds) == text


@given(st.floats(0, 1e9))
def test_a_span_in_a_table_is_short(seconds: float) -> None:
    assert len(short_span(seconds)) <= 6
