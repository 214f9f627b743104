"""A model writes as far as it is needed, and no further."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.engines.engine import RecordedReport
from sonique_daemon.engines.transformers.loading import Holding, Loaded
from sonique_daemon.engines.transformers.writing import Order, Text, write

from bench.tiny.shelf import tiny_model

_LIMIT = 40
TEXTS = ["one two three", "four five six seven"]
"""On which the tiny model writes a sentence each."""


@pytest.fixture
def held(tiny: Callable[[str], Path]) -> Loaded:
    return Holding(tiny_model("qwen", "llm"), tiny("qwen"), Quantisation.FP32, "cpu").loaded()


def written(held: Loaded, enough: Callable[[str], bool] | None = None) -> tuple[list[Text], int]:
    """What is written on each of ``TEXTS``, and for how many tokens the model was asked."""
    encoded = held.tokenizer(TEXTS, return_tensors="pt", padding=True, add_special_tokens=False)
    inputs = {name: encoded[name] for name in ("input_ids", "attention_mask")}
    steps: list[float] = []
    order = Order(inputs, _LIMIT, lambda _, __: None, steps.append, penalty=1.3, enough=enough)
    return write(held, order, RecordedReport()), len(steps)


def test_a_text_that_holds_enough_is_not_written_on(held: Loaded) -> None:
    whole, steps = written(held)
    half = min(len(text.text) for text in whole) // 2
    short, fewer = written(held, lambda text: len(text) >= half)
    assert fewer < steps
    for part, all_of_it in zip(short, whole, strict=True):
        assert all_of_it.text.startswith(part.text)
        assert half <= len(part.text) < len(all_of_it.text)
        assert not part.ended


def test_each_text_ends_where_it_holds_enough_and_the_others_go_on(held: Loaded) -> None:
    whole, steps = written(held)
    begins = whole[0].text[:4]
    short, as_many = written(held, lambda text: text.startswith(begins))
    assert len(short[0].tokens) < len(whole[0].tokens)
    assert whole[0].text.startswith(short[0].text)
    assert short[1] == whole[1]
    assert as_many == steps
