"""Saving: a model of the catalogue at full size, filled by chance, written into a folder in its real format."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from sonique_daemon.catalogue.model import Model, Quantisation
from sonique_daemon.engines.environments import interpreter_of
from sonique_daemon.engines.transformers.libraries import make_ready
from sonique_daemon.errors import EngineUnavailable

from bench.full.filling import Place

REPOSITORY = Path(__file__).resolve().parents[2]
TOOLS = "stable-audio-tools"
_SPARE = 1.05
"""What configs, tokenizers and text encoders take besides what is counted."""


def bytes_of(model: Model, quantisation: Quantisation) -> int:
    """What its files take on the disk."""
    return int(model.parameters * _width(model, quantisation) * _SPARE)


def save(model: Model, quantisation: Quantisation, folder: Path, device: str) -> None:
    """Writes ``model`` into ``folder``, in the numbers in which it is published or, held as fp32, in these.

    One of stable-audio-tools is written where that can be imported; see ``tools_python``.
    """
    if model.family != TOOLS:
        make_ready()
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    kind = torch.float32 if _width(model, quantisation) > 2 else torch.bfloat16
    _SAVERS[model.family](model.name, folder, Place(device, kind))


def environment() -> dict[str, str]:
    """In which another Python finds this repository's packages."""
    paths = (str(REPOSITORY), str(REPOSITORY / "daemon"), os.environ.get("PYTHONPATH", ""))
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def tools_python() -> str:
    """The Python of stable-audio-tools' environment; raises ``EngineUnavailable`` where there is none."""
    python = interpreter_of(TOOLS)
    if not python:
        raise EngineUnavailable(f"there is no environment of it; sonique engines install {TOOLS} makes it")
    return python


def _width(model: Model, quantisation: Quantisation) -> int:
    """Bytes of a number as it is published; what is quantised is published in bfloat16."""
    return 4 if quantisation is Quantisation.FP32 or model.family == TOOLS else 2


def _language(name: str, folder: Path, place: Place) -> None:
    from bench.full.reading import save_language

    save_language(name, folder, place)


def _pipeline(name: str, folder: Path, place: Place) -> None:
    from bench.full.music import save_pipeline

    save_pipeline(name, folder, place)


def _musicgen(name: str, folder: Path, place: Place) -> None:
    from bench.full.music import save_musicgen

    save_musicgen(name, folder, place)


def _tools(name: str, folder: Path, _: Place) -> None:
    from bench.full import tools

    tools.save(name, folder)


_SAVERS: Mapping[str, Callable[[str, Path, Place], None]] = {
    "vlm": _language,
    "llm": _language,
    "diffusers": _pipeline,
    "musicgen": _musicgen,
    TOOLS: _tools,
}
"""By family."""
