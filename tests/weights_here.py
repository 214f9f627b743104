"""Weights of the pretended models, put where engines look for them."""

from pathlib import Path

import msgspec
from sonique_daemon.catalogue.weights import HeldFile, Record, Weights, sha256_of
from sonique_daemon.engines.pretend import MODELS, WEIGHT, WEIGHT_NAME


def put(weights: Weights, name: str, data: bytes = WEIGHT) -> Path:
    """The file of the weights of that model, with its record."""
    model = MODELS.model(name)
    path = weights.home(model) / WEIGHT_NAME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    file = HeldFile(WEIGHT_NAME, len(data), sha256_of(path), path.stat().st_mtime_ns)
    weights.record_path(model).write_bytes(msgspec.json.encode(Record(name, model.hub, {}, (file,))))
    return path
