"""What full-size language models read by: tokenizers of their whole vocabulary, and processors at their own sizes.

No hub is asked, so the tokens are others than the published ones: as many, learned from little text. A text has more
tokens by them than by the published ones; what is seen has as many as it has by the published processors.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bench.full.filling import Place, filled
from bench.full.language import LANGUAGE, outline_of
from bench.tiny import chatting, seeing
from bench.tiny.tokens import tokenizer

_LEAST_QWEN3, _MOST_QWEN3 = 4096, 25_165_824
"""Pixels of all frames together, as Qwen3-VL's processor for videos is published."""


def save_language(name: str, folder: Any, place: Place) -> None:
    """Writes the language model of that name with what it reads by into ``folder``, filled by chance.

    It never ends by itself: its ends are the least likely tokens, so that it writes as many tokens as it may.
    """
    config = LANGUAGE[name]()
    reader = reader_of(name, config)
    tokens = getattr(reader, "tokenizer", reader)
    network = filled(outline_of(config), place)
    network.get_output_embeddings().weight[tokens.eos_token_id] = 0.0
    ends = {"bos_token_id": None, "eos_token_id": tokens.eos_token_id, "pad_token_id": tokens.pad_token_id}
    for key, value in ends.items():
        setattr(network.generation_config, key, value)
    network.save_pretrained(folder, max_shard_size="4GB")
    reader.save_pretrained(folder)


def reader_of(name: str, config: Any) -> Any:
    """The processor of a model that sees, else the tokenizer; tells ``config`` the numbers of its tokens."""
    vocabulary = int(config.get_text_config().vocab_size)
    for start, make in _READERS.items():
        if name.startswith(start):
            return make(vocabulary, config)
    raise KeyError(name)


def _qwen3(vocabulary: int, config: Any) -> Any:
    from transformers import Qwen2VLImageProcessor, Qwen3VLProcessor, Qwen3VLVideoProcessor

    size = {"shortest_edge": _LEAST_QWEN3, "longest_edge": _MOST_QWEN3}
    return Qwen3VLProcessor(
        image_processor=Qwen2VLImageProcessor(patch_size=16),
        tokenizer=_qwen_tokens(vocabulary, config),
        video_processor=Qwen3VLVideoProcessor(patch_size=16, size=size),
        chat_template=seeing.QWEN,
    )


def _qwen25(vocabulary: int, config: Any) -> Any:
    from transformers import Qwen2_5_VLProcessor, Qwen2VLImageProcessor, Qwen2VLVideoProcessor

    return Qwen2_5_VLProcessor(
        image_processor=Qwen2VLImageProcessor(),
        tokenizer=_qwen_tokens(vocabulary, config),
        video_processor=Qwen2VLVideoProcessor(),
        chat_template=seeing.QWEN,
    )


def _qwen_tokens(vocabulary: int, config: Any) -> Any:
    tokens = tokenizer(seeing.QWEN_MARKS, seeing.QWEN, vocabulary)
    names = ("vision_start_token_id", "vision_end_token_id", "image_token_id", "video_token_id")
    _tell(config, dict(zip(names, tokens.convert_tokens_to_ids(list(seeing.QWEN_MARKS)), strict=True)))
    return tokens


def _smol(vocabulary: int, config: Any) -> Any:
    from transformers import SmolVLMImageProcessor, SmolVLMProcessor, SmolVLMVideoProcessor

    tokens = tokenizer(seeing.SMOL_MARKS, seeing.SMOL, vocabulary, eos_token=seeing.SMOL_MARKS[3])
    _tell(config, {"image_token_id": tokens.convert_tokens_to_ids("<image>"), "pad_token_id": tokens.pad_token_id})
    edge, patch = config.vision_config.image_size, config.vision_config.patch_size
    size = {"size": {"longest_edge": edge}, "max_image_size": {"longest_edge": edge}}
    return SmolVLMProcessor(
        image_processor=SmolVLMImageProcessor(do_image_splitting=False, **size),
        tokenizer=tokens,
        video_processor=SmolVLMVideoProcessor(do_sample_frames=False, **size),
        image_seq_len=(edge // patch // config.scale_factor) ** 2,
        chat_template=seeing.SMOL,
    )


def _llava(vocabulary: int, config: Any) -> Any:
    from transformers import LlavaOnevisionImageProcessor, LlavaOnevisionProcessor, LlavaOnevisionVideoProcessor

    tokens = tokenizer(("<image>", "<video>"), seeing.PLAIN, vocabulary)
    _tell_places(config, tokens)
    edge, patch = config.vision_config.image_size, config.vision_config.patch_size
    size = {"height": edge, "width": edge}
    return LlavaOnevisionProcessor(
        image_processor=LlavaOnevisionImageProcessor(size=size),
        tokenizer=tokens,
        video_processor=LlavaOnevisionVideoProcessor(size=size),
        num_image_tokens=(edge // patch) ** 2,
        vision_feature_select_strategy="full",
        chat_template=seeing.PLAIN,
    )


def _videollama(vocabulary: int, config: Any) -> Any:
    from transformers import VideoLlama3ImageProcessor, VideoLlama3Processor, VideoLlama3VideoProcessor

    named = {"image_token": "<image>", "video_token": "<video>"}
    tokens = tokenizer(tuple(named.values()), seeing.PLAIN, vocabulary, extra_special_tokens=named)
    _tell_places(config, tokens)
    return VideoLlama3Processor(
        image_processor=VideoLlama3ImageProcessor(),
        tokenizer=tokens,
        video_processor=VideoLlama3VideoProcessor(),
        chat_template=seeing.PLAIN,
    )


def _tell_places(config: Any, tokens: Any) -> None:
    numbers = dict(zip(("image", "video"), tokens.convert_tokens_to_ids(["<image>", "<video>"]), strict=True))
    _tell(config, {f"{name}_token_id": number for name, number in numbers.items()})
    _tell(config, {f"{name}_token_index": number for name, number in numbers.items()})


def _tell(config: Any, numbers: Mapping[str, int]) -> None:
    for name, number in numbers.items():
        if hasattr(config, name):
            setattr(config, name, number)


def _chatml(vocabulary: int, _: Any) -> Any:
    return tokenizer((), chatting.CHATML, vocabulary)


_BEGINS = {"bos_token": "<|endoftext|>"}


def _mistral(vocabulary: int, _: Any) -> Any:
    return tokenizer(chatting.MISTRAL_MARKS, chatting.MISTRAL, vocabulary, **_BEGINS)


def _gemma(vocabulary: int, _: Any) -> Any:
    named = {**_BEGINS, "eos_token": "<end_of_turn>"}
    return tokenizer(chatting.GEMMA_MARKS, chatting.GEMMA, vocabulary, **named)


_READERS: Mapping[str, Callable[[int, Any], Any]] = {
    "qwen3-vl": _qwen3,
    "qwen2.5-vl": _qwen25,
    "smolvlm2": _smol,
    "llava-onevision": _llava,
    "videollama3": _videollama,
    "mistral": _mistral,
    "gemma": _gemma,
    "qwen": _chatml,
    "smollm2": _chatml,
}
"""By how the catalogue's names begin; the first that fits."""
