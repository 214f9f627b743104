"""Text encoders and tokenizers of a few hundred thousand numbers, made without any hub."""

import string
from pathlib import Path
from typing import Any


def tokenizer() -> Any:
    """A tokenizer of characters, with the special signs that encoders want."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    signs = [*string.printable.strip(), "▁"]
    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *((sign, -5.0) for sign in signs)]
    made = Tokenizer(models.Unigram(vocabulary, unk_id=2, byte_fallback=False))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.decoder = decoders.Metaspace()
    made.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    special = dict(zip(("pad_token", "eos_token", "unk_token"), ("<pad>", "</s>", "<unk>"), strict=True))
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=512, **special)


def t5(width: int) -> Any:
    """A T5 encoder."""
    from transformers import T5Config, T5EncoderModel

    size = len(tokenizer())
    return T5EncoderModel(T5Config(vocab_size=size, d_model=width, d_kv=8, d_ff=32, num_layers=1, num_heads=2))


def t5gemma(width: int) -> Any:
    """A T5Gemma encoder."""
    from transformers import T5GemmaConfig, T5GemmaEncoderModel
    from transformers.models.t5gemma.configuration_t5gemma import T5GemmaModuleConfig

    module = T5GemmaModuleConfig(
        vocab_size=len(tokenizer()),
        hidden_size=width,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        query_pre_attn_scalar=8,
    )
    return T5GemmaEncoderModel(T5GemmaConfig(encoder=module, decoder=module, is_encoder_decoder=False))


def qwen3(width: int) -> Any:
    """A Qwen3 network, whose last states serve as text embedding."""
    from transformers import Qwen3Config, Qwen3Model

    return Qwen3Model(
        Qwen3Config(
            vocab_size=len(tokenizer()),
            hidden_size=width,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=8,
        )
    )


def save(folder: Path, width: int) -> None:
    """Writes tokenizer and T5 encoder into ``folder``."""
    tokenizer().save_pretrained(folder)
    t5(width).save_pretrained(folder)
