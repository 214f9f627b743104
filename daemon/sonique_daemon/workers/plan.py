"""The plan: what models will be in memory together, told before anything starts. Pure; the pool keeps to it.

Engines are taken in the order of their stages. One that is there stays while there is room; where the next needs its
place, those go first whose stages are over, the earliest first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sonique_daemon.catalogue.model import Quantisation
from sonique_daemon.domain.events import Planned, PlannedEngine
from sonique_daemon.engines.engine import Descriptor
from sonique_daemon.workers.room import CARD, Room

_LEAST_SHARE = 0.25
"""Of what a take of the planned length needs, for however short a one: some of it does not depend on the length."""


def plan(engines: Sequence[Descriptor], room: Room) -> Planned:
    """What happens in ``room`` when a job runs ``engines``, one for each of its stages, in their order."""
    held = _held(engines, room)
    sentences = (held.sentences or [_all_stay(held, room)]) + _slow(engines, room)
    return Planned(
        place=room.place,
        total_bytes=room.total_bytes,
        kept_bytes=room.kept_bytes,
        peak_bytes=held.peak,
        engines=tuple(_planned(engine, held) for engine in engines),
        sentences=tuple(sentences),
        fits=held.fits,
    )


def spare(engines: Sequence[Descriptor], room: Room) -> int:
    """Bytes of ``room`` that are free while the last of ``engines`` works at what its memory is planned for."""
    return max(0, room.budget_bytes - _held(engines, room).total)


def at_once(engine: Descriptor, seconds: float, spare_bytes: int) -> int:
    """How many takes of ``seconds`` ``engine`` makes in one call where ``spare_bytes`` are free beside the first."""
    if not engine.take_bytes:
        return max(1, engine.batch)
    piece = min(seconds, engine.piece_seconds)
    share = max(_LEAST_SHARE, piece / engine.take_seconds) if engine.take_seconds else 1.0
    free = spare_bytes + engine.take_bytes
    return max(1, min(engine.batch, int(free / (engine.take_bytes * share))))


def _held(engines: Sequence[Descriptor], room: Room) -> "_Held":
    """What is in ``room`` once the last of ``engines`` is there."""
    held = _Held(room)
    for index, engine in enumerate(engines):
        if engine.model:
            held.enter(engine, {each.worker for each in engines[index:]})
    return held


@dataclass(slots=True)
class _Held:
    """What is in memory as the stages go by."""

    room: Room
    workers: dict[str, int] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    sentences: list[str] = field(default_factory=list)
    peak: int = 0
    fits: bool = True

    @property
    def total(self) -> int:
        """Bytes of all that are there."""
        return sum(self.workers.values())

    def enter(self, engine: Descriptor, needed: set[str]) -> None:
        """Makes room for ``engine`` and lets it in; ``needed`` are the workers of its stage and those to come."""
        if engine.worker in self.workers:
            return
        if engine.memory_bytes > self.room.budget_bytes:
            self.fits = False
            self.sentences.append(_too_large(engine, self.room))
        for worker in [worker for worker in self.workers if worker not in needed]:
            if self.total + engine.memory_bytes <= self.room.budget_bytes:
                break
            self.gone.add(worker)
            del self.workers[worker]
            self.sentences.append(f"“{worker}” goes before “{engine.worker}” comes, for both need more than there is.")
        self._settle(engine)

    def _settle(self, engine: Descriptor) -> None:
        total = self.total + engine.memory_bytes
        if total > self.room.budget_bytes >= engine.memory_bytes:
            self.sentences.append(f"“{engine.worker}” comes and goes with each run, for others are needed again.")
        self.workers[engine.worker] = engine.memory_bytes
        self.peak = max(self.peak, min(total, max(self.room.budget_bytes, engine.memory_bytes)))


def _planned(engine: Descriptor, held: _Held) -> PlannedEngine:
    stays = not engine.model or engine.worker not in held.gone
    return PlannedEngine(engine.stage, engine.name, engine.memory_bytes, stays, engine.weights_present)


def _all_stay(held: _Held, room: Room) -> str:
    if not held.workers:
        return "No model is needed."
    names = " and ".join(f"“{worker}”" for worker in held.workers)
    stay = "stays" if len(held.workers) == 1 else "stay together"
    return f"{names} {stay} in {_size(held.peak)} of the {_size(room.budget_bytes)} that models may hold."


def _slow(engines: Sequence[Descriptor], room: Room) -> list[str]:
    """What is told of a card whose numbers are not the models' own, as a sentence or none."""
    exact = f"@{Quantisation.FP32}"
    slow = dict.fromkeys(each.worker for each in engines if each.model and not each.worker.endswith(exact))
    if room.bfloat or not slow:
        return []
    names = " and ".join(f"“{worker}”" for worker in slow)
    return [f"This card has no bfloat16 of its own (NVIDIA's have, from Ampere on), so {names} will be slow on it."]


def _too_large(engine: Descriptor, room: Room) -> str:
    where = "the card" if room.place == CARD else "this machine, which has no card that Sonique can use"
    return (
        f"“{engine.name}” needs {_size(engine.memory_bytes)}, and models may hold {_size(room.budget_bytes)} "
        f"on {where}: it does not fit."
    )


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB"
