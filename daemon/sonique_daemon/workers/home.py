"""Homes: which worker process each engine and each task lives in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sonique_daemon.engines.embedded import DESK, STUDIO
from sonique_daemon.engines.engine import Descriptor
from sonique_daemon.workers.limits import PoolLimits
from sonique_daemon.workers.task import (
    ALIGN,
    CONFORM,
    CONVERT,
    CONVERT_PIPELINE,
    DELIVER,
    DESCRIBE,
    FIT,
    GENERATE,
    HEAR,
    MEASURE,
    TAG,
)

CONVERTER = "converter"
"""The worker that reads checkpoints which nobody vouches for."""

PLACES = {
    CONFORM.name: DESK,
    HEAR.name: DESK,
    MEASURE.name: STUDIO,
    FIT.name: STUDIO,
    ALIGN.name: STUDIO,
    DELIVER.name: STUDIO,
    CONVERT.name: CONVERTER,
    CONVERT_PIPELINE.name: CONVERTER,
}
"""The homes of the tasks that need no engine. They share them with the embedded engines, which import the same
libraries: two processes are ready in half the time that five are."""

_SHARED_BYTES = 250_000_000
"""What a process holds in which such a task was done."""
_LEAST_BYTES = 64_000_000
"""What Python itself and the values on their way hold."""

_CONVERTER_BYTES = 5_000_000_000
"""What it takes to convert the largest checkpoint of the catalogue that has to be."""

_BESIDE_BYTES = 3_000_000_000
"""What a process holds of the machine's memory whose model is on the card: libraries, and weights on their way."""

_HEAVY_BYTES = 2_000_000_000
"""Who needs so much loads a model."""

_FLOW = (
    CONFORM.name,
    DESCRIBE.name,
    HEAR.name,
    TAG.name,
    FIT.name,
    MEASURE.name,
    GENERATE.name,
    ALIGN.name,
    DELIVER.name,
    CONVERT.name,
    CONVERT_PIPELINE.name,
)

Item = tuple[str, str]
"""What a worker can be made ready for: a task's name, and the engine's, "" where the task has none."""


@dataclass(frozen=True, slots=True)
class Home:
    """A kind of worker process.

    Attributes:
        name: an engine's, or that of a process which several share.
        interpreter: path of the Python that runs it, or "" for the daemon's own.
        need_bytes: resident memory that it is expected to hold.
        ceiling_bytes: resident memory above which it is ended.
        copies: how many there may be at once.
        items: what it does, in the order in which a job comes to it.
        model: whether it holds a model of the catalogue.
        card_bytes: memory of the card that it is expected to hold; 0 for one that computes in the machine's.
    """

    name: str
    interpreter: str
    need_bytes: int
    ceiling_bytes: int
    copies: int = 1
    items: tuple[Item, ...] = ()
    model: bool = False
    card_bytes: int = 0

    @property
    def heavy(self) -> bool:
        """Whether it may take minutes to load a model, and be silent for as long."""
        return self.model or bool(self.interpreter) or self.need_bytes >= _HEAVY_BYTES

    @property
    def confined(self) -> bool:
        """Whether its memory can be limited from within: the libraries of graphics cards reserve without measure."""
        return not self.interpreter and not self.model


def homes(descriptors: Iterable[Descriptor], limits: PoolLimits) -> Mapping[str, Home]:
    """Every home by its name: those of tasks without an engine, and one for each worker that a descriptor names."""
    living: dict[str, list[Descriptor]] = {name: [] for name in PLACES.values()}
    for descriptor in descriptors:
        living.setdefault(descriptor.worker, []).append(descriptor)
    return {name: _home(name, inmates, limits) for name, inmates in living.items()}


def _home(name: str, inmates: list[Descriptor], limits: PoolLimits) -> Home:
    items = [(descriptor.stage.value, descriptor.name) for descriptor in inmates]
    shared = [(task, "") for task, home in PLACES.items() if home == name]
    items += shared
    least = _SHARED_BYTES if shared else _LEAST_BYTES
    need = max((descriptor.memory_bytes for descriptor in inmates), default=0)
    if name == CONVERTER:
        need = min(_CONVERTER_BYTES, limits.memory_budget_bytes)
    model = any(descriptor.model for descriptor in inmates)
    on_card = model and limits.card_bytes > 0
    card, need = (need, min(need, _BESIDE_BYTES)) if on_card else (0, need)
    return Home(
        name=name,
        interpreter=next((descriptor.interpreter for descriptor in inmates), ""),
        need_bytes=max(least, need),
        ceiling_bytes=limits.ceiling(max(least, need)),
        copies=limits.shared_copies if shared and name != CONVERTER else 1,
        items=tuple(sorted(items, key=lambda item: _FLOW.index(item[0]))),
        model=model,
        card_bytes=card,
    )


def item_of(descriptor: Descriptor) -> Item:
    """What a worker is made ready for to run that engine."""
    return (descriptor.stage.value, descriptor.name)
