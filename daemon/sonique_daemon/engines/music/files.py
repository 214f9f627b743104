"""Files of music models: nothing that can carry code, nothing from a network, and a sentence for what does not fit."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sonique_daemon.engines.devices import starved
from sonique_daemon.errors import (
    Cancelled,
    EngineUnavailable,
    OutOfMemory,
    SoniqueError,
    WeightsDamaged,
    WeightsRefused,
)

_OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
}


def make_offline() -> None:
    """Keeps the libraries that are imported from now on from speaking to a network, and quiet."""
    os.environ.update(_OFFLINE)


def unfit(model: str, what: str) -> WeightsDamaged:
    """That config and weights of the model of that name do not fit each other, as ``what`` says."""
    return WeightsDamaged(f"The config of “{model}” does not fit its weights ({what}); pull the model again.")


def refuse_pickles(model: str, folder: Path) -> None:
    """Raises ``WeightsRefused`` where ``folder`` holds pickles and no safetensors."""
    inside = sorted(folder.rglob("*"))
    pickles = [path for path in inside if path.suffix in {".bin", ".pt", ".pth", ".ckpt", ".pkl"}]
    if pickles and not any(path.suffix == ".safetensors" for path in inside):
        raise WeightsRefused(
            f"The weights of “{model}” are pickles (“{pickles[0].name}”), which can carry code; convert them to "
            "safetensors, or take a model that has them."
        )


@contextmanager
def told(model: str) -> Iterator[None]:
    """Turns what libraries raise about the model of that name into errors that a user understands."""
    try:
        yield
    except (SoniqueError, Cancelled):
        raise
    except ImportError as error:
        missing = error.name or str(error).splitlines()[0]
        raise EngineUnavailable(
            f"A library of the model engines is not installed here ({missing}); "
            "install it with pip install 'sonique[models]'."
        ) from error
    except Exception as error:
        if starved(error):
            raise _too_large(model) from error
        if "trust_remote_code" in str(error):
            raise WeightsRefused(
                f"“{model}” needs code of its own, which is never run; choose a model that needs none."
            ) from error
        first = f"{type(error).__name__}: {error}".splitlines()[0][:160].rstrip(" .:")
        raise WeightsDamaged(
            f"The files of “{model}” do not fit each other ({first}); pull the model again."
        ) from error


def _too_large(model: str) -> OutOfMemory:
    return OutOfMemory(f"“{model}” does not fit into memory; choose a smaller model, or hold it as bf16.")
