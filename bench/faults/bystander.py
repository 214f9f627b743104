"""A bystander: a module of this package at work in another process, so that it does not slow what it looks at."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from sonique.runtime_file import RuntimeFile

from bench.faults.home import REPOSITORY


class Bystander:
    """``python -m MODULE``, which reads its order from standard input and prints what it found, both as JSON."""

    def __init__(self, module: str, runtime: RuntimeFile, order: Mapping[str, object]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
        assert self._process.stdin is not None
        whole = {"address": runtime.address, "token": runtime.token, **order}
        self._process.stdin.write(json.dumps(whole).encode())
        self._process.stdin.close()

    def found(self) -> Any:
        """What it found; waits for its end."""
        assert self._process.stdout is not None
        said = self._process.stdout.read()
        self._process.wait()
        return json.loads(said)
