"""Files: what stands in a model's folder, looked at before any library opens it."""

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sonique_daemon.errors import WeightsDamaged, WeightsRefused

_CODE = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
"""Endings of files that are pickles, which can carry code."""

_LONGEST_HEADER = 100_000_000


def require_readable(name: str, folder: Path) -> None:
    """Checks that ``folder`` holds a model that can be loaded without running anything that stands in it.

    Args:
        name: of the model, for the sentence.
        folder: of its files.

    Raises:
        WeightsDamaged: a file is missing, cut off, or no file of its kind.
        WeightsRefused: the weights are pickles, or the model needs code of its own.
    """
    if gguf_file(folder) is not None:
        return
    config = _document(name, folder / "config.json")
    if "auto_map" in config and not config.get("model_type"):
        raise WeightsRefused(f"“{name}” needs code of its own, which is never run; choose a model that needs none.")
    shards = list(_shards(name, folder))
    if not shards and any(path.suffix in _CODE for path in folder.iterdir()):
        raise WeightsRefused(
            f"The weights of “{name}” are pickles, which can carry code; get them as safetensors, or convert them."
        )
    if not shards:
        raise WeightsDamaged(f"“{folder}” holds no weights of “{name}”; pull the model again.")
    for shard in shards:
        _require_whole(name, shard)


def gguf_file(folder: Path) -> str | None:
    """The name of the only GGUF file of a folder that has no other weights, else None."""
    found = sorted(path.name for path in folder.glob("*.gguf"))
    return found[0] if len(found) == 1 and not any(folder.glob("*.safetensors")) else None


def _shards(name: str, folder: Path) -> Iterator[Path]:
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        yield from [path for path in (folder / "model.safetensors",) if path.is_file()]
        return
    mapped = _document(name, index).get("weight_map")
    if not isinstance(mapped, dict) or not all(_is_plain(shard) for shard in mapped.values()):
        raise WeightsDamaged(f"“{index.name}” of “{name}” makes no sense; pull the model again.")
    yield from (folder / shard for shard in sorted(set(mapped.values())))


def _is_plain(shard: Any) -> bool:
    return isinstance(shard, str) and shard.endswith(".safetensors") and Path(shard).name == shard


def _document(name: str, path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WeightsDamaged(f"“{path.name}” of “{name}” is not there; pull the model again.") from None
    except (OSError, ValueError):
        raise WeightsDamaged(f"“{path.name}” of “{name}” cannot be read; pull the model again.") from None
    if not isinstance(document, dict):
        raise WeightsDamaged(f"“{path.name}” of “{name}” makes no sense; pull the model again.")
    return document


def _require_whole(name: str, shard: Path) -> None:
    """Checks that a file of the safetensors format is as long as its own header says."""
    try:
        with shard.open("rb") as file:
            size = shard.stat().st_size
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(min(length, size, _LONGEST_HEADER)))
            end = max((entry["data_offsets"][1] for key, entry in header.items() if key != "__metadata__"), default=0)
    except FileNotFoundError:
        raise WeightsDamaged(f"“{shard.name}” of “{name}” is not there; pull the model again.") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, struct.error):
        raise WeightsDamaged(f"“{shard.name}” of “{name}” is no safetensors file; pull the model again.") from None
    if size != 8 + length + end:
        raise WeightsDamaged(
            f"“{shard.name}” of “{name}” is {size} bytes long and should be {8 + length + end}; pull the model again."
        )
