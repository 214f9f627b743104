"""The way back: a pipeline of diffusers becomes a folder of its makers' layout, for tests of the way there."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

_NUMBERS = "diffusion_pytorch_model.safetensors"


def makers_layout(pipeline: Path, folder: Path) -> Path:
    """Writes the Stable Audio 3 in ``pipeline`` to the new ``folder`` as its makers would."""
    folder.mkdir()
    found: dict[str, torch.Tensor] = {}
    for name, value in load_file(pipeline / "transformer" / _NUMBERS).items():
        found[_of_transformer(name)] = _five(name, value)
    for name, value in load_file(pipeline / "vae" / _NUMBERS).items():
        found[f"pretransform.model.{_of_autoencoder(name)}"] = _five(name, value)
    found["pretransform.model.bottleneck.noise_scaling_factor"] = torch.ones(1, 0, 1)
    found["pretransform.model.encoder.layers.0.transformers.0.rope.inv_freq"] = torch.ones(2)
    for name in ("weight", "bias"):
        value = load_file(pipeline / "duration_embedder" / _NUMBERS)[f"linear.{name}"]
        found[f"conditioner.conditioners.seconds_total.embedder.embedding.1.{name}"] = value
    save_file({name: value.contiguous() for name, value in found.items()}, folder / "model.safetensors")
    shutil.copytree(pipeline / "text_encoder", folder / "t5gemma-b-b-ul2")
    shutil.copytree(pipeline / "tokenizer", folder / "t5gemma-b-b-ul2", dirs_exist_ok=True)
    (folder / "model_config.json").write_text(json.dumps(_config(pipeline)), encoding="utf-8")
    return folder


def _five(name: str, value: torch.Tensor) -> torch.Tensor:
    if re.search(r"(?<!cross_)attn\.to_qkv", name):
        q, q2, k, k2, v = value.chunk(5)
        return torch.cat((q, k, v, q2, k2))
    return value


def _fed(name: str) -> str:
    return name.replace(".ff.proj_in.", ".ff.ff.0.proj.").replace(".ff.proj_out.", ".ff.ff.2.")


def _of_transformer(name: str) -> str:
    if name == "prompt_padding_embedding":
        return "conditioner.conditioners.prompt.padding_embedding"
    outside = ("to_timestep_embed.", "to_cond_embed.", "to_global_embed.", "preprocess_conv.", "postprocess_conv.")
    if name.startswith(outside):
        return f"model.model.{name}"
    if name.startswith("proj_"):
        return f"model.model.transformer.{name.replace('proj_', 'project_', 1)}"
    return f"model.model.transformer.{_fed(name.replace('transformer_blocks.', 'layers.'))}"


def _of_autoencoder(name: str) -> str:
    name = name.replace("encoder.blocks.", "encoder.layers.").replace("encoder.proj.", "encoder.layers.2.")
    name = re.sub(r"decoder\.blocks\.(\d+)", lambda found: f"decoder.layers.{int(found[1]) + 3}", name)
    name = name.replace("decoder.proj.", "decoder.layers.1.").replace("bottleneck.scale", "bottleneck.scaling_factor")
    name = name.replace(".norm_attn.", ".pre_norm.").replace(".norm_ff.", ".ff_norm.").replace(".attn.", ".self_attn.")
    return _fed(name)


def _config(pipeline: Path) -> dict[str, Any]:
    vae = json.loads((pipeline / "vae" / "config.json").read_text(encoding="utf-8"))
    length = json.loads((pipeline / "duration_embedder" / "config.json").read_text(encoding="utf-8"))
    steps = json.loads((pipeline / "scheduler" / "scheduler_config.json").read_text(encoding="utf-8"))
    coder = {
        "channels": vae["encoder_channels"],
        "c_mults": vae["encoder_c_mults"],
        "strides": vae["encoder_strides"],
        "transformer_depths": vae["encoder_transformer_depths"],
        "dim_heads": vae["dim_heads"],
        "sliding_window": [vae["sliding_window"]] * 2,
        "variable_stride": True,
    }
    objective = "rf_denoiser" if steps["stochastic_sampling"] else "rectified_flow"
    seconds = {"min_val": length["min_val"], "max_val": length["max_val"], "fourier_features_type": "expo"}
    return {
        "model_type": "diffusion_cond_inpaint",
        "sample_rate": vae["sampling_rate"],
        "model": {
            "pretransform": {
                "type": "autoencoder",
                "config": {
                    "pretransform": {"type": "patched", "config": {"patch_size": vae["patch_size"], "channels": 2}},
                    "encoder": {"type": "same", "config": coder},
                    "decoder": {"type": "taae_v2", "config": {**coder, "sinusoidal_blocks": [0]}},
                    "bottleneck": {"type": "softnorm", "config": {"dim": vae["latent_dim"]}},
                    "latent_dim": vae["latent_dim"],
                    "io_channels": vae["audio_channels"],
                },
            },
            "conditioning": {
                "configs": [
                    {"id": "prompt", "type": "t5gemma", "config": {"max_length": 256, "padding_mode": "learned"}},
                    {"id": "seconds_total", "type": "number", "config": seconds},
                ]
            },
            "diffusion": {
                "type": "dit",
                "diffusion_objective": objective,
                "config": {"global_cond_type": "adaLN", "timestep_features_type": "expo"},
            },
        },
    }
