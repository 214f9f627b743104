"""On a card, all that engines hold stands on it, and they make what they make on a processor.

There is no card where this runs: tests/models/card holds a stand-in, which has to be there before torch is, so that its
tests are run by a process of their own.
"""

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def test_engines_work_on_a_card(card: dict[str, str]) -> None:
    suites = ("tests/models/test_on_card.py", "tests/models/music/test_on_card.py")
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *suites)
    run = subprocess.run(command, cwd=REPOSITORY, env=card, capture_output=True, text=True, check=False, timeout=500)
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
