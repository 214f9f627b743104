"""A model that is published in another layout than the one in which it is run: noticed, made room for, converted."""

import json
import shutil
from collections import namedtuple
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sonique_daemon.catalogue.adding import Adder
from sonique_daemon.catalogue.hub import Hub
from sonique_daemon.catalogue.layouts import PIPELINE, design_of, pipeline_of
from sonique_daemon.catalogue.model import Model
from sonique_daemon.catalogue.pull import Puller, Step
from sonique_daemon.catalogue.weights import Weights
from sonique_daemon.domain.events import Stage
from sonique_daemon.engines.pretend import pretend_model
from sonique_daemon.errors import EngineUnavailable, StoreFull, WeightsDamaged

from tests.catalogue.conftest import WEIGHT
from tests.catalogue.hub_server import FakeHub, Repository

CODER = {
    "channels": 256,
    "c_mults": [6],
    "strides": [16],
    "transformer_depths": [12],
    "dim_heads": 64,
    "variable_stride": True,
    "sliding_window": [1, 1],
}
CONFIG: dict[str, Any] = {
    "model_type": "diffusion_cond_inpaint",
    "sample_rate": 44_100,
    "model": {
        "pretransform": {
            "type": "autoencoder",
            "config": {
                "pretransform": {"type": "patched", "config": {"patch_size": 256, "channels": 2}},
                "encoder": {"type": "same", "config": CODER},
                "decoder": {"type": "same", "config": {**CODER, "sinusoidal_blocks": [8]}},
                "bottleneck": {"type": "softnorm", "config": {"dim": 256}},
                "latent_dim": 256,
                "io_channels": 2,
            },
        },
        "conditioning": {
            "configs": [
                {"id": "prompt", "type": "t5gemma", "config": {"max_length": 256, "padding_mode": "learned"}},
                {
                    "id": "seconds_total",
                    "type": "number",
                    "config": {"min_val": 0, "max_val": 384, "fourier_features_type": "expo"},
                },
            ]
        },
        "diffusion": {
            "type": "dit",
            "diffusion_objective": "rf_denoiser",
            "config": {"global_cond_type": "adaLN", "timestep_features_type": "expo"},
        },
    },
}
CHUNKED = {**CODER, "sliding_window": None, "chunk_size": 32, "chunk_midpoint_shift": True}
Converted = list[tuple[Path, Path]]


def with_(place: str, value: object) -> bytes:
    """The configuration with another value at ``place``, steps between dots."""
    config = json.loads(json.dumps(CONFIG))
    *steps, last = place.split(".")
    inner = config
    for step in steps:
        inner = inner[int(step)] if isinstance(inner, list) else inner[step]
    inner[last] = value
    return json.dumps(config).encode()


def files(config: bytes, weight: bytes) -> dict[str, bytes]:
    gemma = "t5gemma-b-b-ul2"
    return {
        "model.safetensors": weight,
        "model_config.json": config,
        f"{gemma}/config.json": b"{}",
        f"{gemma}/model.safetensors": weight[:2000],
    }


@pytest.fixture
def model() -> Model:
    return replace(pretend_model("seer", Stage.GENERATE, family="diffusers"), files=())


@pytest.fixture
def converted() -> Converted:
    return []


@pytest.fixture
def convert(converted: Converted) -> Callable[[Path, Path], None]:
    def write(source: Path, target: Path) -> None:
        converted.append((source, target))
        target.mkdir()
        (target / "model_index.json").write_bytes(b"{}")

    return write


@pytest.fixture
def puller(hub: FakeHub, weights: Weights, convert: Any) -> Puller:
    return Puller(weights, Hub(hub.address), convert)


def publish(hub: FakeHub, config: bytes = json.dumps(CONFIG).encode(), **more: bytes) -> dict[str, bytes]:
    published = {**files(config, WEIGHT), **{name.replace("__", "."): data for name, data in more.items()}}
    hub.repositories["nobody/seer"] = Repository(published)
    return published


def test_a_pull_of_the_makers_layout_converts_it_and_keeps_what_was_published(
    hub: FakeHub, puller: Puller, weights: Weights, model: Model, converted: Converted
) -> None:
    steps: list[Step] = []
    published = publish(hub)
    record = puller.pull(model, steps.append)
    assert len(converted) == 1
    home = weights.home(model)
    assert {file.path for file in record.files} == {*published, f"{PIPELINE}/model_index.json"}
    assert (home / "model.safetensors").read_bytes() == WEIGHT
    assert pipeline_of(home) == home / PIPELINE
    assert any("diffusers' layout" in step.file for step in steps)
    assert weights.verify(model) == ()
    puller.pull(model, steps.append)
    assert len(converted) == 1


def test_what_is_in_diffusers_layout_is_converted_by_nobody(
    hub: FakeHub, puller: Puller, weights: Weights, model: Model, converted: Converted
) -> None:
    publish(hub, model_index__json=b"{}")
    puller.pull(model, lambda _: None)
    assert not converted
    assert pipeline_of(weights.home(model)) == weights.home(model)


