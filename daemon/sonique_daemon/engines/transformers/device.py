"""Devices: how a language model's weights are to be held on one."""

from collections.abc import Callable
from typing import Any

from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.errors import EngineUnavailable

_BLOCK, _ROWS = 64, 32
"""Numbers that a layer's input and output have to be multiples of for four bits on a processor; see bitsandbytes."""


def holding(quantisation: Quantisation, device: str, whole: Callable[[], list[str]]) -> dict[str, Any]:
    """The arguments by which ``from_pretrained`` holds weights so on ``device``; each says everything explicitly.

    Args:
        quantisation: how they are held.
        device: as torch calls it.
        whole: gives the names of the layers that a processor cannot multiply in four bits; they stay as they are.

    Raises:
        EngineUnavailable: they cannot be held so there.
    """
    import torch

    if quantisation in {Quantisation.NF4, Quantisation.INT8}:
        if device == "mps":
            raise EngineUnavailable(f"Apple's graphics holds no weights as {quantisation}; choose bf16 or fp32.")
        return {"dtype": _computed(device), "quantization_config": _bits_and_bytes(quantisation, device, whole)}
    return {"dtype": torch.bfloat16 if quantisation is Quantisation.BF16 else torch.float32}


def _bits_and_bytes(quantisation: Quantisation, device: str, whole: Callable[[], list[str]]) -> Any:
    from transformers import BitsAndBytesConfig

    if quantisation is Quantisation.INT8:
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=_computed(device),
        llm_int8_skip_modules=whole() if device == "cpu" else None,
    )


def indivisible_layers(network: Any) -> list[str]:
    """The names of the layers of a network, which may stand on the meta device, that are not to be held in four bits
    on a processor: its output, as on a card; and those whose width its blocks do not divide, which real vision towers
    have.
    """
    import torch
    from transformers.quantizers.base import get_keys_to_not_convert

    odd = [
        name
        for name, layer in network.named_modules()
        if isinstance(layer, torch.nn.Linear) and (layer.in_features % _BLOCK or layer.out_features % _ROWS)
    ]
    return [*get_keys_to_not_convert(network), *odd]


def _computed(device: str) -> Any:
    """What quantised weights are multiplied in: float32 on a processor; on a card bfloat16, in which every model of the
    catalogue was trained. Cards that have none take it too, slowly: half precision is too narrow for some of them.
    """
    import torch

    return torch.float32 if device == "cpu" else torch.bfloat16
