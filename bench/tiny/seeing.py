"""Tiny video language models of the real classes, saved as the real ones are."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sonique_daemon.engines.transformers.libraries import make_ready

from bench.tiny.planting import begin_by_chance, plant
from bench.tiny.tokens import tokenizer

_WIDTH = 64
SMOL_MARKS = ("<image>", "<fake_token_around_image>", "<global-img>", "<end_of_utterance>", "<row_1_col_1>")
QWEN_MARKS = ("<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>")
_CHATML = (
    "{{% for m in messages %}}<|im_start|>{{{{ m['role'] }}}}\n{{% if m['content'] is string %}}{{{{ m['content'] }}}}"
    "{{% else %}}{{% for c in m['content'] %}}{{% if c['type'] == 'video' %}}{video}{{% elif c['type'] == 'image' %}}"
    "{image}{{% else %}}{{{{ c['text'] }}}}{{% endif %}}{{% endfor %}}{{% endif %}}<|im_end|>\n{{% endfor %}}"
    "{{% if add_generation_prompt %}}<|im_start|>assistant\n{{% endif %}}"
)
QWEN = _CHATML.format(
    video="<|vision_start|><|video_pad|><|vision_end|>", image="<|vision_start|><|image_pad|><|vision_end|>"
)
PLAIN = _CHATML.format(video="<video>", image="<image>")
SMOL = (
    "<|im_start|>{% for m in messages %}{{ m['role'] | capitalize }}: {% for c in m['content'] %}{% if c['type'] == "
    "'video' %}<video>{% elif c['type'] == 'image' %}<image>{% else %}{{ c['text'] }}{% endif %}{% endfor %}"
    "<end_of_utterance>\n{% endfor %}{% if add_generation_prompt %}Assistant:{% endif %}"
)


def save_seeing(kind: str, folder: Path, seed: int = 0) -> Path:
    """Saves a tiny model of that kind, one of ``SEEING``, into ``folder``; returns it."""
    make_ready()
    begin_by_chance(seed)
    network, processor = SEEING[kind]()
    plant(network, processor.tokenizer, seed).save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _text(vocabulary: int, **more: Any) -> dict[str, Any]:
    plain = {
        "vocab_size": vocabulary,
        "hidden_size": _WIDTH,
        "intermediate_size": 2 * _WIDTH,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 16_384,
        "bos_token_id": 0,
        "eos_token_id": 2,
        "pad_token_id": 0,
        "tie_word_embeddings": False,
    }
    return plain | more


def _eyes(**more: Any) -> dict[str, Any]:
    """A vision tower whose inner width no block of 64 divides, as that of the real ones."""
    plain = {"hidden_size": 64, "intermediate_size": 136, "num_hidden_layers": 2, "num_attention_heads": 4}
    return plain | {"patch_size": 14} | more


def _qwen_ids(tokens: Any) -> dict[str, int]:
    names = ("vision_start_token_id", "vision_end_token_id", "image_token_id", "video_token_id")
    return dict(zip(names, tokens.convert_tokens_to_ids(list(QWEN_MARKS)), strict=True))


def _qwen_rope(*section: int, **more: Any) -> dict[str, Any]:
    return {"rope_type": "default", "mrope_section": list(section), "rope_theta": 10_000.0, **more}


def _qwen25() -> tuple[Any, Any]:
    from transformers import (
        Qwen2_5_VLConfig,
        Qwen2_5_VLForConditionalGeneration,
        Qwen2_5_VLProcessor,
        Qwen2VLImageProcessor,
        Qwen2VLVideoProcessor,
    )

    tokens = tokenizer(QWEN_MARKS, QWEN)
    eyes = {"depth": 2, "hidden_size": 64, "intermediate_size": 136, "num_heads": 4, "out_hidden_size": _WIDTH}
    config = Qwen2_5_VLConfig(
        text_config=_text(len(tokens), rope_parameters=_qwen_rope(2, 3, 3)),
        vision_config={**eyes, "patch_size": 14, "fullatt_block_indexes": [1], "window_size": 56},
        tie_word_embeddings=False,
        **_qwen_ids(tokens),
    )
    pixels = {"min_pixels": 28 * 28, "max_pixels": 56 * 56 * 4}
    processor = Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(**pixels),
        tokenizer=tokens,
        video_processor=Qwen2VLVideoProcessor(**pixels),
        chat_template=QWEN,
    )
    return Qwen2_5_VLForConditionalGeneration(config), processor


def _qwen3() -> tuple[Any, Any]:
    from transformers import (
        Qwen2VLImageProcessor,
        Qwen3VLConfig,
        Qwen3VLForConditionalGeneration,
        Qwen3VLProcessor,
        Qwen3VLVideoProcessor,
    )

    tokens = tokenizer(QWEN_MARKS, QWEN)
    rope = _qwen_rope(4, 2, 2, mrope_interleaved=True)
    eyes = {"depth": 2, "hidden_size": 64, "intermediate_size": 136, "num_heads": 4, "out_hidden_size": _WIDTH}
    config = Qwen3VLConfig(
        text_config=_text(len(tokens), head_dim=16, rope_parameters=rope),
        vision_config={**eyes, "patch_size": 14, "deepstack_visual_indexes": [0], "num_position_embeddings": 64},
        tie_word_embeddings=False,
        **_qwen_ids(tokens),
    )
    size = {"shortest_edge": 28 * 28, "longest_edge": 56 * 56 * 8}
    processor = Qwen3VLProcessor(
        image_processor=Qwen2VLImageProcessor(patch_size=14),
        tokenizer=tokens,
        video_processor=Qwen3VLVideoProcessor(patch_size=14, size=size),
        chat_template=QWEN,
    )
    return Qwen3VLForConditionalGeneration(config), processor


def _llava() -> tuple[Any, Any]:
    from transformers import (
        LlavaOnevisionConfig,
        LlavaOnevisionForConditionalGeneration,
        LlavaOnevisionImageProcessor,
        LlavaOnevisionProcessor,
        LlavaOnevisionVideoProcessor,
        Qwen2Config,
        SiglipVisionConfig,
    )

    tokens = tokenizer(("<image>", "<video>"), PLAIN)
    config = LlavaOnevisionConfig(
        vision_config=SiglipVisionConfig(**_eyes(image_size=56, vision_use_head=False)),
        text_config=Qwen2Config(**_text(len(tokens))),
        image_token_index=tokens.convert_tokens_to_ids("<image>"),
        video_token_index=tokens.convert_tokens_to_ids("<video>"),
        image_grid_pinpoints=[[56, 56]],
        tie_word_embeddings=False,
    )
    size = {"height": 56, "width": 56}
    processor = LlavaOnevisionProcessor(
        image_processor=LlavaOnevisionImageProcessor(size=size, image_grid_pinpoints=[[56, 56]]),
        tokenizer=tokens,
        video_processor=LlavaOnevisionVideoProcessor(size=size),
        num_image_tokens=16,
        vision_feature_select_strategy="full",
        chat_template=PLAIN,
    )
    return LlavaOnevisionForConditionalGeneration(config), processor


def _smol() -> tuple[Any, Any]:
    from transformers import (
        SmolVLMConfig,
        SmolVLMForConditionalGeneration,
        SmolVLMImageProcessor,
        SmolVLMProcessor,
        SmolVLMVideoProcessor,
    )

    tokens = tokenizer(SMOL_MARKS, SMOL, eos_token="<end_of_utterance>")
    config = SmolVLMConfig(
        vision_config=_eyes(image_size=56),
        text_config=_text(len(tokens), model_type="llama", eos_token_id=tokens.eos_token_id),
        image_token_id=tokens.convert_tokens_to_ids("<image>"),
        scale_factor=2,
        pad_token_id=0,
        tie_word_embeddings=False,
    )
    size = {"size": {"longest_edge": 56}, "max_image_size": {"longest_edge": 56}}
    processor = SmolVLMProcessor(
        image_processor=SmolVLMImageProcessor(do_image_splitting=False, **size),
        tokenizer=tokens,
        video_processor=SmolVLMVideoProcessor(do_sample_frames=False, **size),
        image_seq_len=4,
        chat_template=SMOL,
    )
    return SmolVLMForConditionalGeneration(config), processor


def _videollama() -> tuple[Any, Any]:
    from transformers import (
        VideoLlama3Config,
        VideoLlama3ForConditionalGeneration,
        VideoLlama3ImageProcessor,
        VideoLlama3Processor,
        VideoLlama3VideoProcessor,
    )

    named = {"image_token": "<image>", "video_token": "<video>"}
    tokens = tokenizer(tuple(named.values()), PLAIN, extra_special_tokens=named)
    config = VideoLlama3Config(
        text_config=_text(len(tokens), model_type="qwen2"),
        vision_config=_eyes(),
        image_token_id=tokens.convert_tokens_to_ids("<image>"),
        video_token_id=tokens.convert_tokens_to_ids("<video>"),
        tie_word_embeddings=False,
    )
    pixels = {"min_pixels": 28 * 28, "max_pixels": 56 * 56 * 4}
    processor = VideoLlama3Processor(
        image_processor=VideoLlama3ImageProcessor(**pixels),
        tokenizer=tokens,
        video_processor=VideoLlama3VideoProcessor(**pixels),
        chat_template=PLAIN,
    )
    return VideoLlama3ForConditionalGeneration(config), processor


def save_still(folder: Path) -> Path:
    """Saves a tiny model into ``folder`` that sees single pictures and takes no video; returns it."""
    make_ready()
    from transformers import (
        CLIPImageProcessor,
        CLIPVisionConfig,
        LlamaConfig,
        LlavaConfig,
        LlavaForConditionalGeneration,
        LlavaProcessor,
    )

    tokens = tokenizer(("<image>",), PLAIN)
    config = LlavaConfig(
        vision_config=CLIPVisionConfig(**_eyes(image_size=56)),
        text_config=LlamaConfig(**_text(len(tokens))),
        image_token_index=tokens.convert_tokens_to_ids("<image>"),
        tie_word_embeddings=False,
    )
    eyes = CLIPImageProcessor(size={"shortest_edge": 56}, crop_size={"height": 56, "width": 56})
    processor = LlavaProcessor(eyes, tokens, patch_size=14, chat_template=PLAIN)
    begin_by_chance(0)
    plant(LlavaForConditionalGeneration(config), tokens).save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


SEEING: Mapping[str, Callable[[], tuple[Any, Any]]] = {
    "qwen3-vl": _qwen3,
    "qwen2.5-vl": _qwen25,
    "smolvlm2": _smol,
    "llava-onevision": _llava,
    "videollama3": _videollama,
}
"""By name, what makes a network and its processor."""
