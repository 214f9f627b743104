from fractions import Fraction

import pytest
from sonique_blender.core.playing import playback_rate, source_frame, stretches
from sonique_blender.core.strips import Media, Span, Strip

RATE = Fraction(24)


def movie(frames: int | None = 250, rate: Fraction = Fraction(25), **more: object) -> Strip:
    media = Media("/film.mp4", rate=rate, frames=frames)
    return Strip("m", "MOVIE", 1, Span(1, 241), Fraction(1), media=media, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("content", "frames", "wanted"),
    [(240, 250, Fraction(25, 24)), (250, 250, Fraction(1)), (240, None, Fraction(25, 24))],
)
def test_the_length_of_the_content_tells_how_it_plays(content: int, frames: int | None, wanted: Fraction) -> None:
    assert playback_rate(movie(frames, content_frames=content), RATE) == wanted


def test_hard_trims_count_when_the_length_is_compared() -> None:
    assert playback_rate(movie(250, content_frames=96, trim=(100, 50)), RATE) == Fraction(25, 24)
    assert playback_rate(movie(250, content_frames=100, trim=(100, 50)), RATE) == 1


def test_half_a_frame_rounds_up_and_the_ends_are_held() -> None:
    strip = movie(600, Fraction(60), content_frames=240)
    assert [source_frame(strip, frame, RATE) for frame in (-5, 1, 2, 3, 240, 300)] == [0, 0, 3, 5, 598, 598]


def test_a_strip_that_plays_backwards_begins_with_its_last_frame() -> None:
    strip = movie(240, RATE, content_frames=240, reversed=True, trim=(10, 0))
    assert [source_frame(strip, frame, RATE) for frame in (1, 2, 240)] == [249, 248, 10]


def test_a_span_past_the_content_is_held_content_and_held() -> None:
    parts = stretches(movie(100, RATE, content_frames=100), Span(-9, 121), RATE)
    assert [(part.span, int(part.first), int(part.step)) for part in parts] == [
        (Span(-9, 1), 0, 0),
        (Span(1, 101), 0, 1),
        (Span(101, 121), 99, 0),
    ]
