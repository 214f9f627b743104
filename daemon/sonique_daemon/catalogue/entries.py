"""Entries: models as they are written in a TOML file, one ``[[model]]`` each.

``[model.memory]`` gives for each way of holding the weights what they take and what work takes besides, in bytes:
``nf4 = [2_900_000_000, 1_800_000_000]``; the first is the usual way. All other keys are the attributes of ``Model`` and
of the values that stand in it.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec

from sonique_daemon.catalogue.model import LanguageFacts, Model, MusicFacts, Part, WeightFile
from sonique_daemon.catalogue.names import MODEL
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.terms import Terms
from sonique_daemon.errors import CatalogueUnreadable

_INSIDE: Mapping[str, type[Any]] = {
    "terms": Terms,
    "language": LanguageFacts,
    "music": MusicFacts,
    "parts": Part,
    "files": WeightFile,
}


def read_entries(path: Path) -> tuple[Model, ...]:
    """The models of the file at ``path``, in its order.

    Raises:
        CatalogueUnreadable: it cannot be read, is no TOML, or an entry makes no sense.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueUnreadable(f"The models in “{path}” cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, or nested without end
        raise CatalogueUnreadable(f"“{path}” is no TOML: {error}; correct it.") from None
    _refuse_unknown(table, {"model"}, f"“{path}”")
    return tuple(_model(entry, path) for entry in _tables(table, path))


def _tables(table: Mapping[str, Any], path: Path) -> Iterator[dict[str, Any]]:
    entries = table.get("model", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise CatalogueUnreadable(f"“{path}” writes its models wrongly; begin each with [[model]].")
    yield from entries


def _model(entry: dict[str, Any], path: Path) -> Model:
    where = f"The model “{entry.get('name', '')}” of “{path}”"
    _refuse_unknown(entry, {field.name for field in fields(Model)} - {"needs"} | {"memory"}, where)
    for name, kind in _INSIDE.items():
        for inner in _listed(entry.get(name, [])):
            _refuse_unknown(inner, {field.name for field in fields(kind)}, f"{where}, {name},")
    try:
        model = msgspec.convert({**_without_memory(entry), "needs": _needs(entry)}, Model, strict=True)
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise CatalogueUnreadable(f"{where} makes no sense: {error}.") from None
    return _checked(model, where)


def _without_memory(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "memory"}


def _needs(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    memory = entry.get("memory", {})
    if not isinstance(memory, dict):
        raise TypeError("“memory” is no table; write it below [model.memory]")
    return [
        {"quantisation": name, "weights_bytes": weights, "working_bytes": working}
        for name, (weights, working) in memory.items()
    ]


def _checked(model: Model, where: str) -> Model:
    if MODEL.fullmatch(model.name) is None:
        raise CatalogueUnreadable(f"{where} has no name that will do; use lower-case letters, digits, “.” and “-”.")
    if not model.needs:
        raise CatalogueUnreadable(f"{where} says nothing of its memory; write [model.memory].")
    if not model.stages:
        raise CatalogueUnreadable(f"{where} serves no stage; write stages, of describe, tag and generate.")
    if (Stage.GENERATE in model.stages) != (model.music is not None):
        raise CatalogueUnreadable(f"{where} needs [model.music] where it generates, and only there.")
    if (model.language is None) == any(stage is not Stage.GENERATE for stage in model.stages):
        raise CatalogueUnreadable(f"{where} needs [model.language] where it describes or tags, and only there.")
    return model


def _listed(value: Any) -> list[dict[str, Any]]:
    return [part for part in (value if isinstance(value, list) else [value]) if isinstance(part, dict)]


def _refuse_unknown(table: Mapping[str, Any], known: set[str], where: str) -> None:
    for name in table:
        if name not in known:
            raise CatalogueUnreadable(f"{where} has an unknown key “{name}”; there is {', '.join(sorted(known))}.")
