"""Options of models become the request, and what makes no sense is refused before anything is asked."""

from pathlib import Path

import pytest
from sonique.v1 import scoring_pb2
from sonique_cli.exits import CommandError, Exit
from sonique_cli.model_options import put_melody, put_options, put_soundfont

NOTHING = {
    "steps": None,
    "guidance": None,
    "guidance_rescale": None,
    "sampler": "",
    "sigma_min": None,
    "sigma_max": None,
}


def test_what_is_given_stands_in_the_request_and_nothing_else() -> None:
    request = scoring_pb2.GenerateRequest()
    put_options(request, **{**NOTHING, "steps": 12, "sampler": "euler"})  # type: ignore[arg-type]
    assert (request.options.steps, request.options.sampler) == (12, "euler")
    assert not request.options.HasField("guidance")


def test_without_options_the_request_is_as_it_was() -> None:
    request = scoring_pb2.ScoreRequest()
    put_options(request, **NOTHING)  # type: ignore[arg-type]
    put_melody(request, None, None)
    assert request == scoring_pb2.ScoreRequest()


def test_a_melody_is_named_by_its_whole_path(recording: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(recording.parent)
    request = scoring_pb2.ScoreRequest()
    put_melody(request, Path(recording.name), 0.25)
    assert (request.melody.path, request.melody.noise) == (str(recording.resolve()), 0.25)


def test_a_melody_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not there") as caught:
        put_melody(scoring_pb2.ScoreRequest(), tmp_path / "none.wav", None)
    assert caught.value.exit_code == Exit.INPUT


def test_what_is_named_may_be_read_where_it_lies(recording: Path) -> None:
    request = scoring_pb2.GenerateRequest()
    put_melody(request, recording, None)
    put_soundfont(request, recording)
    assert request.soundfont == str(recording.resolve())
    assert set(request.media_roots) == {str(recording.resolve().parent)}


def test_a_soundfont_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not there") as caught:
        put_soundfont(scoring_pb2.ScoreRequest(), tmp_path / "none.sf2")
    assert caught.value.exit_code == Exit.INPUT


def test_a_noise_needs_a_melody() -> None:
    with pytest.raises(CommandError, match="needs a --melody") as caught:
        put_melody(scoring_pb2.ScoreRequest(), None, 0.5)
    assert caught.value.exit_code == Exit.USAGE
