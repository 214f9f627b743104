"""Runs ``main(folder, *words)`` of a script beside it inside Blender, and writes what it returns as JSON.

The process ends at once then, because some releases hang on their way out.
"""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path


def run(script: str, folder: Path, words: list[str]) -> int:
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    try:
        answer = importlib.import_module(f"tests.blender.inside.{script}").main(folder, *words)
    except BaseException:  # noqa: BLE001 - whatever it is, the test shows it
        traceback.print_exc()
        return 1
    (folder / f"{script}.json").write_text(json.dumps(answer))
    return 0


if __name__ == "__main__":
    code = run(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
