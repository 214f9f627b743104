"""Music models whose config does not fit their weights: refused with a sentence, and never half-filled."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from sonique_daemon.catalogue.model import Model, Quantisation
from sonique_daemon.errors import WeightsDamaged, WeightsRefused

from tests.models.music.conftest import Home, tools_python

REPOSITORY = Path(__file__).resolve().parents[3]
PIPELINES = ("tiny-sa3", "tiny-sao", "tiny-ace")
CODED = ("tiny-musicgen", "tiny-musicgen-melody")
TOOLS = ("tiny-open-small", "tiny-sonique")


def copied(home: Home, name: str, folder: Path) -> tuple[Model, Path]:
    """A model of the home, and a copy of its files to be spoiled."""
    model = home.catalogue.model(name)
    return model, Path(shutil.copytree(home.weights.home(model), folder / name))


def edit(path: Path, **changes: int) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def without_one(path: Path) -> str:
    """Takes the last tensor of the file, and gives its name."""
    from safetensors.torch import load_file, save_file

    weights = load_file(path)
    lost = str(next(name for name in sorted(weights, reverse=True) if weights[name].ndim > 1))
    save_file({name: value for name, value in weights.items() if name != lost}, path, {"format": "pt"})
    return lost


def refused_pipeline(model: Model, folder: Path) -> str:
    from sonique_daemon.engines.diffusion.loading import read_pipeline

    with pytest.raises(WeightsDamaged) as caught:
        read_pipeline(model, folder, Quantisation.FP32, "cpu")
    return caught.value.sentence


@pytest.mark.parametrize("name", PIPELINES)
def test_a_pipeline_whose_network_lacks_a_tensor_is_refused(home: Home, name: str, tmp_path: Path) -> None:
    model, folder = copied(home, name, tmp_path)
    lost = without_one(folder / "transformer" / "diffusion_pytorch_model.safetensors")
    told = refused_pipeline(model, folder)
    assert f"“{name}”" in told
    assert lost in told


@pytest.mark.parametrize("part", ["vae", "tokenizer"])
def test_a_part_of_a_pipeline_that_brings_its_own_code_is_refused_and_the_code_never_runs(
    home: Home, part: str, tmp_path: Path
) -> None:
    from sonique_daemon.engines.diffusion.loading import read_pipeline

    model, folder = copied(home, "tiny-sa3", tmp_path)
    index, trace = folder / "model_index.json", tmp_path / "trace"
    index.write_text(json.dumps({**json.loads(index.read_text()), part: ["evil", "Evil"]}))
    (folder / part / "evil.py").write_text(f"open({str(trace)!r}, 'w').close()\nclass Evil: pass\n")
    with pytest.raises(WeightsRefused, match="needs code of its own, which is never run"):
        read_pipeline(model, folder, Quantisation.FP32, "cpu")
    assert not trace.exists()


@pytest.mark.parametrize(("name", "depth"), [("tiny-sa3", "depth"), ("tiny-sao", "num_layers")])
def test_a_pipeline_whose_config_has_more_layers_is_refused(home: Home, name: str, depth: str, tmp_path: Path) -> None:
    model, folder = copied(home, name, tmp_path)
    edit(folder / "transformer" / "config.json", **{depth: 3})
    assert f"“{name}”" in refused_pipeline(model, folder)


@pytest.mark.parametrize("name", CODED)
def test_a_musicgen_whose_weights_lack_a_tensor_is_refused(home: Home, name: str, tmp_path: Path) -> None:
    model, folder = copied(home, name, tmp_path)
    without_one(folder / "model.safetensors")
    assert "does not fit its weights" in refused_musicgen(model, folder)


@pytest.mark.parametrize("name", CODED)
def test_a_musicgen_whose_config_has_more_layers_is_refused(home: Home, name: str, tmp_path: Path) -> None:
    model, folder = copied(home, name, tmp_path)
    config = json.loads((folder / "config.json").read_text())
    config["decoder"]["num_hidden_layers"] += 1
    (folder / "config.json").write_text(json.dumps(config))
    assert "does not fit its weights" in refused_musicgen(model, folder)


def refused_musicgen(model: Model, folder: Path) -> str:
    from sonique_daemon.engines.transformers.musicgen import MusicGenEngine

    with pytest.raises(WeightsDamaged) as caught:
        MusicGenEngine(model, folder, Quantisation.FP32, "cpu").rehearse()
    return caught.value.sentence


_LOAD = """
import sys
from pathlib import Path
from sonique_daemon.catalogue.catalogue import shipped
from sonique_daemon.engines.stableaudio.loading import read_config, read_model
from sonique_daemon.errors import WeightsDamaged
folder = Path(sys.argv[1])
try:
    read_model(shipped().model("sonique"), folder, read_config("sonique", folder), "cpu")
except WeightsDamaged as error:
    print(error.sentence)
"""


def refused_by_tools(folder: Path) -> str:
    """The sentence with which the environment of stable-audio-tools refuses it."""
    path = os.pathsep.join((str(REPOSITORY), str(REPOSITORY / "daemon")))
    command = (str(tools_python()), "-c", _LOAD, str(folder))
    environment = {**os.environ, "PYTHONPATH": path}
    run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=REPOSITORY)
    return run.stdout


@pytest.mark.skipif(tools_python() is None, reason="sonique engines install stable-audio-tools was not run")
@pytest.mark.parametrize("name", TOOLS)
def test_a_model_of_stable_audio_tools_whose_weights_lack_a_tensor_is_refused(
    home: Home, name: str, tmp_path: Path
) -> None:
    _, folder = copied(home, name, tmp_path)
    lost = without_one(folder / "model.safetensors")
    told = refused_by_tools(folder)
    assert "does not fit its weights" in told
    assert lost in told


@pytest.mark.skipif(tools_python() is None, reason="sonique engines install stable-audio-tools was not run")
def test_a_model_of_stable_audio_tools_whose_config_is_another_size_is_refused(home: Home, tmp_path: Path) -> None:
    _, folder = copied(home, "tiny-open-small", tmp_path)
    config = json.loads((folder / "model_config.json").read_text())
    config["model"]["diffusion"]["config"]["depth"] += 1
    (folder / "model_config.json").write_text(json.dumps(config))
    assert "does not fit its weights" in refused_by_tools(folder)
