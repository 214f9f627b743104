"""A shelf of tiny models: entries of a user's own catalogue, and records of their weights, as a daemon finds them."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import msgspec
from sonique_daemon.catalogue.model import LanguageFacts, Model, Need, Quantisation
from sonique_daemon.catalogue.weights import HeldFile, Record
from sonique_daemon.domain.events import Stage
from sonique_daemon.domain.terms import Terms

_FRAME = 64 * 64


def tiny_model(name: str, family: str) -> Model:
    """The entry of a tiny model of that family, ``vlm`` or ``llm``, held in any way."""
    sees = family == "vlm"
    return Model(
        name=name,
        family=family,
        stages=(Stage.DESCRIBE, Stage.TAG) if sees else (Stage.TAG,),
        summary="A tiny model of random weights, for tests.",
        terms=Terms("MIT"),
        parameters=300_000,
        needs=tuple(Need(quantisation, 10_000_000, 100_000_000) for quantisation in reversed(Quantisation)),
        checked="It is tiny.",
        obtain="it is made by the tests",
        language=LanguageFacts(16_384, frames=16 * sees, frame_pixels=_FRAME * sees, timestamps=sees),
    )


def record(model: Model, folder: Path, weights: Path) -> None:
    """Writes into the folder of all ``weights`` that those of ``model`` stand in ``folder``."""
    files = tuple(_held(path, folder) for path in sorted(folder.iterdir()))
    weights.mkdir(parents=True, exist_ok=True)
    written = msgspec.json.encode(Record(model.name, str(folder), {}, files, str(folder)))
    (weights / f"{model.name}.json").write_bytes(written)


def entries(models: Iterable[Model]) -> str:
    """The models as a user's own file has them."""
    return "\n".join(map(_entry, models))


def _held(path: Path, folder: Path) -> HeldFile:
    status, digest = path.stat(), hashlib.sha256(path.read_bytes()).hexdigest()
    return HeldFile(str(path.relative_to(folder)), status.st_size, digest, status.st_mtime_ns)


def _entry(model: Model) -> str:
    facts = model.language
    assert facts is not None
    memory = "\n".join(f"{need.quantisation} = [{need.weights_bytes}, {need.working_bytes}]" for need in model.needs)
    return f"""
[[model]]
name = "{model.name}"
family = "{model.family}"
stages = [{", ".join(f'"{stage}"' for stage in model.stages)}]
summary = "{model.summary}"
parameters = {model.parameters}
checked = "{model.checked}"
obtain = "{model.obtain}"
terms = {{ licence = "{model.terms.licence}" }}
[model.memory]
{memory}
[model.language]
context_tokens = {facts.context_tokens}
frames = {facts.frames}
frame_pixels = {facts.frame_pixels}
timestamps = {str(facts.timestamps).lower()}
"""
