"""``sonique check`` says how music meets a film, and what is wrong where it cannot."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sonique.v1 import take_pb2
from sonique_cli.measures import lines_of

SONIQUE = str(Path(sys.executable).parent / "sonique")


def test_every_measure_has_its_line() -> None:
    window = take_pb2.HitWindow(name="40 ms", seconds=0.04, share=0.9, chance=0.2, spread=0.1, beat_share=0.8)
    measures = take_pb2.Measures(
        loudness_lufs=-20.0,
        true_peak_dbtp=-1.5,
        windows=[window],
        hits=[take_pb2.HeardHit(weight=1.0)],
        rhythm=take_pb2.Rhythm(bpm=101.0, beat_seconds=[0.1, 0.7], downbeats=[0]),
        energy=take_pb2.Correlation(value=0.5, chance=0.1, spread=0.2),
        ending=take_pb2.Ending(kind=take_pb2.ENDING_KIND_FADE, level_db=-40.0),
        repetition=take_pb2.Repetition(identical_seconds=4.0),
    )
    text = "\n".join(lines_of(measures))
    for words in ("90 of 100 met", "+70 above chance", "101.0 bpm", "+0.50 with the picture's", "fades", "4.0 s"):
        assert words in text


def test_without_cuts_pulse_or_picture_the_lines_say_so() -> None:
    text = "\n".join(lines_of(take_pb2.Measures()))
    for words in ("no cut and no marker", "none is heard", "does not change enough"):
        assert words in text


def test_a_cue_is_checked_against_its_film_wherever_both_lie(
    sonique: Callable[..., "subprocess.CompletedProcess[str]"], film: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    cue = folder / "cue.wav"
    assert sonique("score", film, "-o", cue).returncode == 0
    done = sonique("check", cue, "--against", film, "--json")
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)["hits"]) == 3


def test_a_cue_that_is_not_there_is_named(tmp_path: Path) -> None:
    for cue, words in ((tmp_path / "none.wav", "none.wav” is not there"), (tmp_path, "is no file")):
        command = [SONIQUE, "check", str(cue), "--against", str(tmp_path / "film.mp4")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, words in done.stderr, done.stdout) == (3, True, "")
