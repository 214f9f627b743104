"""Building the stand-in for a card, for the torch of this Python."""

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path

from bench.card.sitecustomize import FOLDER, library_for

_HERE = Path(__file__).parent
_REPOSITORY = _HERE.parents[1]


def environment_with_card(folder: Path) -> dict[str, str]:
    """The environment in which a Python, and each that it starts, finds a card; its library is built in ``folder``."""
    found = find_spec("torch")
    assert found is not None
    assert found.origin is not None
    torch = Path(found.origin).parent
    _build(torch, library_for(torch, folder))
    paths = (str(_HERE), str(_REPOSITORY), *filter(None, [os.environ.get("PYTHONPATH")]))
    return {**os.environ, FOLDER: str(folder), "PYTHONPATH": os.pathsep.join(paths)}


def _build(torch: Path, library: Path) -> None:
    headers, libraries = torch / "include", torch / "lib"
    command = ["g++", "-O1", "-std=c++20", "-fPIC", "-shared", str(_HERE / "card.cpp"), "-o", str(library)]
    command += [f"-I{headers}", f"-I{headers / 'torch' / 'csrc' / 'api' / 'include'}"]
    command += [f"-L{libraries}", f"-Wl,-rpath,{libraries}", "-lc10", "-ltorch_cpu"]
    subprocess.run(command, check=True, capture_output=True, text=True)
