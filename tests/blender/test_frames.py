"""The frames that the daemon sees are the frames that Blender shows."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from tests.blender.conftest import Blender
from tests.blender.looking import conformed, seen, shown

Painted = Callable[[str, Fraction, int], Path]
FILMS = (
    ("bars24.mp4", Fraction(24), 240),
    ("bars25.mp4", Fraction(25), 250),
    ("bars2997.mp4", Fraction(30_000, 1001), 300),
    ("bars60.mp4", Fraction(60), 600),
)


def test_the_daemon_sees_the_128_frames_that_blender_shows(blender: Blender, painted: Painted, tmp_path: Path) -> None:
    films = [painted(*film) for film in FILMS]
    wrong, count = [], 0
    looked: list[dict[str, Any]] = blender.run("frames", *map(str, films))
    for case in looked:
        assert case["needs_render"] == []
        picture = conformed(case["document"], tmp_path, films[0].parent)
        for frame, path in case["frames"].items():
            count += 1
            ours, theirs = seen(picture, int(frame) - case["start"]), shown(path)
            wrong += [] if ours == theirs else [(case["case"], frame, ours, theirs)]
    assert count == 128
    assert wrong == []


def test_what_lies_over_and_in_each_other_is_seen_as_blender_shows_it(
    blender: Blender, painted: Painted, numbered: Path, tmp_path: Path
) -> None:
    film = painted("bars24.mp4", Fraction(24), 240)
    looked: list[dict[str, Any]] = blender.run("readings", "shown", str(film), str(numbered))
    wrong = []
    for case in looked:
        assert case["needs_render"] == [], case["case"]
        picture = conformed(case["document"], tmp_path, film.parent, numbered)
        for frame, path in case["frames"].items():
            ours, theirs = seen(picture, int(frame) - 1), shown(path)
            wrong += [] if ours == theirs else [(case["case"], frame, ours, theirs)]
    assert wrong == []


def test_what_is_cut_at_random_is_seen_as_blender_shows_it(
    blender: Blender, painted: Painted, numbered: Path, tmp_path: Path
) -> None:
    films = [painted(*film) for film in FILMS if film[0] != "bars25.mp4"]  # half frames of which fall either way
    looked: list[dict[str, Any]] = blender.run("edits", "1", "40", str(numbered), *map(str, films))
    wrong, count = [], 0
    for case in looked:
        assert case["needs_render"] == [], case
        for frame, path in case["frames"].items():
            count += 1
            picture = conformed(case["document"], tmp_path, films[0].parent, numbered)
            ours, theirs = seen(picture, int(frame) - case["start"]), shown(path)
            wrong += [] if ours == theirs else [(case["case"], case["deeds"], frame, ours, theirs)]
    assert count > 300
    assert wrong == []
