"""Beats of three parts: 6/8, 9/8 and 12/8."""

from collections import Counter
from typing import Any

import pytest
from sonique_daemon.domain.tags import TagKind
from sonique_daemon.engines.composer.composition import Composition, Instrument
from sonique_daemon.engines.composer.style import styles
from sonique_daemon.engines.composer.writing import compose
from sonique_daemon.engines.composer.writing.instruments import NATURES
from sonique_daemon.engines.composer.writing.threes import in_threes, running

EVERY = sorted(styles())
METRES = {"6/8": 2, "9/8": 3, "12/8": 4}
UNTIMED = (Instrument.RISER, Instrument.SWELL, Instrument.REVERSE, Instrument.IMPACT, Instrument.AIR, Instrument.VINYL)
SHARP_MS = 10
"""Sounds that take longer to begin are played before their time."""
STRAY = 0.06
"""Seconds that players stray from where a note is written."""


@pytest.mark.parametrize(
    ("written", "played"),
    [
        ("x-x-x---", "x--x--x-----"),
        ("x-xxx-x-", "x--x-xx--x--"),
        ("x---o-o-", "x-----o--o--"),
        (".o.oxoxo", ".oo.ooxooxoo"),
        (".x-xx-..", "..x--xx--..."),
        ("1.5.3.5.", "1..5..3..5.."),
        ("1.453.541.653.54", "145354165354"),
        ("xxxxxxxxxxxx", "xxxxxxxxxxxx"),
        ("x-.o", "x-----...o--"),
    ],
)
def test_a_second_half_comes_on_the_last_third_and_of_four_parts_one_falls_away(written: str, played: str) -> None:
    assert in_threes(written) == played


def test_drums_hold_nothing_and_who_keeps_time_strikes_each_part() -> None:
    assert in_threes("8000000080300000", rest="0", light="") == "800000803000"
    assert in_threes("6060606060606060", rest="0", light="6") == "666666666666"
    assert in_threes("55005577", rest="0", light="", beats=2) == "550557"


def test_broken_chords_that_never_rest_run_on() -> None:
    assert running("15343534") == "153435341534"
    assert running("1.5.3.5.") == "1..5..3..5.."


def piece(studio: Any, style: str, metre: str, seconds: float = 40.0) -> tuple[Composition, Any]:
    request = studio.request(style, seconds, bpm=72, metres=(METRES[metre],), words=[(TagKind.FORM, metre)])
    return compose(request), request.tempo_map


def thirds(composition: Composition, bpm: float) -> Counter[str]:
    """How many notes of rhythm begin on a beat, on a later third of one, and elsewhere."""
    found: Counter[str] = Counter()
    last = composition.duration - 6
    for note in composition.notes:
        instrument = composition.parts[note.part].instrument
        if instrument in UNTIMED or NATURES[instrument].early_ms >= SHARP_MS or note.start > last:
            continue
        place = note.start * bpm / 60 % 1
        near = min(range(4), key=lambda third: abs(place - third / 3))
        close = abs(place - near / 3) * 60 / bpm < STRAY
        found["elsewhere" if not close else "beat" if near in (0, 3) else f"third {near}"] += 1
    return found


@pytest.mark.parametrize("metre", METRES)
@pytest.mark.parametrize("style", [style for style in EVERY if style not in ("ambient", "horror")])
def test_what_is_played_between_the_beats_falls_on_thirds(studio: Any, style: str, metre: str) -> None:
    composition, _ = piece(studio, style, metre)
    found = thirds(composition, 72)
    count = sum(found.values())
    assert found["elsewhere"] < 0.05 * count, found
    assert style == "jazz" or found["third 1"] > 0.01 * count, found  # which swings: long and short
    assert found["third 2"] > 0.1 * count, found


@pytest.mark.parametrize("style", ["acoustic", "rock", "piano"])
def test_other_metres_are_not_in_threes(studio: Any, style: str) -> None:
    found = thirds(compose(studio.request(style, 40.0, bpm=72)), 72)
    assert found["third 1"] + found["third 2"] < 0.1 * sum(found.values()), found


def test_a_drummer_marks_the_eighths_of_six_eight(studio: Any) -> None:
    composition, tempo_map = piece(studio, "rock", "6/8")
    kit = next(index for index, part in enumerate(composition.parts) if part.instrument is Instrument.DRUM_KIT)
    hats = [note.start for note in composition.notes if note.part == kit and note.pitch in (42, 46, 51)]
    bars = Counter(int(tempo_map.beat_at(start + STRAY) // 2) for start in hats)
    assert max(bars.values()) == 6
    assert Counter(bars.values())[6] > len(bars) / 3
