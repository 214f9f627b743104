"""Weights that cannot be loaded: each is refused with one sentence, and nothing that stands in them runs."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.engines.transformers.loading import Holding, Loaded, load, require_chat
from sonique_daemon.errors import EngineUnavailable, SoniqueError, WeightsDamaged, WeightsRefused

from bench.tiny.shelf import tiny_model

Tiny = Callable[[str], Path]
Spoil = Callable[[Path], object]


def loaded(folder: Path, held: Quantisation = Quantisation.FP32, device: str = "cpu") -> Loaded:
    return load(Holding(tiny_model("tiny", "llm"), folder, held, device))


@pytest.fixture
def folder(tiny: Tiny, tmp_path: Path) -> Path:
    """A copy of a whole model, to be spoiled."""
    return Path(shutil.copytree(tiny("mistral"), tmp_path / "model"))


def _edited(name: str, **changes: object) -> Spoil:
    def edit(folder: Path) -> None:
        path = folder / name
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return edit


def _halved(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _pickled(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def _holed(folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(folder / "model.safetensors")
    del weights["model.layers.1.mlp.down_proj.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})


SPOILT: dict[str, tuple[Spoil, type[SoniqueError], str]] = {
    "half-downloaded": (_halved, WeightsDamaged, "bytes long and should be"),
    "no safetensors": (
        lambda folder: (folder / "model.safetensors").write_bytes(b"x" * 999),
        WeightsDamaged,
        "is no saf",
    ),
    "empty": (lambda folder: (folder / "model.safetensors").write_bytes(b""), WeightsDamaged, "is no safetensors"),
    "no weights": (lambda folder: (folder / "model.safetensors").unlink(), WeightsDamaged, "holds no weights"),
    "pickles": (_pickled, WeightsRefused, "pickles, which can carry code"),
    "a part is missing": (_holed, WeightsDamaged, "does not fit its weights"),
    "another width": (_edited("config.json", hidden_size=32), WeightsDamaged, "pull the model again"),
    "more layers": (_edited("config.json", num_hidden_layers=3), WeightsDamaged, "does not fit its weights"),
    "code": (
        _edited("config.json", model_type="", auto_map={"AutoConfig": "evil.Evil"}),
        WeightsRefused,
        "code of its",
    ),
    "unknown kind": (_edited("config.json", model_type="xyzzy"), WeightsDamaged, "pull the model again"),
    "no config": (lambda folder: (folder / "config.json").unlink(), WeightsDamaged, "is not there"),
    "broken config": (lambda folder: (folder / "config.json").write_text("{"), WeightsDamaged, "cannot be read"),
    "odd config": (lambda folder: (folder / "config.json").write_text("[]"), WeightsDamaged, "makes no sense"),
    "no tokenizer": (lambda folder: (folder / "tokenizer.json").unlink(), WeightsDamaged, "pull the model again"),
}


@pytest.mark.parametrize("how", SPOILT)
def test_bad_weights_are_refused_with_a_sentence(folder: Path, how: str) -> None:
    spoil, kind, words = SPOILT[how]
    spoil(folder)
    with pytest.raises(kind, match=words) as refused:
        loaded(folder)
    assert "\n" not in refused.value.sentence
    assert len(refused.value.sentence) < 400


def test_a_missing_shard_is_named(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(WeightsDamaged, match="model-00002-of-00002"):
        loaded(folder)


def test_an_index_that_points_out_of_its_folder_is_refused(folder: Path) -> None:
    index = {"weight_map": {"a": "../elsewhere.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(WeightsDamaged, match="makes no sense"):
        loaded(folder)


def test_code_beside_good_weights_is_not_run(folder: Path, tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    (folder / "modeling_evil.py").write_text(f"open({str(trace)!r}, 'w').close()\n")
    _edited("config.json", auto_map={"AutoModelForCausalLM": "modeling_evil.Evil"})(folder)
    assert loaded(folder).model is not None
    assert not trace.exists()


def test_a_model_without_a_chat_template_is_no_chat_model(folder: Path) -> None:
    for path in (folder / "chat_template.jinja", folder / "chat_template.json"):
        path.unlink(missing_ok=True)
    with pytest.raises(EngineUnavailable, match="has no chat template"):
        require_chat(loaded(folder))


@pytest.mark.parametrize("device", ["cuda:7", "tpu", "cuda:x"])
def test_a_device_that_is_not_there_is_named(folder: Path, device: str) -> None:
    with pytest.raises(EngineUnavailable, match=f"no device “{device}”"):
        loaded(folder, device=device)


def test_nf4_takes_a_quarter_of_the_memory_of_bfloat16(folder: Path) -> None:
    sizes = {
        held: loaded(folder, held).model.model.layers.get_submodule("0").mlp.up_proj.weight.nbytes
        for held in (Quantisation.NF4, Quantisation.BF16)
    }
    assert sizes[Quantisation.NF4] * 4 == sizes[Quantisation.BF16]
