"""Libraries: torch, transformers and what they lean on, made ready once for a worker that never speaks to a network."""

import importlib
import logging
import os
import sys
import types
from functools import cache

from sonique_daemon.errors import EngineUnavailable

INSTALL = "install it with pip install 'sonique[models]'"

_ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
    "TQDM_DISABLE": "1",
}


@cache
def make_ready() -> None:
    """Imports them, offline and quiet.

    Raises:
        EngineUnavailable: one is not installed, or does not fit the others.
    """
    os.environ.update(_ENVIRONMENT)
    try:
        importlib.import_module("torch")
        _import_torchvision()
        transformers = importlib.import_module("transformers")
    except ImportError as error:
        raise missing(error) from error
    transformers.utils.logging.disable_progress_bar()
    for name in ("transformers", "accelerate", "bitsandbytes"):
        logging.getLogger(name).setLevel(logging.ERROR)


def missing(error: ImportError) -> EngineUnavailable:
    """That a library is not there, as ``error`` says."""
    name = error.name or str(error).splitlines()[0]
    return EngineUnavailable(f"A library of the model engines is not installed here ({name}); {INSTALL}.")


def _import_torchvision() -> None:
    """Imports torchvision, with its compiled operators where they fit this torch, and without them where they do not.

    Its published wheels are built against CUDA's torch, and refuse beside a torch of another build that lacks their
    operators. What the video processors of transformers use of it, resizing and normalising, is written in Python on
    torch and needs none of them: only the module that registers shapes for the missing operators is left out.
    """
    try:
        importlib.import_module("torchvision")
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        sys.modules["torchvision._meta_registrations"] = types.ModuleType("torchvision._meta_registrations")
        importlib.import_module("torchvision")
