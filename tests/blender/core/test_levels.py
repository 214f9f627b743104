import math
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from sonique_blender.core.levels import Key, keys
from sonique_blender.core.placement import GainPoint, Placement, Provenance, Take
from sonique_blender.core.strips import Span

RATE = Fraction(24)
TAKE = Take(Path("cue.wav"), Provenance("job"))


def made(**more: object) -> tuple[Key, ...]:
    return keys(Placement(Span(101, 221), TAKE, **more), RATE)  # type: ignore[arg-type]


def volume_at(found: tuple[Key, ...], frame: int) -> float:
    """On the straight lines between keyframes, as Blender draws them."""
    for before, after in pairwise(found):
        if before.frame <= frame <= after.frame:
            return before.volume + (after.volume - before.volume) * (frame - before.frame) / (
                after.frame - before.frame
            )
    raise AssertionError(frame)


def test_music_without_fades_and_ducking_has_no_keyframes() -> None:
    assert made(volume=0.5) == ()


def test_fades_begin_and_end_in_silence() -> None:
    found = made(fade_in=12, fade_out=24, volume=0.5)
    assert found == (Key(101, 0.0), Key(113, 0.5), Key(196, 0.5), Key(220, 0.0))


@pytest.mark.parametrize("depth", [-6.0, -12.0, -40.0])
def test_straight_lines_between_keyframes_follow_decibels(depth: float) -> None:
    found = made(ducking=(GainPoint(1, 0), GainPoint(2, depth), GainPoint(3, depth), GainPoint(4, 0)))
    for frame in range(101, 221):
        seconds = (frame - 101) / 24
        wanted = depth * max(0.0, min(1.0, seconds - 1, 4 - seconds))
        assert 20 * math.log10(volume_at(found, frame)) == pytest.approx(wanted, abs=0.6)
    assert len(found) < 40


def test_a_gain_below_hearing_is_silence() -> None:
    assert made(ducking=(GainPoint(0, -90), GainPoint(5, -90)))[0].volume == 0


def test_a_fade_longer_than_the_music_keeps_to_its_frames() -> None:
    found = made(fade_in=400)
    assert (found[0], found[-1].frame) == (Key(101, 0.0), 220)
    assert found[-1].volume == pytest.approx(119 / 400)
