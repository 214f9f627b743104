"""The files of a hand-off: the sound that it plays, the gain under speech, and the command that writes both."""

import json
import os
import struct
import subprocess
import sys
import wave
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sonique_daemon.delivery.ducking import envelope
from sonique_daemon.domain.ducking import Ducking
from sonique_daemon.domain.time import TimeRange
from sonique_resolve.errors import OtioRefused
from sonique_resolve.otio_ducking import Key, gain_at, gain_keys
from sonique_resolve.otio_sound import hold_frames

from tests.resolve.timelines import RATES, resolves, span


@pytest.mark.parametrize("rate", [rate for rate, _ in RATES.values()])
def test_the_file_holds_a_frame_more_than_its_place(rate: Fraction, wav: Callable[..., Path]) -> None:
    music = wav(96 / rate)
    held = hold_frames(music, 97, rate)
    assert held == 97
    with wave.open(str(music)) as file:
        assert file.getnframes() * rate / 48_000 >= 97
        assert file.getnframes() == pytest.approx(float(97 * 48_000 / rate), abs=1)
    size = music.stat().st_size
    assert int.from_bytes(music.read_bytes()[4:8], "little") == size - 8


def test_a_file_that_is_long_enough_stays_as_it_is(wav: Callable[..., Path]) -> None:
    music = wav(5)
    before = music.read_bytes()
    assert hold_frames(music, 97, Fraction(24)) == 120
    assert music.read_bytes() == before


def test_what_is_no_wav_file_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "a.wav"
    other.write_bytes(b"RIFFxxxxWAVEjunk\xff\xff\xff\x7f")
    with pytest.raises(OtioRefused, match="Fetch the take again"):
        hold_frames(other, 10, Fraction(24))


def ducked_keys(speech: list[tuple[Fraction, Fraction]], frames: int, rate: Fraction) -> tuple[Key, ...]:
    """The keys of what the daemon tells of a cue of ``frames`` frames."""
    spans = [TimeRange(start, end - start) for start, end in speech]
    points = envelope(spans, float(frames / rate), Ducking())
    return gain_keys([(point.seconds, point.db) for point in points], frames, rate)


def test_music_is_down_before_the_first_syllable_and_comes_back_after_the_last() -> None:
    keys = ducked_keys([(Fraction(2), Fraction(4))], 240, Fraction(24))
    assert [key.frame for key in keys] == [42, 46, 106, 125]
    assert [key.db for key in keys] == [0.0, -9.0, -9.0, 0.0]
    assert gain_at(keys, 48) == -9.0


def test_speech_over_the_edges_leaves_the_keys_inside_the_clip() -> None:
    keys = ducked_keys([(Fraction(-1), Fraction(1)), (Fraction(9), Fraction(12))], 240, Fraction(24))
    assert (keys[0], keys[-1]) == (Key(0, -9.0), Key(239, -9.0))
    whole = ducked_keys([(Fraction(-5), Fraction(50))], 240, Fraction(24))
    assert {key.db for key in whole} == {-9.0}


def test_without_points_there_are_no_keys() -> None:
    assert gain_keys([], 240, Fraction(24)) == ()


@given(
    speech=st.lists(st.tuples(st.fractions(-5, 60), st.fractions(Fraction(1, 1000), 9)), max_size=12),
    frames=st.integers(1, 3000),
    rate=st.sampled_from([rate for rate, _ in RATES.values()]),
)
def test_whatever_is_said_the_keys_are_in_order_inside_and_low_under_every_word(
    speech: list[tuple[Fraction, Fraction]], frames: int, rate: Fraction
) -> None:
    spans = [(start, start + length) for start, length in speech]
    keys = ducked_keys(spans, frames, rate)
    numbers = [key.frame for key in keys]
    assert numbers == sorted(set(numbers))
    assert all(0 <= key.frame < frames and -9 <= key.db <= 0 for key in keys)
    for start, end in spans:
        for frame in (max(0, int(start * rate)), int(end * rate)):
            if end > 0 and start * rate < frames and 0 <= frame < frames:
                assert gain_at(keys, frame) == pytest.approx(-9.0)


COMMAND = str(Path(sys.executable).parent / "sonique")
Sonique = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def sonique(tmp_path: Path) -> Iterator[Sonique]:
    """The real command with a daemon of this test's own, which is stopped at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SONIQUE_")}
    places = {
        "SONIQUE_RUNTIME_DIR": "run",
        "SONIQUE_STORE": "store",
        "SONIQUE_LOG_DIR": "logs",
        "SONIQUE_CONFIG": "none",
    }
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "none").touch()
    own = {**kept, **{name: str(folder / part) for name, part in places.items()}, "COLUMNS": "200"}

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [COMMAND, *arguments], env=own, cwd=tmp_path, capture_output=True, text=True, timeout=280, check=False
        )

    yield run
    run("daemon", "stop", "--now")


def time_reference(path: Path) -> int:
    """Samples from midnight at which a Broadcast Wave file begins."""
    data = path.read_bytes()
    (reference,) = struct.unpack_from("<Q", data, data.index(b"bext") + 8 + 338)
    assert isinstance(reference, int)
    return reference


def test_the_command_writes_the_timeline_again_with_the_music_on_a_track_of_its_own(
    sonique: Sonique, film: Callable[..., Path], scene: Any, tmp_path: Path
) -> None:
    rate, spelt = RATES["23.976"]
    picture = str(film("a.mov", [scene(number // 30) for number in range(250)], rate))
    before = resolves(spelt, 86_400, picture, picture)
    (tmp_path / "edit.otio").write_text(json.dumps(before))
    wanted = ("score", "edit.otio", "--range", "01:00:01:00-01:00:04:12", "--takes", "2", "-o", "scored.otio")
    done = sonique(*wanted)
    assert done.returncode == 0, done.stderr
    for name in ("scored", "scored.take2"):
        after = json.loads((tmp_path / f"{name}.otio").read_text())
        gap, played = after["tracks"]["children"].pop()["children"]
        assert after == before
        assert (gap["source_range"], played["source_range"]) == (span(0, 24, spelt), span(0, 84, spelt))
        wav_file = tmp_path / f"{name}.wav"
        reference = played["media_references"]["DEFAULT_MEDIA"]
        assert (reference["target_url"], reference["available_range"]) == (str(wav_file), span(0, 85, spelt))
        assert time_reference(wav_file) == 0
        facts = played["metadata"]["sonique"]
        assert (facts["machine_made"], facts["engine"]) == (True, "composer")
        assert facts["tags"]["style"]
    again = sonique(*wanted)
    assert (again.returncode, "exists already" in again.stderr) == (4, True)
    for wrong, words in ((("--detach",), "--detach"), (("--duck-depth", "100"), "--duck-depth")):
        refused = sonique("score", "edit.otio", "-o", "other.otio", *wrong)
        assert (refused.returncode, words in refused.stderr) == (2, True)
    assert not (tmp_path / "other.otio").exists()
