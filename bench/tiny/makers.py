"""A Stable Audio 3 with random weights in its makers' own classes, saved in their layout, and what it answers.

It is built by stable-audio-tools, so this runs where that can be imported: in the environment of its engine. It is
designed as the medium model, which is the one that diffusers has parts for.
"""

import json
import sys
from pathlib import Path
from typing import Any

from bench.tiny import text
from bench.tiny.diffusion import fill_zeros

_WIDTH = 768
"""Of T5Gemma, which the package knows in this width alone."""
PROMPTS = ("a calm piano, 92 BPM", "drums")
SECONDS = (7.3, 60.0)


def stable_audio_3(folder: Path, answers: Path) -> None:
    """Writes the model to ``folder``, and to the file ``answers`` what its parts make of fixed latents and sound."""
    import torch
    from safetensors.torch import save_file
    from sonique_daemon.engines.stableaudio import shims

    shims.install()
    encoder = folder / "t5gemma-b-b-ul2"
    text.t5gemma(_WIDTH).save_pretrained(encoder)
    text.tokenizer().save_pretrained(encoder)
    from stable_audio_tools.models.factory import create_model_from_config

    config = _config()
    (folder / "model_config.json").write_text(json.dumps(config), encoding="utf-8")
    placed = json.loads(json.dumps(config))
    placed["model"]["conditioning"]["configs"][0]["config"]["model_path"] = str(encoder)
    torch.manual_seed(0)
    model = create_model_from_config(placed).eval()
    fill_zeros(model)
    _attend_plainly()
    numbers = {name: value.contiguous().clone() for name, value in model.state_dict().items()}
    save_file(numbers, folder / "model.safetensors")
    save_file(_answers(model), answers)


def _attend_plainly() -> None:
    """Has windows of attention computed by what the package falls back to, with torch's plain attention.

    What it prefers is compiled. On a processor with AVX2 alone, torch 2.13 was seen to give other numbers, and NaN
    among them, each time that it was asked the same.
    """
    from stable_audio_tools.models import transformer

    transformer.flex_attention_compiled = None


def _answers(model: Any) -> dict[str, Any]:
    import torch

    source = torch.Generator().manual_seed(1)
    latents, local = torch.randn(2, 8, 24, generator=source), torch.randn(2, 9, 24, generator=source)
    time, audio = torch.tensor([0.7, 0.2]), 0.1 * torch.randn(1, 2, 6 * 1024, generator=source)
    asked = [{"prompt": one, "seconds_total": span} for one, span in zip(PROMPTS, SECONDS, strict=True)]
    with torch.no_grad():
        told = model.conditioner(asked, "cpu")
        masks = {"inpaint_mask": [local[:, :1], None], "inpaint_masked_input": [local[:, 1:], None]}
        velocity = model.model(latents, time, **model.get_conditioning_inputs({**told, **masks}))
        decoded, encoded = model.pretransform.decode(latents), model.pretransform.encode(audio)
    found = {"latents": latents, "local": local, "time": time, "audio": audio, "velocity": velocity}
    found |= {"decoded": decoded, "encoded": encoded, "text": told["prompt"][0], "length": told["seconds_total"][0]}
    return {name: value.contiguous().clone() for name, value in found.items()}


def _autoencoder() -> dict[str, Any]:
    coder = {
        "channels": 8,
        "c_mults": [2],
        "strides": [4],
        "latent_dim": 8,
        "transformer_depths": [2],
        "differential": True,
        "dyt": True,
        "dim_heads": 8,
        "variable_stride": True,
        "sliding_window": [1, 1],
    }
    bottleneck = {"dim": 8, "noise_augment_dim": 0, "noise_regularize": False, "auto_scale": True, "freeze": True}
    return {
        "type": "autoencoder",
        "iterate_batch": True,
        "config": {
            "pretransform": {"type": "patched", "config": {"patch_size": 256, "channels": 2}},
            "encoder": {"type": "same", "config": {"in_channels": 512, **coder}},
            "decoder": {"type": "same", "config": {"out_channels": 512, **coder, "sinusoidal_blocks": [2]}},
            "bottleneck": {"type": "softnorm", "config": bottleneck},
            "latent_dim": 8,
            "downsampling_ratio": 1024,
            "io_channels": 2,
        },
    }


def _config() -> dict[str, Any]:
    network = {
        "io_channels": 8,
        "embed_dim": 128,
        "depth": 2,
        "num_heads": 2,
        "cond_token_dim": _WIDTH,
        "global_cond_dim": _WIDTH,
        "project_cond_tokens": True,
        "transformer_type": "continuous_transformer",
        "global_cond_type": "adaLN",
        "timestep_features_type": "expo",
        "timestep_features_dim": 16,
        "local_add_cond_dim": 9,
        "num_memory_tokens": 2,
        "norm_type": "rms_norm",
        "attn_kwargs": {"qk_norm": "rms", "differential": True},
        "ff_kwargs": {"mult": 4, "no_bias": False},
    }
    length = {"min_val": 0, "max_val": 384, "fourier_features_type": "expo"}
    return {
        "model_type": "diffusion_cond_inpaint",
        "sample_size": 262_144,
        "sample_rate": 44_100,
        "audio_channels": 2,
        "model": {
            "pretransform": _autoencoder(),
            "conditioning": {
                "configs": [
                    {"id": "prompt", "type": "t5gemma", "config": {"max_length": 256, "padding_mode": "learned"}},
                    {"id": "seconds_total", "type": "number", "config": length},
                ],
                "cond_dim": _WIDTH,
            },
            "diffusion": {
                "type": "dit",
                "diffusion_objective": "rf_denoiser",
                "cross_attention_cond_ids": ["prompt", "seconds_total"],
                "global_cond_ids": ["seconds_total"],
                "local_add_cond_ids": ["inpaint_mask", "inpaint_masked_input"],
                "config": network,
            },
            "io_channels": 8,
        },
    }


if __name__ == "__main__":
    stable_audio_3(Path(sys.argv[1]), Path(sys.argv[2]))
