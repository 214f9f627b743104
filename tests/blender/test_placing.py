"""Music on the timeline: where it starts, how long it is, how loud, and how it goes away again."""

import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.blender.conftest import Blender

RATE = 48_000
RATES = {"24": Fraction(24), "23.976": Fraction(24_000, 1001), "29.97": Fraction(30_000, 1001), "60": Fraction(60)}
FRAMES, START = 120, 49

Sound = Callable[..., str]


@pytest.fixture
def sound(tmp_path: Path) -> Sound:
    """A WAV file of a level that stands, as long as ``FRAMES`` frames: so long, the daemon pads its music."""

    def make(name: str, rate: Fraction = Fraction(24), level: float = 0.5) -> str:
        samples = -int(-FRAMES * RATE / rate // 1)
        with wave.open(str(tmp_path / name), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(np.full(samples * 2, round(level * 32767), "<i2").tobytes())
        return str(tmp_path / name)

    return make


def stairs(path: Path, frames: int, high: float) -> Path:
    """Sound whose level says where in it one is; it rises from nothing to ``high``."""
    levels = np.linspace(0, high, frames * RATE // 24)
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        file.writeframes(np.repeat((levels * 32767).astype("<i2"), 2).tobytes())
    return path


def heard(path: str) -> NDArray[np.float64]:
    """The left channel of a mixdown, -1 to 1."""
    with wave.open(path) as file:
        assert file.getframerate() == RATE
        data = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
    return data[:, 0] / 32768


def test_the_music_starts_and_ends_within_one_sample_at_every_rate(blender: Blender, sound: Sound) -> None:
    wavs = [sound(f"{name}-cue.wav", rate) for name, rate in RATES.items()]
    for found in blender.run("placings", "exact", *wavs):
        rate = RATES[found["rate"]]
        (loud,) = np.nonzero(np.abs(heard(found["mix"])) > 0.01)
        assert found["span"] == [START, START + FRAMES], found
        assert abs(loud[0] - round((START - 1) * RATE / rate)) <= 1, found
        assert abs(loud[-1] + 1 - loud[0] - round(FRAMES * RATE / rate)) <= 1, found
        assert (found["name"], found["color"], found["waveform"]) == ("Cue", "COLOR_05", True)


def test_one_undo_takes_the_music_away_and_one_redo_brings_it_back(blender: Blender, sound: Sound) -> None:
    assert blender.run("placings", "undo", sound("a.wav")) == {"counts": [1, 0], "job": "job-1"}


def test_a_take_is_swapped_in_place_in_a_file_that_was_closed_and_opened(blender: Blender, sound: Sound) -> None:
    found = blender.run("placings", "reopen", sound("a.wav"), sound("b.wav"))
    assert found["before"]["file"].endswith("a.wav")
    assert found["after"] == {**found["before"], "file": found["before"]["file"].replace("a.wav", "b.wav")}
    assert found["undone"] == found["before"]
    assert found["seeds"] == [7, 8, 8, 7]
    assert (found["tags"], found["engine"], found["selected"]) == ("{}", "composer", False)


def test_a_project_that_is_moved_with_its_music_keeps_its_takes(blender: Blender, sound: Sound) -> None:
    found = blender.run("placings", "moved", sound("a.wav"), sound("b.wav"))
    assert found["paths"] == ["//Sonique/a.wav", "//Sonique/b.wav", f"{found['root']}/Sonique/c.wav"]
    assert found["plays"] == ["Sonique/a.wav", "Sonique/b.wav"]
    assert found["frames"] == [FRAMES]


def test_fades_and_ducking_are_heard(blender: Blender, sound: Sound) -> None:
    mix = heard(blender.run("placings", "levels", sound("a.wav"))["mix"])
    start = (START - 1) * RATE // 24

    def level(seconds: float) -> float:
        return float(mix[start + round(seconds * RATE)])

    # Up to 5.0, Blender's mixer is about one frame behind its own keyframes.
    assert level(0.25) == pytest.approx(0.25 * 0.5, abs=0.03)
    assert level(1.0) == pytest.approx(0.25, abs=0.005)
    assert 20 * np.log10(level(2.5) / level(1.0)) == pytest.approx(-12, abs=0.3)
    assert 20 * np.log10(level(1.75) / level(1.0)) == pytest.approx(-6, abs=2.0)
    assert level(3.8) == pytest.approx(0.25, abs=0.005)
    assert level(4.5) == pytest.approx(0.25 * 0.46, abs=0.03)
    assert level(4.97) < 0.03


def test_the_lowest_channel_above_all_that_is_free_unlocked_and_unmuted_is_chosen(
    blender: Blender, sound: Sound, tmp_path: Path
) -> None:
    found = blender.run("placings", "channels", sound("a.wav"), str(tmp_path / "none.mp4"))
    assert found["channels"] == [5, 6, 1]
    assert found["refused"].startswith("NO_CHANNEL: No channel is free")
    assert found["kept"]


def test_stems_stand_on_adjoining_channels_and_are_swapped_together(blender: Blender, sound: Sound) -> None:
    files = [sound(f"{name}.wav") for name in ("d0", "b0", "d1", "b1")]
    found = blender.run("placings", "stems", sound("a.wav"), *files)
    drums, bass = found["stems"]
    assert (drums["channel"], bass["channel"]) == (found["mix"] + 1, found["mix"] + 2)
    assert (drums["name"], bass["name"]) == ("Cue drums", "Cue bass")
    assert [Path(each["file"]).name for each in (drums, bass)] == ["d1.wav", "b1.wav"]


def test_what_goes_wrong_is_said_and_leaves_the_timeline_as_it_was(
    blender: Blender, sound: Sound, tmp_path: Path
) -> None:
    text = tmp_path / "text.wav"
    text.write_text("This is no sound.")
    found = blender.run("placings", "failures", sound("a.wav"), str(text))
    assert found["missing"].startswith("NOT_PLACED: ")
    assert "gone.wav” is not there" in found["missing"]
    assert found["text"].startswith("NOT_PLACED: Blender reads no sound")
    assert found["swap"].startswith("STRIP_GONE: “own” is no music of Sonique")
    assert found["scene"].startswith("SCENE_GONE: ")
    assert found["strip"].startswith("STRIP_GONE: ")
    assert [each.split(" just")[0] for each in found["busy"]] == ["BUSY: Blender saves", "BUSY: Blender renders"]
    assert found["after a film that failed"] == ""
    assert found["dragging"] == ["moves strips", ""]
    assert (found["strips"], found["later"]) == (2, 3)


def test_a_scene_without_a_sequencer_gets_one(blender: Blender, sound: Sound) -> None:
    assert blender.run("placings", "bare", sound("a.wav"))["span"] == [START, START + FRAMES]


def test_music_made_anew_for_a_trimmed_or_cut_strip_begins_with_it_and_the_first_take_as_before(
    blender: Blender, tmp_path: Path
) -> None:
    long, short = stairs(tmp_path / "long.wav", FRAMES, 0.25), stairs(tmp_path / "short.wav", FRAMES, 0.75)
    for found in blender.run("remaking", "handles", str(long), str(short)).values():
        before, anew, again = map(heard, found["mixes"])
        start = (found["span"][0] - 1) * RATE // 24
        inside = slice(start + RATE, start + RATE + RATE // 8)
        assert np.allclose(anew[inside], heard(str(short))[RATE : RATE + RATE // 8], atol=2e-3)
        assert np.allclose(before, again, atol=2e-3)
        assert found["kept"] == found["span"]
        assert found["keys"][0] == found["keys"][1] == found["keys"][2]
        assert found["keys"][0]


def test_another_take_of_a_copy_or_of_a_half_changes_that_one_alone(blender: Blender, sound: Sound) -> None:
    found = blender.run("remaking", "copies", sound("a.wav"), sound("b.wav"))
    assert found == {"_duplicated": ["a.wav", "b.wav"], "_cut": ["a.wav", "b.wav"]}


def test_takes_of_another_system_and_of_a_later_release_can_be_played(blender: Blender, sound: Sound) -> None:
    assert blender.run("remaking", "files", sound("a.wav"), sound("b.wav")) == {"foreign": "b.wav", "later": "job-2"}


def test_a_stem_is_named_after_whatever_name_and_takes_keep_their_numbers(blender: Blender, sound: Sound) -> None:
    found = blender.run("remaking", "names", sound("a.wav"))
    assert [name.rpartition(" ")[2] for name in sorted(found["strips"])] == ["bass", "drums"]
    assert dict(found["takes"]) == {"job-1": 1, "b": 2, "d": 3, "a": 4}
    assert found["takes"][0] == ["job-1", 1]
