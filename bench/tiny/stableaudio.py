"""Models of stable-audio-tools with random weights: one as Stable Audio Open Small, one as SONIQUE's.

They are built by the package itself, so this runs where it can be imported: in the environment of its engine.
"""

import json
import sys
from pathlib import Path
from typing import Any

from bench.tiny import text
from bench.tiny.diffusion import fill_zeros, make_tonal

_RATE = 44_100


def open_small(folder: Path) -> None:
    """Writes a transformer with T5 text, trained to denoise along straight lines: Stable Audio Open Small's design."""
    text.save(folder / "t5-base", 768)
    _save(folder, open_small_config(), "decoder.layers.0", 0.02)


def sonique(folder: Path) -> None:
    """Writes a mono U-Net with CLAP text: SONIQUE's design."""
    clap = folder / "clap"
    clap.mkdir(parents=True)
    _save_clap(clap)
    _save(folder, sonique_config(), "decoder.decoder.model.0", 0.3)


def _save(folder: Path, config: dict[str, Any], first_layer: str, share: float) -> None:
    model = built(folder, config)
    fill_zeros(model)
    make_tonal(model.pretransform.model.get_submodule(first_layer), share)
    write(model, config, folder)


def built(folder: Path, config: dict[str, Any]) -> Any:
    """The package's own model of that config, whose text encoder stands in ``folder``."""
    import torch
    from sonique_daemon.engines.stableaudio import shims
    from sonique_daemon.engines.stableaudio.loading import _place_text_encoders

    shims.install()
    placed = json.loads(json.dumps(config))
    _place_text_encoders("built", folder, placed)
    from stable_audio_tools.models.factory import create_model_from_config

    torch.manual_seed(0)
    return create_model_from_config(placed)


def write(model: Any, config: dict[str, Any], folder: Path) -> None:
    """Writes weights and config as they are published."""
    from safetensors.torch import save_file

    save_file(
        {name: value.contiguous().clone() for name, value in model.state_dict().items()}, folder / "model.safetensors"
    )
    (folder / "model_config.json").write_text(json.dumps(config), encoding="utf-8")


def _save_clap(folder: Path) -> None:
    small = {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 130}
    save_clap(folder, vocab_size=len(text.tokenizer()), **small)


def save_clap(folder: Path, **sizes: int) -> None:
    """Writes CLAP's text branch: a RoBERTa of these sizes, its weights as the whole CLAP names them."""
    import torch
    from safetensors.torch import save_file
    from transformers import RobertaConfig, RobertaModel

    torch.manual_seed(0)
    text.tokenizer().save_pretrained(folder)
    config = RobertaConfig(hidden_size=768, pad_token_id=0, **sizes)
    config.save_pretrained(folder)
    branch = RobertaModel(config).state_dict()
    save_file({f"module.text_branch.{name}": value for name, value in branch.items()}, folder / "clap.safetensors")


def _number(name: str, kind: str) -> dict[str, Any]:
    return {"id": name, "type": kind, "config": {"min_val": 0, "max_val": 512}}


def open_small_config() -> dict[str, Any]:
    """The config of that design, tiny."""
    coder = {"channels": 8, "c_mults": [1, 2], "strides": [32, 32], "use_snake": True}
    t5 = {"t5_model_name": "t5-base", "max_length": 64}
    return {
        "model_type": "diffusion_cond",
        "sample_size": 262_144,
        "sample_rate": _RATE,
        "audio_channels": 2,
        "model": {
            "pretransform": {
                "type": "autoencoder",
                "iterate_batch": True,
                "config": {
                    "encoder": {"type": "oobleck", "config": {"in_channels": 2, "latent_dim": 16, **coder}},
                    "decoder": {
                        "type": "oobleck",
                        "config": {"out_channels": 2, "latent_dim": 8, "final_tanh": False, **coder},
                    },
                    "bottleneck": {"type": "vae"},
                    "latent_dim": 8,
                    "downsampling_ratio": 1024,
                    "io_channels": 2,
                },
            },
            "conditioning": {
                "configs": [{"id": "prompt", "type": "t5", "config": t5}, _number("seconds_total", "number")],
                "cond_dim": 32,
            },
            "diffusion": {
                "type": "dit",
                "diffusion_objective": "rf_denoiser",
                "cross_attention_cond_ids": ["prompt", "seconds_total"],
                "global_cond_ids": ["seconds_total"],
                "config": {
                    "io_channels": 8,
                    "embed_dim": 64,
                    "depth": 2,
                    "num_heads": 2,
                    "cond_token_dim": 32,
                    "global_cond_dim": 32,
                    "project_cond_tokens": False,
                    "transformer_type": "continuous_transformer",
                },
            },
            "io_channels": 8,
        },
    }


def _sonique_network() -> dict[str, Any]:
    return {
        "in_channels": 8,
        "context_embedding_features": 64,
        "context_embedding_max_length": 79,
        "channels": 32,
        "resnet_groups": 4,
        "kernel_multiplier_downsample": 2,
        "multipliers": [1, 1, 1],
        "factors": [2, 2],
        "num_blocks": [1, 1],
        "attentions": [1, 1, 1],
        "attention_heads": 2,
        "attention_multiplier": 2,
        "use_nearest_upsample": False,
        "use_skip_scale": True,
        "use_context_time": True,
    }


def sonique_config() -> dict[str, Any]:
    """The config of that design, tiny."""
    clap = {"audio_model_type": "HTSAT-base", "enable_fusion": True, "clap_ckpt_path": "./ckpts/clap/clap.ckpt"}
    return {
        "model_type": "diffusion_cond",
        "sample_size": 1_048_576,
        "sample_rate": _RATE,
        "audio_channels": 1,
        "model": {
            "pretransform": {
                "type": "autoencoder",
                "iterate_batch": True,
                "config": {
                    "encoder": {
                        "type": "dac",
                        "config": {"in_channels": 1, "latent_dim": 16, "d_model": 4, "strides": [32, 32]},
                    },
                    "decoder": {
                        "type": "dac",
                        "config": {"out_channels": 1, "latent_dim": 8, "channels": 16, "rates": [32, 32]},
                    },
                    "bottleneck": {"type": "vae"},
                    "latent_dim": 8,
                    "downsampling_ratio": 1024,
                    "io_channels": 1,
                },
            },
            "conditioning": {
                "configs": [
                    {
                        "id": "prompt",
                        "type": "clap_text",
                        "config": {**clap, "use_text_features": True, "feature_layer_ix": -2},
                    },
                    _number("seconds_start", "int"),
                    _number("seconds_total", "int"),
                ],
                "cond_dim": 64,
            },
            "diffusion": {
                "type": "adp_cfg_1d",
                "cross_attention_cond_ids": ["prompt", "seconds_start", "seconds_total"],
                "config": _sonique_network(),
            },
            "io_channels": 8,
        },
    }


if __name__ == "__main__":
    {"open_small": open_small, "sonique": sonique}[sys.argv[1]](Path(sys.argv[2]))
