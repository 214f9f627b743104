"""The pipeline: writes a Stable Audio 3 of its makers' layout as a folder of diffusers', which holds the same numbers.

How the parts correspond is taken from diffusers' own script for it (``scripts/convert_stable_audio_3_to_diffusers.py``)
and from both packages' classes; ``tests/models/music/test_makers.py`` holds it against the makers' classes at work.
What both sides compute differs in one thing: with ``noise_regularize`` the makers' decoder adds noise 60 dB below the
latents, and diffusers' adds none.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sonique_daemon.catalogue.layouts import INDEX, NUMBERS, Design, design_of
from sonique_daemon.engines.diffusion.makers import renaming
from sonique_daemon.engines.diffusion.makers.tensors import Tensor, read_tensors, write_tensors
from sonique_daemon.engines.music.files import told, unfit
from sonique_daemon.engines.transformers.libraries import make_ready
from sonique_daemon.errors import WeightsDamaged, WeightsMissing

_FILE = "diffusion_pytorch_model.safetensors"
_GEMMA = "t5gemma"


def write_pipeline(source: Path, target: Path, check: Callable[[], None]) -> int:
    """Writes the model in ``source`` to the new folder ``target``, and gives how many tensors it has.

    Args:
        source: its makers' folder: ``model_config.json``, ``model.safetensors``, and T5Gemma in a folder of its own.
        target: is not there.
        check: called every 4 MiB; what it raises ends it.

    Raises:
        EngineUnavailable: a library is missing, or diffusers has no part for how it is designed.
        WeightsMissing: the text encoder is not there.
        WeightsDamaged: configuration and numbers do not fit each other.
    """
    model = source.name.removesuffix(".part")
    design, text = design_of(model, source), _text_encoder(model, source)
    make_ready()
    tensors = read_tensors(source / NUMBERS)
    renaming.require_known(model, tensors)
    target.mkdir()
    with told(model):
        written = sum(
            _write_part(model, target / name, kind, config, numbers, source / NUMBERS, check)
            for name, kind, config, numbers in _parts(model, design, tensors)
        )
        check()
        names = _write_text(text, target, design)
        _write_scheduler(target / "scheduler", design)
    (target / INDEX).write_text(json.dumps(_index(names), indent=2), encoding="utf-8")
    return written


def _text_encoder(model: str, source: Path) -> Path:
    """The folder in ``source`` that holds T5Gemma."""
    for config in sorted(source.glob("*/config.json")):
        if json.loads(config.read_text(encoding="utf-8")).get("model_type") == _GEMMA:
            return config.parent
    raise WeightsMissing(
        f"“{model}” reads text by T5Gemma, which is not beside its weights; put the files of google/t5gemma-b-b-ul2 "
        f"into “{source / 't5gemma-b-b-ul2'}”."
    )


Part = tuple[str, Any, Mapping[str, Any], dict[str, Tensor]]
"""A part of the pipeline: its folder, its class, that's arguments, and its numbers."""


def _parts(model: str, design: Design, tensors: Mapping[str, Tensor]) -> list[Part]:
    from diffusers import AutoencoderSAME, StableAudio3DiTModel
    from diffusers.pipelines.stable_audio_3.modeling_stable_audio_3 import StableAudio3DurationEmbedder

    coder = design.autoencoder
    levels, twice = len(coder["encoder_strides"]), bool(coder["use_differential_attention"])
    network, length = _network(model, tensors), _length(model, design, tensors)
    frequencies = StableAudio3DurationEmbedder(**length).freqs
    known = Tensor("F32", tuple(frequencies.shape), data=frequencies.numpy().tobytes())
    different = bool(network["use_differential_attention"])
    return [
        ("vae", AutoencoderSAME, coder, renaming.autoencoder(tensors, levels, differential=twice)),
        ("transformer", StableAudio3DiTModel, network, renaming.transformer(tensors, differential=different)),
        (
            "duration_embedder",
            StableAudio3DurationEmbedder,
            length,
            {**renaming.duration(tensors), "freqs": known},
        ),
    ]


