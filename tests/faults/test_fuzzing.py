"""Requests that nobody means."""

import random
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from bench.faults import fuzzing, mutation
from bench.faults.examples import EXAMPLES
from bench.table import Row

Facts = Callable[[Iterable[Row]], list[Row]]


@pytest.mark.skipif(sys.platform != "linux", reason="memory as Linux tells it")
def test_mutated_requests_are_refused_in_the_contracts_words_and_the_daemon_lives(tmp_path: Path, facts: Facts) -> None:
    facts(fuzzing.rows(tmp_path, count=2000))


def test_the_same_dice_make_the_same_mutants_and_most_differ() -> None:
    message = EXAMPLES["Scoring/Generate"]
    first, again = (list(mutation.mutants(message, random.Random(4), 60)) for _ in range(2))  # noqa: S311 - no secret
    assert first == again
    assert len(set(first)) > 50
    assert message.SerializeToString() not in first[:5]
