"""What full-size language models read by in the benchmark: whole vocabularies, and frames at their published sizes."""

from typing import Any

import numpy as np
import pytest

from bench.full.language import LANGUAGE
from bench.full.reading import reader_of

pytestmark = pytest.mark.usefixtures("ready")


def reader(name: str) -> tuple[Any, Any]:
    """What a model reads by, and its config."""
    config = LANGUAGE[name]()
    return reader_of(name, config), config


@pytest.mark.parametrize("name", ["mistral-7b-instruct-v0.3", "qwen3-14b", "gemma-7b-it", "smollm2-135m"])
def test_a_tokenizer_has_the_whole_vocabulary_and_reads_back_what_it_wrote(name: str) -> None:
    tokens, config = reader(name)
    assert len(tokens) == config.get_text_config().vocab_size
    told = tokens.apply_chat_template([{"role": "user", "content": "Rain falls."}], tokenize=False)
    assert tokens.decode(tokens(told, add_special_tokens=False)["input_ids"]) == told
    assert tokens.decode([len(tokens) - 1]).strip().isalpha()


TOKENS_OF_A_FRAME = {
    "qwen3-vl-4b": 126,
    "qwen3-vl-8b": 126,
    "qwen2.5-vl-7b": 168,
    "smolvlm2-500m": 64,
    "llava-onevision-7b": 196,
}
"""Of a frame of 672 by 378 pixels: patches of the published size, merged as they are, halved where time is."""


@pytest.mark.parametrize("name", TOKENS_OF_A_FRAME)
def test_a_processor_makes_as_many_tokens_of_a_frame_as_the_published_one(name: str) -> None:
    processor, config = reader(name)
    video = np.zeros((4, 378, 672, 3), np.uint8)
    told = {"fps": 1000.0, "total_num_frames": 4000, "frames_indices": [0, 1000, 2000, 3000], "duration": 4.0}
    messages = [{"role": "user", "content": [{"type": "video"}, {"type": "text", "text": "What?"}]}]
    text = processor.apply_chat_template(messages, tokenize=False)
    read = processor(
        text=[text],
        videos=[video],
        video_metadata=[{**told, "width": 672, "height": 378}],
        do_sample_frames=False,
        return_tensors="pt",
    )
    mark = config.image_token_id if name.startswith("smol") else config.video_token_id
    seen = int((read["input_ids"] == mark).sum())
    assert seen // 4 == TOKENS_OF_A_FRAME[name]
