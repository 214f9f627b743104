"""The language models of the catalogue at full size: their configurations, and networks of them without memory."""

from collections.abc import Callable, Mapping
from typing import Any

from sonique_daemon.engines.transformers.libraries import make_ready


def outline(name: str) -> Any:
    """The network of the catalogue's model of that name, on the meta device: shapes, and nothing in them."""
    make_ready()
    return outline_of(LANGUAGE[name]())


def outline_of(config: Any) -> Any:
    """The network of that configuration, on the meta device."""
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForImageTextToText

    kind = AutoModelForImageTextToText if hasattr(config, "vision_config") else AutoModelForCausalLM
    with torch.device("meta"):
        network = kind.from_config(config)
    network.tie_weights()
    return network


def _mistral() -> Any:
    from transformers import MistralConfig

    return MistralConfig(vocab_size=32_768, sliding_window=None)


def _qwen2(hidden: int, inner: int, layers: int, heads: int, groups: int, **more: Any) -> Any:
    from transformers import Qwen2Config

    return Qwen2Config(**_text(hidden, inner, layers, heads, groups) | {"vocab_size": 152_064} | more)


def _qwen3(hidden: int, inner: int, layers: int, heads: int, *, tied: bool = False) -> Any:
    from transformers import Qwen3Config

    text = _text(hidden, inner, layers, heads, 8) | {"head_dim": 128, "tie_word_embeddings": tied}
    return Qwen3Config(**text)


def _gemma() -> Any:
    from transformers import GemmaConfig

    return GemmaConfig(**_text(3072, 24_576, 28, 16, 16) | {"vocab_size": 256_000, "head_dim": 256})


def _smollm2() -> Any:
    from transformers import LlamaConfig

    return LlamaConfig(**_text(576, 1536, 30, 9, 3) | {"vocab_size": 49_152, "tie_word_embeddings": True})


def _text(hidden: int, inner: int, layers: int, heads: int, groups: int) -> dict[str, Any]:
    return {
        "vocab_size": 151_936,
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": groups,
    }


def _qwen3_vl(text: dict[str, Any], depth: int, width: int, inner: int, deep: list[int], *, tied: bool) -> Any:
    from transformers import Qwen3VLConfig

    eyes = {
        "depth": depth,
        "hidden_size": width,
        "intermediate_size": inner,
        "num_heads": 16,
        "out_hidden_size": text["hidden_size"],
        "deepstack_visual_indexes": deep,
    }
    held = {"tie_word_embeddings": tied}
    return Qwen3VLConfig(text_config=text | {"head_dim": 128} | held, vision_config=eyes, **held)


def _qwen25_vl() -> Any:
    from transformers import Qwen2_5_VLConfig

    text = _text(3584, 18_944, 28, 28, 4) | {"vocab_size": 152_064}
    eyes = {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16, "out_hidden_size": 3584}
    held = {"tie_word_embeddings": False}
    return Qwen2_5_VLConfig(text_config=text | held, vision_config=eyes, **held)


def _siglip(layers: int = 27, size: int = 384, **more: Any) -> dict[str, Any]:
    plain = {"hidden_size": 1152, "intermediate_size": 4304, "num_attention_heads": 16, "patch_size": 14}
    return plain | {"num_hidden_layers": layers, "image_size": size} | more


def _smol(text: dict[str, Any], eyes: dict[str, Any], scale: int) -> Any:
    from transformers import SmolVLMConfig

    held = {"model_type": "llama", "vocab_size": 49_280, "tie_word_embeddings": False}
    return SmolVLMConfig(
        text_config=text | held,
        vision_config=eyes,
        scale_factor=scale,
        image_token_id=49_190,
        tie_word_embeddings=False,
    )


def _smol_500m() -> Any:
    eyes = {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12}
    return _smol(_text(960, 2560, 32, 15, 5), eyes | {"patch_size": 16, "image_size": 512}, 4)


def _llava(hidden: int, inner: int, layers: int, heads: int, groups: int, *, tied: bool) -> Any:
    from transformers import LlavaOnevisionConfig, Qwen2Config, SiglipVisionConfig

    text = _text(hidden, inner, layers, heads, groups) | {"vocab_size": 152_000, "tie_word_embeddings": tied}
    return LlavaOnevisionConfig(
        text_config=Qwen2Config(**text),
        vision_config=SiglipVisionConfig(**_siglip(26, vision_use_head=False)),
        tie_word_embeddings=tied,
    )


def _videollama(hidden: int, inner: int, heads: int, groups: int, *, tied: bool, vocabulary: int) -> Any:
    from transformers import VideoLlama3Config

    text = _text(hidden, inner, 28, heads, groups) | {"vocab_size": vocabulary, "tie_word_embeddings": tied}
    eyes = {name: value for name, value in _siglip().items() if name != "image_size"}
    return VideoLlama3Config(text_config={"model_type": "qwen2", **text}, vision_config=eyes, tie_word_embeddings=tied)


LANGUAGE: Mapping[str, Callable[[], Any]] = {
    "mistral-7b-instruct-v0.3": _mistral,
    "qwen1.5-14b-chat": lambda: _qwen2(5120, 13_696, 40, 40, 40),
    "qwen2.5-14b-instruct": lambda: _qwen2(5120, 13_824, 48, 40, 8),
    "qwen3-4b": lambda: _qwen3(2560, 9728, 36, 32, tied=True),
    "qwen3-8b": lambda: _qwen3(4096, 12_288, 36, 32),
    "qwen3-14b": lambda: _qwen3(5120, 17_408, 40, 40),
    "gemma-7b-it": _gemma,
    "smollm2-135m": _smollm2,
    "qwen3-vl-2b": lambda: _qwen3_vl(_text(2048, 6144, 28, 16, 8), 24, 1024, 4096, [5, 11, 17], tied=True),
    "qwen3-vl-4b": lambda: _qwen3_vl(_text(2560, 9728, 36, 32, 8), 24, 1024, 4096, [5, 11, 17], tied=True),
    "qwen3-vl-8b": lambda: _qwen3_vl(_text(4096, 12_288, 36, 32, 8), 27, 1152, 4304, [8, 16, 24], tied=False),
    "qwen2.5-vl-7b": _qwen25_vl,
    "smolvlm2-2.2b": lambda: _smol(_text(2048, 8192, 24, 32, 32), _siglip(), 3),
    "smolvlm2-500m": _smol_500m,
    "llava-onevision-0.5b": lambda: _llava(896, 4864, 24, 14, 2, tied=True),
    "llava-onevision-7b": lambda: _llava(3584, 18_944, 28, 28, 4, tied=False),
    "videollama3-2b": lambda: _videollama(1536, 8960, 12, 2, tied=True, vocabulary=151_936),
    "videollama3-7b": lambda: _videollama(3584, 18_944, 28, 4, tied=False, vocabulary=152_064),
}
"""Configurations by the catalogue's name."""


def parameters(network: Any) -> int:
    """How many numbers it holds, those that serve twice counted once."""
    return sum(weights.numel() for weights in {id(weights): weights for weights in network.parameters()}.values())


def quantised(network: Any) -> int:
    """How many of them bitsandbytes quantises: all matrices but those of the output and of the embeddings."""
    import torch
    from transformers.quantizers.base import get_keys_to_not_convert

    whole = get_keys_to_not_convert(network)
    return sum(
        layer.weight.numel()
        for name, layer in network.named_modules()
        if isinstance(layer, torch.nn.Linear) and name not in whole
    )
