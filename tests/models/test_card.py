"""On a card, all that engines hold stands on it, and they make what they make on a processor.

There is no card where this runs: bench/card is a stand-in, which has to be there before torch is, so that its tests are
run by a process of their own.
"""

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def test_engines_work_on_a_card(card: dict[str, str]) -> None:
    suites = ("tests/models/test_on_card.py", "tests/models/music/test_on_card.py")
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *suites)
    run = subprocess.run(command, cwd=REPOSITORY, env=card, capture_output=True, text=True, check=False, timeout=500)
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]


@pytest.mark.usefixtures("card")
def test_what_models_hold_of_a_card_is_counted() -> None:
    names = ("stable-audio-3-medium@bf16", "qwen3-vl-4b@nf4")
    command = (sys.executable, "-m", "bench.card", "--tiny", "--lengths", "4", "--", *names)
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=300)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in run.stdout.splitlines()[2:]]
    assert [(row[0], row[1].split()[0]) for row in rows] == [
        *((names[0], what) for what in ("is", "makes")),
        *((names[1], what) for what in ("is", "looks")),
    ]
    assert all(float(at_most.split()[0]) >= float(afterwards.split()[0]) for _, _, at_most, afterwards, _ in rows)