def test_a_design_that_cannot_be_run_is_told_before_its_weights_come(
    hub: FakeHub, puller: Puller, model: Model
) -> None:
    publish(hub, with_("model.pretransform.config.encoder.config", CHUNKED))
    with pytest.raises(
        EngineUnavailable, match=r"“seer” cannot be brought into diffusers' layout: its encoder attends"
    ):
        puller.pull(model, lambda _: None)
    assert not any("safetensors" in path for path in hub.paths())


def test_room_is_asked_for_both_layouts_before_anything_comes(
    hub: FakeHub, puller: Puller, model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(hub)
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as the standard library has it
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(0, 0, 2**30 + len(WEIGHT) * 3 // 2))
    with pytest.raises(StoreFull, match="SONIQUE_WEIGHTS"):
        puller.pull(model, lambda _: None)
    assert not any("resolve" in path for path in hub.paths())


def test_a_folder_of_the_users_is_converted_into_the_models_own_and_left_alone(
    weights: Weights, model: Model, convert: Any, converted: Converted, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    for path, data in files(json.dumps(CONFIG).encode(), WEIGHT).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    record = Adder(weights, convert).add(model, folder, None, lambda _: None)
    assert [source for source, _ in converted] == [folder]
    assert [file.path for file in record.files] == [f"{PIPELINE}/model_index.json"]
    assert sorted(path.name for path in folder.iterdir()) == [
        "model.safetensors",
        "model_config.json",
        "t5gemma-b-b-ul2",
    ]
    weights.remove(model)
    assert (folder / "model.safetensors").read_bytes() == WEIGHT


def test_a_conversion_that_breaks_leaves_what_came_and_nothing_of_its_own(
    hub: FakeHub, weights: Weights, model: Model
) -> None:
    def broken(source: Path, target: Path) -> None:
        assert source != target
        target.mkdir()
        (target / "half").write_bytes(b"half")
        raise WeightsDamaged("It broke.")

    publish(hub)
    with pytest.raises(WeightsDamaged):
        Puller(weights, Hub(hub.address), broken).pull(model, lambda _: None)
    assert (weights.staging(model) / "model.safetensors").read_bytes() == WEIGHT
    assert not (weights.staging(model) / PIPELINE).exists()
    assert not weights.present(model)


def test_the_design_of_the_medium_model_is_read(tmp_path: Path) -> None:
    (tmp_path / "model_config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    design = design_of("seer", tmp_path)
    assert (design.longest_seconds, design.prompt_tokens, design.distilled) == (384.0, 256, True)
    assert design.autoencoder["encoder_channels"] == 256
    assert design.autoencoder["decoder_sinusoidal_blocks"] == [8]
    assert design.autoencoder["sliding_window"] == 1


@pytest.mark.parametrize(
    ("place", "value", "reason"),
    [
        ("model_type", "autoencoder", "is no Stable Audio 3"),
        ("model.diffusion.type", "adp_cfg_1d", "is no Stable Audio 3"),
        ("model.diffusion.diffusion_objective", "v", "trained as “v”"),
        ("model.diffusion.config", {"timestep_features_type": "expo"}, "its length is put before"),
        ("model.diffusion.config", {"global_cond_type": "adaLN"}, "its time is embedded"),
        ("model.conditioning.configs.0.type", "t5", "its text encoder is “t5”"),
        ("model.conditioning.configs.0.config", {"padding_mode": "zero"}, "not filled up by a learned"),
        ("model.conditioning.configs.1.config", {}, "its length is embedded"),
        ("model.pretransform.scale", 2.0, "its sound is encoded in another way"),
        ("model.pretransform.config.pretransform", {"type": "wavelet"}, "not cut into patches"),
        ("model.pretransform.config.bottleneck", {"type": "vae"}, "held as “vae”"),
        ("model.pretransform.config.decoder.type", "oobleck", "its decoder is “oobleck”"),
        ("model.pretransform.config.decoder.config", {**CODER, "conv_mapping": True}, "“conv_mapping” as True"),
        ("model.pretransform.config.decoder.config", {**CODER, "sliding_window": [1, 0]}, "further to one side"),
        ("model.pretransform.config.decoder.config", {**CODER, "dim_heads": 32}, "differ in “dim_heads”"),
    ],
)
def test_another_design_is_refused_with_what_is_other(tmp_path: Path, place: str, value: object, reason: str) -> None:
    (tmp_path / "model_config.json").write_bytes(with_(place, value))
    with pytest.raises(EngineUnavailable, match=reason):
        design_of("seer", tmp_path)


ENDLESS = b'{"model": {}, "sample_rate": 1e999}'
NO_PARTS = b'{"model_type": "diffusion_cond", "model": 1, "sample_rate": 2}'


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", NO_PARTS, b"\xff", b"[" * 100_000, ENDLESS])
def test_a_configuration_that_makes_no_sense_is_told(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "model_config.json").write_bytes(data)
    with pytest.raises(WeightsDamaged):
        design_of("seer", tmp_path)
