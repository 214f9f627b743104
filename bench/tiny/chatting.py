"""Tiny chat models of the real classes, saved as the real ones are."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sonique_daemon.engines.transformers.libraries import make_ready

from bench.tiny.planting import begin_by_chance, plant
from bench.tiny.tokens import tokenizer

CHATML = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
MISTRAL = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'user' %}[INST] {{ m['content'] }}[/INST]"
    "{% elif m['role'] == 'assistant' %} {{ m['content'] }}{{ eos_token }}{% endif %}{% endfor %}"
)
"""Leaves a system text out and says nothing of it."""
GEMMA = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}"
    "{% endif %}{% for m in messages %}<start_of_turn>{{ 'model' if m['role'] == 'assistant' else m['role'] }}\n"
    "{{ m['content'] | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
MISTRAL_MARKS = ("[INST]", "[/INST]")
GEMMA_MARKS = ("<start_of_turn>", "<end_of_turn>")


def save_chatting(kind: str, folder: Path, seed: int = 0) -> Path:
    """Saves a tiny model of that kind, one of ``CHATTING``, into ``folder``; returns it."""
    make_ready()
    begin_by_chance(seed)
    network, tokens = CHATTING[kind]()
    plant(network, tokens, seed).save_pretrained(folder)
    tokens.save_pretrained(folder)
    return folder


def _text(tokens: Any, **more: Any) -> dict[str, Any]:
    plain = {
        "vocab_size": len(tokens),
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 16_384,
        "bos_token_id": 0,
        "eos_token_id": tokens.eos_token_id,
        "pad_token_id": 0,
        "tie_word_embeddings": False,
    }
    return plain | more


def _mistral() -> tuple[Any, Any]:
    from transformers import MistralConfig, MistralForCausalLM

    tokens = tokenizer(MISTRAL_MARKS, MISTRAL, bos_token="<|endoftext|>")
    return MistralForCausalLM(MistralConfig(**_text(tokens, sliding_window=None))), tokens


def _qwen() -> tuple[Any, Any]:
    from transformers import Qwen3Config, Qwen3ForCausalLM

    tokens = tokenizer((), CHATML)
    return Qwen3ForCausalLM(Qwen3Config(**_text(tokens, head_dim=16))), tokens


def _gemma() -> tuple[Any, Any]:
    from transformers import GemmaConfig, GemmaForCausalLM

    tokens = tokenizer(GEMMA_MARKS, GEMMA, bos_token="<|endoftext|>", eos_token="<end_of_turn>")
    return GemmaForCausalLM(GemmaConfig(**_text(tokens, head_dim=16))), tokens


CHATTING: Mapping[str, Callable[[], tuple[Any, Any]]] = {"mistral": _mistral, "qwen": _qwen, "gemma": _gemma}
"""By name, what makes a network and its tokenizer."""
