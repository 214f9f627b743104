"""The models of stable-audio-tools at full size: ``python -m bench.full.tools save NAME FOLDER`` or ``count NAME``.

SONIQUE's sizes are those of its published configuration. Of Stable Audio Open Small's, the transformer has the width
and depth that its makers told, with which it has the 341 M that they publish; the autoencoder is the family's.
They are built by the package itself, so this runs where it can be imported: in the environment of its engine.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.tiny import stableaudio, text


def save(name: str, folder: Path) -> None:
    """Writes the model of that name into ``folder``, as it is published, filled by chance."""
    config = TOOLS[name]()
    _save_text(name, folder)
    stableaudio.write(stableaudio.built(folder, config), config, folder)


def count(name: str) -> dict[str, int]:
    """How many numbers its denoiser and its autoencoder hold; built without memory."""
    import torch
    from sonique_daemon.engines.stableaudio import shims

    shims.install()
    from stable_audio_tools.models.factory import create_model_from_config

    config = TOOLS[name]()
    config["model"]["conditioning"]["configs"] = []
    with torch.device("meta"):
        made = create_model_from_config(config)
    parts = {"denoiser": made.model, "autoencoder": made.pretransform}
    return {part: sum(value.numel() for value in network.parameters()) for part, network in parts.items()}


def _save_text(name: str, folder: Path) -> None:
    """Writes the text encoder beside it: T5 base, or CLAP's RoBERTa base."""
    from transformers import T5Config, T5EncoderModel

    if name == "sonique":
        clap = folder / "clap"
        clap.mkdir(parents=True)
        stableaudio.save_clap(clap, vocab_size=50_265, max_position_embeddings=514)
        return
    t5 = T5Config(d_model=768, d_kv=64, d_ff=3072, num_layers=12, num_heads=12, vocab_size=32_128)
    T5EncoderModel(t5).save_pretrained(folder / "t5-base")
    text.tokenizer().save_pretrained(folder / "t5-base")


def _open_small() -> dict[str, Any]:
    config = stableaudio.open_small_config()
    config["sample_size"] = 524_288
    model, coder = config["model"], config["model"]["pretransform"]["config"]
    sizes = {"channels": 128, "c_mults": [1, 2, 4, 8, 16], "strides": [2, 4, 4, 8, 8]}
    coder["encoder"]["config"] |= {**sizes, "latent_dim": 128}
    coder["decoder"]["config"] |= {**sizes, "latent_dim": 64}
    coder |= {"latent_dim": 64, "downsampling_ratio": 2048}
    model["conditioning"]["cond_dim"] = 768
    widths = {"embed_dim": 1024, "depth": 16, "num_heads": 8, "cond_token_dim": 768, "global_cond_dim": 768}
    model["diffusion"]["config"] |= {**widths, "io_channels": 64, "project_cond_tokens": True}
    model["io_channels"] = 64
    return config


def _sonique() -> dict[str, Any]:
    config = stableaudio.sonique_config()
    model, coder = config["model"], config["model"]["pretransform"]["config"]
    coder["encoder"]["config"] |= {"latent_dim": 128, "d_model": 128, "strides": [4, 4, 8, 8]}
    coder["decoder"]["config"] |= {"latent_dim": 64, "channels": 1536, "rates": [8, 8, 4, 4]}
    coder["latent_dim"] = model["io_channels"] = 64
    model["conditioning"]["cond_dim"] = 768
    model["diffusion"]["config"] |= {
        "in_channels": 64,
        "context_embedding_features": 768,
        "channels": 256,
        "resnet_groups": 16,
        "multipliers": [4, 4, 4, 5, 5],
        "factors": [1, 2, 2, 4],
        "num_blocks": [2, 2, 2, 2],
        "attentions": [1, 3, 3, 3, 3],
        "attention_heads": 16,
        "attention_multiplier": 4,
    }
    return config


TOOLS: Mapping[str, Callable[[], dict[str, Any]]] = {"stable-audio-open-small": _open_small, "sonique": _sonique}
"""Configs by the catalogue's name."""


if __name__ == "__main__":
    if sys.argv[1] == "save":
        save(sys.argv[2], Path(sys.argv[3]))
    else:
        print(*(f"{part} {numbers}" for part, numbers in count(sys.argv[2]).items()))
