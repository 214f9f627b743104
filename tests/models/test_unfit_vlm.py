"""Video language models whose config does not fit their weights: refused with a sentence, and never half-filled."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.engines.transformers.loading import Holding, load
from sonique_daemon.errors import WeightsDamaged

from bench.tiny.shelf import tiny_model

KINDS = ("qwen3-vl", "qwen2.5-vl", "smolvlm2", "llava-onevision", "videollama3")


@pytest.fixture(params=KINDS)
def folder(request: pytest.FixtureRequest, tiny: Callable[[str], Path], tmp_path: Path) -> Path:
    """A copy of a whole model that sees."""
    return Path(shutil.copytree(tiny(request.param), tmp_path / "model"))


def refused(folder: Path) -> str:
    """The sentence with which it is refused."""
    with pytest.raises(WeightsDamaged) as caught:
        load(Holding(tiny_model("tiny", "vlm"), folder, Quantisation.FP32, "cpu"))
    return caught.value.sentence


def test_weights_that_lack_a_part_of_the_eyes_are_refused(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    lost = next(name for name in weights if "vis" in name and name.endswith("weight") and "norm" not in name)
    save_file({name: value for name, value in weights.items() if name != lost}, folder / "model.safetensors")
    assert "does not fit its weights" in refused(folder)


def test_a_config_of_more_layers_is_refused(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["text_config"]["num_hidden_layers"] += 1
    config["text_config"].pop("layer_types", None)
    (folder / "config.json").write_text(json.dumps(config))
    told = refused(folder)
    assert "does not fit its weights" in told
    assert "“tiny”" in told


def test_a_config_of_another_width_is_refused(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["text_config"]["intermediate_size"] *= 2
    (folder / "config.json").write_text(json.dumps(config))
    assert "pull the model again" in refused(folder)
