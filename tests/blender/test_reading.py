"""Ranges, reasons, paths and sound, read in real Blenders."""

import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.blender.conftest import Blender
from tests.blender.looking import conformed, seen, shown

Painted = Callable[[str, Fraction, int], Path]
RATE, STEP = 48_000, 0.25


@pytest.fixture
def film(painted: Painted) -> Path:
    return painted("bars24.mp4", Fraction(24), 240)


@pytest.fixture
def stairs(tmp_path: Path) -> Path:
    """Ten seconds of sound whose level says where in it one is: it rises by a step each quarter of a second."""
    path = tmp_path / "stairs.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        steps = (np.arange(RATE * 10) // round(RATE * STEP) + 1) * 500
        file.writeframes(np.repeat(steps.astype("<i2"), 2).tobytes())
    return path


def mixed(found: dict[str, Any], folder: Path) -> NDArray[np.int16]:
    """The left channel of the sound that Blender mixed for a reading."""
    (clip,) = conformed(found["document"], folder, *map(Path, found["roots"])).sound
    with wave.open(clip.source.path) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)[:, 0]


def test_each_reason_to_render_is_found_and_a_plain_strip_has_none(
    blender: Blender, film: Path, numbered: Path
) -> None:
    found = blender.run("readings", "reasons", str(film), str(numbered))
    wanted = {
        "plain": [],
        "hidden": [],
        "retimed": ["retiming"],
        "speed": ["a speed effect"],
        "glow": ["an effect"],
        "text": ["moved or overlaid pictures", "text"],
        "adjustment": ["an effect", "moved or overlaid pictures"],
        "scene": ["a scene strip"],
        "blend": ["a blend or transparency"],
        "opacity": ["a blend or transparency"],
        "faded": ["a blend or transparency"],
        "saturation": ["changed colours"],
        "modifier": ["changed colours"],
        "strobe": ["a strobe"],
        "rotated": ["moved or overlaid pictures"],
        "logo": ["moved or overlaid pictures"],
        "shuffled": ["images without running numbers"],
        "upside down": ["moved or overlaid pictures"],
        "backwards": ["a meta strip that plays backwards"],
        "muted for a while": ["a strip that is muted for a while", "moved or overlaid pictures"],
    }
    assert {name: sorted(case["needs_render"]) for name, case in found.items()} == wanted
    assert found["plain"]["way"] == "The daemon reads the strips' files themselves."
    assert found["speed"]["way"] == "Blender renders the range small, because it has a speed effect."


def test_a_child_renders_what_files_cannot_show(blender: Blender, film: Path, stairs: Path, tmp_path: Path) -> None:
    found = blender.run("readings", "rendered", str(film), str(stairs))
    assert sorted(found["before"]["needs_render"]) == ["an effect", "retiming"]
    assert found["before"]["needs_mixdown"]
    picture = conformed(found["document"], tmp_path, Path(found["roots"][0]))
    pictures = {int(frame): path for frame, path in found["frames"].items()}
    assert {frame: seen(picture, frame - 1) for frame in pictures} == {
        frame: shown(path) for frame, path in pictures.items()
    }
    assert picture.duration == 5
    # The cross is one cut, in its middle; the daemon takes the cuts over, though one film shows them all.
    assert found["cuts"] == [1, 55, 91]
    assert [round(shot.record.start * 24) + 1 for shot in picture.shots] == [1, 55, 91]
    assert [Path(clip.source.path).name for clip in picture.sound] == ["sound.wav"]
    assert found["shares"] == sorted(found["shares"])
    assert found["shares"][-1] == 1
    assert found["polls"] > 2
    assert found["folders"] == [found["kept"]]
    assert found["unsaved"] == ""
    assert found["failure"].startswith("RENDER_FAILED: Blender could not render the range: ")
    assert found["failure"].endswith(" 0")


