"""Options of models become the request, and what makes no sense is refused before anything is asked."""

from pathlib import Path

import pytest
from sonique.v1 import scoring_pb2
from sonique_cli.exits import CommandError, Exit
from sonique_cli.groups import Cue
from sonique_cli.model_options import ModelOptions


def test_what_is_given_stands_in_the_request_and_nothing_else() -> None:
    request = scoring_pb2.GenerateRequest()
    ModelOptions(steps=12, sampler="euler").put(request)
    assert (request.options.steps, request.options.sampler) == (12, "euler")
    assert not request.options.HasField("guidance")


def test_without_options_the_request_is_as_it_was() -> None:
    request = scoring_pb2.ScoreRequest()
    ModelOptions().put(request)
    assert request == scoring_pb2.ScoreRequest()


def test_a_melody_is_named_by_its_whole_path(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(recording.parent)
    request = scoring_pb2.ScoreRequest()
    ModelOptions(melody=Path(recording.name), melody_noise=0.25).put(request)
    assert (request.melody.path, request.melody.noise) == (str(recording.resolve()), 0.25)


def test_a_melody_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not there") as caught:
        ModelOptions(melody=tmp_path / "none.wav").put(scoring_pb2.ScoreRequest())
    assert caught.value.exit_code == Exit.INPUT


def test_what_is_named_may_be_read_where_it_lies(recording: Path) -> None:
    request = scoring_pb2.GenerateRequest()
    ModelOptions(melody=recording).put(request)
    Cue(soundfont=recording).put(request)
    assert request.soundfont == str(recording.resolve())
    assert set(request.media_roots) == {str(recording.resolve().parent)}


def test_a_soundfont_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not there") as caught:
        Cue(soundfont=tmp_path / "none.sf2").put(scoring_pb2.ScoreRequest())
    assert caught.value.exit_code == Exit.INPUT


def test_a_noise_needs_a_melody() -> None:
    with pytest.raises(CommandError, match="needs a --melody") as caught:
        ModelOptions(melody_noise=0.5).put(scoring_pb2.ScoreRequest())
    assert caught.value.exit_code == Exit.USAGE