def _network(model: str, tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    """Arguments of ``StableAudio3DiTModel``, as its numbers show them."""
    shape = _Shapes(model, tensors)
    width, features = shape("to_timestep_embed.0.weight")
    first = "transformer.layers.0."
    memory = tensors.get("model.model.transformer.memory_tokens")
    latents = shape("preprocess_conv.weight")[0]
    layers = {name.split(".")[4] for name in tensors if name.startswith("model.model.transformer.layers.")}
    return {
        "io_channels": latents,
        "patch_size": shape("transformer.project_in.weight")[1] // latents,
        "embed_dim": width,
        "depth": len(layers),
        "num_heads": width // shape(f"{first}self_attn.q_norm.gamma")[0],
        "cond_token_dim": shape("to_cond_embed.0.weight")[1],
        "global_cond_dim": shape("to_global_embed.0.weight")[1],
        "local_add_cond_dim": shape(f"{first}to_local_embed.0.weight")[1],
        "timestep_features_dim": features,
        "ff_mult": shape(f"{first}ff.ff.0.proj.weight")[0] / (2 * width),
        "num_memory_tokens": 0 if memory is None else memory.shape[0],
        "use_differential_attention": shape(f"{first}self_attn.to_qkv.weight")[0] == 5 * width,
    }


class _Shapes:
    """Shapes of the transformer's numbers, by their makers' names."""

    def __init__(self, model: str, tensors: Mapping[str, Tensor]) -> None:
        self._model, self._tensors = model, tensors

    def __call__(self, name: str) -> tuple[int, ...]:
        tensor = self._tensors.get(f"model.model.{name}")
        if tensor is None:
            raise unfit(self._model, f"the weights lack “{name}”")
        return tensor.shape


def _length(model: str, design: Design, tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    weight = renaming.duration(tensors).get("linear.weight")
    if weight is None:
        raise unfit(model, "the weights lack what embeds the length")
    return {
        "output_dim": weight.shape[0],
        "fourier_dim": weight.shape[1],
        "min_val": design.shortest_seconds,
        "max_val": design.longest_seconds,
    }


def _write_part(  # noqa: PLR0917 - what a part is, where its numbers stand, and where they go
    model: str,
    folder: Path,
    kind: Any,
    config: Mapping[str, Any],
    tensors: dict[str, Tensor],
    source: Path,
    check: Callable[[], None],
) -> int:
    """Writes one part, after a look at whether every number of its class is there and nothing else."""
    import torch

    with torch.device("meta"):
        part = kind(**config)
    own = {name: tuple(value.shape) for name, value in part.state_dict().items()}
    for name in sorted(own.keys() ^ tensors.keys()):
        raise unfit(model, f"“{folder.name}” {'lacks' if name in own else 'has no place for'} “{name}”")
    for name, shape in own.items():
        if tensors[name].shape != shape:
            raise unfit(model, f"“{name}” of “{folder.name}” is {tensors[name].shape}, not {shape}")
    folder.mkdir()
    part.save_config(folder)
    write_tensors(folder / _FILE, tensors, source, check)
    return len(tensors)


def _write_text(source: Path, target: Path, design: Design) -> tuple[str, str]:
    """Writes text encoder and tokenizer, and gives the names of their classes."""
    from transformers import AutoConfig, AutoTokenizer, T5GemmaEncoderModel

    config = AutoConfig.from_pretrained(str(source), local_files_only=True)
    config.is_encoder_decoder = False
    encoder, info = T5GemmaEncoderModel.from_pretrained(
        str(source), config=config, local_files_only=True, use_safetensors=True, output_loading_info=True
    )
    if info["missing_keys"]:
        raise WeightsDamaged(f"T5Gemma in “{source.name}” lacks “{min(info['missing_keys'])}”; pull it again.")
    encoder.save_pretrained(target / "text_encoder")
    tokenizer = AutoTokenizer.from_pretrained(str(source), local_files_only=True, model_max_length=design.prompt_tokens)
    tokenizer.save_pretrained(target / "tokenizer")
    return type(encoder).__name__, type(tokenizer).__name__


def _write_scheduler(folder: Path, design: Design) -> None:
    from diffusers import FlowMatchEulerDiscreteScheduler

    FlowMatchEulerDiscreteScheduler(
        num_train_timesteps=1, shift=1.0, stochastic_sampling=design.distilled
    ).save_pretrained(folder)


def _index(text: tuple[str, str]) -> dict[str, Any]:
    import diffusers

    encoder, tokenizer = text
    return {
        "_class_name": "StableAudio3Pipeline",
        "_diffusers_version": diffusers.__version__,
        "vae": ["diffusers", "AutoencoderSAME"],
        "text_encoder": ["transformers", encoder],
        "tokenizer": ["transformers", tokenizer],
        "duration_embedder": ["stable_audio_3", "StableAudio3DurationEmbedder"],
        "transformer": ["diffusers", "StableAudio3DiTModel"],
        "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    }
