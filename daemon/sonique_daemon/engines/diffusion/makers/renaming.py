"""Renaming: what each number of Stable Audio 3 is called in its makers' package and in diffusers, and how it is turned.

Networks are the same on both sides, under other names. What differs besides: the five parts of differential attention
(query, key, value and the second query and key) stand as q, k, v, q2, k2 there and as q, q2, k, k2, v here; the
embedding that fills up short prompts belongs to the text's conditioner there, and to the transformer here.
"""

import re
from collections.abc import Mapping

from sonique_daemon.engines.diffusion.makers.tensors import Tensor
from sonique_daemon.errors import EngineUnavailable

_TRANSFORMER, _AUTOENCODER, _CONDITIONERS = "model.model.", "pretransform.model.", "conditioner.conditioners."
_FIVE = 5
_ORDER = (0, 3, 1, 4, 2)
"""Of the five parts of self-attention, in diffusers' order."""

_FEED = {"ff.ff.0.proj.": "ff.proj_in.", "ff.ff.2.": "ff.proj_out."}
_CODER = {"pre_norm.": "norm_attn.", "self_attn.": "attn.", "ff_norm.": "norm_ff.", **_FEED}
_BOTTLENECK = {"scaling_factor": "scale", "bias": "bias", "running_std": "running_std"}
_UNUSED = re.compile(r"pretransform\.model\.(bottleneck\.noise_scaling_factor|.*\.rope\.inv_freq)")
"""What is computed anew, or empty, and kept by the makers alone."""


def transformer(tensors: Mapping[str, Tensor], *, differential: bool) -> dict[str, Tensor]:
    """The numbers of ``StableAudio3DiTModel``."""
    found = {
        _in_transformer(name.removeprefix(_TRANSFORMER)): _turned(name, tensor, differential=differential)
        for name, tensor in tensors.items()
        if name.startswith(_TRANSFORMER)
    }
    padding = tensors.get(f"{_CONDITIONERS}prompt.padding_embedding")
    return found if padding is None else {**found, "prompt_padding_embedding": padding}


def _in_transformer(name: str) -> str:
    name = name.removeprefix("transformer.")
    name = re.sub(r"^project_(in|out)\.", r"proj_\1.", name)
    match = re.fullmatch(r"layers\.(\d+)\.(.*)", name)
    return name if match is None else f"transformer_blocks.{match[1]}.{_replaced(match[2], _FEED)}"


def autoencoder(tensors: Mapping[str, Tensor], levels: int, *, differential: bool) -> dict[str, Tensor]:
    """The numbers of ``AutoencoderSAME``, which resamples in so many ``levels``."""
    return {
        _in_autoencoder(name.removeprefix(_AUTOENCODER), levels): _turned(name, tensor, differential=differential)
        for name, tensor in tensors.items()
        if name.startswith(_AUTOENCODER) and not _UNUSED.fullmatch(name)
    }


def _in_autoencoder(name: str, levels: int) -> str:
    """Coders are lists of layers there: an encoder's projection stands after its levels, a decoder's before them."""
    if name.startswith("bottleneck."):
        return f"bottleneck.{_BOTTLENECK.get(name.removeprefix('bottleneck.'), name)}"
    match = re.fullmatch(r"(encoder|decoder)\.layers\.(\d+)\.(.*)", name)
    if match is None:
        return name
    kind, number, rest = match[1], int(match[2]), match[3]
    if number == (levels + 1 if kind == "encoder" else 1):
        return f"{kind}.proj.{rest}"
    block = number if kind == "encoder" else number - 3
    inner = re.fullmatch(r"(transformers\.\d+\.)(.*)", rest)
    renamed = rest if inner is None else inner[1] + _replaced(inner[2], _CODER)
    return f"{kind}.blocks.{block}.{renamed}"


def duration(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The numbers of ``StableAudio3DurationEmbedder`` that are learned."""
    prefix = f"{_CONDITIONERS}seconds_total.embedder.embedding.1."
    return {
        f"linear.{name.removeprefix(prefix)}": tensor for name, tensor in tensors.items() if name.startswith(prefix)
    }


def require_known(model: str, tensors: Mapping[str, Tensor]) -> None:
    """Raises ``EngineUnavailable`` where a conditioner holds numbers that diffusers has no place for."""
    known = (f"{_CONDITIONERS}prompt.padding_embedding", f"{_CONDITIONERS}seconds_total.embedder.embedding.1.")
    for name in tensors:
        if name.startswith("conditioner.") and not name.startswith(known):
            raise EngineUnavailable(
                f"“{model}” holds “{name[:80]}”, for which the diffusers that runs it here has no place; "
                "choose another model."
            )


def _replaced(name: str, table: Mapping[str, str]) -> str:
    for old, new in table.items():
        if name.startswith(old):
            return new + name[len(old) :]
    return name


def _turned(name: str, tensor: Tensor, *, differential: bool) -> Tensor:
    if differential and name.endswith("self_attn.to_qkv.weight"):
        return tensor.rows(_FIVE, _ORDER)
    return tensor
