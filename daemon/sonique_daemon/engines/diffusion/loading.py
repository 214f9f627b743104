"""Loading: a pipeline of diffusers from its folder into memory, every part of it filled from safetensors."""

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sonique_daemon.catalogue.model import Model, Quantisation
from sonique_daemon.engines.devices import chosen_device
from sonique_daemon.engines.music.devices import data_type
from sonique_daemon.engines.music.files import refuse_pickles, told, unfit
from sonique_daemon.engines.transformers.libraries import make_ready
from sonique_daemon.errors import WeightsDamaged

_INDEX = "model_index.json"


def pipeline_name(model: str, folder: Path) -> str:
    """Name of the pipeline's class, as its folder says.

    Raises:
        WeightsDamaged: the folder holds no pipeline.
    """
    try:
        index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        return str(index["_class_name"])
    except (OSError, ValueError, KeyError, TypeError):
        raise WeightsDamaged(
            f"“{model}” has no “{_INDEX}” that says which pipeline it is; pull it again, or add a folder in the format "
            "of diffusers."
        ) from None


def read_pipeline(model: Model, folder: Path, quantisation: Quantisation, device: str) -> Any:
    """The pipeline in memory, on its device.

    Raises:
        EngineUnavailable: a library or the device is missing.
        WeightsDamaged: files are not whole, or config and weights do not fit each other.
        WeightsRefused: weights are pickles.
        OutOfMemory: it does not fit.
    """
    make_ready()
    refuse_pickles(model.name, folder)
    with told(model.name):
        from diffusers import DiffusionPipeline

        logging.getLogger("diffusers").setLevel(logging.ERROR)
        place, kind = chosen_device(device), data_type(quantisation)
        pipeline = DiffusionPipeline.from_pretrained(
            str(folder), torch_dtype=kind, local_files_only=True, use_safetensors=True
        )
        for name, part in _networks(pipeline):
            _require_fit(model.name, name, part, folder / name)
        pipeline.set_progress_bar_config(disable=True)
        return pipeline.to(place)


def _networks(pipeline: Any) -> Iterator[tuple[str, Any]]:
    import torch

    for name, part in pipeline.components.items():
        if isinstance(part, torch.nn.Module):
            yield name, part


def _require_fit(model: str, name: str, part: Any, folder: Path) -> None:
    """Checks that every number of ``part`` came from its files: what they lack would be noise, and make noise."""
    filled = _shapes(folder)
    tied = set(getattr(part, "_tied_weights_keys", None) or ())
    for key, value in part.state_dict().items():
        if key not in filled and key not in tied and not _is_copy(part, key, filled):
            raise unfit(model, f"“{name}” lacks “{key}”")
        if key in filled and filled[key] != tuple(value.shape):
            raise unfit(model, f"“{key}” of “{name}” is {filled[key]}, not {tuple(value.shape)}")


def _is_copy(part: Any, key: str, filled: Mapping[str, tuple[int, ...]]) -> bool:
    """Whether ``key`` is another name of numbers that were filled, as tied embeddings are."""
    own = part.state_dict(keep_vars=True)
    return any(own[other].data_ptr() == own[key].data_ptr() for other in filled if other in own)


def _shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    from safetensors import safe_open

    found: dict[str, tuple[int, ...]] = {}
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(str(path), "pt") as file:
            found.update({key: tuple(file.get_slice(key).get_shape()) for key in file.keys()})  # noqa: SIM118
    return found
