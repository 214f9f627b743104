"""``sonique again``: what its options change, and the command itself on a real cue."""

import subprocess
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sonique.v1 import edit_pb2, scoring_pb2
from sonique_cli.again import Changes, read_change
from sonique_cli.exits import CommandError

Sonique = Callable[..., "subprocess.CompletedProcess[str]"]


def asked(
    request: scoring_pb2.GenerateRequest | None = None, seed: int | None = None, **changes: Any
) -> edit_pb2.Change | None:
    return read_change(request or scoring_pb2.GenerateRequest(seed=4), seed, Changes(**changes))


def test_bars_are_counted_as_people_do_and_the_rest_is_another_take() -> None:
    change = asked(keep=["5-12", "1"])
    assert change is not None
    assert [(bars.first, bars.last) for bars in change.keep] == [(4, 11), (0, 0)]
    assert change.seed == 5


def test_another_seed_alone_is_another_take_of_an_edited_cue_too() -> None:
    assert asked(seed=9) is None
    edited = scoring_pb2.GenerateRequest(edit=edit_pb2.Edit(changes=[edit_pb2.Change(seed=7)]))
    assert asked(edited, seed=9) == edit_pb2.Change(seed=9)
    kept = asked(edited, keep=["2"])
    assert kept is not None
    assert kept.seed == 8


@pytest.mark.parametrize(
    "options",
    [{"keep": ["0-3"]}, {"keep": ["7-5"]}, {"keep": ["x"]}, {"swaps": ["piano"]}, {"calm": 0.4}, {"length": "soon"}],
)
def test_what_makes_no_sense_is_told(options: dict[str, Any]) -> None:
    with pytest.raises(CommandError):
        asked(**options)


def frames(path: Path) -> bytes:
    with wave.open(str(path), "rb") as file:
        return file.readframes(file.getnframes())


def test_a_cue_is_lengthened_and_its_beginning_is_the_same_in_every_stem(
    sonique: Sonique, film: Path, tmp_path: Path
) -> None:
    assert sonique("score", film, "-o", "cue.wav", "--stems").returncode == 0
    done = sonique("again", "cue.wav", "--length", "20s", "--stems", "-o", "longer.wav")
    assert done.returncode == 0, done.stderr
    first, longer = frames(tmp_path / "cue.wav"), frames(tmp_path / "longer.wav")
    assert len(longer) == 20 * 48_000 * 6
    assert longer[: 48_000 * 6] == first[: 48_000 * 6]
    for stem in (tmp_path / "cue.stems").iterdir():
        assert frames(tmp_path / "longer.stems" / stem.name)[: 48_000 * 6] == frames(stem)[: 48_000 * 6]
    again = sonique("again", "longer.wav", "-o", "same.wav")
    assert again.returncode == 0, again.stderr
    assert frames(tmp_path / "same.wav") == longer
    refused = sonique("again", "cue.wav", "--keep", "400", "-o", "other.wav")
    assert (refused.returncode, "There is no bar 400" in refused.stderr) == (2, True)


def test_a_swap_of_what_does_not_play_is_refused_with_those_that_do(
    sonique: Sonique, film: Path, tmp_path: Path
) -> None:
    assert sonique("score", film, "--instrument", "piano", "--no", "strings", "-o", "cue.wav").returncode == 0
    refused = sonique("again", "cue.wav", "--swap", "violin=harp")
    assert (refused.returncode, (tmp_path / "cue.edit.wav").exists()) == (2, False)
    assert "No “violin” plays in the take; swap one of these:" in refused.stderr.splitlines()[-1]
    assert "piano" in refused.stderr.splitlines()[-1]
    assert "Making the music …" not in refused.stderr
    assert sonique("again", "cue.wav", "--swap", "piano=harp", "-o", "harp.wav").returncode == 0
    assert sonique("again", "harp.wav", "--length", "9s", "-o", "longer.wav").returncode == 0
