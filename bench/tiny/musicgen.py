"""MusicGen with random weights, plain and with melody."""

import json
from pathlib import Path
from typing import Any

from bench.tiny.text import tokenizer

_TOKENS = 64


def musicgen(folder: Path) -> None:
    """Writes a MusicGen."""
    from transformers import MusicgenConfig, MusicgenDecoderConfig, MusicgenForConditionalGeneration

    _save(folder, MusicgenConfig, MusicgenDecoderConfig, MusicgenForConditionalGeneration, {})


def musicgen_melody(folder: Path) -> None:
    """Writes a MusicGen that follows a melody."""
    from transformers import MusicgenMelodyConfig, MusicgenMelodyDecoderConfig, MusicgenMelodyForConditionalGeneration

    kinds = (MusicgenMelodyConfig, MusicgenMelodyDecoderConfig, MusicgenMelodyForConditionalGeneration)
    _save(folder, *kinds, {"num_chroma": 12, "chroma_length": 16})
    measures = {"n_fft": 1024, "hop_length": 256, "num_chroma": 12}
    (folder / "preprocessor_config.json").write_text(json.dumps(measures), encoding="utf-8")


def _save(folder: Path, kind: Any, decoder_kind: Any, network_kind: Any, more: dict[str, Any]) -> None:
    import torch
    from transformers import EncodecConfig, T5Config

    torch.manual_seed(0)
    text = T5Config(vocab_size=len(tokenizer()), d_model=32, d_kv=8, d_ff=32, num_layers=1, num_heads=2)
    codec = EncodecConfig(
        sampling_rate=32_000,
        audio_channels=1,
        upsampling_ratios=[8, 5, 4, 4],
        num_filters=4,
        hidden_size=8,
        codebook_size=_TOKENS,
        codebook_dim=8,
        num_lstm_layers=1,
        target_bandwidths=[1.2],
        norm_type="weight_norm",
        chunk_length_s=None,
    )
    decoder = decoder_kind(
        vocab_size=_TOKENS,
        hidden_size=32,
        ffn_dim=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_codebooks=4,
        pad_token_id=_TOKENS,
        bos_token_id=_TOKENS,
        max_position_embeddings=2048,
    )
    config = kind(text_encoder=text.to_dict(), audio_encoder=codec.to_dict(), decoder=decoder.to_dict(), **more)
    network = network_kind(config)
    _fill(network)
    settings = network.generation_config
    settings.guidance_scale = 3.0
    settings.decoder_start_token_id = settings.pad_token_id = settings.bos_token_id = _TOKENS
    network.save_pretrained(folder)
    tokenizer().save_pretrained(folder)


def _fill(network: Any) -> None:
    """Makes the network's answer depend on its prompt, and its codec sound its tokens, which are all zeros when new."""
    import torch

    with torch.no_grad():
        for value in network.decoder.parameters():
            if value.dim() > 1:
                value.normal_(0.0, 0.3)
        for name, value in network.audio_encoder.named_buffers():
            if name.endswith("embed"):
                value.normal_(0.0, 0.3)