def test_the_mixed_sound_holds_the_talk_and_not_our_own_music(
    blender: Blender, film: Path, stairs: Path, tmp_path: Path
) -> None:
    found = blender.run("readings", "rendered", str(film), str(stairs))
    mix = mixed(found, tmp_path)
    assert not np.abs(mix[: RATE * 9 // 10]).any()
    assert mix[RATE + RATE // 8] == pytest.approx(500, abs=3)


def test_the_daemon_hears_what_blender_plays(blender: Blender, stairs: Path, tmp_path: Path) -> None:
    found = blender.run("readings", "sound", str(stairs))
    picture = conformed(found["document"], tmp_path, tmp_path)
    with wave.open(found["mix"]) as file:
        mix = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)[:, 0]
    for tenth in range(2, 98, 5):
        time = Fraction(tenth, 10) + Fraction(1, 100)
        sounding = [clip for clip in picture.sound if clip.record.contains(time)]
        level = sum(
            int((clip.source.start + time - clip.record.start) / Fraction(STEP) // 1 + 1) * 500 for clip in sounding
        )
        assert mix[int(time * RATE)] == pytest.approx(level, abs=3), (float(time), sounding)


def test_ranges_come_from_the_selection_the_preview_or_the_scene(blender: Blender, film: Path) -> None:
    found = blender.run("readings", "ranges", str(film))

    def span(name: str) -> list[int]:
        return [found[name]["start"], found[name]["end"]]

    assert span("SELECTION") == span("AUTO") == [11, 160]
    assert span("inside") == [80, 160]
    assert span("meta") == [11, 160]
    assert span("SCENE") == [1, 241]
    assert span("PREVIEW") == span("previewed") == [30, 110]
    assert span("cue") == [100, 180]
    assert found["SCENE"]["cues"] == [["chase", 20, 100], ["calm", 100, 180]]
    assert found["unset"]["refused"].startswith("NO_RANGE: The preview range of “Scene” is off; set it with P")
    assert found["unselected"]["refused"].startswith("NO_RANGE: No strip of “Scene” is selected")
    assert "there are “chase”, “calm”" in found["no cue"]["refused"]
    assert "is empty; set its last frame" in found["empty"]["refused"]
    assert "at least 2 seconds" in found["short"]["refused"]
    assert "at most 30 minutes" in found["long"]["refused"]
    assert found["dark"]["refused"].startswith("NO_PICTURE: Nothing shows in “Scene” from frame 400 to 499")
    assert found["bare"]["refused"].startswith("NO_PICTURE: ")


def test_markers_are_hit_points_and_a_cue_s_own_bound_is_none(blender: Blender, film: Path, tmp_path: Path) -> None:
    found = blender.run("readings", "ranges", str(film))
    marks = conformed(found["SCENE"]["document"], tmp_path, film.parent).markers
    assert [(mark.time, mark.name) for mark in marks] == [
        (Fraction(19, 24), "cue: chase"),
        (Fraction(39, 24), "hit"),
        (Fraction(59, 24), ""),
        (Fraction(99, 24), "cue: calm"),
        (Fraction(179, 24), "end"),
    ]
    assert conformed(found["cue"]["document"], tmp_path, film.parent).markers == ()


def test_paths_that_cannot_be_read_are_named_with_the_way_out(blender: Blender, film: Path, stairs: Path) -> None:
    found = blender.run("timelines", "paths", str(film), str(stairs))
    for name in ("unsaved", "unsaved sound"):
        assert found[name]["refused"].startswith("UNREADABLE: The path of “")
        assert found[name]["refused"].endswith("save “Scene” first.")
    assert found["path"].startswith("//")
    assert film.as_uri() in found["relative"]["document"]
    (note,) = found["missing"]["notes"]
    assert "was not found at" in note
    assert "Find Missing Files. What lies below shows" in note
    assert found["all missing"]["refused"].startswith("NO_PICTURE: “")
    assert found["packed"]["needs_mixdown"]
    assert found["packed"]["notes"] == []


def test_rates_are_those_that_somebody_wrote(blender: Blender) -> None:
    assert blender.run("timelines", "rates") == {
        "24 / 1.0": "24",
        "24 / 1.001": "24000/1001",
        "30 / 1.001": "30000/1001",
        "60 / 1.001": "60000/1001",
        "24000 / 1001": "24000/1001",
        "2997 / 100": "2997/100",
        "1 / 0.08": "25/2",
    }


def test_what_changes_over_time_is_read_alike_wherever_the_playhead_stands(
    blender: Blender, film: Path, stairs: Path
) -> None:
    found = blender.run("timelines", "playhead", str(film), str(stairs))
    assert found["muted"] == [True, False]
    assert found["volumes"] == [0.0, 1.0]
    first, second = found["readings"]
    assert first == second
    assert stairs.as_uri() in first["document"]


def test_a_film_of_two_views_and_of_grey_output_is_rendered_as_one_in_colour(
    blender: Blender, film: Path, tmp_path: Path
) -> None:
    found = blender.run("timelines", "output", str(film))
    (shot,) = conformed(found["document"], tmp_path, *map(Path, found["roots"])).shots
    assert shot.source is not None
    with av.open(shot.source.path) as container:
        image = next(container.decode(video=0)).to_ndarray(format="rgb24")
    red, green, blue = image[90, 160].tolist()
    assert red > 150
    assert max(green, blue) < 60


def test_the_talk_inside_a_scene_strip_is_heard_and_our_own_music_there_is_not(
    blender: Blender, film: Path, stairs: Path, tmp_path: Path
) -> None:
    found = blender.run("timelines", "nested", str(film), str(stairs))
    mix = mixed(found, tmp_path)
    assert mix[RATE + RATE // 8] == pytest.approx(2500, abs=3)
