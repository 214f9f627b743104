"""Layouts: in what form a repository publishes a model, where that is not the form in which it is run.

Stable Audio 3 comes in its makers' own layout: a ``model_config.json`` with the design of all parts, one
``model.safetensors`` with the numbers of all but the text encoder, and T5Gemma in a folder beside them. It is run from
diffusers' layout, a folder for each part, which is made of that once (``engines/diffusion/makers``) and stands in
``PIPELINE`` below the model's folder. Nothing of what was published is changed or removed.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sonique_daemon.errors import EngineUnavailable, WeightsDamaged

PIPELINE = "pipeline"
"""The folder below a model's that holds diffusers' layout where another was published."""

INDEX, CONFIG, NUMBERS = "model_index.json", "model_config.json", "model.safetensors"

_TYPES = ("diffusion_cond", "diffusion_cond_inpaint")
_CODERS = ("same", "taae_v2")
_OBJECTIVES = ("rectified_flow", "rf_denoiser")


def needs_pipeline(family: str, names: Collection[str]) -> bool:
    """Whether a model of ``family`` in files of those names has to be brought into diffusers' layout."""
    return family == "diffusers" and CONFIG in names and INDEX not in names


def pipeline_of(folder: Path) -> Path:
    """The folder in ``folder`` that holds diffusers' layout."""
    return folder if (folder / INDEX).is_file() or not (folder / PIPELINE).is_dir() else folder / PIPELINE


@dataclass(frozen=True, slots=True)
class Design:
    """What the makers' configuration of a Stable Audio 3 says, as far as its numbers do not say it themselves.

    Attributes:
        autoencoder: arguments of diffusers' ``AutoencoderSAME``.
        shortest_seconds: the least length that it was trained to be told.
        longest_seconds: the greatest.
        prompt_tokens: how many tokens of a prompt it reads.
        distilled: whether it was distilled, and takes fresh noise at each step.
    """

    autoencoder: Mapping[str, Any]
    shortest_seconds: float
    longest_seconds: float
    prompt_tokens: int
    distilled: bool


def design_of(model: str, folder: Path) -> Design:
    """The design that the configuration in ``folder`` states.

    Raises:
        WeightsDamaged: it cannot be read.
        EngineUnavailable: it is another model, or is designed in a way that diffusers has no part for.
    """
    config = _read(model, folder / CONFIG)
    try:
        inner, rate = config["model"], int(config["sample_rate"])
        if config.get("model_type") not in _TYPES or inner["diffusion"]["type"] != "dit":
            raise EngineUnavailable(f"“{model}” is no Stable Audio 3, and no other model is converted here.")
        told = {part["id"]: part for part in inner["conditioning"]["configs"]}
        _refuse(model, _unlike(told, inner["diffusion"]))
        seconds, prompt = told["seconds_total"]["config"], told["prompt"]["config"]
        return Design(
            _autoencoder(model, inner["pretransform"], rate),
            float(seconds.get("min_val", 0)),
            float(seconds.get("max_val", 1)),
            int(prompt.get("max_length", 128)),
            inner["diffusion"].get("diffusion_objective") == "rf_denoiser",
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError) as error:
        raise WeightsDamaged(
            f"The configuration of “{model}” is not that of a Stable Audio 3 ({type(error).__name__}: {error})."
        ) from error


