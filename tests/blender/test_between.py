"""Music that is placed a strip at a tick: whatever the editor does between, all of it is one undo step."""

import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.blender.conftest import Blender

MUSIC = [f"Cue stem {index}" for index in range(4)]


@pytest.fixture
def stems(tmp_path: Path) -> list[str]:
    paths = [tmp_path / f"{index}.wav" for index in range(4)]
    for path in paths:
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(48_000)
            file.writeframes(np.full(48_000 * 10, 16_000, "<i2").tobytes())
    return [str(path) for path in paths]


def each_the_same(found: dict[str, Any], wanted: list[Any]) -> bool:
    """Whether it is the same after any number of steps."""
    return len(found) == 12 and all(each == wanted for each in found.values())


def test_one_undo_takes_all_music_and_nothing_else_away_though_the_editor_worked_between(
    blender: Blender, stems: list[str]
) -> None:
    found = blender.run("between", "operations", *stems)
    music, without, film = [*MUSIC, "between", "film"], ["between", "film"], ["film"]
    assert each_the_same(found, [music, without, music, without, film, without, music]), found


def test_an_undo_between_takes_what_it_should_and_the_music_is_placed_all_the_same(
    blender: Blender, stems: list[str]
) -> None:
    found = blender.run("between", "undone", *stems)
    assert each_the_same(found, [["film"], [*MUSIC, "film"], ["film"], [*MUSIC, "film"]]), found


def test_a_file_saved_between_holds_none_of_it(blender: Blender, stems: list[str]) -> None:
    assert blender.run("between", "saved", *stems) == {"end": [*MUSIC, "film"], "file": ["film"]}


def test_a_file_that_caught_half_of_it_is_rid_of_that_when_it_is_opened(blender: Blender, stems: list[str]) -> None:
    found = blender.run("between", "caught", *stems)
    assert any("unfinished" in name for name in found["file"])
    assert (found["opened"], found["sounds"]) == (["film"], 0)


def test_a_stem_that_cannot_be_placed_leaves_the_timeline_as_it_was(
    blender: Blender, stems: list[str], tmp_path: Path
) -> None:
    text = tmp_path / "text.wav"
    text.write_text("This is no sound.")
    found = blender.run("between", "failing", str(text), *stems)
    assert found["text"][0].startswith("NOT_PLACED: Blender reads no sound")
    assert "is not there" in found["gone"][0]
    assert [each[1:] for each in found.values()] == [[["film"], 0]] * 2


def test_strips_and_channels_that_the_editor_changes_between_do_not_mix_with_it(
    blender: Blender, stems: list[str]
) -> None:
    whole = [[*MUSIC, "film"], 0]
    assert blender.run("between", "handled", *stems) == {
        "_delete": whole,
        "_rename": whole,
        "_lock": whole,
        "_fill": [[*MUSIC, "filled", "film"], 0],
        "_copy": whole,
        "_lock_all": [["NO_CHANNEL", ["film"]], 0],
        "_delete_scene": [["SCENE_GONE", []], 0],
    }


def test_a_render_or_mixdown_between_hears_nothing_of_it(blender: Blender, stems: list[str]) -> None:
    found = blender.run("between", "rendered", *stems)
    assert [said.split(":")[0] for said in found["busy"]] == ["BUSY"]
    with wave.open(found["mix"]) as file:
        assert not any(file.readframes(file.getnframes()))
    assert (found["end"], found["doing"]) == ([*MUSIC, "film"], "")


def test_another_take_shows_only_when_all_of_it_is_there_and_one_undo_brings_the_first_back(
    blender: Blender, stems: list[str]
) -> None:
    found = blender.run("between", "swapped", *stems)
    assert "nowhere.wav” is not there" in found["failed"]
    assert (found["read"], found["left"], found["as before"]) == (1, 0, True)
    assert (found["between"], found["after"], found["undone"]) == ([True, True], ["2.wav", "3.wav"], True)
    assert found["deleted"].startswith("STRIP_GONE")
    assert found["shown"] == ["film"]


def test_jobs_are_placed_one_after_the_other_each_with_an_undo_step_of_its_own(blender: Blender) -> None:
    first, second = ([f"Sonique: cue {index} {stem}" for stem in ("bass", "drums")] for index in range(2))
    found = blender.run("between", "jobs")
    for deed in ("_nothing", "_reload"):
        phases, there, undone = found[deed][:3]
        assert (phases, there) == (["PLACED", "PLACED"], [*first, *second, "film"])
        assert undone in ([*first, "film"], [*second, "film"])  # whichever was placed last is gone, and it alone
    assert found["_nothing"][3] == ["film"]
    assert found["_cancel"] == [["CANCELLED", "PLACED"], [*second, "film"], ["film"]]
    assert found["_scene_deleted"] == [["KEPT", "KEPT"], []]
    assert found["_disable"] == [["CANCELLED", "CANCELLED"], ["film"]]
