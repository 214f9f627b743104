"""Language models on a card write what they write on a processor, and hold their weights there in every way."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.domain.brief import Brief
from sonique_daemon.domain.description import Description
from sonique_daemon.domain.picture import Picture
from sonique_daemon.domain.tags import Tags
from sonique_daemon.engines.engine import DescribeRequest, RecordedReport, TagRequest
from sonique_daemon.engines.transformers.llm import LlmEngine
from sonique_daemon.engines.transformers.vlm import VlmEngine

from bench.tiny.chatting import CHATTING
from bench.tiny.seeing import SEEING
from bench.tiny.shelf import tiny_model

Tiny = Callable[[str], Path]

CARD = "cuda:0"


def described(folder: Path, kind: str, picture: Picture, device: str, held: Quantisation) -> Description:
    engine = VlmEngine(tiny_model(kind, "vlm"), folder, held, device)
    return engine.run(DescribeRequest(picture, detect_cuts=False), RecordedReport())


def tagged(folder: Path, kind: str, device: str, held: Quantisation) -> Tags:
    engine = LlmEngine(tiny_model(kind, "llm" if kind in CHATTING else "vlm"), folder, held, device)
    return engine.run(TagRequest(Brief(), None), RecordedReport())


def on_card(work: Callable[[], Any]) -> Any:
    """What ``work`` gives, which has to hold memory of the card."""
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    given = work()
    assert torch.cuda.max_memory_allocated() - before > 100_000
    return given


@pytest.mark.parametrize("kind", SEEING)
def test_a_film_is_described_alike(tiny: Tiny, picture: Picture, kind: str) -> None:
    there = on_card(lambda: described(tiny(kind), kind, picture, CARD, Quantisation.FP32))
    assert there == described(tiny(kind), kind, picture, "cpu", Quantisation.FP32)


@pytest.mark.parametrize("kind", [*CHATTING, *SEEING])
def test_tags_are_chosen_alike(tiny: Tiny, kind: str) -> None:
    there = on_card(lambda: tagged(tiny(kind), kind, CARD, Quantisation.FP32))
    assert there == tagged(tiny(kind), kind, "cpu", Quantisation.FP32)


def test_weights_are_held_there_in_every_way(tiny: Tiny, picture: Picture, quantisation: Quantisation) -> None:
    assert on_card(lambda: described(tiny("qwen3-vl"), "qwen3-vl", picture, CARD, quantisation)).summary
    assert on_card(lambda: tagged(tiny("mistral"), "mistral", CARD, quantisation)).style


def test_this_card_refuses_what_a_card_refuses() -> None:
    there, here = torch.ones(3, device=CARD), torch.ones(3)
    wrongs: list[Callable[[], Any]] = [
        lambda: there + here,
        lambda: torch.cat((there, here)),
        lambda: here[there.long()],
    ]
    for wrong in wrongs:
        with pytest.raises(RuntimeError, match="same device"):
            wrong()
    with pytest.raises(TypeError, match="can't convert cuda:0"):
        there.numpy()
    with pytest.raises(RuntimeError, match="device type for generator"):
        torch.rand(3, device=CARD, generator=torch.Generator("cpu"))
    assert torch.equal((there * 2 + torch.tensor(1.0)).cpu(), here * 3)
    assert torch.equal(here[:2], there[torch.tensor([0, 2])].cpu())