def _read(model: str, path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        raise WeightsDamaged(f"“{model}” has no “{path.name}” that can be read; pull it again.") from None


def _refuse(model: str, reasons: Iterator[str]) -> None:
    for reason in reasons:
        raise EngineUnavailable(
            f"“{model}” cannot be brought into diffusers' layout: {reason}, and the diffusers that runs it here has no "
            "part for that; choose another model."
        )


def _unlike(told: Mapping[str, Any], diffusion: Mapping[str, Any]) -> Iterator[str]:
    """What of text, length and network is not as in the models for which diffusers has parts."""
    if told["prompt"]["type"] != "t5gemma":
        yield f"its text encoder is “{told['prompt']['type']}”"
    if told["prompt"]["config"].get("padding_mode") != "learned":
        yield "its text is not filled up by a learned embedding"
    if told["seconds_total"]["type"] != "number" or (
        told["seconds_total"]["config"].get("fourier_features_type", "learned") != "expo"
    ):
        yield "its length is embedded in another way"
    if set(told) != {"prompt", "seconds_total"}:
        yield f"it is told {', '.join(sorted(set(told) - {'prompt', 'seconds_total'}))}"
    if diffusion.get("diffusion_objective", "v") not in _OBJECTIVES:
        yield f"it is trained as “{diffusion.get('diffusion_objective', 'v')}”"
    network = diffusion["config"]
    if network.get("global_cond_type", "prepend") != "adaLN":
        yield "its length is put before the music"
    if network.get("timestep_features_type", "learned") != "expo" or network.get("timestep_features_logsnr", False):
        yield "its time is embedded in another way"


def _autoencoder(model: str, pretransform: Mapping[str, Any], rate: int) -> dict[str, Any]:
    config = pretransform["config"]
    encoder, decoder = config["encoder"]["config"], config["decoder"]["config"]
    _refuse(model, _foreign(pretransform))
    strides = [int(stride) for stride in encoder["strides"]]
    return {
        "audio_channels": int(config["io_channels"]),
        "patch_size": int(config["pretransform"]["config"]["patch_size"]),
        "encoder_channels": int(encoder["channels"]),
        "encoder_c_mults": list(encoder["c_mults"]),
        "encoder_strides": strides,
        "encoder_transformer_depths": list(encoder["transformer_depths"]),
        "latent_dim": int(config["latent_dim"]),
        "use_differential_attention": bool(encoder.get("differential", True)),
        "dim_heads": int(encoder.get("dim_heads", 128)),
        "ff_mult": int(encoder.get("ff_mult", 3)),
        "sliding_window": int(encoder["sliding_window"][0]),
        "encoder_sinusoidal_blocks": [0] * len(strides),
        "decoder_sinusoidal_blocks": list(decoder.get("sinusoidal_blocks", [0] * len(strides))),
        "sampling_rate": rate,
    }


_ALIKE = ("channels", "c_mults", "strides", "transformer_depths", "differential", "dim_heads", "ff_mult")
_FIXED = {
    "variable_stride": (False, True),
    "dyt": (True, True),
    "mapping_bias": (True, True),
    "conv_mapping": (False, False),
    "conformer": (False, False),
    "layer_scale": (False, False),
    "feat_scale": (False, False),
    "cross_attn": (False, False),
}
"""By name: what the makers' package takes where a coder says nothing, and what diffusers' coders are."""


def _foreign(pretransform: Mapping[str, Any]) -> Iterator[str]:
    """What of the autoencoder diffusers' has no place for."""
    config = pretransform["config"]
    if pretransform["type"] != "autoencoder" or float(pretransform.get("scale", 1.0)) != 1.0:
        yield "its sound is encoded in another way"
    if config.get("pretransform", {}).get("type") != "patched":
        yield "its sound is not cut into patches"
    for kind in ("encoder", "decoder"):
        yield from _foreign_coder(kind, config[kind])
    first, second = config["encoder"]["config"], config["decoder"]["config"]
    for name in (*_ALIKE, "sliding_window"):
        if first.get(name) != second.get(name):
            yield f"encoder and decoder differ in “{name}”"
    bottleneck = config.get("bottleneck") or {}
    if bottleneck.get("type") != "softnorm" or bottleneck.get("config", {}).get("noise_augment_dim", 0):
        yield f"its latents are held as “{bottleneck.get('type')}”"


def _foreign_coder(kind: str, coder: Mapping[str, Any]) -> Iterator[str]:
    if coder["type"] not in _CODERS:
        yield f"its {kind} is “{coder['type']}”"
    window = coder["config"].get("sliding_window")
    if not window:
        yield f"its {kind} attends in chunks"
    elif len(set(window)) > 1:
        yield f"its {kind} looks further to one side"
    for name, (usual, needed) in _FIXED.items():
        if coder["config"].get(name, usual) != needed:
            yield f"its {kind} has “{name}” as {coder['config'].get(name, usual)}"
